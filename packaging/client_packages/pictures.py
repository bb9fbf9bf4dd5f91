"""The program's icon in the sizes that desktops ask for, drawn from the one drawing in `linux/`."""

from __future__ import annotations

from pathlib import Path

from client_packages.failures import PackagingError

SIZES_PX = (32, 48, 64, 128, 256)


def draw_icon(drawing: Path, size_px: int, target: Path) -> None:
    """Write a square PNG of an SVG file. Needs Qt, and no display.

    Raises:
        PackagingError: the drawing cannot be read or the picture not be written.
    """
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    renderer = QSvgRenderer(str(drawing))
    picture = QImage(size_px, size_px, QImage.Format.Format_ARGB32)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    renderer.render(painter)
    painter.end()
    target.parent.mkdir(parents=True, exist_ok=True)
    if not renderer.isValid() or not picture.save(str(target), "PNG"):  # type: ignore[call-overload]
        raise PackagingError(f"The icon {drawing.name} could not be drawn.")
