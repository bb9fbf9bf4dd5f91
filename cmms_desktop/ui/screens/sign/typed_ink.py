"""A name as ink, for who signs without drawing: the outline of the written name as strokes that fit the pad."""

from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QPainterPath, QTransform

from cmms_desktop.ui.screens.sign.state import Ink
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.ink import UNITS_PER_PX
from sync_server.contract.rules.ink import MOST_STROKES

MARGIN = 48
"""px left free at each side of the pad."""


def typed_ink(name: str, size: QSize) -> Ink:
    """Write a name into a pad of a size in px. All points have the time 0: nobody drew them."""
    path = QPainterPath()
    path.addText(0, 0, theme().font("display"), " ".join(name.split()) or "-")
    bounds = path.boundingRect()
    scale = min((size.width() - 2 * MARGIN) / max(1.0, bounds.width()), size.height() / 3 / max(1.0, bounds.height()))
    move = QTransform().translate(MARGIN, size.height() * 0.72).scale(scale, scale)
    move = move.translate(-bounds.left(), -bounds.bottom())
    outlines = path.toSubpathPolygons(move)[:MOST_STROKES]
    return tuple(tuple(_point(outline.at(n)) for n in range(outline.size())) for outline in outlines)


def _point(point: QPointF) -> tuple[int, int, int]:
    return max(0, round(point.x() * UNITS_PER_PX)), max(0, round(point.y() * UNITS_PER_PX)), 0
