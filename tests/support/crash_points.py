"""The death of a device right before, or right after, the commit of one of its writes, whoever writes.

What lies on the disk at that moment is copied there and then, as a SIGKILL would leave it; the device goes on from
that copy. What the dying program does to its files on the way out is not seen.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from cmms_desktop.replica.database import ReplicaHandle
from tests.support.fault_transport import ClientKilled

BOUNDARIES = ("before", "after")


class CrashPoint:
    """Wraps the writers of one open store until it is closed."""

    def __init__(self, database: Any, take_image: Callable[[], None], *, commits: int, boundary: str) -> None:
        """Let `commits` more writes pass; the next one dies at the boundary."""
        self._left = commits
        self._boundary = boundary
        self._take_image = take_image
        for name in ("writer", "bootstrap_writer", "download_writer"):
            setattr(database, name, self._mortal(getattr(database, name)))

    def _mortal(
        self, original: Callable[..., AbstractContextManager[ReplicaHandle]]
    ) -> Callable[..., AbstractContextManager[ReplicaHandle]]:
        @contextmanager
        def writer(*args: Any) -> Iterator[ReplicaHandle]:
            with original(*args) as handle:
                yield handle
                self._left -= 1
                self._die_at("before")
            self._die_at("after")

        return writer

    def _die_at(self, boundary: str) -> None:
        if self._left < 0 and self._boundary == boundary:
            self._take_image()
            raise ClientKilled
