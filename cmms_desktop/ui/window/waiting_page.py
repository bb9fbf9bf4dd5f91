"""A page for the time in which there is nothing to show yet, or nothing more: an icon, a line, a line of advice."""

from PySide6.QtWidgets import QVBoxLayout

from cmms_desktop.ui.widgets.empty_state import EmptyState
from cmms_desktop.ui.widgets.page import Page


class WaitingPage(Page):
    """Says what is under way, or why it ended."""

    def __init__(self, title: str, text: str = "", *, icon: str = "hourglass") -> None:
        super().__init__()
        column = QVBoxLayout(self)
        self.words = EmptyState(icon, title, text)
        column.addWidget(self.words)
