"""Draws one hit of a search: icon, title and detail with the matches marked, and a badge at the end."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from cmms_desktop.ui.screens.search.presenter import HitFace
from cmms_desktop.ui.text.faces import SectionRow
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.badges import badge_size, paint_badge
from cmms_desktop.ui.widgets.painting import is_hovered, is_selected, mirror, paint_card, paint_icon
from cmms_desktop.ui.widgets.text_lines import plain

ROW = Qt.ItemDataRole.UserRole
ICON_AT, TEXT_AT = 26, 48


class HitDelegate(QStyledItemDelegate):
    """Rows of HitFace and SectionRow."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        if isinstance(index.data(ROW), SectionRow):
            return QSize(100, theme().line("label") + 10)
        return QSize(100, max(theme().target("field"), theme().line("item") + theme().line("small") + 8))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        row, rect = index.data(ROW), option.rect
        if isinstance(row, SectionRow):
            painter.setFont(theme().font("label"))
            painter.setPen(theme().color("text-muted"))
            inner = rect.adjusted(theme().space(3), 0, -theme().space(3), 0)
            painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, row.title)
        elif isinstance(row, HitFace):
            self._paint_hit(painter, option, rect, row)

    def _paint_hit(self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect, face: HitFace) -> None:
        if is_selected(option) or is_hovered(option):
            paint_card(painter, rect, is_selected=is_selected(option), is_hovered=is_hovered(option))
        direction = option.direction
        icon = mirror(QRect(rect.left() + ICON_AT, rect.center().y(), 1, 1), rect, direction)
        paint_icon(painter, QPoint(icon.left(), icon.top()), face.icon, color="text", size=theme().icon_size("control"))
        right = rect.right() - theme().space(3)
        if face.badge is not None:
            size = badge_size(face.badge)
            place = QRect(right - size.width(), rect.top(), size.width(), rect.height())
            paint_badge(painter, mirror(place, rect, direction), face.badge)
            right -= size.width() + theme().space(3)
        lines = theme().line("item"), theme().line("small")
        top = rect.top() + (rect.height() - sum(lines)) // 2
        for text, spans, role, tone, height in (
            (face.title, face.title_spans, "item", "text", lines[0]),
            (face.detail, face.detail_spans, "small", "text-muted", lines[1]),
        ):
            place = mirror(QRect(rect.left() + TEXT_AT, top, right - rect.left() - TEXT_AT, height), rect, direction)
            paint_marked(painter, place, text, spans=spans, font=theme().font(role), tone=tone)
            top += height


def paint_marked(
    painter: QPainter, rect: QRect, text: str, *, spans: tuple[tuple[int, int], ...], font: QFont, tone: str
) -> None:
    """Draw one line of text with parts of it on the colour of a highlight; elided at the end."""
    metrics = QFontMetrics(font)
    painter.save()
    painter.setFont(font)
    painter.setClipRect(rect)
    shown = metrics.elidedText(plain(text).replace("\n", " "), Qt.TextElideMode.ElideRight, rect.width())
    for start, end in spans if painter.layoutDirection() == Qt.LayoutDirection.LeftToRight else ():
        if start >= len(shown):
            continue
        left = rect.left() + metrics.horizontalAdvance(shown, start)
        width = metrics.horizontalAdvance(shown, min(end, len(shown))) - metrics.horizontalAdvance(shown, start)
        painter.fillRect(QRectF(left, rect.top() + 1, width, rect.height() - 2), theme().color("highlight"))
    painter.setPen(theme().color(tone))
    painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
    painter.restore()
