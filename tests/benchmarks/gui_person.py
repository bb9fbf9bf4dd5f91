"""The person of the window's tests, with a heartbeat beside him: what he presses counts, his looking around does not.

He waits in the event loop itself and not in turns of QTest, which would beat late by themselves.
"""

import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QWindow
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from tests.benchmarks.gui_window import NeverHappened, pause
from tests.benchmarks.heartbeat import Heartbeat
from tests.ui.eyes import Row
from tests.ui.hands import Mouse
from tests.ui.person import PATIENCE_S, REST_MS, Person

LOOK_S = 0.03


class CountedMouse(Mouse):
    """A mouse whose presses count."""

    def __init__(self, heart: Heartbeat) -> None:
        self._heart = heart

    def press(self, window: QWindow, at: QPoint) -> None:
        with self._heart.counting():
            super().press(window, at)

    def draw(self, window: QWindow, places: Sequence[QPoint]) -> None:
        with self._heart.counting():
            super().draw(window, places)

    def scroll(self, area: QAbstractScrollArea, down: int) -> None:
        with self._heart.counting():
            super().scroll(area, down)


class CountedPerson(Person):
    """Acts in front of a window whose heart beats."""

    def __init__(self, window: QWidget, heart: Heartbeat) -> None:
        self._heart = heart
        super().__init__(window, hand=CountedMouse(heart))

    def until(self, what: str, is_so: Callable[[], object], *, patience_s: float = PATIENCE_S) -> None:
        """Let the window live until something is so."""
        ends_s = time.perf_counter() + 3 * patience_s
        while not self._looks(is_so):
            if time.perf_counter() > ends_s:
                raise NeverHappened(f"{what}: did not happen. On the screen: {' | '.join(self.reads())}")
            pause(LOOK_S)

    def _looks(self, is_so: Callable[[], object]) -> bool:
        with self._heart.leaving_out():
            return bool(is_so())

    def rows_saying(self, words: str) -> list[Row]:
        with self._heart.leaving_out():
            return super().rows_saying(words)

    def rest(self) -> None:
        """Look at what has come of it."""
        pause(REST_MS / 1e3)

    def _reach(self, widget: QWidget, part: Callable[[], QRect]) -> bool:
        with self._heart.leaving_out():
            return super()._reach(widget, part)

    def _bring_into_sight(self, widget: QWidget, part: Callable[[], QRect]) -> None:
        with self._heart.counting():
            super()._bring_into_sight(widget, part)
