"""Putting one widget on a window of its own, as large as it wants to be."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtWidgets import QApplication, QFrame, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.widgets.styling import set_style
from tests.ui.rendered import colors_in

W = TypeVar("W", bound=QWidget)

_pages: list[QWidget] = []
"""The pages of the running test: pytest-qt only remembers them weakly."""


def show(qtbot: QtBot, widget: W, *, width: int = 0, kind: str = "page") -> W:
    """Show a widget on a page; the page is its `window()`."""
    page = QFrame()
    set_style(page, kind=kind)
    column = QVBoxLayout(page)
    column.addWidget(widget)
    _pages.append(page)
    qtbot.addWidget(page, before_close_func=_pages.remove)
    if width:
        page.setFixedWidth(width)
        page.resize(width, max(page.heightForWidth(width), page.sizeHint().height()))
    with qtbot.waitExposed(page):
        page.show()
    page.activateWindow()
    qtbot.waitUntil(lambda: QApplication.focusWindow() is page.windowHandle())
    return widget


def colors_of(widget: QWidget) -> set[str]:
    """Every colour that a widget shows, as #rrggbb."""
    image = widget.grab().toImage()
    return {f"#{color:06x}" for color in colors_in(image, image.rect())}
