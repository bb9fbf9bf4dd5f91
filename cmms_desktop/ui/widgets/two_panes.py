"""A list and its detail: side by side where there is room, else one of them at a time. Knows nothing of either."""

from PySide6.QtCore import Qt
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
        self.setChildrenCollapsible(False)
        self.addWidget(list_pane)
        self.addWidget(detail)
        self.setStretchFactor(0, 0)
        self.setStretchFactor(1, 1)

    def arrange(self, *, is_alone: bool) -> None:
        """Say whether there is room for one pane only."""
        self.is_alone = is_alone
        least, usual = (int(width * min(theme().factor, MOST_GROWTH)) for width in LIST_PX)
        self._list.setMinimumWidth(0 if is_alone else least)
        if not is_alone:
            self.setSizes([usual, max(1, self.width() - usual)])
        self._show()

    def show_detail(self, is_shown: bool) -> None:
        """Where there is room for one pane only: show the detail, or the list again."""
        self._shows_detail = is_shown
        self._show()

    @property
    def hides_list(self) -> bool:
        """The detail stands where the list was."""
        return self.is_alone and self._shows_detail

    def _show(self) -> None:
        self._detail.setVisible(not self.is_alone or self._shows_detail)
        self._list.setVisible(not self.hides_list)
