"""Setting a server up from nothing: once, twice, stopped at every step; and what is said wrong makes nothing."""

import json
import ssl
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from cmms_desktop.app.desk import Desk
from cmms_desktop.config import ClientSettings
from cmms_desktop.credentials import keys
from cmms_desktop.credentials.secret_store import MemoryStore
from sync_server.app import make_app
from sync_server.cli import certificates, setting_up
from tests.support.command_line import Run, commands_here
from tests.support.postgres import TEST_SECRET, Clusters
from tests.support.server_side import PASSWORD, services_for, serving

ADDRESS = "https://sync.north.example"


class Machine:
    """A machine with a PostgreSQL and nothing of ours."""

    def __init__(self, run: Run, folder: Path, owner_url: str, database: str) -> None:
        self.run, self.folder, self.owner_url, self.database = run, folder, owner_url, database
        self.slug = database.replace("_", "-").strip("-")

    def words(self, **changes: str) -> list[str]:
        said = {"address": ADDRESS, "organization": self.slug, "name": "North", "admin": "anna"}
        said |= {"database": self.database, "folder": str(self.folder / "etc"), **changes}
        return [word for name, value in said.items() for word in (f"--{name.replace('_', '-')}", value)]

    def set_up(self, **changes: str) -> tuple[int, str, str]:
        return self.run("setup", *self.words(**changes))

    def ask(self, query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.owner_url, dbname=self.database) as connection:
            return connection.execute(query.encode()).fetchall()

    def has_database(self) -> bool:
        with psycopg.connect(self.owner_url) as connection:
            found = connection.execute("select from pg_database where datname = %s", (self.database,)).fetchone()
        return found is not None


