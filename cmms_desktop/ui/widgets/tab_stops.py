"""Where Tab stops, found without walking Qt's focus chain.

`QWidget.nextInFocusChain` hands out Python wrappers of Qt's inner widgets; when they are dropped again, wrappers of
living actions and windows elsewhere become void (PySide 6.11, reproduced in tests/ui/widgets/test_tab_stops.py).
"""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget


def tab_stops(root: QWidget) -> list[QWidget]:
    """Controls below a widget that Tab may reach now, in the order in which they were put there."""
    return [each for each in root.findChildren(QWidget) if _takes_tab(each)]


def tab_stops_as_seen(root: QWidget) -> list[QWidget]:
    """The same from top to bottom, and within a line as people read."""
    mirrored = root.layoutDirection() == Qt.LayoutDirection.RightToLeft

    def place(widget: QWidget) -> tuple[int, int]:
        at = widget.mapTo(root, QPoint(0, 0))
        return at.y() + widget.height() // 2, -at.x() if mirrored else at.x()

    return sorted(tab_stops(root), key=place)


def _takes_tab(widget: QWidget) -> bool:
    return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and widget.isVisible() and widget.isEnabled()
