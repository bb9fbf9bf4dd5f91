"""The pages that are alive: one on top, those of the rail behind it, everything else thrown away when it is left.

Pages behind the top ask nothing and show nothing new until somebody sees them again.
"""

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget

from cmms_desktop.ui.bridge.doors import Attention, Place, ScreenContext
from cmms_desktop.ui.widgets.page import Page
from cmms_desktop.ui.window.page_makers import PAGE_MAKERS


class PageStack(QStackedWidget):
    """Makes a page when somebody goes there. `staying` are pages that keep scroll position and selection (D-72)."""

    covering_changed = Signal()
    """A page needs the room of the bottom bar, or no longer."""

    def __init__(self, context: ScreenContext, *, staying: frozenset[str]) -> None:
        super().__init__()
        self._context, self._staying = context, staying
        self._pages: list[tuple[Place, Page]] = []
        self._attention: dict[Page, Attention] = {}

    @property
    def page(self) -> Page | None:
        """The page on top."""
        current = self.currentWidget()
        return current if isinstance(current, Page) else None

    def show_place(self, place: Place) -> bool:
        """Bring the page of a place on top. Gives whether another page is on top now."""
        before = self.page
        page = next((page for known, page in self._pages if known == place), None)
        if page is None:
            page = self._make(place)
        self._pages = [each for each in self._pages if each[1] is not page] + [(place, page)]
        self.setCurrentWidget(page)
        if before is page:
            return False
        self._let_go(page)
        for each, attention in self._attention.items():
            attention.turn(each is page)
        return True

    def show_again(self, place: Place) -> None:
        """Let the page on top, which was made for this place, show that and nothing that was chosen since."""
        if (page := self.page) is not None:
            page.show_again(dict(place.values))

    def kept_place(self, page: str) -> Place | None:
        """Give the place that the page of the rail shows since it was last on top; None: it is not alive."""
        return next((place for place, _ in reversed(self._pages) if place.page == page), None)

    def rename_top(self, place: Place) -> None:
        """Remember that the page on top shows something else now."""
        if self._pages:
            self._pages[-1] = (place, self._pages[-1][1])

    def shut(self) -> None:
        """Let go of every page."""
        for _, page in self._pages:
            page.stop()
        self._pages.clear()
        self._attention.clear()

    def _make(self, place: Place) -> Page:
        attention = Attention()
        page = PAGE_MAKERS[place.page](replace(self._context, attention=attention), place)
        page.covering_changed.connect(self.covering_changed)
        self._attention[page] = attention
        self.addWidget(page)
        return page

    def _let_go(self, top: Page) -> None:
        """Throw away what is not on top: pages that do not stay, and an older one of the same page."""
        for place, page in tuple(self._pages[:-1]):
            newer = any(other.page == place.page for other, each in self._pages if each is not page and each is top)
            if place.page not in self._staying or newer:
                self._pages = [each for each in self._pages if each[1] is not page]
                del self._attention[page]
                self.removeWidget(page)
                page.stop()
                page.deleteLater()
