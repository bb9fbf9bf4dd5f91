"""Setting a server up where something is already: another program's database, another server, an earlier run."""

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from psycopg.conninfo import make_conninfo

from sync_server.cli import certificates, setting_up
from sync_server.errors import CmmsError
from tests.integration.test_set_up import Machine, facts, machine

__all__ = ["machine"]

HOST = "sync.north.example"


def assert_refused(machine: Machine, *words: str, **changes: str) -> None:
    """One sentence with these words, exit code 2, and every file and role as before."""
    before = _stands(machine)
    code, told, complaint = machine.set_up(**changes)
    assert (code, told, len(complaint.splitlines())) == (2, "", 1), complaint
    assert [word for word in words if word not in complaint] == [], complaint
    assert _stands(machine) == before


def _stands(machine: Machine) -> object:
    with psycopg.connect(machine.owner_url) as connection:
        roles = connection.execute("select rolname, rolpassword from pg_authid order by 1").fetchall()
        databases = connection.execute("select datname from pg_database order by 1").fetchall()
    files = {path: path.read_bytes() for path in (machine.folder / "etc").rglob("*") if path.is_file()}
    return roles, databases, files


def make_database(machine: Machine, encoding: str = "UTF8") -> None:
    words = f"encoding '{encoding}' template template0" + (" locale 'C'" if encoding != "UTF8" else "")
    with psycopg.connect(machine.owner_url, autocommit=True) as connection:
        connection.execute(f'create database "{machine.database}" {words}'.encode())


def test_a_database_of_another_program_is_refused_and_nothing_is_put_beside_it(machine: Machine) -> None:
    make_database(machine)
    with psycopg.connect(machine.owner_url, dbname=machine.database) as connection:
        connection.execute("create table customer as select 'Anna' as name")
    assert_refused(machine, "another program", "--database")
    assert machine.ask("select name from customer") == [("Anna",)]
    assert machine.ask("select count(*) from pg_class where relname = 'org_clock'") == [(0,)]


def test_a_database_in_another_encoding_is_refused_before_anything_is_made(machine: Machine) -> None:
    make_database(machine, "LATIN1")
    assert_refused(machine, "LATIN1", "UTF8")


def test_an_empty_database_that_somebody_has_made_is_used(machine: Machine) -> None:
    make_database(machine)
    assert machine.set_up()[0] == 0
    assert len(facts(machine)) == 1


def test_another_organization_the_second_time_is_a_slip_and_is_not_made(machine: Machine) -> None:
    assert machine.set_up()[0] == 0
    assert_refused(machine, machine.slug, "organization create", organization="nroth")
    assert len(facts(machine)) == 1


