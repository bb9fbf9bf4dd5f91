"""A list and its detail: side by side where there is room, else one of them at a time. Knows nothing of either."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

from cmms_desktop.ui.theme import theme

LIST_PX = (300, 448)
"""Least and usual width of the list (guide.md §4)."""
MOST_GROWTH = 1.2
"""Beyond this size of letters the list grows no more: the detail needs the room."""


class TwoPanes(QSplitter):
    """The list at the start, the detail at the end."""

    def __init__(self, list_pane: QWidget, detail: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._list, self._detail = list_pane, detail
        self.is_alone = False
        self._shows_detail = False
        self._is_usual = True
        self.setChildrenCollapsible(False)
        self.addWidget(list_pane)
        self.addWidget(detail)
        self.setStretchFactor(0, 0)
        self.setStretchFactor(1, 1)
        self.splitterMoved.connect(self._moved)
        theme().changed.connect(self._follow_theme)
        self.arrange(is_alone=False)

    def arrange(self, *, is_alone: bool) -> None:
        """Say whether there is room for one pane only."""
        self.is_alone = is_alone
        self._list.setMinimumWidth(0 if is_alone else _px(LIST_PX[0]))
        self._show()
        self._take_usual_sizes()

    def show_detail(self, is_shown: bool) -> None:
        """Where there is room for one pane only: show the detail, or the list again."""
        self._shows_detail = is_shown
        self._show()

    @property
    def hides_list(self) -> bool:
        """The detail stands where the list was."""
        return self.is_alone and self._shows_detail

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._take_usual_sizes()

    def _take_usual_sizes(self) -> None:
        """Keep the list at its usual width until somebody drags the edge."""
        usual = _px(LIST_PX[1])
        if self._is_usual and not self.is_alone and self.width() > usual:
            self.setSizes([usual, self.width() - usual])

    @Slot()
    def _moved(self) -> None:
        self._is_usual = False

    @Slot()
    def _follow_theme(self) -> None:
        self.arrange(is_alone=self.is_alone)

    def _show(self) -> None:
        self._detail.setVisible(not self.is_alone or self._shows_detail)
        self._list.setVisible(not self.hides_list)


def _px(width: int) -> int:
    return int(width * min(theme().factor, MOST_GROWTH))
