"""Pushes of one device in this process one after another, so that a batch taken in halves is not come between.

A courtesy only: the lock of the device's row decides, in every transaction and for every process. Whoever has waited
long goes on without it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final
from weakref import WeakValueDictionary

LONG_S: Final = 5.0
"""Far more than a push takes."""


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
        """Run the block when no other of the device runs here, or after `long_s` seconds of waiting."""
        with self._known:
            turn = self._turns.setdefault(device_id, _Turn())
        is_ours = turn.lock.acquire(timeout=long_s)
        try:
            yield
        finally:
            if is_ours:
                turn.lock.release()
            del turn


class _Turn:
    """What the threads of one device wait for; gone with the last of them."""

    __slots__ = ("__weakref__", "lock")

    def __init__(self) -> None:
        self.lock = Lock()
