"""The advisory lock that keeps one replica in one window.

The lock lives on its own file beside the store, never on the store itself: SQLite keeps POSIX locks there, and closing
any other descriptor of the same file would drop them.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from cmms_desktop.errors import ReplicaUnavailable
from cmms_desktop.replica.private_folders import NOT_WRITABLE, FolderNotWritable


class AlreadyOpen(ReplicaUnavailable):
    """Another instance of the program holds this replica."""


def _take(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class InstanceLock:
    """Held from ``acquire`` to ``release``; the operating system drops it when the process dies."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    @classmethod
    def acquire(cls, store: Path) -> InstanceLock:
        """Take the lock of ``store`` (``<name>.lock`` beside it) without waiting.

        Raises:
            FolderNotWritable: the lock file cannot be made.
            AlreadyOpen: somebody holds it.
        """
        try:
            descriptor = os.open(store.with_name(store.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise FolderNotWritable(NOT_WRITABLE) from error
        try:
            _take(descriptor)
        except OSError as error:
            os.close(descriptor)
            raise AlreadyOpen("Your work is already open in another window of this program.") from error
        return cls(descriptor)

    def release(self) -> None:
        """Give the lock back; a second call does nothing."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
