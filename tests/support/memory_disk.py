"""Lets what tests write for a moment lie on a disk in memory, where there is one with room.

A pytest plugin, loaded by `tests/conftest.py`. A test of a fleet makes some 200 commits, and each waits for the disk: a
third of a millisecond on a quiet one, several on a busy one. Whether something is really on a disk is asked of disks
that tell (`volatile_disk.py`, `fuse_disk.py`), never of this machine's. Whoever sets TMPDIR decides himself.
"""

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest

MEMORY: Final = Path("/dev/shm")  # Linux's; elsewhere it is not there
LEAST_FREE_BYTES: Final = 4 << 30
"""Several times what all tests together have lying about at once, their clusters included."""
PASSABLE: Final = 0o711
"""For the unprivileged user of PostgreSQL: through, not into."""


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    """Choose before anybody asks for a temporary folder; processes that tests start inherit it."""
    if "TMPDIR" not in os.environ and has_room(MEMORY):
        folder = MEMORY / f"cmms-tests-{os.geteuid()}"
        if is_ours(folder):
            os.environ["TMPDIR"] = str(folder)
            tempfile.tempdir = None  # asks the environment anew


def cluster_place() -> str:
    """Where a PostgreSQL may lie: in memory where that was chosen, else where its user can surely walk to.

    On a disk much of what a run costs goes into names: each database has 741 files, and ext4 looks long for the number
    of a new one while others were deleted a moment ago.
    """
    chosen = tempfile.gettempdir()
    return chosen if Path(chosen).is_relative_to(MEMORY) else "/tmp"


def is_ours(folder: Path) -> bool:
    """Make a folder that can be walked through, where nothing is; whether one is there, and ours. Follows no link."""
    with suppress(FileExistsError):
        folder.mkdir(mode=PASSABLE)
    told = folder.lstat()
    if not stat.S_ISDIR(told.st_mode) or told.st_uid != os.geteuid():
        return False
    folder.chmod(PASSABLE)  # mkdir leaves out what this person's umask forbids
    return True


def has_room(folder: Path) -> bool:
    """Whether a folder is there, may be written to and run from, and has room."""
    if not os.access(folder, os.W_OK | os.X_OK):
        return False
    told = os.statvfs(folder)
    return told.f_bavail * told.f_frsize >= LEAST_FREE_BYTES and not told.f_flag & os.ST_NOEXEC
