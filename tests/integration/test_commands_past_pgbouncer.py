"""Commands that need a session of their own, where a PgBouncer stands before the database: past it, or not at all."""

from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from sync_server.storage.migrating import ONE_AT_A_TIME
from tests.support.command_line import Run, commands_of
from tests.support.pgbouncer import PROGRAM, a_pgbouncer
from tests.support.postgres import TEST_SECRET
from tests.support.server_side import Server

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="apt-get install pgbouncer")
MIGRATOR = "cmms_migrator"


@pytest.fixture
def run(server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    run = commands_of(server, monkeypatch, capsys)
    monkeypatch.setenv("CMMS_DATABASE_URL", make_conninfo(server.owner_url, user=MIGRATOR))
    return run


def locks(server: Server) -> int:
    with psycopg.connect(server.owner_url) as connection:
        found = connection.execute(
            "select count(*) from pg_locks where locktype = 'advisory' and objid = %s", (ONE_AT_A_TIME & 0xFFFFFFFF,)
        ).fetchone()
    return int(found[0]) if found else 0


def test_with_its_address_devices_go_through_it_and_the_rest_past_it(
    server: Server, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    organization = server.organization()
    organization.site()
    with a_pgbouncer(server.owner_url, TEST_SECRET) as url:
        said = conninfo_to_dict(url)
        monkeypatch.setenv("CMMS_PGBOUNCER", f"{said['host']}:{said['port']}")
        for words in (("migrate",), ("migrate",), ("backup", str(tmp_path / "backups"))):
            assert run(*words)[::2] == (0, ""), words
        (backup,) = (tmp_path / "backups").iterdir()
        assert run("verify", str(backup))[::2] == (0, "")
        slug = f"pooled-{organization.slug}"[:60].strip("-")
        named = ("--organization", slug)
        for words in (
            ("organization", "create", slug, "--name", "Pooled"),
            ("user", "create", "anna", *named, "--name", "Anna", "--role", "technician", "--by-code"),
            ("enrol-code", "--user", "anna", *named),
            ("device", "list", *named),
        ):
            assert run(*words)[::2] == (0, ""), words
        told = organization.ask("select act from activity_log where organization_id = %s", organization.id)
        assert {"backup.made", "backup.verified"} <= {act for (act,) in told}
        assert locks(server) == 0


def test_with_nothing_at_its_address_nothing_that_goes_through_it_works(
    server: Server, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CMMS_PGBOUNCER", "127.0.0.1:1")
    assert run("migrate")[::2] == (0, "")
    code, told, complaint = run("organization", "list")
    assert (code, told, len(complaint.splitlines())) == (2, "", 1)


@pytest.mark.parametrize("words", [("migrate",), ("backup",), ("restore",)], ids=" ".join)
def test_a_url_that_leads_to_it_is_refused_where_it_would_do_harm(
    server: Server, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: tuple[str, ...]
) -> None:
    with a_pgbouncer(server.owner_url, TEST_SECRET) as url:
        monkeypatch.setenv("CMMS_DATABASE_URL", make_conninfo(url, user=MIGRATOR))
        monkeypatch.setenv("CMMS_PGBOUNCER", "1")
        folder = tmp_path / "backups"
        code, told, complaint = run(*words, *([] if words == ("migrate",) else [str(folder)]))
        assert (code, told, len(complaint.splitlines())) == (2, "", 1)
        assert "CMMS_PGBOUNCER=HOST:PORT" in complaint
        assert (folder.exists(), locks(server)) == (False, 0)


@pytest.mark.parametrize("value", ["yes", "2", ":6432", "host:", "host:port", "host:70000", "a b:1", "::1"])
def test_an_address_that_is_none_is_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("CMMS_PGBOUNCER", value)
    code, told, complaint = run("organization", "list")
    assert (code, told, len(complaint.splitlines())) == (2, "", 1)
    assert "CMMS_PGBOUNCER must be" in complaint
