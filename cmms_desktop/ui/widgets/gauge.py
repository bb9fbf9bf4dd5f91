"""The gauge of a reading: track, zone between the limits, ring for the last value, diamond for the present one."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.button_icon import MOST_GROWTH

Value = str | Decimal | float | None

TRACK, TICK, RING, DIAMOND = 10, 20, 12, 16
"""px at the normal size: height of the track and of the ticks, diameter of the ring, width of the diamond."""
SIDE = 12.0
"""px between the edges of the gauge and its track."""
LABEL_GAP = 52
"""px between the middles of two labels; closer, and the one of the last value is dropped."""


@dataclass(frozen=True)
class Axis:
    """The range that the track shows."""

    start: float
    end: float

    def at(self, value: float) -> float:
        """Give the place of a value from 0 to 1; one outside of the range stands at the end."""
        return min(1.0, max(0.0, (value - self.start) / (self.end - self.start)))


def axis_of(low: float | None, high: float | None, others: tuple[float, ...] = ()) -> Axis:
    """Choose the range: the zone fills the middle third, or the two thirds on the open side of a single limit."""
    if low is not None and high is not None:
        span = (high - low) or abs(high) or 1.0
        return Axis(low - span, high + span)
    if high is not None:
        start = 0.0 if high > 0 and all(value >= 0 for value in others) else high - 2 * (abs(high) or 1.0)
        return Axis(start, high + (high - start) / 2)
    if low is not None:
        span = abs(low) or 1.0
        return Axis(low - span / 2, low + span)
    known = others or (0.0,)
    span = (max(known) - min(known)) or abs(known[0]) or 1.0
    return Axis(min(known) - span, max(known) + span)


class Gauge(QWidget):
    """Paints one reading among its limits. The words beside it say the same; this is for the eye."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._low = self._high = self._last = self._now = ""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._follow_theme)
        self._describe()

    def show_reading(self, low: Value, high: Value, last: Value, now: Value) -> None:
        """Show limits, the last and the present value; None or "" for what there is not."""
        self._low, self._high, self._last, self._now = (_text(value) for value in (low, high, last, now))
        self._describe()
        self.update()

    @property
    def is_outside(self) -> bool:
        """Whether the present value is out of its limits."""
        now, low, high = (_number(text) for text in (self._now, self._low, self._high))
        return now is not None and ((low is not None and now < low) or (high is not None and now > high))

    @property
    def names_last(self) -> bool:
        """Whether there is room for the label of the last value beside the one of the present value."""
        (last, now), axis, track = (_number(self._last), _number(self._now)), self._axis(), self._track()
        if last is None or now is None:
            return last is not None
        return abs(axis.at(now) - axis.at(last)) * track.width() >= LABEL_GAP * max(1.0, theme().factor)

    def sizeHint(self) -> QSize:
        labels = 2 * theme().line("caption")
        return QSize(round(300 * max(1.0, theme().factor)), labels + round(_grown(TICK)) + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(192, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        axis, track = self._axis(), self._track()
        self._paint_track(painter, track, axis, _number(self._low), _number(self._high))
        last, now = _number(self._last), _number(self._now)
        if last is not None:
            self._paint_last(painter, track, self._x(track, axis.at(last)))
        if now is not None:
            self._paint_now(painter, track, self._x(track, axis.at(now)))

    def _axis(self) -> Axis:
        others = (_number(self._last), _number(self._now))
        return axis_of(_number(self._low), _number(self._high), tuple(each for each in others if each is not None))

    def _track(self) -> QRectF:
        side = SIDE
        middle = self.height() / 2
        return QRectF(side, middle - _grown(TRACK) / 2, self.width() - 2 * side, _grown(TRACK))

    def _x(self, track: QRectF, part: float) -> float:
        return track.left() + part * track.width()

    def _paint_track(self, painter: QPainter, track: QRectF, axis: Axis, low: float | None, high: float | None) -> None:
        edge = theme().border_width
        painter.setPen(QPen(theme().color("border-strong"), edge))
        painter.setBrush(theme().color("surface-sunken"))
        painter.drawRoundedRect(
            track.adjusted(edge / 2, edge / 2, -edge / 2, -edge / 2), _grown(TRACK) / 2, _grown(TRACK) / 2
        )
        if low is None and high is None:
            return
        left = track.left() + edge if low is None else self._x(track, axis.at(low))
        right = track.right() - edge if high is None else self._x(track, axis.at(high))
        inside = track.adjusted(0, edge, 0, -edge)
        painter.fillRect(QRectF(left, inside.top(), right - left, inside.height()), theme().color("success-fill"))
        for number, text, x in ((low, self._low, left), (high, self._high, right)):
            if number is not None:
                self._paint_limit(painter, track, x, text)

    def _paint_limit(self, painter: QPainter, track: QRectF, x: float, text: str) -> None:
        painter.setPen(QPen(theme().color("text"), 2))
        middle = track.center().y()
        painter.drawLine(QPointF(x, middle - _grown(TICK) / 2), QPointF(x, middle + _grown(TICK) / 2))
        self._label(painter, x, int(middle + _grown(TICK) / 2), text, color=theme().color("text"), weight="medium")

    def _paint_last(self, painter: QPainter, track: QRectF, x: float) -> None:
        painter.setPen(QPen(theme().color("text"), 2))
        painter.setBrush(theme().color("surface-raised"))
        painter.drawEllipse(QPointF(x, track.center().y()), _grown(RING) / 2, _grown(RING) / 2)
        if self.names_last:
            top = int(track.center().y() - _grown(TICK) / 2 - theme().line("caption"))
            self._label(painter, x, top, f"last {self._last}", color=theme().color("text-muted"), weight=None)

    def _paint_now(self, painter: QPainter, track: QRectF, x: float) -> None:
        color = theme().color("danger-fill" if self.is_outside else "accent")
        middle, half = track.center().y(), _grown(DIAMOND) / 2
        around = [QPointF(x, middle - half), QPointF(x + half, middle)]
        around += [QPointF(x, middle + half), QPointF(x - half, middle)]
        painter.setPen(QPen(theme().color("surface-raised"), 2))
        painter.setBrush(color)
        painter.drawPolygon(QPolygonF(around))
        words = theme().color("danger" if self.is_outside else "accent")
        top = int(middle - _grown(TICK) / 2 - theme().line("caption"))
        self._label(painter, x, top, self._now, color=words, weight="bold")

    def _label(self, painter: QPainter, x: float, top: int, text: str, *, color: QColor, weight: str | None) -> None:
        """Write a text around `x`, moved inwards where it would leave the gauge."""
        font = theme().font("caption", weight=weight, tabular=True)
        width = QFontMetrics(font).horizontalAdvance(text) + 2
        left = min(max(0, round(x - width / 2)), self.width() - width)
        painter.setFont(font)
        painter.setPen(color)
        box = QRect(QPoint(left, top), QSize(width, theme().line("caption")))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _describe(self) -> None:
        parts = [f"{word} {text}" for word, text in self._said() if text]
        self.setAccessibleName("Gauge: " + ", ".join(parts) if parts else "Gauge without a reading")

    def _said(self) -> tuple[tuple[str, str], ...]:
        outside = " outside the limits" if self.is_outside else ""
        now = self._now + outside if self._now else ""
        return ("lowest", self._low), ("highest", self._high), ("last", self._last), ("now", now)

    @Slot()
    def _follow_theme(self) -> None:
        self.updateGeometry()
        self.update()


def _text(value: Value) -> str:
    return "" if value is None else str(value)


def _number(text: str) -> float | None:
    try:
        return float(Decimal(text)) if text else None
    except InvalidOperation:
        return None


def _grown(px: float) -> float:
    """Give a measure at the present font size, as icons grow."""
    return px * min(MOST_GROWTH, max(1.0, theme().factor))
