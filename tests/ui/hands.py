"""A mouse and a finger on a window, as the platform reports them: Qt itself finds what they hit.

Events go to the window and not to a widget, so that whatever covers a button also keeps it from being pressed.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPointingDevice, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from tests.ui.eyes import middle_of

NOTCH = 120
"""Qt's angle of one click of a mouse wheel."""
MOVE_MS = 12
"""Between two moves of a finger that scrolls: it has a speed, which Qt measures."""
HELD_MS = 110
"""How long a finger rests before it is lifted; Qt lets what was dragged fly on when it is less than 0.1 s."""
SWIFT_S = 0.15
"""What takes longer is no throw: Qt measures how quick the finger was."""


class Hand(Protocol):
    """What touches the window. Places are in px of the window."""

    def press(self, window: QWindow, at: QPoint) -> None:
        """Press and lift."""
        ...

    def draw(self, window: QWindow, places: Sequence[QPoint]) -> None:
        """Go down at the first place and up at the last."""
        ...

    def scroll(self, area: QAbstractScrollArea, down: int) -> None:
        """Move what an area shows by about so many px: positive, to see more of its end."""
        ...


class Mouse:
    """Left button and wheel."""

    def press(self, window: QWindow, at: QPoint) -> None:
        QTest.mouseClick(window, Qt.MouseButton.LeftButton, pos=at)

    def draw(self, window: QWindow, places: Sequence[QPoint]) -> None:
        left = Qt.MouseButton.LeftButton
        QTest.mousePress(window, left, pos=places[0])
        for place in places[1:]:
            QTest.mouseMove(window, place)
        QTest.mouseRelease(window, left, pos=places[-1])

    def scroll(self, area: QAbstractScrollArea, down: int) -> None:
        """Turn the wheel by a notch, or by a part of one as fine wheels do."""
        angle = max(-NOTCH, min(NOTCH, -down))
        QTest.wheelEvent(window_of(area), middle_of(area.viewport()), QPoint(0, angle))


class Finger:
    """One finger on a touch screen; a page is moved by dragging it."""

    def __init__(self) -> None:
        self._screen: QPointingDevice = QTest.createTouchDevice()

    def press(self, window: QWindow, at: QPoint) -> None:
        self._touch(window, "press", at)
        self._touch(window, "release", at)

    def draw(self, window: QWindow, places: Sequence[QPoint]) -> None:
        self._touch(window, "press", places[0])
        for place in places[1:]:
            self._touch(window, "move", place)
        self._touch(window, "release", places[-1])

    def scroll(self, area: QAbstractScrollArea, down: int) -> None:
        """Drag over most of the area at most; the finger rests before it is lifted, so that nothing flies on."""
        window, height = window_of(area), area.viewport().height()
        way = max(-height * 3 // 4, min(down, height * 3 // 4))
        way += 24 if way > 0 else -24  # what Qt needs before it believes in a drag
        start = middle_of(area.viewport()) + QPoint(0, way // 2)
        self._touch(window, "press", start)
        for step in range(1, 11):
            QTest.qWait(MOVE_MS)
            self._touch(window, "move", start - QPoint(0, way * step // 10))
        QTest.qWait(HELD_MS)
        self._touch(window, "release", start - QPoint(0, way))

    def throw(self, area: QAbstractScrollArea) -> int | None:
        """Drag upwards, quicker and quicker, and lift the finger.

        Returns:
            Where the area stood then, in px; None: this machine held the finger up, so that it was no throw.
        """
        window, start = window_of(area), middle_of(area.viewport()) + QPoint(0, area.viewport().height() // 3)
        began_s = time.monotonic()
        self._touch(window, "press", start)
        for step in (12, 30, 55, 85, 120):
            QTest.qWait(MOVE_MS)
            self._touch(window, "move", start - QPoint(0, step))
        lifted_at = area.verticalScrollBar().value()
        was_swift = time.monotonic() - began_s < SWIFT_S
        self._touch(window, "release", start - QPoint(0, 120))
        return lifted_at if was_swift else None

    def _touch(self, window: QWindow, what: str, at: QPoint) -> None:
        sequence = QTest.touchEvent(window, self._screen)
        getattr(sequence, what)(0, at, window).commit()


def window_of(widget: QWidget) -> QWindow:
    """The platform's window that shows a widget."""
    window = widget.window().windowHandle()
    assert window is not None, "the window is not shown"
    return window
