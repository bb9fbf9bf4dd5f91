"""Plain text broken into lines of our own height, for labels and delegates. It never reads rich text."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QTextLayout, QTextOption

_CONTROLS: Final = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)), "\ufffd")
_BREAKS: Final = dict.fromkeys((0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029), "\n")
_TURNS: Final = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
_PLAIN: Final = {**_CONTROLS, **_BREAKS, **_TURNS, 0x09: " "}


def plain(text: str) -> str:
    """Give a text as it may be drawn: control characters show, none breaks a line or turns the words around it."""
    return text if text.isprintable() else text.replace("\r\n", "\n").translate(_PLAIN)


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
    metrics, text = QFontMetrics(font), plain(text)
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
    within: QRect | None = None,
) -> None:
    """Draw lines from the top of `rect`, each in the middle of its own box of `line_height` px.

    `within`: what has to be painted; of a text of hundreds of lines that is a few.
    """
    first, end = 0, len(lines)
    if within is not None:
        first = max(0, (within.top() - rect.top()) // line_height)
        end = min(end, (within.bottom() - rect.top()) // line_height + 1)
    for number in range(first, end):
        line = lines[number]
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
    shown = metrics.elidedText(plain(text).replace("\n", " "), Qt.TextElideMode.ElideRight, rect.width())
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
