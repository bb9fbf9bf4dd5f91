"""Headings among the rows of a list, for the delegates. A heading is read, never chosen."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize
from PySide6.QtGui import QPainter

from cmms_desktop.ui.text.faces import FaceRole, SectionRow
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.text_lines import draw_line

Index = QModelIndex | QPersistentModelIndex


def section_of(index: Index) -> SectionRow | None:
    """Give the heading at an index, None where a row is."""
    face = index.data(FaceRole)
    return face if isinstance(face, SectionRow) else None


def section_size(width: int) -> QSize:
    """Give the size of a heading in a list of that width."""
    return QSize(width, theme().line("label") + theme().space(3))


def paint_section(painter: QPainter, rect: QRect, section: SectionRow) -> None:
    """Draw a heading over the rows below it."""
    place = rect.adjusted(0, theme().space(1), 0, -theme().space(1))
    draw_line(painter, place, section.text, font=theme().font("label"), color=theme().color("text-muted"))
