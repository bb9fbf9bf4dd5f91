"""Pushes of one device in this process one after another, so that a batch taken in halves is not come between.

A courtesy only: the lock of the device's row decides, in every transaction and for every process. Whoever has waited
long goes on without it. Each that waits keeps one of the few threads of requests, so no more than a device needs may:
the rest are told to come later, and no device, whatever it sends, keeps others from being served.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final
from weakref import WeakValueDictionary

from sync_server.errors import RetryLater

LONG_S: Final = 5.0
"""Far more than a push takes."""
MOST_OF_A_DEVICE: Final = 3
"""Pushes of one device that may be here: two that it waits for, and one whose answer it has given up."""


class Turns:
    """Who is being served. Many threads use it."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._known = Lock()
        self._turns: WeakValueDictionary[str, _Turn] = WeakValueDictionary()

    @property
    def count(self) -> int:
        """Devices that are here."""
        return len(self._turns)

    @contextmanager
    def of(self, device_id: str, *, long_s: float = LONG_S) -> Iterator[None]:
        """Run the block when no other of the device runs here, or after `long_s` seconds of waiting.

        Raises:
            RetryLater: Too many of this device are here.
        """
        turn = self._entered(device_id)
        is_ours = turn.lock.acquire(timeout=long_s)
        try:
            yield
        finally:
            if is_ours:
                turn.lock.release()
            with self._known:
                turn.inside -= 1
            del turn

    def _entered(self, device_id: str) -> "_Turn":
        with self._known:
            turn = self._turns.setdefault(device_id, _Turn())
            if turn.inside >= MOST_OF_A_DEVICE:
                raise RetryLater("Earlier changes of this device are still being taken.")
            turn.inside += 1
        return turn


class _Turn:
    """What the threads of one device wait for; gone with the last of them."""

    __slots__ = ("__weakref__", "inside", "lock")

    def __init__(self) -> None:
        self.lock = Lock()
        self.inside = 0
