"""A drawing to scale of the fence and this device: north is up, one length for metres everywhere. It is not a map."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from cmms_desktop.ui.screens.arrive.states import Drawing
from cmms_desktop.ui.theme import theme

MARGIN_PX, LOWER_MARGIN_PX = 36, 56
"""Room around what is drawn, for its labels, and for the bar below."""
GRID_PX = 42
"""Least distance of two lines of the grid."""
LEAST_RADIUS_M = 25.0
"""Half of the least width that is shown, so that a device alone is not a dot as large as a house."""


@dataclass(frozen=True, slots=True)
class Scale:
    """From metres around the fence's centre to px; north is up."""

    px_per_m: float
    centre: QPointF
    east_m: float
    north_m: float
    """What lies in the middle of the drawing."""

    def at(self, east_m: float, north_m: float) -> QPointF:
        """Give the place of a point."""
        return self.centre + QPointF(east_m - self.east_m, self.north_m - north_m) * self.px_per_m


def scale_for(drawing: Drawing, room: QRectF) -> Scale:
    """Fit fence, device and its circle of accuracy into a rectangle."""
    boxes = [(0.0, 0.0, drawing.radius_m)] if drawing.radius_m else []
    if drawing.has_device:
        boxes.append((drawing.east_m, drawing.north_m, drawing.accuracy_m))
    if not boxes:
        boxes = [(0.0, 0.0, LEAST_RADIUS_M)]
    west, east = min(e - r for e, _, r in boxes), max(e + r for e, _, r in boxes)
    south, north = min(n - r for _, n, r in boxes), max(n + r for _, n, r in boxes)
    width, height = max(east - west, 2 * LEAST_RADIUS_M), max(north - south, 2 * LEAST_RADIUS_M)
    px_per_m = min(room.width() / width, room.height() / height)
    return Scale(px_per_m, room.center(), (west + east) / 2, (south + north) / 2)


def round_metres(at_least_m: float) -> int:
    """Give the next length of 1, 2 or 5 times a power of ten."""
    power = 10 ** math.floor(math.log10(max(at_least_m, 1.0)))
    return int(next(step * power for step in (1, 2, 5, 10) if step * power >= at_least_m))


