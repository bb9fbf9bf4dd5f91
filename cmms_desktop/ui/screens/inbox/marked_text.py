"""Plain text with the words that changed marked and underlined, or struck where they were lost. Never rich text."""

from typing import Literal

from PySide6.QtCore import QPointF, QSize, Qt, Slot
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QSizePolicy, QWidget

from cmms_desktop.ui.text.word_diff import Span
from cmms_desktop.ui.theme import theme

ROLE = "card-body"
LEAST_WIDTH = 80
"""px: narrower than this no text is laid out."""


class MarkedText(QWidget):
    """A text as high as its lines. `style`: `added` words are marked and underlined, `removed` ones struck."""

    def __init__(self, style: Literal["added", "removed"]) -> None:
        super().__init__()
        self._style = style
        self._text, self._marks, self._is_quiet = "", tuple[Span, ...](), False
        self._layout = QTextLayout()
        self._laid_out = (-1, 0)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme().changed.connect(self._follow_theme)

    def show_text(self, text: str, marks: tuple[Span, ...], *, is_quiet: bool = False) -> None:
        """Show a text; a quiet one says that there is nothing."""
        if (text, marks, is_quiet) == (self._text, self._marks, self._is_quiet):
            return
        self._text, self._marks, self._is_quiet = text, marks, is_quiet
        changed = ", ".join(text[span.start : span.end] for span in marks)
        what = "Changed" if self._style == "added" else "Removed"
        self.setAccessibleName(text)
        self.setAccessibleDescription(f"{what}: {changed}" if changed else "")
        self._follow_theme()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._lay_out(width)

    def sizeHint(self) -> QSize:
        width = max(LEAST_WIDTH, self.width())
        return QSize(width, self._lay_out(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(LEAST_WIDTH, theme().line(ROLE))

    def paintEvent(self, event: QPaintEvent) -> None:
        self._lay_out(self.width())
        painter = QPainter(self)
        painter.setPen(theme().color("text-muted" if self._is_quiet else "text"))
        self._layout.draw(painter, QPointF(0, 0))

    @Slot()
    def _follow_theme(self) -> None:
        self._layout = QTextLayout(self._text.replace("\n", "\u2028"), theme().font(ROLE))
        self._layout.setFormats([self._format(span) for span in self._marks])
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        self._layout.setTextOption(option)
        self._laid_out = (-1, 0)
        self.updateGeometry()
        self.update()

    def _format(self, span: Span) -> QTextLayout.FormatRange:
        style = QTextCharFormat()
        style.setFontWeight(QFont.Weight(theme().font(ROLE, weight="semibold").weight()))
        if self._style == "added":
            style.setBackground(theme().color("highlight"))
            style.setForeground(theme().color("on-highlight"))
            style.setFontUnderline(True)
        else:
            style.setBackground(theme().color("surface-sunken"))
            style.setForeground(theme().color("text"))
            style.setFontStrikeOut(True)
        found = QTextLayout.FormatRange()
        found.start, found.length, found.format = span.start, span.end - span.start, style
        return found

    def _lay_out(self, width: int) -> int:
        """Break the text at a width, each line in a box of our own height; give the height of all, px."""
        wanted = max(LEAST_WIDTH, width)
        if self._laid_out[0] == wanted:
            return self._laid_out[1]
        height = theme().line(ROLE)
        self._layout.beginLayout()
        count = 0
        while (line := self._layout.createLine()).isValid():
            line.setLineWidth(wanted)
            line.setPosition(QPointF(0, count * height + max(0.0, (height - line.height()) / 2)))
            count += 1
        self._layout.endLayout()
        self._laid_out = (wanted, max(1, count) * height)
        return self._laid_out[1]
