"""The signature pad: finger, mouse or pen become strokes. It keeps no picture and sends nothing."""

import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPointingDevice, QTabletEvent, QTouchEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.ink import Stroke, Strokes, bounds_of, has_room, smooth_path
from cmms_desktop.ui.widgets.painting import paint_dashed_line, paint_icon
from cmms_desktop.ui.widgets.scrolling import hold_still

INK_WIDTH = 3.4
"""px of ink without pressure."""
_TOUCHES = {QEvent.Type.TouchBegin, QEvent.Type.TouchUpdate, QEvent.Type.TouchEnd, QEvent.Type.TouchCancel}


class SignaturePad(QWidget):
    """White paper with a line to sign on, at least 400 × 180; the same ink in every theme."""

    changed = Signal()
    """After each finished stroke, undo and clear."""

    def __init__(
        self, *, now_s: Callable[[], float] = time.monotonic, name: str = "Signature", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._now_s = now_s
        self._begun_s: float | None = None
        self._strokes: list[Stroke] = []
        self._open: Stroke | None = None
        self.setAccessibleName(name)
        self.setAccessibleDescription("Sign inside the frame with a finger, a pen or the mouse.")
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self.update)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was drawn; a tap is nothing."""
        return len({point[:2] for stroke in self._strokes for point in stroke.points}) < 2

    def strokes(self) -> Strokes:
        """Give the drawing: strokes of (x, y, ms), in quarters of a px, ms since the first point."""
        return tuple(tuple(stroke.points) for stroke in self._strokes if stroke.points)

    def set_strokes(self, strokes: Sequence[Sequence[tuple[int, int, int]]]) -> None:
        """Show a kept drawing without telling; a next stroke goes on after it."""
        self._strokes = [Stroke([*points], [1.0] * len(points)) for points in strokes]
        self._open = None
        last = max((stroke.points[-1][2] for stroke in self._strokes if stroke.points), default=None)
        self._begun_s = None if last is None else self._now_s() - last / 1000
        self.update()

    @Slot()
    def clear(self) -> None:
        self._strokes, self._open, self._begun_s = [], None, None
        self.update()
        self.changed.emit()

    @Slot()
    def undo_stroke(self) -> None:
        """Take the last stroke away."""
        if self._strokes:
            self._strokes.pop()
            self._open = None
            self._begun_s = self._begun_s if self._strokes else None
            self.update()
            self.changed.emit()

    def sizeHint(self) -> QSize:
        return QSize(418, 200)

    def minimumSizeHint(self) -> QSize:
        return QSize(400, 180)

    # --- ink ------------------------------------------------------------------------------------------------------

    def _begin(self, place: QPointF, pressure: float) -> None:
        if not has_room(self._strokes):
            return
        if self._begun_s is None:
            self._begun_s = self._now_s()
        self._open = Stroke()
        self._strokes.append(self._open)
        self._go_on(place, pressure)

    def _go_on(self, place: QPointF, pressure: float) -> None:
        if self._open is None or self._begun_s is None or not has_room(self._strokes):
            return
        ms = round((self._now_s() - self._begun_s) * 1000)
        if self._open.add(place, ms, pressure):
            tail = bounds_of([Stroke(self._open.points[-3:], [])])
            self.update(tail.adjusted(-6, -6, 6, 6).toAlignedRect())

    def _end(self) -> None:
        if self._open is not None:
            self._open = None
            self.update()
            self.changed.emit()

    # --- pointers -------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._begin(event.position(), 1.0)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go_on(event.position(), 1.0)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._end()

    def tabletEvent(self, event: QTabletEvent) -> None:
        event.accept()
        is_eraser = event.pointerType() == QPointingDevice.PointerType.Eraser
        kind = event.type()
        if kind == QEvent.Type.TabletPress and is_eraser:
            self.undo_stroke()
        elif kind == QEvent.Type.TabletPress:
            self._begin(event.position(), event.pressure())
        elif kind == QEvent.Type.TabletMove and event.pressure() > 0:
            self._go_on(event.position(), event.pressure())
        elif kind == QEvent.Type.TabletRelease:
            self._end()

    def event(self, event: QEvent) -> bool:
        if event.type() in _TOUCHES and isinstance(event, QTouchEvent):
            self._touch(event)
            return True
        return super().event(event)

    def _touch(self, event: QTouchEvent) -> None:
        """Draw with the first finger; a palm or second finger is not ink. The event is taken, so nothing scrolls."""
        event.accept()
        point = event.point(0)
        if event.type() == QEvent.Type.TouchBegin:
            hold_still(self)
            self._begin(point.position(), 1.0)
        elif event.type() == QEvent.Type.TouchUpdate:
            self._go_on(point.position(), 1.0)
        else:
            self._end()

    # --- picture --------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), self.palette().window())
        self._paint_paper(painter)
        self._fit(painter)
        for stroke in self._strokes:
            self._paint_stroke(painter, stroke)

    def _paint_paper(self, painter: QPainter) -> None:
        width = theme().border_width
        painter.setPen(QPen(theme().color("border-strong"), width))
        painter.setBrush(theme().color("paper"))
        half, radius = width / 2, theme().radius("control")
        painter.drawRoundedRect(self.rect().toRectF().adjusted(half, half, -half, -half), radius, radius)
        line = self.height() * 0.76
        grey = theme().color("ink")
        grey.setAlphaF(0.45)
        side = theme().space(6)
        paint_dashed_line(painter, QPointF(side, line), QPointF(self.width() - side, line), color=grey)
        cross = QPointF(side + 8, line - 13).toPoint()
        painter.setOpacity(0.6)
        paint_icon(painter, cross, "x", color="ink", size=theme().icon_size("inline"))
        painter.setOpacity(1.0)

    def _fit(self, painter: QPainter) -> None:
        """Make a drawing from a larger pad fit; ink that was drawn here stays where it is."""
        drawn = bounds_of(self._strokes)
        scale = min(1.0, self.width() / max(1.0, drawn.right() + 4), self.height() / max(1.0, drawn.bottom() + 4))
        if scale < 1.0 and self._open is None:
            painter.scale(scale, scale)

    def _paint_stroke(self, painter: QPainter, stroke: Stroke) -> None:
        pen = QPen(theme().color("ink"), INK_WIDTH)
        pen.setCosmetic(True)  # a drawing that is shown smaller keeps its ink
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        places = stroke.places()
        if all(pressure == 1.0 for pressure in stroke.pressures):
            painter.setPen(pen)
            painter.drawPath(smooth_path(places))
            return
        for number in range(len(places)):
            pen.setWidthF(INK_WIDTH * (0.5 + 0.8 * stroke.pressures[number]))
            painter.setPen(pen)
            before, after = places[max(0, number - 1)], places[min(len(places) - 1, number + 1)]
            piece = smooth_path([(before + places[number]) / 2, places[number], (places[number] + after) / 2])
            painter.drawPath(piece)
