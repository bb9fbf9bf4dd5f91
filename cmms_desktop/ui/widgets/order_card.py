"""Cards of work orders in a list, drawn from their faces: in full, or in two lines where the window is small."""

from PySide6.QtCore import QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from cmms_desktop.ui.text.faces import EventRow, FaceRole, OrderCardFace
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.badge_line import paint_badge_line
from cmms_desktop.ui.widgets.button_icon import icon_px
from cmms_desktop.ui.widgets.painting import (
    circle_px,
    has_focus,
    is_hovered,
    is_selected,
    mirror,
    paint_card,
    paint_circle,
    paint_icon,
    paint_ring,
)
from cmms_desktop.ui.widgets.section_row import Index, paint_section, section_of, section_size
from cmms_desktop.ui.widgets.text_lines import draw_line

__all__ = ["FaceRole", "OrderCardDelegate", "OrderCardFace"]

SIDE, GAP, FIRST, TIGHT = 15, 8, 13, 10
"""px: inset at the sides, between cards, above the first line; the last also in a compact card."""


class OrderCardDelegate(QStyledItemDelegate):
    """Draws `OrderCardFace` from `FaceRole`. All cards of a font size are of one height."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._is_compact = False

    def set_compact(self, compact: bool) -> None:
        """Draw two lines; the view must be laid out again by its owner (`view.doItemsLayout()`)."""
        self._is_compact = compact

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        section = section_of(index)
        if isinstance(section, EventRow):
            return QSize(0, theme().line("card-body") + 2 * TIGHT + GAP)
        if section is not None:
            return section_size(0)
        return QSize(0, self._card_height() + GAP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect
        section = section_of(index)
        if isinstance(section, EventRow):
            self._paint_event(painter, rect, section, option.direction)
            return
        if section is not None:
            paint_section(painter, rect, section)
            return
        face = index.data(FaceRole)
        if not isinstance(face, OrderCardFace):
            return
        card = rect.adjusted(0, 0, 0, -GAP)
        painter.save()
        painter.setLayoutDirection(option.direction)
        paint_card(painter, card, is_selected=is_selected(option), is_hovered=is_hovered(option))
        self._paint_circle(painter, card, face, is_chosen=is_selected(option))
        (self._paint_compact if self._is_compact else self._paint_full)(painter, card, face, is_selected(option))
        if has_focus(option):
            paint_ring(painter, card, radius=theme().radius("card"))
        painter.restore()

    def _paint_event(self, painter: QPainter, rect: QRect, event: EventRow, direction: Qt.LayoutDirection) -> None:
        """Draw one line on the page itself: it is between the orders, and none of them."""
        band = rect.adjusted(0, 0, 0, -GAP)
        painter.save()
        painter.setLayoutDirection(direction)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("surface-sunken"))
        painter.drawRoundedRect(band, theme().radius("card"), theme().radius("card"))
        side = mirror(QRect(band.left() + SIDE, band.top(), circle_px(), band.height()), band, direction)
        paint_icon(painter, side.center() + QPoint(1, 1), "calendar", color="text-muted", size=icon_px("inline"))
        text = self._column(band, TIGHT, theme().line("card-body"))
        width = self._paint_time(painter, band, text, event.time)
        self._line(
            painter, band, text.adjusted(0, 0, -width, 0), event.title, role="card-body", color=theme().color("text")
        )
        painter.restore()

    def _card_height(self) -> int:
        line = theme().line
        if self._is_compact:
            return 2 * TIGHT + max(line("card-title") + line("small"), line("card-body") + line("badge") + 4)
        words = line("card-title") + line("card-body") + line("small")
        return FIRST + words + theme().space(2) + line("badge") + FIRST

    def _paint_circle(self, painter: QPainter, card: QRect, face: OrderCardFace, *, is_chosen: bool) -> None:
        first = TIGHT if self._is_compact else FIRST
        top = card.top() + first + (theme().line("card-title") - circle_px()) // 2
        corner = QRect(card.left() + SIDE, top, circle_px(), circle_px())
        corner = mirror(corner, card, painter.layoutDirection())
        if face.is_done:
            circle = paint_circle(painter, corner.topLeft(), fill=theme().color("success-soft"))
            paint_icon(painter, circle.center() + QPoint(1, 1), "pass", color="success", size=icon_px("inline"))
            return
        fill = theme().color("surface-raised" if is_chosen and theme().name == "sunlight" else "surface-sunken")
        circle = paint_circle(painter, corner.topLeft(), fill=fill)
        painter.setFont(theme().font("label", weight="bold"))
        painter.setPen(theme().color("text"))
        painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, face.route)

    def _paint_full(self, painter: QPainter, card: QRect, face: OrderCardFace, is_chosen: bool) -> None:
        line, quiet = theme().line, theme().color("on-selection" if is_chosen else "text-muted")
        text = self._column(card, FIRST, line("card-title"))
        time_width = self._paint_time(painter, card, text, face.time)
        title = theme().color("text-muted" if face.is_done else "text")
        place = text.adjusted(0, 0, -time_width, 0)
        self._line(painter, card, place, face.title, role="card-title", color=title)
        text = self._below(text, line("card-body"))
        self._line(painter, card, text, face.asset, role="card-body", color=theme().color("text"))
        text = self._below(text, line("small"))
        self._line(painter, card, text, face.place, role="small", color=quiet)
        text = self._below(text, line("badge")).translated(0, theme().space(2))
        paint_badge_line(painter, mirror(text, card, painter.layoutDirection()), face.badges)

    def _paint_compact(self, painter: QPainter, card: QRect, face: OrderCardFace, is_chosen: bool) -> None:
        line = theme().line
        text = self._column(card, TIGHT, line("card-title"))
        time_width = self._paint_time(painter, card, text, face.time)
        title = theme().color("text-muted" if face.is_done else "text")
        place = text.adjusted(0, 0, -time_width, 0)
        self._line(painter, card, place, face.title, role="card-title", color=title)
        low = QRect(text.left(), card.bottom() + 2 - TIGHT - line("badge"), text.width(), line("badge"))
        badges = mirror(low, card, painter.layoutDirection())
        taken = paint_badge_line(painter, badges, face.badges, from_end=True, most=low.width() * 3 // 5)
        quiet = theme().color("on-selection" if is_chosen else "text-muted")
        words = " · ".join(part for part in (face.asset, face.place) if part)
        place = self._below(text, line("small")).adjusted(0, 0, -taken - GAP, 0)
        self._line(painter, card, place, words, role="small", color=quiet)

    def _column(self, card: QRect, top: int, height: int) -> QRect:
        left = card.left() + SIDE + circle_px() + theme().space(3)
        return QRect(left, card.top() + top, card.right() - SIDE - left + 1, height)

    def _below(self, rect: QRect, height: int) -> QRect:
        return QRect(rect.left(), rect.bottom() + 1, rect.width(), height)

    def _paint_time(self, painter: QPainter, card: QRect, text: QRect, time: str) -> int:
        """Draw the time at the end of the first line; give the room it takes."""
        font = theme().font("card-body", weight="semibold", tabular=True)
        width = QFontMetrics(font).horizontalAdvance(time) + 2
        place = mirror(
            QRect(text.right() + 1 - width, text.top(), width, text.height()), card, painter.layoutDirection()
        )
        draw_line(painter, place, time, font=font, color=theme().color("text"))
        return width + GAP if time else 0

    def _line(self, painter: QPainter, card: QRect, place: QRect, text: str, *, role: str, color: QColor) -> None:
        direction = painter.layoutDirection()
        draw_line(painter, mirror(place, card, direction), text, font=theme().font(role), color=color)
