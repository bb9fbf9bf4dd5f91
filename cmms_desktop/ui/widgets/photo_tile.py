"""Photos as tiles. The small picture comes ready from its caller: nothing is read or scaled in the GUI thread."""

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QFontMetrics, QImage, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.button_icon import MOST_GROWTH, icon_px
from cmms_desktop.ui.widgets.painting import paint_icon
from cmms_desktop.ui.widgets.styling import set_tip

THUMB = QSize(80, 56)
"""Logical px of a small picture."""
BORDER = 2


class PhotoTile(QAbstractButton):
    """A small picture with its caption and, in words and an icon, where it is ("On this device", "Sent")."""

    def __init__(
        self, caption: str = "", *, state: tuple[str, str] | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._thumb: QPixmap | None = None
        self._caption, self._state = caption, state
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._follow_theme)
        self._describe()

    def set_thumb(self, image: QImage) -> None:
        """Show a small picture, made at 80 × 56 logical px or a multiple."""
        self._thumb = QPixmap.fromImage(image)
        self.update()

    def sizeHint(self) -> QSize:
        lines = sum(theme().line("caption") for text in (self._caption, self._state) if text)
        metrics = QFontMetrics(theme().font("caption"))
        state = metrics.horizontalAdvance(self._state[1]) + icon_px("badge") + theme().space(2) if self._state else 0
        frame = _frame_size()
        return QSize(max(frame.width(), min(state, frame.width() * 2)), frame.height() + lines)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        frame = QRect(QPoint(0, 0), _frame_size())
        self._paint_picture(painter, frame)
        top = frame.bottom() + 1
        for text, icon in ((self._caption, ""), self._state[::-1] if self._state else ("", "")):
            if text:
                self._paint_words(painter, QRect(0, top, self.width(), theme().line("caption")), text, icon)
                top += theme().line("caption")

    def _paint_picture(self, painter: QPainter, frame: QRect) -> None:
        radius = theme().radius("control")
        inner = QRectF(frame).adjusted(1, 1, -1, -1)
        painter.save()
        path = QPainterPath()
        path.addRoundedRect(inner, radius, radius)
        painter.setClipPath(path)
        painter.fillRect(frame, theme().color("surface-sunken"))
        if self._thumb is None:
            paint_icon(painter, frame.center(), "image", color="text-muted", size=theme().icon_size("nav"))
        else:
            size = self._thumb.size().scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
            place = QRect(QPoint(0, 0), size)
            place.moveCenter(frame.center())
            painter.drawPixmap(place, self._thumb)
        painter.restore()
        strong = self.isChecked() or self.underMouse() or self.isDown()
        edge = theme().color("accent" if strong else "border-strong")
        painter.setPen(QPen(edge, 2 if strong else theme().border_width))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(inner, radius, radius)

    def _paint_words(self, painter: QPainter, place: QRect, text: str, icon: str) -> None:
        font = theme().font("caption")
        if icon:
            size = icon_px("badge")
            middle = QPoint(place.left() + size // 2, place.center().y())
            paint_icon(painter, middle, icon, color="text-muted", size=size)
            place = place.adjusted(size + theme().space(1), 0, 0, 0)
        painter.setFont(font)
        painter.setPen(theme().color("text-muted" if icon else "text"))
        words = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)

    def _describe(self) -> None:
        parts = ["Photo", self._caption, self._state[1] if self._state else ""]
        words = ", ".join(part for part in parts if part)
        self.setAccessibleName(words)
        set_tip(self, words)

    @Slot()
    def _follow_theme(self) -> None:
        self.updateGeometry()
        self.update()


class AddPhotoTile(QAbstractButton):
    """A dashed place for one more photo: a camera over a word."""

    def __init__(self, text: str = "Photo", *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setAccessibleName("Take photo")
        set_tip(self, "Take photo")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._follow_theme)

    def sizeHint(self) -> QSize:
        words = QFontMetrics(theme().font("small", weight="semibold")).horizontalAdvance(self.text())
        height = icon_px("control") + theme().line("small") + theme().space(3)
        return QSize(words + theme().space(4), height).expandedTo(_frame_size())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(theme().color("border-strong"), 2)
        pen.setDashPattern([3, 2])
        painter.setPen(pen)
        down = self.isDown() or self.underMouse()
        painter.setBrush(theme().color("surface-hover" if down else "surface-raised"))
        radius = theme().radius("control")
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), radius, radius)
        icon = icon_px("control")
        line = theme().line("small") if self.text() else 0
        top = (self.height() - icon - line) // 2
        paint_icon(painter, QPoint(self.width() // 2, top + icon // 2), "camera", color="text", size=icon)
        painter.setFont(theme().font("small", weight="semibold"))
        painter.setPen(theme().color("text"))
        place = QRect(0, top + icon, self.width(), line)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, self.text())

    @Slot()
    def _follow_theme(self) -> None:
        self.updateGeometry()
        self.update()


def _frame_size() -> QSize:
    """Give the size of a picture with its border; pictures grow with the text, as icons do."""
    growth = min(MOST_GROWTH, max(1.0, theme().factor))
    return QSize(round(THUMB.width() * growth), round(THUMB.height() * growth)) + QSize(2 * BORDER, 2 * BORDER)
