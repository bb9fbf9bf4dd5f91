"""The person of the window's tests, with a heartbeat beside him: what he presses counts, his looking around does not.

He waits in the event loop itself and not in turns of QTest, which would beat late by themselves.
"""

import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QWindow
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from tests.benchmarks.gui_window import pause
from tests.benchmarks.heartbeat import Heartbeat
from tests.ui.hands import Mouse
from tests.ui.person import SOON_S, Person

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

    def soon(self, is_so: Callable[[], object], *, within_s: float = SOON_S) -> bool:
        """Let the window live until something is so, or for three times as long as in tests."""
        ends_s = time.perf_counter() + 3 * within_s
        while True:
            with self._heart.leaving_out():
                if is_so():
                    return True
            if time.perf_counter() > ends_s:
                return False
            pause(LOOK_S)

    def wait(self, ms: int) -> None:
        with self._heart.counting():
            pause(ms / 1e3)

    def _bring_into_sight(self, widget: QWidget, part: Callable[[], QRect]) -> None:
        with self._heart.counting():
            super()._bring_into_sight(widget, part)
