"""The focus ring: 3 px with a gap of 2 around what the keyboard reaches, shown only to who uses the keyboard."""

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QFocusFrame,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QWidget,
)
from shiboken6 import isValid

from cmms_desktop.ui.theme import FocusRingStyle, theme
from cmms_desktop.ui.widgets.focus_window import FocusWindowWatch

WIDTH, RADIUS_EXTRA = 3, 3
"""px: tokens `focus.width` and `focus.radius-extra`."""

_OWN_SIGN = (QLineEdit, QPlainTextEdit, QAbstractSpinBox, QComboBox, QAbstractItemView, QScrollArea)
"""Fields show focus by their 2 px border at all times, lists by a ring inside the row."""

_POINTING = {QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin, QEvent.Type.TabletPress}
_MODIFIERS = {Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_Meta}


class KeyboardUse(FocusWindowWatch):
    """Knows whether the person used the keyboard last, or a finger, pen or mouse."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.is_keyboard = False

    def watch(self, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            self._use(keyboard=self.is_keyboard or Qt.Key(event.key()) not in _MODIFIERS)
        elif kind in _POINTING:
            self._use(keyboard=False)
        return False

    def _use(self, *, keyboard: bool) -> None:
        if keyboard != self.is_keyboard:
            self.is_keyboard = keyboard
            self.changed.emit()


class FocusRing(QFocusFrame):
    """One ring for a window. It follows its widget when that scrolls, and is cut off where the widget is."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        style = FocusRingStyle()
        style.setParent(app)  # a style that Python owns may go before its widget at exit, which crashes
        self.setStyle(style)
        self._use = KeyboardUse(self)
        self._use.changed.connect(self._choose)
        self._use.start()
        app.focusChanged.connect(self._follow)
        theme().changed.connect(self.update)
        self.hide()  # or it appears with the window, around nothing

    def show_on(self, widget: QWidget | None) -> None:
        """Put the ring around a widget; None takes it away."""
        if self.widget() is not widget:
            self.setWidget(widget)  # type: ignore[arg-type]  # None takes the ring away
        self.setVisible(widget is not None)

    @Slot(QWidget, QWidget)
    def _follow(self, before: QWidget | None, now: QWidget | None) -> None:
        self._choose()

    @Slot()
    def _choose(self) -> None:
        if not isValid(self._window):  # at the very end the focus leaves a window that is half gone
            return
        now = QApplication.focusWidget()
        inside = now is not None and self._window.isAncestorOf(now)
        self.show_on(now if inside and self._use.is_keyboard and not isinstance(now, _OWN_SIGN) else None)
        # Delegates read this one: they draw the ring inside of the row.
        self._window.setAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange, self._use.is_keyboard)
        if isinstance(now, QAbstractItemView):
            now.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().color("focus"), WIDTH))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        half, radius = WIDTH / 2, theme().radius("control") + RADIUS_EXTRA
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), radius, radius)


def install_focus_ring(window: QWidget) -> FocusRing:
    """Give a window its ring; call it once, after the window's content was made."""
    return FocusRing(window)
