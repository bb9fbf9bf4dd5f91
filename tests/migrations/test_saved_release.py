"""The saved device of the first release, upgraded: nothing of its full outbox is lost, and all of it reaches a server.

The device, its server's database and the code of then lie in `tests/releases`; see the README there.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from cmms_desktop.replica import migrate
from cmms_desktop.replica.database import ReplicaDatabase
from cmms_desktop.replica.migrate import BACKUP_SUFFIX, MIGRATIONS, ReplicaNewer, upgrade
from sync_server.contract.rules.chain import digest_of
from tests.support import convergence
from tests.support.postgres import Clusters
from tests.support.saved_release import FIRST, SavedFleet, a_saved_fleet, a_saved_server
from tests.support.stoppable_server import StoppableServer

OWN: Final = (
    *("outbox", "outbox_done", "shadow", "blob", "screen_note", "sync_state", "checkpoint", "member"),
    *("hidden_aggregate", "content_sum"),
)
"""Tables that only the device has: no server can give them back."""
Contents = dict[str, list[dict[str, Any]]]


@pytest.fixture
def saved(tmp_path: Path) -> tuple[Path, bytes]:
    """The saved replica's file and its key."""
    return FIRST.replica(FIRST.device_folder(tmp_path))


def contents(path: Path, key: bytes) -> Contents:
    """Every row of every table, by name of the column, without upgrading anything."""
    with ReplicaDatabase.open(path, key) as database, database.reader() as handle:
        names = [name for (name,) in handle.cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found: Contents = {}
        for name in names:
            lines = handle.cursor.execute(f"SELECT * FROM {name}").fetchall()
            columns = [column[0] for column in handle.cursor.description]
            found[name] = sorted((dict(zip(columns, line, strict=True)) for line in lines), key=repr)
        return found


def counted(rows: list[dict[str, Any]], *names: str) -> set[tuple[Any, ...]]:
    return {tuple(row[name] for name in names) for row in rows}


def fingerprints(folder: Path) -> dict[str, str]:
    """Digest of every file but the replica's own."""
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file() and not file.name.startswith("replica.db")
    }


def test_the_saved_device_has_work_in_every_state(saved: tuple[Path, bytes]) -> None:
    """What the other tests rest on: a fixture that lost something would prove nothing."""
    before = contents(*saved)
    assert before["alembic_version"] == [{"version_num": "0004"}]
    assert counted(before["outbox"], "state") == {("pending",), ("sealed",), ("acknowledged",), ("parked",), ("held",)}
    assert counted(before["outbox_done"], "state") == {("done",)}
    assert {'"v":1' in row["body"] for row in before["outbox"]} == {True}
    (blob,) = before["blob"]
    assert blob["state"] == "to_send"
    assert before["screen_note"]
    assert before["shadow"]
    assert before["checkpoint"]
    assert (saved[0].parent / "bootstrap.db").exists()
    assert (saved[0].parent / "blobs" / blob["sha256"]).exists()


def test_every_row_of_the_saved_device_survives_the_upgrade_byte_for_byte(saved: tuple[Path, bytes]) -> None:
    path, key = saved
    before, files = contents(path, key), fingerprints(path.parent)
    with ReplicaDatabase.open(path, key) as database:
        upgrade(database)
    after = contents(path, key)
    assert after["alembic_version"] == [{"version_num": migrate.newest(MIGRATIONS)}]
    for name in before.keys() - {"alembic_version"}:
        columns = before[name][0].keys() if before[name] else ()
        kept = [{column: row[column] for column in columns} for row in after[name]]
        assert sorted(kept, key=repr) == before[name], name
    for name in OWN:
        assert len(after[name]) == len(before[name]), name
    assert fingerprints(path.parent) == files, "blobs and what is half fetched"


def test_an_older_program_refuses_the_upgraded_store_and_leaves_it_alone(
    saved: tuple[Path, bytes], tmp_path: Path
) -> None:
    path, key = saved
    with ReplicaDatabase.open(path, key) as database:
        upgrade(database)
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    older = tmp_path / "older"
    (older / "versions").mkdir(parents=True)
    for file in (MIGRATIONS / "versions").glob("000[1-4]_*.py"):
        (older / "versions" / file.name).write_bytes(file.read_bytes())
    with ReplicaDatabase.open(path, key) as database, pytest.raises(ReplicaNewer, match="Update this program"):
        upgrade(database, folder=older)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    assert path.with_name(path.name + BACKUP_SUFFIX).exists(), "the way back stays until the store was opened once"


def test_a_program_that_was_replaced_while_it_ran_touches_no_store(
    saved: tuple[Path, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The revisions on the disk are another version's by now; this one would run them, and then not know the store."""
    path, key = saved
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setattr(migrate, "NEWEST_AT_START", "0004")
    with ReplicaDatabase.open(path, key) as database, pytest.raises(migrate.ProgramReplaced, match="start it again"):
        upgrade(database)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    assert not path.with_name(path.name + BACKUP_SUFFIX).exists()


@pytest.fixture(scope="module")
def saved_server(clusters: Clusters, request: pytest.FixtureRequest) -> Iterator[StoppableServer]:
    with a_saved_server(clusters, request.config.getoption("--postgres")) as running:
        yield running


@pytest.fixture(scope="module")
def saved_fleet(saved_server: StoppableServer) -> Iterator[SavedFleet]:
    with a_saved_fleet(saved_server) as fleet:
        yield fleet


def test_the_saved_outbox_is_sent_as_it_was_sealed_and_both_sides_are_the_same(saved_fleet: SavedFleet) -> None:
    folder = FIRST.device_folder(saved_fleet.folder / "before")
    before = contents(*FIRST.replica(folder))
    sealed = {row["mutation_id"]: digest_of(row["sealed"]) for row in before["outbox"] if row["sealed"] is not None}
    pending = {row["mutation_id"] for row in before["outbox"] if row["state"] == "pending"}
    device = saved_fleet.saved_device()
    device.sync_well()
    query = "select mutation_id::text, body_digest from applied_mutation where device_id = %s"
    at_server = dict(saved_fleet.organization.ask(query, device.workplace.identity.device_signer.device_id))
    assert {mutation_id: at_server.get(mutation_id) for mutation_id in sealed} == sealed
    assert pending <= at_server.keys()
    states = {entry.mutation_id: "parked" for entry in device.workplace.replica.outbox.parked()}
    states |= {entry.mutation_id: "held" for entry in device.workplace.replica.outbox.held()}
    stopped = {row["mutation_id"]: row["state"] for row in before["outbox"] if row["state"] in {"parked", "held"}}
    assert states == stopped, "what needs a person still does"
    notes = {row["name"]: row["value"] for row in before["screen_note"]}
    assert device.workplace.replica.screen_notes() == notes
    (photo,) = before["blob"]
    assert device.workplace.blobs.read(photo["sha256"]) is not None
    rows = saved_fleet.organization.ask("select complete_at is not null from blob where sha256 = %s", photo["sha256"])
    assert rows == [(True,)]
    convergence.require_settled(device.workplace.replica)
    saved_fleet.assert_converged()
