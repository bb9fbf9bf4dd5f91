"""A person in front of the window: reads what is to be seen, presses what is named, types, scans and draws.

He knows no presenter, no query and no replica. Whatever he needs has to come into sight within his patience.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QLineEdit,
    QPlainTextEdit,
    QScroller,
    QWidget,
)
from shiboken6 import isValid

from cmms_desktop.ui.widgets.wedge import WedgeFilter
from tests.ui import eyes
from tests.ui.hands import Hand, Mouse, window_of

PATIENCE_S, SOON_S = 60.0, 3.0
LOOK_MS = 5
REST_MS = 80
SCANNED_AT_MS = 1
"""When a scanner pressed its keys, by the clock of key events: all at the same time."""
AIM_MS = 20
"""What moves within this time is not pressed: it would be somewhere else by then."""
W = TypeVar("W", bound=QWidget)


class Person:
    """Works with a hand, a keyboard and a scanner."""

    def __init__(self, window: QWidget, *, hand: Hand | None = None) -> None:
        """Sit down in front of a window, which is shown and gets the keyboard."""
        self.window, self.hand = window, hand or Mouse()
        window.show()
        self.until("the window has the keyboard", self._takes_keyboard)

    # ---- eyes

    def until(self, what: str, is_so: Callable[[], object], *, patience_s: float = PATIENCE_S) -> None:
        """Let the window live until something is so."""
        is_done = self.soon(is_so, within_s=patience_s)
        assert is_done, f"{what}: did not happen. On the screen: {' | '.join(self.reads())}"

    def soon(self, is_so: Callable[[], object], *, within_s: float = SOON_S) -> bool:
        """Let the window live until something is so, or for so long."""
        ends_s = time.monotonic() + within_s
        while not is_so():
            if time.monotonic() > ends_s:
                return False
            self.wait(LOOK_MS)
        return True

    def wait(self, ms: int) -> None:
        """Let the window live for so long."""
        QTest.qWait(ms)

    def reads(self) -> list[str]:
        """Everything that is written on the window."""
        return [text for text in eyes.texts(self.window) if text]

    def sees(self, words: str) -> bool:
        """Whether words stand somewhere."""
        return any(words in text for text in eyes.texts(self.window))

    def until_sees(self, *words: str) -> None:
        """Wait until all of these words stand somewhere."""
        self.until(f"“{', '.join(words)}” is to be seen", lambda: all(map(self.sees, words)))

    def until_gone(self, words: str) -> None:
        """Wait until words stand nowhere any more."""
        self.until(f"“{words}” is gone", lambda: not self.sees(words))

    def rows_saying(self, words: str) -> list[eyes.Row]:
        """Rows of lists that are read out with these words, from the top."""
        return [row for row in eyes.rows(self.window) if words in eyes.said(row)]

    def find(self, kind: type[W], words: str) -> list[W]:
        """Look for what can be used, of a kind and by its name, in which * stands for anything."""
        found = self.window.findChildren(kind)
        return [each for each in found if each.isVisible() and each.isEnabled() and eyes.is_called(each, words)]

    def can_press(self, words: str) -> bool:
        """Whether there is such a button."""
        return bool(self.find(QAbstractButton, words))

    def has_cursor(self, label: str) -> bool:
        """Whether what is typed goes into the field of this name."""
        focus = QApplication.focusWidget()
        return focus is not None and eyes.is_called(focus, label)

    def rest(self) -> None:
        """Look at what has come of it."""
        self.wait(REST_MS)

    def until_still(self, area: QAbstractScrollArea) -> None:
        """Wait until what was thrown has stopped; Qt is asked, because a busy machine shows a moving list at rest."""
        scroller = QScroller.scroller(area.viewport())
        self.until("what was thrown has stopped", lambda: scroller.state() == QScroller.State.Inactive)

    def scroll_to_top(self, area: QAbstractScrollArea) -> None:
        """Go to where the area begins."""
        for _ in range(MOST_SCROLLS):
            if not (hidden := area.verticalScrollBar().value()):
                return
            self.hand.scroll(area, -hidden)
            self.until_still(area)
        raise AssertionError("the area does not come to its top")

    # ---- hand

    def press(self, words: str, kind: type[QWidget] = QAbstractButton) -> None:
        """Press the button with these words on it, or of this name, as soon as it can be reached."""
        self.until(f"“{words}” can be pressed", lambda: self._press_one(kind, words))

    def press_row(self, words: str) -> None:
        """Press the first row of a list that is read out with these words."""
        self.until(f"a row with “{words}” can be pressed", lambda: self._press_row(words))

    def draw(self, name: str, strokes: Sequence[Sequence[QPoint]]) -> None:
        """Draw on what has this name; places are counted from its corner."""
        self.until(f"“{name}” can be drawn on", lambda: self.find(QWidget, name))
        pad = self.find(QWidget, name)[0]
        self._bring_into_sight(pad, pad.rect)
        corner = pad.mapTo(self.window, QPoint(0, 0))
        for stroke in strokes:
            self.hand.draw(window_of(self.window), [corner + place for place in stroke])

    # ---- keyboard and scanner

    def key(self, key: Qt.Key, *, ctrl: bool = False, shift: bool = False, times: int = 1) -> None:
        """Press a key that is no letter."""
        held = Qt.KeyboardModifier.ControlModifier if ctrl else Qt.KeyboardModifier.NoModifier
        held |= Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
        for _ in range(times):
            QTest.keyClick(_with_keyboard(), key, held)

    def write(self, text: str, *, gap_ms: int = -1) -> None:
        """Type where the cursor is, and rest for a moment: an Enter right after would look like a scanner's."""
        for each in text:
            QTest.keyClick(_with_keyboard(), ord(each), NONE, gap_ms)
        watch = self.window.findChild(WedgeFilter)
        if isinstance(watch, WedgeFilter):
            self.until("the keys have arrived", lambda: not watch.is_holding)

    def fill(self, label: str, text: str) -> None:
        """Put text into the field of a name, in place of what stands there."""
        self.until(f"“{label}” can be typed into", lambda: any(self._press_one(kind, label) for kind in FIELDS))
        self.key(Qt.Key.Key_A, ctrl=True)
        self.write(text)

    def scan(self, code: str) -> None:
        """Hold the scanner at a label: its characters and Enter come at once, however busy this machine is."""
        window = _with_keyboard()
        for each in (*code, "\r"):
            key = Qt.Key.Key_Return if each == "\r" else ord(each.upper())
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, key, NONE, each)
                event.setTimestamp(SCANNED_AT_MS)
                QApplication.postEvent(window, event)
        self.rest()

    def choose_file(self, path: Path) -> None:
        """Answer the chooser for files, which is a window of its own."""
        self.until("the chooser has the keyboard", _chooser_has_keyboard)
        self.until("the cursor is where a name is typed", lambda: isinstance(QApplication.focusWidget(), QLineEdit))
        self.write(str(path))
        self.until("the whole name stands there", lambda: _typed_name() == str(path))
        self.key(Qt.Key.Key_Return)
        self.until("the chooser is gone", lambda: eyes.file_chooser() is None)
        self.until("the window has the keyboard again", self._takes_keyboard)

    # ---- how it is done

    def _takes_keyboard(self) -> bool:
        if not self.window.isActiveWindow():
            self.window.activateWindow()
        return self.window.isActiveWindow()

    def _press_one(self, kind: type[QWidget], words: str) -> bool:
        return any(self._reach(each, each.rect) for each in self.find(kind, words))

    def _press_row(self, words: str) -> bool:
        """Press a row where it is now; rows may move while one looks at them."""
        found = self.rows_saying(words)
        if not found:
            return False
        view, kept = found[0][0], QPersistentModelIndex(found[0][1])
        return self._reach(view.viewport(), lambda: view.visualRect(QModelIndex(kept)))

    def _reach(self, widget: QWidget, part: Callable[[], QRect]) -> bool:
        """Press a part of a widget in its middle. False: something covers it, or is still moving."""
        self._bring_into_sight(widget, part)
        if part().isEmpty():
            return False  # the row is gone, or another one by now
        seen_at = widget.mapTo(self.window, part().topLeft())
        self.wait(AIM_MS)
        if not isValid(widget) or not widget.isVisible() or widget.mapTo(self.window, part().topLeft()) != seen_at:
            return False
        at = None if eyes.is_gliding(widget) else eyes.uncovered(widget, part())
        if at is not None:
            self.hand.press(window_of(self.window), at)
        return at is not None

    def _bring_into_sight(self, widget: QWidget, part: Callable[[], QRect]) -> None:
        for _ in range(MOST_SCROLLS):
            hidden = eyes.out_of_sight(widget, part())
            if hidden is None:
                return
            self.hand.scroll(*hidden)
            self.wait(0)


MOST_SCROLLS = 60
NONE = Qt.KeyboardModifier.NoModifier
FIELDS: tuple[type[QWidget], ...] = (QLineEdit, QPlainTextEdit)


def _with_keyboard() -> QWindow:
    window = QGuiApplication.focusWindow()
    assert window is not None, "no window has the keyboard"
    return window


def _chooser_has_keyboard() -> bool:
    """A window manager gives a new window the keyboard; a bare display has none, so a person clicks on it."""
    chooser = eyes.file_chooser()
    if chooser is not None and not chooser.isActiveWindow():
        chooser.activateWindow()
    return chooser is not None and chooser.isActiveWindow()


def _typed_name() -> str | None:
    line = QApplication.focusWidget()
    return line.text() if isinstance(line, QLineEdit) else None
