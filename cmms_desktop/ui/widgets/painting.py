"""Shapes that several delegates and widgets draw alike: cards, circles, rings. No text and no meaning."""

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.button_icon import MOST_GROWTH

CIRCLE = 28
"""px, diameter of the circles with a number or an icon at the normal font size."""
RING = 3
"""px, width of the focus ring (tokens `focus.width`)."""


def circle_px() -> int:
    """Give the diameter of a circle at the present font size."""
    return round(CIRCLE * min(MOST_GROWTH, max(1.0, theme().factor)))


def paint_card(painter: QPainter, rect: QRect, *, is_selected: bool = False, is_hovered: bool = False) -> None:
    """Draw the frame and fill of a card in a list."""
    colors = theme()
    width = colors.selected_border_width if is_selected else colors.border_width
    fill = "selection" if is_selected else "surface-hover" if is_hovered else "surface-raised"
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colors.color("accent" if is_selected else "border"), width))
    painter.setBrush(colors.color(fill))
    half = width / 2
    radius = colors.radius("card") - half
    painter.drawRoundedRect(QRectF(rect).adjusted(half, half, -half, -half), radius, radius)
    painter.restore()


def paint_circle(painter: QPainter, corner: QPoint, *, fill: QColor, edge: QColor | None = None) -> QRect:
    """Draw a circle for a number or icon with its upper left corner there; give its square."""
    square = QRect(corner.x(), corner.y(), circle_px(), circle_px())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen if edge is None else QPen(edge, 2))
    painter.setBrush(fill)
    painter.drawEllipse(QRectF(square) if edge is None else QRectF(square).adjusted(1, 1, -1, -1))
    painter.restore()
    return square


def paint_icon(painter: QPainter, center: QPoint, icon: str, *, color: str, size: int) -> None:
    """Draw an icon around a point."""
    picture = theme().pixmap(icon, color, size, ratio=painter.device().devicePixelRatioF())
    painter.drawPixmap(center.x() - size // 2, center.y() - size // 2, picture)


def paint_ring(painter: QPainter, rect: QRect, *, radius: float) -> None:
    """Draw a focus ring inside of `rect`, clear of the border of a chosen card."""
    inset = theme().selected_border_width + 1
    rect, radius = rect.adjusted(inset, inset, -inset, -inset), max(2.0, radius - inset)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme().color("focus"), RING))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    half = RING / 2
    painter.drawRoundedRect(QRectF(rect).adjusted(half, half, -half, -half), radius - half, radius - half)
    painter.restore()


def paint_dashed_line(painter: QPainter, start: QPointF, end: QPointF, *, color: QColor) -> None:
    """Draw a thin dashed line."""
    painter.save()
    pen = QPen(color, max(1, theme().border_width))
    pen.setDashPattern([4, 3])
    painter.setPen(pen)
    painter.drawLine(start, end)
    painter.restore()


def is_selected(option: QStyleOptionViewItem) -> bool:
    """Whether a delegate draws a selected row."""
    return bool(option.state & QStyle.StateFlag.State_Selected)


def is_hovered(option: QStyleOptionViewItem) -> bool:
    """Whether the mouse is over the row a delegate draws."""
    return bool(option.state & QStyle.StateFlag.State_MouseOver)


def has_focus(option: QStyleOptionViewItem) -> bool:
    """Whether the row a delegate draws has the focus of somebody who uses the keyboard."""
    wanted = QStyle.StateFlag.State_HasFocus | QStyle.StateFlag.State_KeyboardFocusChange
    return bool(option.state & wanted == wanted)


def mirror(rect: QRect, within: QRect, direction: Qt.LayoutDirection) -> QRect:
    """Give the rectangle on the other side where people read from right to left."""
    return QStyle.visualRect(direction, within, rect)
