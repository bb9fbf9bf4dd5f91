"""The list of the review: pending, returned or approved; exceptions first. Tells what was chosen, decides nothing."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from cmms_desktop.ui.screens.review.state import QueueRow, QueueState
from cmms_desktop.ui.screens.review.tabbed_rows import TabbedRows
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.key_cap import KeyCap
from cmms_desktop.ui.widgets.text import ElidedText


class QueuePane(TabbedRows[QueueRow]):
    """Says above the list of which sites it is, and its keys."""

    def __init__(self) -> None:
        super().__init__("Orders to review", QueueState().tab_words, describe=_said)
        self._sites = ElidedText("", role="small", tone="muted")
        self._keys = (KeyCap("J"), KeyCap("K"))
        about = QHBoxLayout()
        about.setSpacing(theme().space(1))
        about.addWidget(self._sites, 1)
        for key in self._keys:
            about.addWidget(key)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme().space(n) for n in (4, 3, 4, 0)))
        column.setSpacing(theme().space(2))
        column.addWidget(self.tabs)
        column.addLayout(about)
        column.addWidget(self.stack, 1)

    def show_state(self, state: QueueState) -> None:
        """Show the list with its chosen row, telling nobody."""
        self.show_rows(state.tab, state.tab_words, state.rows, selected=state.selected, empty=state.empty)
        self._sites.setText(state.sites)

    def set_compact(self, is_compact: bool) -> None:
        """Small windows have no keyboard to hint at."""
        for key in self._keys:
            key.setVisible(not is_compact)


def _said(row: QueueRow) -> str:
    return row.said
