"""Pushes of one device in this process one after another, in the order in which they came.

So a batch that is taken in halves is not come between, and a small one does not overtake the large one before it, which
is read for longer. A courtesy only: the lock of the device's row decides, in every transaction and for every process.
Whoever has waited long goes on without it. Each that waits keeps one of the few threads of requests, so no more than a
device needs may: the rest are told to come later, and no device, whatever it sends, keeps others from being served.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Condition
from typing import Final

from sync_server.errors import RetryLater

LONG_S: Final = 5.0
"""Far more than a push takes."""
MOST_OF_A_DEVICE: Final = 3
"""Pushes of one device that may be here: two that it waits for, and one whose answer it has given up."""

Line = deque[object]


class Turns:
    """Who stands in line. Many threads use it."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._changed = Condition()
        self._lines: dict[str, Line] = {}

    @property
    def count(self) -> int:
        """Devices that are here."""
        return len(self._lines)

    @contextmanager
    def of(self, device_id: str, *, long_s: float = LONG_S) -> Iterator[Callable[[], object]]:
        """Stand in line while the block runs; what it gets waits until its turn comes, for at most `long_s` seconds.

        Raises:
            RetryLater: Too many of this device are here.
        """
        place = object()
        line = self._joined(device_id, place)
        try:
            yield partial(self._await_turn, line, place, long_s)
        finally:
            with self._changed:
                line.remove(place)
                if not line:
                    del self._lines[device_id]
                self._changed.notify_all()

    def _joined(self, device_id: str, place: object) -> Line:
        with self._changed:
            line = self._lines.setdefault(device_id, deque())
            if len(line) >= MOST_OF_A_DEVICE:
                raise RetryLater("Earlier changes of this device are still being taken.")
            line.append(place)
        return line

    def _await_turn(self, line: Line, place: object, long_s: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: line[0] is place, long_s)
