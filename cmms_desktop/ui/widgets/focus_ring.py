"""The focus ring: 3 px with a gap of 2 around what the keyboard reaches, shown only to who uses the keyboard."""

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Slot
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

from cmms_desktop.ui.theme import FocusRingStyle, theme

WIDTH, RADIUS_EXTRA = 3, 3
"""px: tokens `focus.width` and `focus.radius-extra`."""

_OWN_SIGN = (QLineEdit, QPlainTextEdit, QAbstractSpinBox, QComboBox, QAbstractItemView, QScrollArea)
"""Fields show focus by their 2 px border at all times, lists by a ring inside the row."""

_POINTING = {QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin, QEvent.Type.TabletPress}
_MODIFIERS = {Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_Meta}


class FocusRing(QFocusFrame):
    """One ring for a window. It follows its widget when that scrolls, and is cut off where the widget is."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.by_keyboard = False
        self._style = FocusRingStyle()
        self.setStyle(self._style)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.installEventFilter(self)
        app.focusChanged.connect(self._follow)
        theme().changed.connect(self.update)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            self._use_keyboard(Qt.Key(event.key()) not in _MODIFIERS)
        elif kind in _POINTING and self.by_keyboard:
            self.by_keyboard = False
            self.show_on(None)
        return super().eventFilter(watched, event)

    def _use_keyboard(self, really: bool) -> None:
        if really and not self.by_keyboard:
            self.by_keyboard = True
            self._follow(None, QApplication.focusWidget())

    @Slot(QWidget, QWidget)
    def _follow(self, before: QWidget | None, now: QWidget | None) -> None:
        inside = now is not None and self._window.isAncestorOf(now)
        wanted = now if inside and self.by_keyboard and not isinstance(now, _OWN_SIGN) else None
        self.show_on(wanted)

    def show_on(self, widget: QWidget | None) -> None:
        """Put the ring around a widget; None takes it away."""
        if self.widget() is not widget:
            self.setWidget(widget)  # type: ignore[arg-type]  # None takes the ring away
        self.setVisible(widget is not None)

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
