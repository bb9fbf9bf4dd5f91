"""The upgrade of the saved device, stopped anywhere: in the copy, the revisions, the checks, the commit, and between.

The death is real: a child process ends itself at a line of the upgrade without closing anything, and the parent looks.
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, Final

import pytest

from cmms_desktop.errors import ReplicaUnavailable
from cmms_desktop.replica import connections, database, migrate
from cmms_desktop.replica.database import ReplicaDatabase
from cmms_desktop.replica.migrate import BACKUP_SUFFIX, upgrade
from tests.migrations.test_saved_release import Contents, contents
from tests.support.saved_release import FIRST

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the fault is a child process that ends itself")

WATCHED: Final = frozenset({str(module.__file__) for module in (connections, database, migrate)})
"""Where lines are counted: opening, copying, upgrading, checking, closing."""
POINTS: Final = 24
DIED: Final = 17


class Here:
    """The saved replica as it lay, and what it becomes."""

    def __init__(self, folder: Path) -> None:
        found, self.key = FIRST.replica(FIRST.device_folder(folder / "saved"))
        self._saved = found
        self.path = folder / "store" / "replica.db"
        self.put_back()
        self.before = contents(self.path, self.key)
        self.put_back()
        self.lines = self.upgrade_in_child(None)
        self.after = contents(self.path, self.key)
        assert self.after["alembic_version"] != self.before["alembic_version"]

    def put_back(self) -> None:
        """Lay the saved file there again, alone."""
        shutil.rmtree(self.path.parent, ignore_errors=True)
        self.path.parent.mkdir(mode=0o700)
        shutil.copyfile(self._saved, self.path)

    def upgrade(self) -> None:
        with ReplicaDatabase.open(self.path, self.key) as store:
            upgrade(store)

    def upgrade_in_child(self, last: int | None) -> int:
        """Open, upgrade and close in a child that dies at line number `last`; without one, give how many there are."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            _act(lambda: _counting(self.upgrade, last), writing)
        os.close(writing)
        with os.fdopen(reading) as told:
            said = told.read()
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert status == (0 if last is None else DIED), said
        return int(said or 0)


def _act(act: Callable[[], int], writing: int) -> None:
    """Run in the child, and end it whatever happens."""
    try:
        os.write(writing, str(act()).encode())
        os._exit(0)
    except BaseException as error:
        os.write(writing, repr(error).encode())
        os._exit(1)


def _counting(act: Callable[[], None], last: int | None) -> int:
    """Count the lines of the watched modules, and die at one of them."""
    count = 0

    def at_line(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        if event == "line":
            if count == last:
                os._exit(DIED)
            count += 1
        return at_line

    def at_call(frame: FrameType, event: str, _: Any) -> Any:
        return at_line if frame.f_code.co_filename in WATCHED else None

    sys.settrace(at_call)
    try:
        act()
    finally:
        sys.settrace(None)
    return count


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Here:
    return Here(tmp_path_factory.mktemp("saved"))


def rows_of(found: Contents) -> dict[str, int]:
    return {name: len(rows) for name, rows in found.items()}


def test_a_program_that_dies_anywhere_in_an_upgrade_leaves_the_old_store_or_the_new_one(here: Here) -> None:
    assert here.lines > 4 * POINTS
    seen: set[bool] = set()
    for point in range(POINTS):
        here.put_back()
        here.upgrade_in_child(point * here.lines // POINTS)
        found = contents(here.path, here.key)
        is_new = found["alembic_version"] == here.after["alembic_version"]
        assert found == (here.after if is_new else here.before), f"stopped at line {point * here.lines // POINTS}"
        seen.add(is_new)
        here.upgrade()
        assert contents(here.path, here.key) == here.after
    assert seen == {False, True}, "it never died on one of the two sides"


def test_a_program_that_dies_again_and_again_gets_there_in_the_end(here: Here) -> None:
    """One store, not put back: a half made copy and a half written log of the last time are in the way of nobody."""
    here.put_back()
    for point in range(2, POINTS, 5):
        lines = here.lines if contents(here.path, here.key) == here.before else 0
        if lines:
            here.upgrade_in_child(point * lines // POINTS)
    here.upgrade()
    assert contents(here.path, here.key) == here.after


@pytest.mark.parametrize("room_bytes", [0, 4_096, 300_000, 615_000, 625_000], ids=str)
def test_a_disk_that_takes_no_more_leaves_the_old_store_and_says_so(here: Here, room_bytes: int) -> None:
    """No file may grow beyond the room: first the copy does not fit, then the log of the upgrade."""
    import resource

    def full() -> int:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room_bytes, resource.RLIM_INFINITY))
        try:
            here.upgrade()
        except ReplicaUnavailable as refused:
            return DIED if refused.sentence.endswith(".") else 1
        return 0

    here.put_back()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _act(full, writing)
    os.close(writing)
    with os.fdopen(reading) as told:
        said = told.read()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, said
    found = contents(here.path, here.key)
    is_new = found["alembic_version"] == here.after["alembic_version"]
    assert found == (here.after if is_new else here.before)
    assert is_new or said == str(DIED), said
    here.upgrade()
    assert contents(here.path, here.key) == here.after


def test_the_copy_beside_it_is_never_a_half_one(here: Here) -> None:
    """Whatever is called the copy can be opened, and is the old store."""
    copies = 0
    for point in range(0, POINTS, 3):
        here.put_back()
        here.upgrade_in_child(point * here.lines // POINTS)
        copy = here.path.with_name(here.path.name + BACKUP_SUFFIX)
        if copy.exists():
            copies += 1
            assert rows_of(contents(copy, here.key)) == rows_of(here.before)
    assert copies
