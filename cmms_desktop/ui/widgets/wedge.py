"""Wedge scanners: a keyboard that types a code in one burst and presses Enter. Caught anywhere in the window.

What a person types goes on unharmed and in order, only a few milliseconds later. Nothing is looked up here.
"""

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget

from cmms_desktop.devices.scanner import normalise_code
from cmms_desktop.ui.widgets.focus_window import FocusWindowWatch
from cmms_desktop.ui.widgets.secret_field import SecretLine

BURST_GAP_MS = 30
"""Two keys closer than this are a scanner's; a fast typist needs 50 ms and more for most pairs."""
LEAST_CHARS = 4
"""Keys in a row that make a burst: two or three so close can be the rolling fingers of a person."""
RECOGNISED_GAP_MS = 120
"""A burst that was recognised waits this long for its Enter, as slow scanners and busy machines need."""

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_FIELDS = (QLineEdit, QPlainTextEdit)
_FORBIDDEN = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


class WedgeFilter(FocusWindowWatch):
    """Watches the keys of the window that has the keyboard, from `start` to `stop`.

    A field with the property `takes_scan` gets its keys untouched, scanner or not. A field for a secret gets them all
    but the Enter of a burst. `now_s` stands in for the time that key events carry, for tests.
    """

    scanned = Signal(str)

    def __init__(
        self, app: QApplication, *, now_s: Callable[[], float] | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent or app)
        self._app = app
        self._now_s = now_s
        self._held: list[QKeyEvent] = []
        self._last_s = 0.0
        self._quick = 0
        """Keys in a row that went into a field for a secret as fast as a scanner's."""
        self._timer = QTimer(self, singleShot=True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._gap_ended)

    def stop(self) -> None:
        super().stop()
        self._release()

    @property
    def is_holding(self) -> bool:
        """Whether keys are held back for a moment, or an Enter would be taken for a scanner's."""
        return bool(self._held) or self._timer.isActive()

    def watch(self, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent):
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            return self._override(event)
        return event.type() == QEvent.Type.KeyPress and self._press(event)

    # --- keys as they come ----------------------------------------------------------------------------------------

    def _override(self, event: QKeyEvent) -> bool:
        """Keep shortcuts still while a key may belong to a burst; a person's key triggers them when it is released."""
        if self._is_held(event) or (event.key() in _ENTER and self._is_burst):
            event.accept()
            return True
        return False

    def _press(self, event: QKeyEvent) -> bool:
        focus = self._app.focusWidget()
        if isinstance(focus, SecretLine) and not self._held:
            return self._watch_secret(event, focus)
        if event.key() in _ENTER and self._is_burst:
            self._finish()
            return True
        if self._is_held(event):
            self._hold(event)
            return True
        if event.text() or event.key() not in (Qt.Key.Key_Shift, Qt.Key.Key_AltGr, Qt.Key.Key_CapsLock):
            self._release()
        return False

    def _is_held(self, event: QKeyEvent) -> bool:
        if not _may_be_scanned(event) or self._focus_takes_scans():
            return False
        text = event.text()
        if text == " ":
            return bool(self._held)  # no code begins with a blank, and buttons are pressed with one
        return bool(text) and text.isprintable()

    @property
    def _is_burst(self) -> bool:
        return len(self._held) >= LEAST_CHARS

    def _focus_takes_scans(self) -> bool:
        focus = self._app.focusWidget()
        return focus is not None and (isinstance(focus, SecretLine) or bool(focus.property("takes_scan")))

    def _watch_secret(self, event: QKeyEvent, line: SecretLine) -> bool:
        """Let a secret through as it comes, but never submit what only a scanner has ended."""
        now_s = self._pressed_at_s(event)
        is_burst = self._quick >= LEAST_CHARS
        is_near = (now_s - self._last_s) * 1000 < (RECOGNISED_GAP_MS if is_burst else BURST_GAP_MS)
        if event.key() in _ENTER:
            self._quick = 0
            if is_burst and is_near:
                line.scanned.emit()
            return is_burst and is_near
        if event.text() and _may_be_scanned(event):
            self._quick = self._quick + 1 if is_near else 1
            self._last_s = now_s
            self._timer.start(RECOGNISED_GAP_MS)
        return False

    def _hold(self, event: QKeyEvent) -> None:
        now_s = self._pressed_at_s(event)
        gap_ms = (now_s - self._last_s) * 1000
        if self._held and gap_ms >= (RECOGNISED_GAP_MS if self._is_burst else BURST_GAP_MS):
            self._release()
        self._last_s = now_s
        self._held.append(_copy(event))
        self._timer.start(RECOGNISED_GAP_MS if self._is_burst else BURST_GAP_MS)

    def _pressed_at_s(self, event: QKeyEvent) -> float:
        """When the key was pressed, not when this program came to look at it: a busy moment tears no burst apart."""
        if self._now_s is not None:
            return self._now_s()
        return event.timestamp() / 1000 if event.timestamp() else time.monotonic()

    # --- how it ends ----------------------------------------------------------------------------------------------

    def _finish(self) -> None:
        text = "".join(event.text() for event in self._held)
        self._held = []
        self._timer.stop()
        code = normalise_code(text)
        if code:
            self.scanned.emit(code)

    @Slot()
    def _gap_ended(self) -> None:
        """Look once more at what has been pressed meanwhile: after a busy moment this comes before the waiting keys."""
        QTimer.singleShot(0, self, self._release_unless_more_came)

    @Slot()
    def _release_unless_more_came(self) -> None:
        if not self._timer.isActive():
            self._release()

    def _release(self) -> None:
        """Hand on what was held: a person's keys to where they belong, a burst without Enter only to a field."""
        held, self._held = self._held, []
        self._timer.stop()
        if not held or (len(held) >= LEAST_CHARS and not isinstance(self._app.focusWidget(), _FIELDS)):
            return
        for event in held:
            self._replay(event)

    def _replay(self, event: QKeyEvent) -> None:
        target = self._app.activePopupWidget() or self._app.focusWidget() or self._app.activeWindow()
        if target is None:
            return
        override = _copy(event, QEvent.Type.ShortcutOverride)
        override.ignore()
        QApplication.sendEvent(target, override)
        if not override.isAccepted() and self._trigger(target, event):
            return
        QApplication.sendEvent(target, _copy(event))

    def _trigger(self, target: QWidget, event: QKeyEvent) -> bool:
        """Do what Qt does after nobody wanted the override: look for the shortcut of the key.

        Qt has no public way to put a key back before its own shortcut map.
        """
        keys = QKeySequence(event.keyCombination())
        window = target.window()
        for shortcut in window.findChildren(QShortcut):
            known = shortcut.keys()
            if keys in known and _may_trigger(shortcut, target):
                shortcut.activated.emit()
                return True
        for action in window.findChildren(QAction):
            if keys in action.shortcuts() and action.isEnabled():
                action.trigger()
                return True
        return False


def _may_trigger(shortcut: QShortcut, target: QWidget) -> bool:
    owner = shortcut.parent()
    if not shortcut.isEnabled() or not isinstance(owner, QWidget) or not owner.isVisible() or not owner.isEnabled():
        return False
    match shortcut.context():
        case Qt.ShortcutContext.WidgetShortcut:
            return owner is target
        case Qt.ShortcutContext.WidgetWithChildrenShortcut:
            return owner is target or owner.isAncestorOf(target)
        case _:
            return True


def _may_be_scanned(event: QKeyEvent) -> bool:
    return not event.modifiers() & _FORBIDDEN and not event.isAutoRepeat()


def _copy(event: QKeyEvent, kind: QEvent.Type = QEvent.Type.KeyPress) -> QKeyEvent:
    return QKeyEvent(kind, event.key(), event.modifiers(), event.text(), event.isAutoRepeat(), event.count())
