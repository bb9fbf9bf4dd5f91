"""Badges in one line of a delegate: as many as there is room for, the rest as a number."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter

from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.widgets.badges import badge_size, paint_badge

GAP = 8
"""px between badges."""


def paint_badge_line(
    painter: QPainter, rect: QRect, specs: Sequence[BadgeSpec], *, from_end: bool = False, most: int | None = None
) -> int:
    """Draw badges from the start of a line, or up to its end; give the width that was taken in px.

    Badges that do not fit become one "+2".
    """
    shown = _that_fit(specs, rect.width() if most is None else min(most, rect.width()))
    width = _width(shown)
    mirrored = painter.layoutDirection() == Qt.LayoutDirection.RightToLeft
    at_right = from_end != mirrored
    left = rect.right() + 1 - width if at_right else rect.left()
    for spec in reversed(shown) if mirrored else shown:
        size = badge_size(spec)
        paint_badge(painter, QRect(left, rect.top(), size.width(), rect.height()), spec)
        left += size.width() + GAP
    return width


def _that_fit(specs: Sequence[BadgeSpec], room: int) -> list[BadgeSpec]:
    shown = [*specs]
    hidden = 0
    while shown and _width(_with_rest(shown, hidden)) > room:
        shown.pop()
        hidden += 1
    return _with_rest(shown, hidden) if shown else []


def _with_rest(shown: list[BadgeSpec], hidden: int) -> list[BadgeSpec]:
    return [*shown, BadgeSpec("neutral", "", f"+{hidden}")] if hidden else shown


def _width(specs: Sequence[BadgeSpec]) -> int:
    return sum(badge_size(spec).width() for spec in specs) + GAP * max(0, len(specs) - 1)
