"""Labels for plain text: one role, one tone, our own line height. They never read rich text."""

from typing import Literal

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.styling import set_style, set_tip
from cmms_desktop.ui.widgets.text_lines import BrokenText, break_lines, draw_lines, plain

COMFORTABLE_CHARS = 64
"""A wrapped text without a given width asks for at most this many characters a line."""

LINE_CHARS = 32
"""A line that is longer gives way where there is no room, and ends in "…"."""
WORD_CHARS = 80
"""Qt breaks no word: a text with a longer one is painted by us, and cannot be selected."""

KEPT_WIDTHS = 6
"""Widths at which the lines of a text are remembered: layouts ask for the same few again and again."""


class Text(QLabel):
    """A label in a role of the theme (`body`, `caption` …) and a tone (`muted`, `danger` …).

    The colour comes from the style sheet, font and line height from the theme; only a selectable text is painted by
    Qt itself, with Qt's line height.
    """

    def __init__(
        self,
        text: str = "",
        *,
        role: str = "body",
        tone: str | None = None,
        wrap: bool = False,
        selectable: bool = False,
        weight: str | None = None,
        tabular: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._role, self._weight, self._tabular = role, weight, tabular
        self._wraps, self._is_selectable, self._paints_itself = wrap, selectable, not selectable
        self._most_lines: int | None = None if wrap else 1
        self._mode = Qt.TextElideMode.ElideNone
        self._broken: dict[tuple[str, int], BrokenText] = {}
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        set_style(self, role=role, tone=tone)
        self._follow_theme()
        theme().changed.connect(self._follow_theme)
        self.setText(text)
        if wrap:
            policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
            policy.setHeightForWidth(True)
            self.setSizePolicy(policy)

    def setText(self, text: str) -> None:
        self._paints_itself = not self._is_selectable or _has_endless_word(text)
        self.setTextInteractionFlags(_NOT_SELECTING if self._paints_itself else _SELECTING)
        super().setText(text)
        self._tell_rest()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._tell_rest()

    def _tell_rest(self) -> None:
        """Show the whole text where the mouse rests, when a long line had to give way."""
        if not self._wraps and self.testAttribute(Qt.WidgetAttribute.WA_WState_Created) and self._gives_way:
            set_tip(self, self.text() if self._lines(self.width()).is_elided else "")

    @property
    def _gives_way(self) -> bool:
        """A line longer than LINE_CHARS need not show all of itself."""
        return self._natural_width() > LINE_CHARS * QFontMetrics(self._font).averageCharWidth()

    def set_tone(self, tone: str | None) -> None:
        set_style(self, tone=tone)

    def set_role(self, role: str) -> None:
        self._role = role
        set_style(self, role=role)
        self._follow_theme()

    def set_weight(self, weight: str | None) -> None:
        self._weight = weight
        self._follow_theme()

    @Slot()
    def _follow_theme(self) -> None:
        """Take font and line height; layouts ask for sizes thousands of times until the theme changes."""
        self._broken.clear()
        self._font = theme().font(self._role, weight=self._weight, tabular=self._tabular)
        self._line_height = theme().line(self._role)
        self.setFont(self._font)
        self.updateGeometry()
        self.update()

    def _lines(self, width: int) -> BrokenText:
        key = (self.text(), width)
        if key not in self._broken:
            if len(self._broken) >= KEPT_WIDTHS:
                self._broken.clear()
            gives_way = not self._wraps and self._mode == Qt.TextElideMode.ElideNone and self._gives_way
            mode = Qt.TextElideMode.ElideRight if gives_way else self._mode
            self._broken[key] = break_lines(self.text(), self._font, width=width, most=self._most_lines, mode=mode)
        return self._broken[key]

    def _natural_width(self) -> int:
        metrics = QFontMetrics(self._font)
        return max((metrics.horizontalAdvance(line) for line in plain(self.text()).split("\n")), default=0) + 1

    def hasHeightForWidth(self) -> bool:
        return self._wraps

    def heightForWidth(self, width: int) -> int:
        if not self._paints_itself:
            return super().heightForWidth(width)
        return len(self._lines(width).lines) * self._line_height

    def sizeHint(self) -> QSize:
        if not self._paints_itself:
            return super().sizeHint()
        width = self._natural_width()
        if self._wraps:
            width = min(width, COMFORTABLE_CHARS * QFontMetrics(self._font).averageCharWidth())
            return QSize(width, self.heightForWidth(width))
        return QSize(width, self._line_height)

    def minimumSizeHint(self) -> QSize:
        if not self._paints_itself:
            return super().minimumSizeHint()
        hint = self.sizeHint()
        if self._wraps:
            return QSize(min(hint.width(), self._line_height * 4), self._line_height)
        return QSize(min(hint.width(), LINE_CHARS * QFontMetrics(self._font).averageCharWidth()), hint.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._paints_itself:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setFont(self._font)
        painter.setPen(self.palette().color(self.foregroundRole()))
        lines = self._lines(self.width()).lines
        rect = self.contentsRect()
        if self.alignment() & Qt.AlignmentFlag.AlignVCenter:
            rect.setTop(rect.top() + max(0, rect.height() - len(lines) * self._line_height) // 2)
        across = self.alignment() & Qt.AlignmentFlag.AlignHorizontal_Mask
        draw_lines(painter, rect, lines, line_height=self._line_height, flags=across, within=event.rect())


_NOT_SELECTING = Qt.TextInteractionFlag.NoTextInteraction
_SELECTING = Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard


def _has_endless_word(text: str) -> bool:
    return len(text) > WORD_CHARS and any(len(word) > WORD_CHARS for word in text.split())


class ElidedText(Text):
    """A text of one or a few lines that ends in "…" when there is no room; the whole text is in the tooltip.

    Paths are elided in the middle, titles at the end.
    """

    def __init__(
        self,
        text: str = "",
        *,
        role: str = "body",
        tone: str | None = None,
        mode: Literal["right", "middle"] = "right",
        lines: int = 1,
        weight: str | None = None,
        tabular: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, role=role, tone=tone, weight=weight, tabular=tabular, wrap=lines > 1, parent=parent)
        self._mode = Qt.TextElideMode.ElideRight if mode == "right" else Qt.TextElideMode.ElideMiddle
        self._most_lines = lines
        self.setSizePolicy(QSizePolicy.Policy.Preferred, self.sizePolicy().verticalPolicy())

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), self._line_height * 2), hint.height())

    def _tell_rest(self) -> None:
        if self.testAttribute(Qt.WidgetAttribute.WA_WState_Created):
            set_tip(self, self.text() if self._lines(self.width()).is_elided else "")
