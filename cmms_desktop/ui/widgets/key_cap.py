"""Key caps: the small framed names of keys. Drawn for delegates and buttons, or as a label."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QWidget

from cmms_desktop.ui.theme import theme

PADDING = 6
"""px left and right of the key's name."""


def key_cap_size(keys: str) -> QSize:
    """Give the size of a key cap in px; a single letter gets a square one."""
    font = theme().font("caption", weight="medium")
    height = theme().line("caption") + 4
    return QSize(max(QFontMetrics(font).horizontalAdvance(keys) + 2 * PADDING, height), height)


def paint_key_cap(painter: QPainter, rect: QRect, keys: str, *, color: QColor, border: QColor) -> None:
    """Draw a key cap filling `rect`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    width = theme().border_width
    painter.setPen(QPen(border, width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    half = width / 2
    radius = theme().radius("badge")
    painter.drawRoundedRect(QRectF(rect).adjusted(half, half, -half, -half), radius, radius)
    painter.setPen(color)
    painter.setFont(theme().font("caption", weight="medium"))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, keys)
    painter.restore()


class KeyCap(QLabel):
    """A key's name in a frame: a hint, so it takes neither mouse nor focus."""

    def __init__(self, keys: str, parent: QWidget | None = None) -> None:
        super().__init__(keys, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme().changed.connect(self._follow_theme)

    def sizeHint(self) -> QSize:
        return key_cap_size(self.text())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        size = self.sizeHint()
        rect = QRect(0, (self.height() - size.height()) // 2, size.width(), size.height())
        painter = QPainter(self)
        paint_key_cap(painter, rect, self.text(), color=theme().color("text"), border=theme().color("border-strong"))

    @Slot()
    def _follow_theme(self) -> None:
        self.updateGeometry()
        self.update()
