"""Ink on glass: strokes of points, and the smooth path through them. No Qt event is handled here."""

from dataclasses import dataclass, field
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath

from sync_server.contract.rules.ink import LONGEST_MS, MOST_POINTS, MOST_STROKES, WIDEST

UNITS_PER_PX = 4
"""Points are kept in quarters of a logical px, so a pad of 2,400 px still fits the contract's bound."""

Strokes = tuple[tuple[tuple[int, int, int], ...], ...]
"""Strokes of points (x, y, ms since the first point): the shape the contract signs."""


@dataclass
class Stroke:
    """One line from touch to lift: points with the pressure of a pen (1.0 for finger and mouse)."""

    points: list[tuple[int, int, int]] = field(default_factory=list)
    pressures: list[float] = field(default_factory=list)

    def add(self, place: QPointF, ms: int, pressure: float) -> bool:
        """Add a point unless it is where the last one was; tell whether it was added."""
        x, y = (min(WIDEST, max(0, round(each * UNITS_PER_PX))) for each in (place.x(), place.y()))
        if self.points and self.points[-1][:2] == (x, y):
            return False
        self.points.append((x, y, min(ms, LONGEST_MS)))
        self.pressures.append(pressure)
        return True

    def places(self) -> list[QPointF]:
        return [QPointF(x / UNITS_PER_PX, y / UNITS_PER_PX) for x, y, _ in self.points]


def has_room(strokes: list[Stroke]) -> bool:
    """Whether one more point fits the bounds of a drawing that can be stored."""
    return len(strokes) <= MOST_STROKES and sum(len(stroke.points) for stroke in strokes) < MOST_POINTS


def smooth_path(places: list[QPointF]) -> QPainterPath:
    """Draw through the middles between points with each point as the control of a quadratic curve."""
    path = QPainterPath()
    if not places:
        return path
    path.moveTo(places[0])
    if len(places) == 1:
        path.lineTo(places[0] + QPointF(0.1, 0))
    for control, after in pairwise(places[1:]):
        path.quadTo(control, (control + after) / 2)
    if len(places) > 1:
        path.lineTo(places[-1])
    return path


def bounds_of(strokes: list[Stroke]) -> QRectF:
    """Give the rectangle around all points in px."""
    places = [place for stroke in strokes for place in stroke.places()]
    if not places:
        return QRectF()
    left, right = min(place.x() for place in places), max(place.x() for place in places)
    top, bottom = min(place.y() for place in places), max(place.y() for place in places)
    return QRectF(left, top, right - left, bottom - top)