def test_the_roles_of_another_server_keep_their_passwords(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.set_up()[0] == 0
    monkeypatch.setenv("CMMS_SECRET_KEY", "A" * 43)
    monkeypatch.setenv("CMMS_DATA", str(machine.folder / "another"))
    assert_refused(machine, "another server", database=f"{machine.database}_b"[-40:], folder=str(machine.folder / "b"))


def test_another_data_folder_is_another_secret_and_is_refused(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert machine.set_up()[0] == 0
    monkeypatch.setenv("CMMS_DATA", str(machine.folder / "another"))
    assert_refused(machine, "data folder", str(machine.folder / "data"))


@pytest.mark.parametrize("line", ['CMMS_DATA="never closed', "CMMS_DATA='", "\udcff", "\\"])
def test_settings_that_nobody_can_read_are_one_sentence(machine: Machine, line: str) -> None:
    path = machine.folder / "etc" / "server.env"
    path.parent.mkdir()
    path.write_text(f"{line}\n", errors="surrogateescape")
    if line == "\\":
        assert machine.set_up()[0] == 0, "it says nothing"
    else:
        assert_refused(machine, "server.env cannot be read")


def test_with_a_pgbouncer_in_the_settings_an_update_says_the_same_words(machine: Machine) -> None:
    assert machine.set_up()[0] == 0
    path = machine.folder / "etc" / "server.env"
    with_it = [line.replace("port%3D", "port=") for line in path.read_text().splitlines()]
    changed = [f"{line[:-1]}&application_name=x'" if "DATABASE_URL" in line else line for line in with_it]
    path.write_text("\n".join([*changed, "CMMS_PGBOUNCER=1"]) + "\n")
    assert machine.set_up()[0] == 0
    assert_refused(machine, "another database", database=f"{machine.database}_b"[-40:])


def test_where_nothing_answers_nothing_is_made_and_the_right_address_goes_on(machine: Machine) -> None:
    assert_refused(machine, "--reached-at", reached_at="127.0.0.1:1")
    assert not machine.has_database()
    assert machine.set_up()[0] == 0


def test_another_address_or_a_forgotten_option_replaces_no_certificate_that_devices_trust(
    machine: Machine, tmp_path: Path
) -> None:
    assert machine.set_up()[0] == 0
    assert_refused(machine, "sinc.north.example", address="https://sinc.north.example")
    own = {"certificate": str(_signed_elsewhere(tmp_path)), "key": str(tmp_path / "elsewhere.key")}
    assert machine.set_up(**own)[0] == 0
    served = (machine.folder / "etc" / "tls" / "server.crt").read_bytes()
    code, told, _ = machine.set_up()
    assert (code, "ca.crt" in told) == (0, False)
    assert (
        served == (machine.folder / "etc" / "tls" / "server.crt").read_bytes() == Path(own["certificate"]).read_bytes()
    )
    assert_refused(machine, "sinc.north.example", address="https://sinc.north.example")


def _signed_elsewhere(folder: Path) -> Path:
    """A certificate for the address of an authority that is not ours."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = certificates.x509.Name([])
    made = (
        certificates._named("sync.north.example", issuer=name, now=datetime.now(UTC), life=certificates.RENEWED_BEFORE)
        .public_key(key.public_key())
        .add_extension(
            certificates.x509.SubjectAlternativeName([certificates.x509.DNSName("sync.north.example")]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    path = folder / "elsewhere.crt"
    path.write_bytes(made.public_bytes(pem))
    words = (pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "elsewhere.key").write_bytes(key.private_bytes(*words))
    return path


@pytest.mark.parametrize(
    "address",
    [
        "https://anna:secret@sync.north.example",
        "https://sync.north.example/base",
        "https://sync.north.example:0",
        "https://sync.north.example:99999",
        "https://sync.nor\nth.example",
        "https://s\u00f6d.example",
        "https://*.north.example",
        "https://" + "n" * 300 + ".example",
        "https://.north.example",
        "https://sync..example",
        "https://[fe80::1%eth0]",
        "https://sync.north.example?x",
    ],
    ids=lambda address: address[:30],
)
def test_an_address_that_no_device_could_be_given_is_refused(machine: Machine, address: str) -> None:
    assert_refused(machine, "https://sync.north.example.", address=address)
    assert not (machine.folder / "etc").exists()


def test_a_port_and_an_address_in_numbers_are_taken(machine: Machine) -> None:
    code, told, _ = machine.set_up(address="https://[2001:db8::7]:8443/")
    assert (code, told.splitlines()[-1].startswith("https://[2001:db8::7]:8443/enrol#")) == (0, True)


def test_two_at_once_make_one_server(machine: Machine) -> None:
    wanted = setting_up.Wanted(
        address="https://sync.north.example",
        organization=machine.slug,
        name="North",
        admin="anna",
        admin_name="anna",
        database=machine.database,
        reached_at=None,
        folder=machine.folder / "etc",
        certificate=None,
    )

    def one(_: int) -> str:
        try:
            return "done" if setting_up.set_up(wanted)[0]["link"] else "no link"
        except CmmsError as problem:
            return f"refused: {problem.sentence}"

    with ThreadPoolExecutor(2) as both:
        told = list(both.map(one, range(2)))
    assert "done" in told or all("refused" in each for each in told)
    assert not any("\n" in each for each in told)
    assert machine.set_up()[0] == 0
    assert len(facts(machine)) == 1
    certificates.checked(*[machine.folder / "etc" / "tls" / f"server.{end}" for end in ("crt", "key")], host=HOST)


def test_rights_that_do_not_suffice_are_said_before_anything_is_made(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = f"half_{machine.database}"[:60]
    with psycopg.connect(machine.owner_url, autocommit=True) as connection:
        connection.execute(f"create role \"{role}\" login createdb createrole password 'secret'".encode())
        try:
            monkeypatch.setenv("CMMS_OWNER_URL", make_conninfo(machine.owner_url, user=role, password="secret"))
            assert_refused(machine, "superuser")
            assert not machine.has_database()
        finally:
            connection.execute(f'drop role "{role}"'.encode())


def test_a_key_of_a_kind_that_nobody_knows_is_one_sentence(machine: Machine, tmp_path: Path) -> None:
    path = _signed_elsewhere(tmp_path)
    der = certificates.x509.load_pem_x509_certificate(path.read_bytes()).public_bytes(serialization.Encoding.DER)
    curve = bytes.fromhex("06082a8648ce3d030107")
    assert curve in der
    unknown = base64.encodebytes(der.replace(curve, curve[:-1] + b"\x7f")).decode()
    path.write_text(f"-----BEGIN CERTIFICATE-----\n{unknown}-----END CERTIFICATE-----\n")
    assert_refused(machine, "PEM", certificate=str(path), key=str(tmp_path / "elsewhere.key"))


def test_a_file_without_end_is_not_read_to_its_end(machine: Machine, tmp_path: Path) -> None:
    endless = tmp_path / "endless.crt"
    with endless.open("wb") as file:
        file.truncate(1 << 40)  # takes no room, and no memory holds it
    assert_refused(machine, "PEM", certificate=str(endless), key=str(endless))
