"""Rows of the review queue, drawn from their faces: title, time, order and asset, the exceptions as badges."""

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from cmms_desktop.ui.text.faces import FaceRole, ReviewRowFace
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.badge_line import paint_badge_line
from cmms_desktop.ui.widgets.painting import has_focus, is_hovered, is_selected, mirror, paint_card, paint_ring
from cmms_desktop.ui.widgets.section_row import Index, paint_section, section_of, section_size
from cmms_desktop.ui.widgets.text_lines import draw_line

SIDE, GAP, FIRST = 15, 8, 11
"""px: inset at the sides, between cards, above the first line."""


class ReviewRowDelegate(QStyledItemDelegate):
    """Draws `ReviewRowFace`. Rows with exceptions are one badge line higher, all of them alike."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        if section_of(index) is not None:
            return section_size(0)
        face = index.data(FaceRole)
        badges = theme().line("badge") + 6 if isinstance(face, ReviewRowFace) and face.badges else 0
        return QSize(0, 2 * FIRST + theme().line("body") + theme().line("small") + badges + GAP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect
        section = section_of(index)
        if section is not None:
            paint_section(painter, rect, section)
            return
        face = index.data(FaceRole)
        if not isinstance(face, ReviewRowFace):
            return
        card = rect.adjusted(0, 0, 0, -GAP)
        painter.save()
        painter.setLayoutDirection(option.direction)
        paint_card(painter, card, is_selected=is_selected(option), is_hovered=is_hovered(option))
        self._paint_face(painter, card, face, is_chosen=is_selected(option))
        if has_focus(option):
            paint_ring(painter, card, radius=theme().radius("card"))
        painter.restore()

    def _paint_face(self, painter: QPainter, card: QRect, face: ReviewRowFace, *, is_chosen: bool) -> None:
        direction, line = painter.layoutDirection(), theme().line
        text = QRect(card.left() + SIDE, card.top() + FIRST, card.width() - 2 * SIDE, line("body"))
        font = theme().font("card-body", tabular=True)
        width = QFontMetrics(font).horizontalAdvance(face.time) + 2
        time = QRect(text.right() + 1 - width, text.top(), width, text.height())
        quiet = theme().color("on-selection" if is_chosen else "text-muted")
        draw_line(painter, mirror(time, card, direction), face.time, font=font, color=quiet)
        title = mirror(text.adjusted(0, 0, -width - GAP, 0), card, direction)
        font = theme().font("body", weight="semibold")
        draw_line(painter, title, face.title, font=font, color=theme().color("text"))
        text = QRect(text.left(), text.bottom() + 1, text.width(), line("small"))
        draw_line(painter, mirror(text, card, direction), face.detail, font=theme().font("small"), color=quiet)
        text = QRect(text.left(), text.bottom() + 7, text.width(), line("badge"))
        paint_badge_line(painter, mirror(text, card, direction), face.badges)