class FenceDrawing(QWidget):
    """Paints one drawing; the words beside it say the same."""

    def __init__(self) -> None:
        super().__init__()
        self._drawing = Drawing()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self._follow_theme)
        self.show_drawing(self._drawing)

    def show_drawing(self, drawing: Drawing) -> None:
        """Show where the device is."""
        self._drawing = drawing
        said = (drawing.fence_label, drawing.device_label, f"{drawing.gap_label} apart" if drawing.gap_label else "")
        self.setAccessibleName("Drawing: " + (", ".join(part for part in said if part) or "nothing known yet"))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(403, 263)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 180)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = theme().border_width
        frame = QRectF(self.rect()).adjusted(edge / 2, edge / 2, -edge / 2, -edge / 2)
        painter.setPen(QPen(theme().color("border"), edge))
        painter.setBrush(theme().color("surface-raised"))
        painter.drawRoundedRect(frame, theme().radius("card"), theme().radius("card"))
        room = frame.adjusted(MARGIN_PX, MARGIN_PX, -MARGIN_PX, -LOWER_MARGIN_PX)
        scale = scale_for(self._drawing, room)
        metres = round_metres(GRID_PX / scale.px_per_m)
        self._paint_grid(painter, frame, scale, metres)
        self._paint_fence(painter, scale)
        self._paint_device(painter, scale)
        self._paint_gap(painter, scale)
        self._paint_north(painter, frame)
        self._paint_bar(painter, frame, metres, metres * scale.px_per_m)

    def _paint_grid(self, painter: QPainter, frame: QRectF, scale: Scale, metres: int) -> None:
        step = metres * scale.px_per_m
        origin = scale.at(0.0, 0.0)
        painter.save()
        painter.setClipRect(frame.adjusted(1, 1, -1, -1))
        painter.setPen(QPen(theme().color("surface-sunken"), 1))
        x = frame.left() + (origin.x() - frame.left()) % step
        while x < frame.right():
            painter.drawLine(QPointF(x, frame.top()), QPointF(x, frame.bottom()))
            x += step
        y = frame.top() + (origin.y() - frame.top()) % step
        while y < frame.bottom():
            painter.drawLine(QPointF(frame.left(), y), QPointF(frame.right(), y))
            y += step
        painter.restore()

    def _paint_fence(self, painter: QPainter, scale: Scale) -> None:
        drawing = self._drawing
        if not drawing.radius_m:
            return
        centre, radius = scale.at(0.0, 0.0), drawing.radius_m * scale.px_per_m
        pen = QPen(theme().color("success-fill"), 2)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.setBrush(theme().color("success-soft"))
        painter.drawEllipse(centre, radius, radius)
        dot = min(15.0, max(5.0, radius * 0.6))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("success-fill"))
        painter.drawEllipse(centre, dot, dot)
        if dot >= 12:
            size = theme().icon_size("inline")
            picture = theme().pixmap("door-open", "on-success", size, ratio=self.devicePixelRatioF())
            painter.drawPixmap(QPointF(centre.x() - size / 2, centre.y() - size / 2), picture)
        below = centre.y() + radius + theme().line("label") / 2 + 2
        self._label(painter, QPointF(centre.x(), below), drawing.fence_label, color=theme().color("success"))

    def _paint_gap(self, painter: QPainter, scale: Scale) -> None:
        """The way from the edge of the fence to the device, with its length in the middle."""
        drawing = self._drawing
        if not drawing.gap_label:
            return
        length = math.hypot(drawing.east_m, drawing.north_m)
        share = drawing.radius_m / length
        edge, device = (
            scale.at(drawing.east_m * share, drawing.north_m * share),
            scale.at(drawing.east_m, drawing.north_m),
        )
        pen = QPen(theme().color("warning"), 2)
        pen.setStyle(Qt.PenStyle.DotLine)
        painter.setPen(pen)
        painter.drawLine(edge, device)
        font = theme().font("label", weight="bold", tabular=True)
        middle = (edge + device) / 2
        width = QFontMetrics(font).horizontalAdvance(drawing.gap_label) + 2 * theme().space(4) - 2
        pill = QRectF(0, 0, width, theme().line("label") + theme().space(2))
        pill.moveCenter(middle)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("warning-fill"))
        painter.drawRoundedRect(pill, theme().radius("badge"), theme().radius("badge"))
        painter.setFont(font)
        painter.setPen(theme().color("on-warning"))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, drawing.gap_label)

    def _paint_device(self, painter: QPainter, scale: Scale) -> None:
        drawing = self._drawing
        if not drawing.has_device:
            return
        place = scale.at(drawing.east_m, drawing.north_m)
        radius = max(drawing.accuracy_m * scale.px_per_m, 9.0)
        soft = theme().color("info-fill")
        soft.setAlpha(48)
        painter.setPen(QPen(theme().color("info-fill"), 1))
        painter.setBrush(soft)
        painter.drawEllipse(place, radius, radius)
        painter.setPen(QPen(theme().color("surface-raised"), 2))
        painter.setBrush(theme().color("info-fill"))
        painter.drawEllipse(place, 8.0, 8.0)
        above = place.y() - radius - theme().line("label") / 2 - 2
        self._label(painter, QPointF(place.x(), above), drawing.device_label, color=theme().color("info"))

    def _paint_north(self, painter: QPainter, frame: QRectF) -> None:
        x, top = frame.left() + 24, frame.top() + 15
        painter.setPen(QPen(theme().color("text"), 2))
        painter.drawLine(QPointF(x, top), QPointF(x, top + 26))
        for side in (-7, 7):
            painter.drawLine(QPointF(x, top), QPointF(x + side, top + 7))
        self._label(painter, QPointF(x, top + 26 + theme().line("caption") / 2), "N", color=theme().color("text"))

    def _paint_bar(self, painter: QPainter, frame: QRectF, metres: int, length: float) -> None:
        right, bottom = frame.right() - 40, frame.bottom() - 18
        painter.setPen(QPen(theme().color("text"), 2))
        painter.drawLine(QPointF(right - length, bottom), QPointF(right, bottom))
        for x in (right - length, right):
            painter.drawLine(QPointF(x, bottom - 5), QPointF(x, bottom))
        text = f"{metres} m" if metres < 1000 else f"{metres // 1000} km"
        font = theme().font("caption", tabular=True)
        painter.setFont(font)
        box = QRectF(right - length / 2 - 60, bottom - 5 - theme().line("caption"), 120, theme().line("caption"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _label(self, painter: QPainter, middle: QPointF, text: str, *, color: QColor) -> None:
        """Write a text around a point, moved inwards where it would leave the drawing."""
        if not text:
            return
        font = theme().font("label", tabular=True)
        size = QFontMetrics(font).size(int(Qt.TextFlag.TextSingleLine), text)
        left = min(max(4.0, middle.x() - size.width() / 2), self.width() - size.width() - 4.0)
        top = min(max(2.0, middle.y() - theme().line("label") / 2), self.height() - theme().line("label") - 2.0)
        painter.setFont(font)
        painter.setPen(color)
        box = QRect(round(left), round(top), size.width() + 2, theme().line("label"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    @Slot()
    def _follow_theme(self) -> None:
        self.update()
