"""What happened, one row after the other: icon, event, the time of the device and the time it was received, details."""

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QStyleOptionViewItem

from cmms_desktop.ui.text.faces import FaceRole, TimelineFace
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.button_icon import icon_px
from cmms_desktop.ui.widgets.painting import circle_px, has_focus, mirror, paint_circle, paint_icon, paint_ring
from cmms_desktop.ui.widgets.section_row import Index, paint_section, section_of, section_size
from cmms_desktop.ui.widgets.text_lines import break_lines, draw_line, draw_lines

COLUMN = 62
"""px between the two times at the normal font size."""
GAP = 10
MOST_LINES = 8
"""Lines of one detail; what is longer is read whole in the inbox."""


class TimelineDelegate(QStyledItemDelegate):
    """Draws `TimelineFace`; a thin line joins the circles."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        if section_of(index) is not None:
            return section_size(0)
        parent = self.parent()
        width = parent.viewport().width() if isinstance(parent, QAbstractItemView) else option.rect.width()
        lines = self._details(index.data(FaceRole), width - circle_px() - GAP)
        return QSize(0, theme().line("card-body") + theme().line("caption") + len(lines) * theme().line("small") + GAP)

    @staticmethod
    def _details(face: object, width: int) -> tuple[str, ...]:
        """Details broken into lines, each detail from a line of its own on."""
        if not isinstance(face, TimelineFace):
            return ()
        font = theme().font("small")
        broken = (break_lines(each, font, width=max(1, width), most=MOST_LINES) for each in face.details)
        return tuple(line for each in broken for line in each.lines)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect
        section = section_of(index)
        if section is not None:
            paint_section(painter, rect, section)
            return
        face = index.data(FaceRole)
        if not isinstance(face, TimelineFace):
            return
        painter.save()
        painter.setLayoutDirection(option.direction)
        circle = mirror(QRect(rect.left(), rect.top(), circle_px(), circle_px()), rect, painter.layoutDirection())
        self._paint_joint(painter, rect, circle, index)
        paint_circle(painter, circle.topLeft(), fill=theme().color("surface-sunken"))
        color = face.tone or "text"
        paint_icon(painter, circle.center() + QPoint(1, 1), face.icon, color=color, size=icon_px("badge") + 1)
        self._paint_words(painter, rect, face)
        if has_focus(option):
            paint_ring(painter, rect, radius=theme().radius("control"))
        painter.restore()

    def _paint_joint(self, painter: QPainter, rect: QRect, circle: QRect, index: Index) -> None:
        if index.row() + 1 < index.model().rowCount():
            painter.setPen(QPen(theme().color("border"), 2))
            x = circle.center().x() + 1
            painter.drawLine(x, circle.bottom(), x, rect.bottom())

    def _paint_words(self, painter: QPainter, rect: QRect, face: TimelineFace) -> None:
        direction, left = painter.layoutDirection(), rect.left() + circle_px() + GAP
        text = QRect(left, rect.top() + 2, rect.right() - left + 1, theme().line("card-body"))
        font = theme().font("card-body", weight="medium")
        draw_line(painter, mirror(text, rect, direction), face.event, font=font, color=theme().color("text"))
        below = text.bottom() + 1
        column = int(COLUMN * max(1.0, theme().factor))
        font = theme().font("caption", tabular=True)
        for number, time in enumerate((face.device_time, face.received_time)):
            place = QRect(left + number * column, below, column, theme().line("caption"))
            draw_line(painter, mirror(place, rect, direction), time, font=font, color=theme().color("text-muted"))
        lines = self._details(face, text.width())
        if lines:
            place = QRect(left, below + theme().line("caption"), text.width(), len(lines) * theme().line("small"))
            painter.setFont(theme().font("small"))
            painter.setPen(theme().color("text-muted"))
            draw_lines(painter, mirror(place, rect, direction), lines, line_height=theme().line("small"))