@pytest.fixture
def machine(
    clusters: Clusters,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Machine]:
    cluster = clusters.get(request.config.getoption("--postgres"))
    owner_url, database = cluster.url("postgres"), f"set_up_{tmp_path.name[-12:].replace('-', '_')}"
    monkeypatch.setenv("CMMS_OWNER_URL", owner_url)
    monkeypatch.setenv("CMMS_SECRET_KEY", urlsafe_b64encode(TEST_SECRET).decode().rstrip("="))
    monkeypatch.setenv("CMMS_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("CMMS_ALLOW_OLD_POSTGRES", "1")
    yield Machine(commands_here(monkeypatch, capsys), tmp_path, owner_url, database)
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(f'drop database if exists "{database}" with (force)'.encode())


def facts(machine: Machine) -> list[tuple[object, ...]]:
    return machine.ask(
        "select o.slug, o.enrols_by_code, p.name, p.role, c.login from organization o"
        " join person p on p.organization_id = o.id join user_credential c on c.person_id = p.id"
    )


def test_a_server_is_set_up_and_its_first_administrator_comes_in_by_his_link(machine: Machine, tmp_path: Path) -> None:
    code, told, _ = machine.set_up(admin_name="Anna North")
    link = told.splitlines()[-1]
    assert (code, link.startswith(f"{ADDRESS}/enrol#organization={machine.slug}&login=anna&code=")) == (0, True)
    assert facts(machine) == [(machine.slug, True, "Anna North", "admin", "anna")]
    settings = (tmp_path / "etc" / "server.env").read_text()
    assert f"postgresql://cmms_migrator@/{machine.database}?host=" in settings
    assert "password" not in settings
    with psycopg.connect(machine.owner_url, dbname=machine.database) as connection:
        url = connection.info.dsn
    services = services_for(f"{url} dbname={machine.database}", tmp_path / "blobs")
    with services.database, serving(make_app(services), end_streams=services.pokes.close) as server_url:

        def enrols(typed: str | None, folder: str) -> str:
            network = lambda: httpx.Client(base_url=server_url, timeout=30)  # noqa: E731
            settings = ClientSettings(tmp_path / folder, server_url, machine.slug)
            with Desk(settings, MemoryStore(), profile=keys.CHEAPEST, network=network).open(
                "anna", PASSWORD, code=typed
            ) as workplace:
                workplace.engine.sync(with_photos=False)
                return workplace.replica.state().role or ""

        assert enrols(link, "first") == "admin"
    code, told, _ = machine.set_up(admin_name="Anna North")
    assert (code, "anna has a device." in told, ADDRESS in told) == (0, True, False)


@pytest.mark.parametrize(("lines", "is_same"), [
    ([("port=", "port=1"), ("", "CMMS_PGBOUNCER=1\n")], True),
    ([("port=", "port=1")], False),
    ([("/{}?", "/other?"), ("", "CMMS_PGBOUNCER=1\n")], False),
    ([("cmms_migrator@", "another@"), ("", "CMMS_PGBOUNCER=1\n")], False),
    ([("postgresql://", "rubbish://"), ("", "CMMS_PGBOUNCER=1\n")], False),
])  # fmt: skip
def test_settings_that_lead_to_pgbouncer_are_no_other_database(
    machine: Machine, tmp_path: Path, lines: list[tuple[str, str]], is_same: bool
) -> None:
    assert machine.set_up()[0] == 0
    settings = tmp_path / "etc" / "server.env"
    text = settings.read_text()
    for before, after in lines:
        wanted = before.format(machine.database)
        assert wanted in text
        text = text.replace(wanted, after) if wanted else text + after
    settings.write_text(text)
    code, _, said = machine.set_up()
    assert (code, "names another database" in said) == ((0, False) if is_same else (2, True))
    assert settings.read_text() == text, "an administrator's settings are never written over"


@pytest.mark.parametrize("stopped_at", range(5))
def test_a_run_that_was_stopped_is_finished_by_the_next_one(
    machine: Machine, stopped_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stopped(BaseException):
        pass

    def stop(*_: object, **__: object) -> None:
        raise Stopped

    names = ("_make_database", "migrate", "_put_environment", "create_organization", "make_code")
    with monkeypatch.context() as patch:
        patch.setattr(setting_up, names[stopped_at], stop)
        with pytest.raises(Stopped):
            machine.set_up()
    first = machine.set_up()
    second = machine.set_up()
    assert (first[0], second[0]) == (0, 0)
    assert first[1].splitlines()[-1] != second[1].splitlines()[-1], "a code is shown once; the next run makes another"
    assert len(facts(machine)) == 1
    assert machine.ask("select count(*) from enrolment_code where ended_at is null") == [(1,)]


@pytest.mark.parametrize(
    "changes",
    [
        {"address": "http://sync.north.example"},
        {"address": "sync.north.example"},
        {"organization": "North Utilities"},
        {"name": ""},
        {"admin": " "},
        {"admin": "a\0b"},
        {"admin_name": "\x1b[2J"},
        {"database": "cmms; drop database postgres"},
        {"database": "x" * 64},
        {"certificate": "/nowhere/server.crt"},
        {"certificate": "/nowhere/server.crt", "key": "/nowhere/server.key"},
        {"reached_at": ""},
        {"reached_at": "host name:5432"},
        {"reached_at": "127.0.0.1:none"},
    ],
    ids=str,
)
def test_what_is_said_wrong_is_one_sentence_and_makes_nothing(machine: Machine, changes: dict[str, str]) -> None:
    code, told, complaint = machine.set_up(**changes)
    assert (code, told, len(complaint.splitlines())) == (2, "", 1)
    assert not machine.has_database()
    assert not (machine.folder / "etc").exists()


@pytest.mark.parametrize("url", ["", "postgresql://nobody@127.0.0.1:1/postgres", "no url", "postgresql://[::1"])
def test_a_database_that_cannot_be_used_is_one_sentence_and_leaves_no_file(
    machine: Machine, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CMMS_OWNER_URL", url)
    code, told, complaint = machine.set_up()
    assert (code, told, len(complaint.splitlines())) == (2, "", 1)
    assert list(machine.folder.iterdir()) == []


def test_other_words_the_second_time_change_nothing(machine: Machine) -> None:
    assert machine.set_up()[0] == 0
    before = facts(machine)
    assert machine.set_up(admin="somebody")[0] == 2
    assert machine.set_up(database=f"{machine.database}_b"[-40:])[0] == 2
    assert facts(machine) == before


def test_the_pilots_authority_speaks_for_one_host_and_is_kept_while_it_counts(tmp_path: Path) -> None:
    assert certificates.put_pilot(tmp_path, host="sync.north.example")
    first = (tmp_path / "ca.crt").read_bytes()
    assert not certificates.put_pilot(tmp_path, host="sync.north.example")
    assert (tmp_path / "ca.crt").read_bytes() == first
    authority = x509.load_pem_x509_certificate(first)
    allowed = authority.extensions.get_extension_for_class(x509.NameConstraints)
    assert allowed.critical
    assert allowed.value.permitted_subtrees == [x509.DNSName("sync.north.example")]
    assert {path.name for path in tmp_path.iterdir()} == {"ca.crt", "server.crt", "server.key"}, "no authority's key"
    assert (tmp_path / "server.key").stat().st_mode & 0o077 == 0
    ssl.create_default_context(cafile=str(tmp_path / "ca.crt")).load_verify_locations(str(tmp_path / "ca.crt"))
    assert certificates.put_pilot(tmp_path, host="192.0.2.7"), "another host needs another one"
    (tmp_path / "server.key").write_bytes(b"half a ke")
    assert certificates.put_pilot(tmp_path, host="192.0.2.7"), "and what is damaged is made anew"


def test_a_certificate_of_an_administrator_is_taken_only_when_it_can_serve(machine: Machine, tmp_path: Path) -> None:
    given, other = tmp_path / "given", tmp_path / "other"
    for folder in (given, other):
        certificates.put_pilot(folder, host="sync.north.example")
    certificate, key = given / "server.crt", given / "server.key"
    wrong = [
        {"certificate": str(certificate), "key": str(other / "server.key")},
        {"certificate": str(certificate), "key": str(certificate)},
        {"certificate": str(certificate), "key": str(key), "address": "https://else.north.example"},
        {"certificate": str(_of_last_year(tmp_path, key)), "key": str(key)},
    ]
    for changes in wrong:
        code, _, complaint = machine.set_up(**changes)
        assert (code, len(complaint.splitlines())) == (2, 1), changes
    assert not machine.has_database()
    code, told, _ = machine.set_up(certificate=str(certificate), key=str(key))
    assert (code, "ca.crt" in told) == (0, False)
    assert (tmp_path / "etc" / "tls" / "server.crt").read_bytes() == certificate.read_bytes()
    assert (tmp_path / "etc" / "tls" / "server.key").stat().st_mode & 0o077 == 0


def _of_last_year(folder: Path, key: Path) -> Path:
    from cryptography.hazmat.primitives import hashes, serialization

    private = serialization.load_pem_private_key(key.read_bytes(), None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    name = x509.Name([])
    then = datetime.now(UTC) - timedelta(days=400)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .serial_number(1)
        .not_valid_before(then)
        .not_valid_after(then + timedelta(days=365))
        .public_key(private.public_key())
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("sync.north.example")]), critical=False)
        .sign(private, hashes.SHA256())
    )
    path = folder / "old.crt"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return path


def test_with_json_there_is_one_object_with_the_link(machine: Machine) -> None:
    code, told, _ = machine.run("setup", *machine.words(), "--json")
    answer = json.loads(told)
    assert (code, answer["admin"], answer["link"].startswith(f"{ADDRESS}/enrol#")) == (0, "anna", True)
