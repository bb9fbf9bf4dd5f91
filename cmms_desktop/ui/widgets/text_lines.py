"""Plain text broken into lines of our own height, for labels and delegates. It never reads rich text."""

from dataclasses import dataclass

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QTextLayout, QTextOption


@dataclass(frozen=True)
class BrokenText:
    """Lines of a text at one width; `is_elided` when a part of it does not show."""

    lines: tuple[str, ...]
    is_elided: bool


def break_lines(
    text: str,
    font: QFont,
    *,
    width: int,
    most: int | None = None,
    mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> BrokenText:
    """Break a text at word ends into lines of at most `width` px; the last of `most` lines is elided."""
    metrics = QFontMetrics(font)
    if most == 1:
        line = metrics.elidedText(" ".join(text.split("\n")), mode, width)
        return BrokenText((line,), is_elided=line != text)
    starts = [part for paragraph in text.split("\n") for part in _wrapped(paragraph, font, width)]
    if most is None or len(starts) <= most:
        return BrokenText(tuple(starts), is_elided=False)
    rest = metrics.elidedText(" ".join(starts[most - 1 :]), mode, width)
    return BrokenText((*starts[: most - 1], rest), is_elided=True)


def draw_lines(
    painter: QPainter,
    rect: QRect,
    lines: tuple[str, ...],
    *,
    line_height: int,
    flags: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:
    """Draw lines from the top of `rect`, each in the middle of its own box of `line_height` px."""
    for number, line in enumerate(lines):
        box = QRect(rect.left(), rect.top() + number * line_height, rect.width(), line_height)
        painter.drawText(box, int(flags | Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextSingleLine), line)


def draw_line(
    painter: QPainter,
    rect: QRect,
    text: str,
    *,
    font: QFont,
    color: QColor,
    flags: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> int:
    """Draw one line, elided at the end; give the width it took in px."""
    metrics = QFontMetrics(font)
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    painter.setFont(font)
    painter.setPen(color)
    painter.drawText(rect, int(flags | Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextSingleLine), shown)
    return min(metrics.horizontalAdvance(shown), rect.width())


def _wrapped(paragraph: str, font: QFont, width: int) -> list[str]:
    if not paragraph:
        return [""]
    layout = QTextLayout(paragraph, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    lines = []
    while (line := layout.createLine()).isValid():
        line.setLineWidth(max(width, 1))
        lines.append(paragraph[line.textStart() : line.textStart() + line.textLength()].rstrip())
    layout.endLayout()
    return lines
