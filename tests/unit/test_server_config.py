import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sync_server.config import SECRET_FILE, ServerSettings, derive
from sync_server.errors import EnvironmentFailure

SECRET = bytes(range(32))
SECRET_TEXT = base64.urlsafe_b64encode(SECRET).decode().rstrip("=")


def settings(data: Path, **given: str) -> ServerSettings:
    return ServerSettings.from_environment({"CMMS_DATA": str(data), **given})


def test_an_empty_environment_serves_on_loopback_with_its_own_database(tmp_path: Path) -> None:
    read = ServerSettings.from_environment({"HOME": str(tmp_path)})
    assert read.database_url is None
    assert read.host == "127.0.0.1"
    assert read.data_folder == tmp_path / ".local" / "state" / "cmms-field"
    assert stat.S_IMODE(read.data_folder.stat().st_mode) == 0o700


def test_everything_can_be_set(tmp_path: Path) -> None:
    read = settings(
        tmp_path,
        CMMS_DATABASE_URL="postgresql://db/cmms",
        CMMS_SECRET_KEY=SECRET_TEXT,
        CMMS_HOST="::1",
        CMMS_PORT="0",
        CMMS_BLOBS="s3://photos/north",
        AWS_REGION="eu-north-1",
        CMMS_PGBOUNCER="1",
        CMMS_ALLOW_OLD_POSTGRES="1",
    )
    assert read == ServerSettings(
        database_url="postgresql://db/cmms",
        secret=SECRET,
        data_folder=tmp_path,
        host="::1",
        port=0,
        blob_bucket="s3://photos/north",
        bucket_access={"AWS_REGION": "eu-north-1"},
        behind_pgbouncer=True,
        allow_old_postgres=True,
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CMMS_PORT", "eighty"),
        ("CMMS_PORT", "65536"),
        ("CMMS_PORT", "-1"),
        ("CMMS_BLOBS", "https://photos/north"),
        ("CMMS_PGBOUNCER", "yes"),
        ("CMMS_ALLOW_OLD_POSTGRES", "2"),
        ("CMMS_SECRET_KEY", SECRET_TEXT[:-1]),
        ("CMMS_SECRET_KEY", SECRET_TEXT + "AAAA"),
        ("CMMS_SECRET_KEY", "!" * 43),
        ("CMMS_SECRET_KEY", "é" * 43),
    ],
)
def test_a_malformed_value_is_named_and_a_secret_never_shown(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(EnvironmentFailure, match=name) as failure:
        settings(tmp_path, **{name: value})
    assert name != "CMMS_SECRET_KEY" or value not in str(failure.value)


@pytest.mark.parametrize("text", [SECRET_TEXT, SECRET_TEXT + "=", f" {SECRET_TEXT}\n"])
def test_a_secret_is_read_with_and_without_padding(tmp_path: Path, text: str) -> None:
    assert settings(tmp_path, CMMS_SECRET_KEY=text).secret == SECRET


def test_the_secret_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    first = settings(tmp_path)
    assert settings(tmp_path).secret == first.secret
    assert len(first.secret) == 32
    assert stat.S_IMODE((tmp_path / SECRET_FILE).stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == [SECRET_FILE]
    assert settings(tmp_path / "another").secret != first.secret


def test_servers_that_start_together_agree_on_the_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        secrets = list(threads.map(lambda _: settings(tmp_path).secret, range(16)))
    assert len(set(secrets)) == 1


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    settings(tmp_path)
    (tmp_path / SECRET_FILE).chmod(0o640)
    with pytest.raises(EnvironmentFailure, match="Other users can read"):
        settings(tmp_path)


def test_a_damaged_secret_file_is_not_replaced(tmp_path: Path) -> None:
    settings(tmp_path)
    (tmp_path / SECRET_FILE).write_text("damaged")
    with pytest.raises(EnvironmentFailure, match=r"secret\.key must hold 32 bytes"):
        settings(tmp_path)
    assert (tmp_path / SECRET_FILE).read_text() == "damaged"


def test_a_data_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentFailure, match="Choose another with CMMS_DATA"):
        settings(tmp_path / "file" / "data")


def test_what_is_printed_shows_no_secret(tmp_path: Path) -> None:
    read = settings(tmp_path, CMMS_SECRET_KEY=SECRET_TEXT, CMMS_DATABASE_URL="postgresql://owner:hunter2@db/cmms")
    assert "hunter2" not in repr(read)
    assert repr(SECRET) not in repr(read)


def test_each_purpose_has_its_own_stable_key() -> None:
    """The value follows from RFC 5869; if it changes, every issued token and role password is void."""
    assert derive(SECRET, "access-token").hex() == "4e03169144812ad622aeadbb1bfd374c00e6c88ae1730ecc8772223176c115b3"
    assert derive(SECRET, "cursor") != derive(SECRET, "access-token")
    assert derive(bytes(32), "cursor") != derive(SECRET, "cursor")
