"""The program dies at statement k of a transaction, for every k: the file holds the state before, whole (invariant 20).

The death is real: a child process opens the store and ends itself without closing anything, and the parent looks.
"""

import copy
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from cmms_desktop.replica import bootstrap
from cmms_desktop.replica.database import ReplicaDatabase, ReplicaHandle
from cmms_desktop.replica.tables import METADATA
from cmms_desktop.replica.transaction import Replica
from tests.support.replicas import KEY, SCOPE, SITE, TECHNICIAN, Clock, Field, ids, sign, uid

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the fault is a child process that ends itself")

ORDER = uid(1)
BIG = "site:big"
DIED, RETURNED = 17, 0


class MortalCursor:
    """A cursor that calls `die` in place of statement number `last`, counting from 0."""

    def __init__(self, cursor: Any, last: int, die: Callable[[], None]) -> None:
        self._cursor = cursor
        self._left = last
        self._die = die

    def __getattr__(self, name: str) -> Any:
        if name in {"execute", "executemany"}:
            if self._left == 0:
                self._die()
            self._left -= 1
        return getattr(self._cursor, name)


class MortalDatabase:
    """A store whose writes die at a statement; reads live."""

    def __init__(self, database: ReplicaDatabase, last: int) -> None:
        self._database = database
        self._last = last

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    @contextmanager
    def writer(self) -> Iterator[ReplicaHandle]:
        with self._database.writer() as handle:
            yield self._mortal(handle)

    @contextmanager
    def bootstrap_writer(self, source: Path) -> Iterator[ReplicaHandle]:
        with self._database.bootstrap_writer(source) as handle:
            yield self._mortal(handle)

    @contextmanager
    def download_writer(self) -> Iterator[ReplicaHandle]:
        with self._database.download_writer() as handle:
            yield self._mortal(handle)

    def open_beside(self, name: str) -> ReplicaDatabase:
        return cast(ReplicaDatabase, MortalContext(self._database.open_beside(name), self._last))

    def _mortal(self, handle: ReplicaHandle) -> ReplicaHandle:
        return ReplicaHandle(handle.connection, MortalCursor(handle.cursor, self._last, lambda: os._exit(DIED)))


class MortalContext(MortalDatabase):
    """The same, as a context manager."""

    def __enter__(self) -> "MortalContext":
        return self

    def __exit__(self, *reason: object) -> None:
        self._database.close()


def world(folder: Path) -> Field:
    """Orders with open, sealed and answered edits, one about to leave, news at the server, and a new scope."""
    field = Field(folder)
    for number in (1, 2, 3, 4):
        field.add_order(number)
    field.add("checklist_item", 11, ORDER, checklist_id=ORDER, key="a", kind="pass_fail", prompt="Tight?")
    field.pull()
    for number in (1, 2, 3):
        with field.replica.write() as write:
            write.set("work_order", uid(number), priority="critical")
    field.push()
    for number in (1, 2, 3):
        with field.replica.write() as write:
            write.set("work_order", uid(number), actual_minutes=5)
            values = {"work_order_id": uid(number), "author_id": TECHNICIAN, "text": "Hi", "written_at": write.now}
            write.create("comment", values)
    assert field.replica.outbox.seal_next(sign, limit=2) is not None
    field.server.change("work_order", ORDER, title="Newer", actual_minutes=9)
    field.server.leave(SCOPE, uid(3))
    field.server.leave(SCOPE, uid(4))
    field.server.join(SCOPE, uid(2), "work_order")
    field.server.allowed.append(BIG)
    for number in range(20, 24):
        field.add_order(number, scope=BIG)
    return field


def dump(folder: Path) -> dict[str, list[Any]]:
    """Every row of every table of a closed store, which is checked on the way."""
    with ReplicaDatabase.open(folder / "replica.db", KEY) as database, database.reader() as handle:
        assert handle.cursor.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return {name: sorted(handle.cursor.execute(f"SELECT * FROM {name}"), key=repr) for name in METADATA.tables}


def local_edit(field: Field, replica: Replica) -> None:
    with replica.write() as write:
        write.set("work_order", ORDER, priority="low", completion_note="Done")
        write.create("work_order", {"number": "WO-X", "title": "More", "site_id": SITE})
        write.add_blob("a" * 64, media_type="image/png", size_bytes=3)


def sealing(field: Field, replica: Replica) -> None:
    replica.outbox.seal_next(sign)


def verdicts(field: Field, replica: Replica) -> None:
    batch = replica.outbox.seal_next(sign)
    assert batch is not None
    field.server.refuse = {"comment.create"}
    replica.outbox.record_verdicts(field.server.push(each.sealed for each in batch.mutations))


def pull(field: Field, replica: Replica) -> None:
    since = replica.state().cursor
    replica.apply_pull(field.server.pull(since), since=since)


def withdrawal(field: Field, replica: Replica) -> None:
    replica.outbox.withdraw(replica.outbox.waiting()[-1].mutation_id)


def fetch(field: Field, replica: Replica) -> None:
    pull(field, replica)
    with replica.bootstrapping(BIG) as scope:
        while not scope.is_complete:
            scope.add(field.server.bootstrap(BIG, scope.token, replica.state().cursor, limit=2))


Step = Callable[[Field, Replica], None]


def run_in_child(folder: Path, step: Step, field: Field, last: int) -> int:
    """Run a step on the store in a child that dies at statement `last` of any transaction; give its exit status."""
    child = os.fork()
    if child == 0:
        try:
            database = MortalDatabase(ReplicaDatabase.open(folder / "replica.db", KEY), last)
            step(field, Replica(cast(ReplicaDatabase, database), clock=Clock(), ids=ids(900_000)))
            database.close()
            os._exit(RETURNED)
        except BaseException:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("step", [local_edit, sealing, pull, withdrawal], ids=lambda step: step.__name__)
def test_one_transaction_is_there_whole_or_not_at_all(tmp_path: Path, step: Step) -> None:
    field = world(tmp_path / "made")
    field.replica.close()
    before = dump(tmp_path / "made")
    last, status = 0, DIED
    while status == DIED:
        folder = tmp_path / str(last)
        shutil.copytree(tmp_path / "made", folder)
        status = run_in_child(folder, step, field, last)
        if status == DIED:
            assert dump(folder) == before
            last += 1
    assert status == RETURNED
    assert last > 3
    assert dump(folder) != before


@pytest.mark.parametrize(
    ("step", "is_staged"),
    [(verdicts, False), (fetch, False), (fetch, True)],
    ids=["verdicts", "small fetch", "staged fetch"],
)
def test_after_a_death_anywhere_the_day_goes_on(
    tmp_path: Path, step: Step, is_staged: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several transactions follow one another: whichever was cut off, the next start ends where it would have."""
    monkeypatch.setattr(bootstrap, "SMALL_ROWS", -1 if is_staged else 2_000)
    made = world(tmp_path / "made")
    made.replica.close()
    last, status = 0, DIED
    while status == DIED:
        folder = tmp_path / str(last)
        shutil.copytree(tmp_path / "made", folder)
        field = copy.copy(made)
        field.folder, field.server = folder, copy.deepcopy(made.server)
        status = run_in_child(folder, step, field, last)
        field.restart()
        field.sync()
        field.sync()
        field.assert_converged()
        assert not (folder / "bootstrap.db").exists()
        field.replica.close()
        last += 1
    assert status == RETURNED
    assert last > 3
