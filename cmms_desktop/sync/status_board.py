"""The newest status, and telling it to whoever listens. Any thread may write; listeners hear one after another.

Knows nothing of cycles: the scheduler says what is new.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from cmms_desktop.sync.status import SyncStatus, Trouble

PROGRESS_EVERY_S: Final = 0.25
MOST_TROUBLES: Final = 20
TEXT: Final = "text"
PHOTOS: Final = "photos"

Listener = Callable[[SyncStatus], None]
"""Called in the thread that has news, and in order; it must be quick."""


class StatusBoard:
    """One status. `steady` gives seconds of a clock that is never set back."""

    def __init__(self, status: SyncStatus, *, steady: Callable[[], float]) -> None:
        """Begin with what is known."""
        self.status = status
        self._steady = steady
        self._told_s = -PROGRESS_EVERY_S
        self._listeners: list[Listener] = []
        self._open: dict[str, set[str]] = {}
        """What is wrong now, by what it is about."""
        self._one_at_a_time = threading.RLock()

    @property
    def may_tell_progress(self) -> bool:
        """Whether the last telling is long enough ago."""
        return self._steady() - self._told_s >= PROGRESS_EVERY_S

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Tell a listener about every change; the answer ends that, and may be called twice."""
        with self._one_at_a_time:
            self._listeners.append(listener)
        return partial(self._forget, listener)

    def change(self, **values: Any) -> None:
        """Take what is new by the names of SyncStatus, and tell it when it is."""
        self.revise(lambda _: values)

    def revise(self, news: Callable[[SyncStatus], Mapping[str, Any]]) -> None:
        """Take what is new in view of what is known, and tell it when it is."""
        with self._one_at_a_time:
            status = replace(self.status, **news(self.status))
            if status == self.status:
                return
            self.status, self._told_s = status, self._steady()
            for listener in tuple(self._listeners):
                listener(status)

    def note_trouble(self, sentence: str, *, at: str, about: str = TEXT) -> None:
        """Keep a sentence; the same one again belongs to the same trouble until `end_trouble`."""
        with self._one_at_a_time:
            here = self._open.setdefault(about, set())
            if sentence in here:
                return
            here.add(sentence)
            self.change(troubles=(Trouble(at, sentence), *self.status.troubles)[:MOST_TROUBLES])

    def end_trouble(self, *, about: str = TEXT) -> None:
        """What was wrong with it is over; nothing is said about the other."""
        with self._one_at_a_time:
            self._open.pop(about, None)

    def _forget(self, listener: Listener) -> None:
        with self._one_at_a_time:
            if listener in self._listeners:
                self._listeners.remove(listener)
