"""A page of the window: what the frame around it may ask. Knows no presenter."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from cmms_desktop.ui.theme import theme


class Page(QFrame):
    """Everything between rail, strip and bottom bar. A page brings its own header and footer.

    `covers_navigation`: on compact windows its footer stands where the bottom bar was.
    """

    covers_navigation = False
    covering_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty page."""
        super().__init__(parent)
        self.setProperty("kind", "page")
        self.size_class = "regular"
        """compact, regular or wide: guide.md §4."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Notice when the size class changes."""
        super().resizeEvent(event)
        self.follow_size()

    def follow_size(self) -> None:
        """Compare the window's width with the breakpoints and arrange anew when one was crossed."""
        size_class = theme().layout_class(self.window().width())
        if size_class != self.size_class:
            self.size_class = size_class
            self.arrange(size_class)

    def arrange(self, size_class: str) -> None:
        """Arrange the page for compact, regular or wide. Overridden by pages that differ."""

    def cover_navigation(self, covers: bool) -> None:
        """Say that what the page shows now needs the room of the bottom bar, or no longer."""
        if covers != self.covers_navigation:
            self.covers_navigation = covers
            self.covering_changed.emit()

    def primary(self) -> QPushButton | None:
        """The one footer action, for Ctrl+Enter; None: the page has none now."""
        return None

    def take_scan(self, code: str) -> bool:
        """Use a scanned code, already normalised. False: the page has no use for it, the window looks it up."""
        return False

    def take_key(self, key: str) -> bool:
        """Use a single key ("1", "N", "J") pressed while no field has the focus. False: not used."""
        return False

    def step_back(self) -> bool:
        """Close something inside the page, such as a detail on a compact window. False: the window goes back."""
        return False

    def start(self) -> None:
        """The page is on top now, or again."""

    def show_again(self, values: Mapping[str, str]) -> None:
        """Somebody goes to what this page was made for; by now it may show something else."""

    def stop(self) -> None:
        """The page is about to be thrown away: let go of presenter and subscriptions."""
