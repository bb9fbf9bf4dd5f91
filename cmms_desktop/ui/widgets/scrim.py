"""The dark veil between a page and its sheet. It swallows what is meant for the page and tells a press."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from cmms_desktop.ui.theme import theme


class Scrim(QWidget):
    """As large as the page, never over the status strip or the rail."""

    pressed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Page behind the sheet")
        theme().changed.connect(self.update)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), theme().color("scrim"))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()
        self.pressed.emit()


def is_escape(event: QEvent) -> bool:
    """Whether Qt asks who wants the Esc key, before it looks for a shortcut."""
    return (
        event.type() == QEvent.Type.ShortcutOverride
        and isinstance(event, QKeyEvent)
        and event.key() == Qt.Key.Key_Escape
    )
