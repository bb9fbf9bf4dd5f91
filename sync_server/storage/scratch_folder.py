"""A folder for a database that is thrown away; one that an earlier process left, because it was killed, goes too.

It lies where `TMPDIR` says and holds people's data in plain as long as it is there.
"""

import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "cmms-proof-"
CLUSTER = "postgres"
"""What lies in it: a cluster, whose lock is held as long as a process of it lives (cluster_folder)."""


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give the place of a new cluster. Others may pass through the folder above it: as root PostgreSQL is nobody.

    Raises:
        OSError: there is no room, or no right.
    """
    place = Path(tempfile.gettempdir())
    sweep(place)
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=place, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with _locked(folder):
            folder.chmod(0o711)
            yield folder / CLUSTER


def sweep(place: Path) -> None:
    """Delete our own folders in which nothing runs any more. One without a cluster may just have been made."""
    for folder in place.glob(f"{PREFIX}*"):
        with suppress(OSError):
            found = folder.lstat()
            if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid():
                cluster = folder / CLUSTER
                lock = cluster / "lock"
                with _locked(folder), _locked(lock if lock.exists() else cluster):
                    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock of a file or folder. Raises OSError at once when it is not there or another process holds it."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)
