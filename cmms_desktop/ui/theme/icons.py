"""Icons in the colours of the theme: a line drawing, a colour, a size and a screen make one picture.

Draws only what the resources hold; keeps what it drew until the theme changes.
"""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from cmms_desktop.config import resources_folder
from cmms_desktop.ui.theme.tokens import Tokens

_DRAWN_STROKE = 'stroke-width="2"'


class IconPainter:
    """Makes pixmaps of icons and keeps them by (name, size, colour, stroke, gap, ratio)."""

    def __init__(self, tokens: Tokens) -> None:
        self._names = tokens.icon.names
        self._kept: dict[tuple[object, ...], QPixmap] = {}

    def forget(self) -> None:
        self._kept.clear()

    def pixmap(
        self, icon: str, color: QColor, size: int, *, stroke: float, ratio: float, gap_before: int = 0, gap: int = 0
    ) -> QPixmap:
        """Give the picture of an icon.

        Args:
            icon: a name of the tokens ("travel") or of Lucide ("navigation").
            color: the colour of its lines.
            size: logical pixels of the square it fills.
            stroke: line width on Lucide's grid of 24.
            ratio: physical pixels a logical pixel.
            gap_before: transparent logical pixels left of it.
            gap: transparent logical pixels right of it.

        Raises:
            KeyError: no such icon is in the resources.
        """
        key = (icon, size, color.rgba(), stroke, gap_before, gap, ratio)
        kept = self._kept.get(key)
        if kept is None:
            drawing = _drawing(self._names[icon]).replace("currentColor", color.name())
            drawing = drawing.replace(_DRAWN_STROKE, f'stroke-width="{stroke}"')
            kept = _render(drawing, size, ratio=ratio, gap_before=gap_before, gap=gap)
            self._kept[key] = kept
        return kept


@cache
def _drawing(lucide_name: str) -> str:
    try:
        return (resources_folder() / "icons" / f"{lucide_name}.svg").read_text("utf-8")
    except FileNotFoundError:
        raise KeyError(lucide_name) from None


def _render(drawing: str, size: int, *, ratio: float, gap_before: int, gap: int) -> QPixmap:
    pixmap = QPixmap(round((gap_before + size + gap) * ratio), round(size * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(QByteArray(drawing.encode())).render(painter, QRectF(gap_before, 0, size, size))
    painter.end()
    return pixmap
