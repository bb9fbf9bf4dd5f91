"""Where one is on a way: numbered steps in a header, or the trail of words in a footer."""

from PySide6.QtCore import QRect, QSize, Qt, Slot
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.button_icon import icon_px
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.painting import circle_px, mirror, paint_circle, paint_icon
from cmms_desktop.ui.widgets.text import Text

LINE = 28
"""px of the line between two steps."""


class StepDots(QWidget):
    """① Technician — ② Customer — ③ Locked, PDF: done steps get a check, the present one is filled."""

    def __init__(self, steps: tuple[str, ...], current: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps, self._current = steps, current
        self._is_short = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._follow_theme)
        self._describe()

    def set_current(self, current: int) -> None:
        """Go to a step, counted from 0; one past the last means all are done."""
        self._current = current
        self._describe()
        self._follow_theme()

    def set_compact(self, compact: bool) -> None:
        """Show only the word of the present step."""
        self._is_short = compact
        self._follow_theme()

    def sizeHint(self) -> QSize:
        gap = theme().space(2)
        words = sum(gap + self._word_width(number) for number in range(len(self._steps)) if self._shows(number))
        lines = (len(self._steps) - 1) * (LINE + 2 * gap)
        return QSize(len(self._steps) * circle_px() + words + lines + 2, max(circle_px(), theme().line("card-body")))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x, gap = 0, theme().space(2)
        for number in range(len(self._steps)):
            if number:
                painter.setPen(QPen(theme().color("border-strong"), max(2, theme().border_width)))
                line = self._placed(QRect(x + gap, self.height() // 2, LINE, 1))
                painter.drawLine(line.topLeft(), line.topRight())
                x += LINE + 2 * gap
            x = self._paint_step(painter, number, x)

    def _paint_step(self, painter: QPainter, number: int, x: int) -> int:
        corner = self._placed(QRect(x, (self.height() - circle_px()) // 2, circle_px(), circle_px())).topLeft()
        is_now, is_done = number == self._current, number < self._current
        if is_now:
            circle = paint_circle(painter, corner, fill=theme().color("accent"))
        else:
            circle = paint_circle(
                painter, corner, fill=theme().color("surface-raised"), edge=theme().color("border-strong")
            )
        if is_done:
            paint_icon(painter, circle.center(), "pass", color="success", size=icon_px("badge"))
        else:
            painter.setFont(theme().font("label"))
            painter.setPen(theme().color("on-accent" if is_now else "text-muted"))
            painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, str(number + 1))
        x += circle_px()
        return self._paint_word(painter, number, x) if self._shows(number) else x

    def _paint_word(self, painter: QPainter, number: int, x: int) -> int:
        x += theme().space(2)
        is_now = number == self._current
        painter.setFont(theme().font("card-body", weight="semibold" if is_now else None))
        painter.setPen(theme().color("text" if is_now else "text-muted"))
        width = self._word_width(number)
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self._placed(QRect(x, 0, width, self.height())), flags, self._steps[number])
        return x + width

    def _placed(self, rect: QRect) -> QRect:
        return mirror(rect, self.rect(), self.layoutDirection())

    def _shows(self, number: int) -> bool:
        return not self._is_short or number == self._current

    def _word_width(self, number: int) -> int:
        font = theme().font("card-body", weight="semibold" if number == self._current else None)
        return QFontMetrics(font).horizontalAdvance(self._steps[number]) + 2

    def _describe(self) -> None:
        at = min(self._current, len(self._steps) - 1)
        self.setAccessibleName(f"Step {at + 1} of {len(self._steps)}: {self._steps[at]}")

    @Slot()
    def _follow_theme(self) -> None:
        self.updateGeometry()
        self.update()


class StepTrail(QWidget):
    """Two lines: "Next step, 1 of 4" over Travel › Arrive › Start › Finish; `current` counts from 0."""

    def __init__(self, steps: tuple[str, ...], current: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._caption = Text("", role="caption", tone="muted")
        words = QHBoxLayout()
        words.setSpacing(theme().space(2))
        self._words = [Text(step, role="label", weight="medium", tone="muted") for step in steps]
        for number, word in enumerate(self._words):
            if number:
                words.addWidget(IconLabel("chevron-right", color="text-muted", size=16))
            words.addWidget(word)
        words.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addStretch(1)
        column.addWidget(self._caption)
        column.addLayout(words)
        column.addStretch(1)
        self.set_current(current)

    def set_current(self, current: int) -> None:
        """Mark a step as the next one."""
        at = min(current, len(self._words) - 1)
        self._caption.setText(f"Next step, {at + 1} of {len(self._words)}")
        for number, word in enumerate(self._words):
            word.set_tone("accent" if number == at else "muted")
            word.set_weight("semibold" if number == at else "medium")
        self.setAccessibleName(f"{self._caption.text()}: {self._words[at].text()}")
