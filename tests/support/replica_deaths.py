"""A device's program that dies at statement k of any transaction, for every k; and two steps in which it may die.

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

from cmms_desktop.replica.database import ReplicaDatabase, ReplicaHandle
from cmms_desktop.replica.transaction import Replica
from tests.support.replicas import KEY, Clock, Field, ids

NEEDS_FORK = pytest.mark.skipif(not hasattr(os, "fork"), reason="the fault is a child process that ends itself")
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


def deaths_in(step: Step, made: Field, *, folder: Path) -> Iterator[tuple[Field, bool]]:
    """Take a step on copies of a closed store, each dying one statement later, until one does not die any more.

    Gives each copy, closed, with a server of its own, and whether the step died in it: the last one's did not.
    """
    last, status = 0, DIED
    while status == DIED:
        field = copy.copy(made)
        field.folder, field.server = folder / str(last), copy.deepcopy(made.server)
        shutil.copytree(made.folder, field.folder)
        status = run_in_child(field.folder, step, field, last)
        yield field, status == DIED
        last += 1
    assert status == RETURNED


def pull(field: Field, replica: Replica) -> None:
    since = replica.state().cursor
    replica.apply_pull(field.server.pull(since), since=since)


def fetch(field: Field, replica: Replica, *, scope: str) -> None:
    pull(field, replica)
    with replica.bootstrapping(scope) as fetched:
        while not fetched.is_complete:
            fetched.add(field.server.bootstrap(scope, fetched.token, replica.state().cursor, limit=2))
