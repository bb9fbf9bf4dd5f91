"""The frame around the pages of one signed-in person: rail, strip, pages, sheets, keys, and where he is.

It builds what his screens get, and lets go of everything when he leaves. It decides nothing about work.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.application.new_password import NewPassword
from cmms_desktop.application.session import Session
from cmms_desktop.errors import CmmsError
from cmms_desktop.ui.bridge.background import QtBackground
from cmms_desktop.ui.bridge.doors import Conversation, Place, PreferenceDoor, ScreenContext
from cmms_desktop.ui.bridge.kept_drafts import KeptDrafts
from cmms_desktop.ui.text.connection import StripWords
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.page import Page
from cmms_desktop.ui.widgets.toast import Toast
from cmms_desktop.ui.window.bars import BottomBar, Rail
from cmms_desktop.ui.window.complaints import Complaints
from cmms_desktop.ui.window.frame_sheets import FrameSheets
from cmms_desktop.ui.window.keys import FrameKeys
from cmms_desktop.ui.window.page_makers import PAGE_MAKERS
from cmms_desktop.ui.window.page_stack import PageStack
from cmms_desktop.ui.window.places import SETTINGS, NavPlace, places_for, places_of_bottom_bar
from cmms_desktop.ui.window.presenter import FramePresenter
from cmms_desktop.ui.window.strip import StatusStrip
from cmms_desktop.ui.window.trail import Trail

TICK_MS = 20_000
"""How often ages in the strip are said anew."""
PERSON = "person"
TOAST_LIFT = 84
"""px: toasts stand above the footer of a page."""


class Frame(QFrame):
    """Everything of one session's window. Close it before the session."""

    sign_out_wanted = Signal()

    def __init__(
        self,
        session: Session,
        conversation: Conversation,
        *,
        clock: Callable[[], datetime],
        preferences: PreferenceDoor,
    ) -> None:
        """Build the frame; the page where the person was comes in the next turn of the event loop."""
        super().__init__()
        self.setProperty("kind", "page")
        self.background = QtBackground(session, complain=self.complain)
        self._drafts = drafts = KeptDrafts(session, later=self.background.keep)
        self.context = ScreenContext(
            session=session,
            background=self.background,
            conversation=conversation,
            navigator=self,
            drafts=drafts,
            clock=clock,
            preferences=preferences,
        )
        role = session.signed_in.role
        self._places = places_for(role)
        home = Place.of(self._places[0].page)
        self._trail = Trail(drafts, home, frozenset(PAGE_MAKERS))
        self._build(role)
        self.presenter = FramePresenter(self.context, self)
        self._keys = FrameKeys(self, self)
        self._tick = QTimer(self, interval=TICK_MS)
        self._tick.timeout.connect(self.presenter.refresh)
        self._tick.start()
        theme().changed.connect(self._follow_size)
        self.presenter.start()
        self._first_page = QTimer(self, singleShot=True, interval=0)
        self._first_page.timeout.connect(self._show_top)
        self._first_page.start()

    # ---- building

    def _build(self, role: str) -> None:
        self.rail = Rail(self._places, below=(SETTINGS, NavPlace(PERSON, "user", "Me")))
        self.bottom_bar = BottomBar(places_of_bottom_bar(role))
        self.strip = StatusStrip()
        self.complaint = Complaints()
        self.pages = PageStack(self.context, staying=frozenset(place.page for place in self._places))
        self._area = QWidget()
        area = QVBoxLayout(self._area)
        area.setContentsMargins(0, 0, 0, 0)
        area.addWidget(self.pages)
        self._sheets = FrameSheets(self._area, self.context)
        self.toast_shown = Toast(self._area)
        self.toast_shown.set_lift(TOAST_LIFT)
        column = QVBoxLayout()
        for part in (self.strip, self.complaint, self._area, self.bottom_bar):
            column.addWidget(part, 1 if part is self._area else 0)
        row = QHBoxLayout(self)
        row.addWidget(self.rail)
        row.addLayout(column, 1)
        for layout in (row, column):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(0)
        self._connect()

    def _connect(self) -> None:
        for bar in (self.rail, self.bottom_bar):
            bar.chosen.connect(self._choose)
        self.pages.covering_changed.connect(self._follow_size)
        self._sheets.place_chosen.connect(self._choose)
        self._sheets.sign_out_wanted.connect(self.sign_out_wanted)
        self._sheets.scanned.connect(self.take_scan)
        self._sheets.password_entered.connect(self._sign_in_again)
        self._sheets.new_password_entered.connect(self._choose_password)
        self.strip.sync_wanted.connect(partial(self._choose, "sync"))
        self.strip.search_wanted.connect(self.open_search)
        self.strip.scan_wanted.connect(self.open_scan)
        self.strip.sign_in_wanted.connect(self.open_sign_in)

    # ---- the Navigator

    def open(self, place: Place) -> None:
        """Go to a place."""
        self._sheets.close()
        if any(place.page == each.page for each in self._places) and not place.values:
            self._trail.go_to_root(self.pages.kept_place(place.page) or place)
        else:
            self._trail.go(place)
        self._show_top()
        self.pages.show_again(place)

    def replace(self, place: Place) -> None:
        """Remember that the page on top shows something else."""
        self._trail.replace(place)
        self.pages.rename_top(place)

    @Slot()
    def back(self) -> None:
        """Close what is open, step by step."""
        if self._sheets.is_open:
            self._sheets.close()
        elif (page := self.page) is None or not page.step_back():
            self._trail.back()
            self._show_top()

    def toast(self, text: str, *, undo: Callable[[], None] | None = None, needs_attention: bool = False) -> None:
        """Say in passing that something is done."""
        self.toast_shown.show_text(text, undo=undo, needs_attention=needs_attention)

    def complain(self, problem: CmmsError) -> None:
        """Say what was refused or failed until the person has seen it."""
        self.complaint.add(problem)

    # ---- pages

    @property
    def page(self) -> Page | None:
        """The page on top."""
        return self.pages.page

    @property
    def place(self) -> Place:
        """Where the person is."""
        return self._trail.top

    @property
    def is_sheet_open(self) -> bool:
        """Whether a sheet of the frame covers the page."""
        return self._sheets.is_open

    def panes(self) -> tuple[QWidget, ...]:
        """What F6 goes round."""
        return tuple(pane for pane in (self.rail, self.strip, self.page, self.bottom_bar) if pane is not None)

    def open_numbered(self, number: int) -> None:
        """Go to a place of the rail by its number from the top, from 1."""
        if number <= len(self._places):
            self.open(Place.of(self._places[number - 1].page))

    def sync_now(self) -> None:
        """Start a cycle as soon as possible."""
        self.context.conversation.sync_now()

    @Slot()
    def _show_top(self) -> None:
        """Show the page of the place on top."""
        place = self._trail.top
        if self.pages.show_place(place) and (page := self.page) is not None:
            self._follow_size()
            page.follow_size()
            page.start()
        for bar in (self.rail, self.bottom_bar):
            bar.set_current(self._root_of(place))

    def _root_of(self, place: Place) -> str:
        known = {each.page for each in (*self._places, SETTINGS)}
        return place.page if place.page in known else self._places[0].page

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the frame for the new size."""
        super().resizeEvent(event)
        self._follow_size()

    @Slot()
    def _follow_size(self) -> None:
        size_class = theme().layout_class(self.window().width())
        is_compact = size_class == "compact"
        self.rail.setVisible(not is_compact)
        self.rail.set_wide(size_class == "wide")
        self.strip.set_compact(is_compact)
        self.bottom_bar.setVisible(is_compact and not ((page := self.page) is not None and page.covers_navigation))

    # ---- the FrameView

    def show_strip(self, words: StripWords) -> None:
        """Say how the conversation stands."""
        self.strip.show_words(words)

    def show_counts(self, counts: Mapping[str, int]) -> None:
        """Show numbers on rail and bottom bar."""
        for bar in (self.rail, self.bottom_bar):
            bar.set_counts(counts)

    def show_person(self, name: str) -> None:
        """Say who is signed in."""
        self.rail.set_word(PERSON, name)

    def show_sign_in_refused(self, sentence: str) -> None:
        """Say why the session did not begin."""
        self._sheets.show_sign_in_refused(sentence)

    def hide_sign_in(self) -> None:
        """The session has begun."""
        self._sheets.end_sign_in()

    def ask_for_password(self) -> bool:
        """Ask for another password, unless he is in the middle of something; tell whether it was asked."""
        is_free = not self.is_sheet_open and any(self._trail.top.page == each.page for each in self._places)
        if is_free:
            self._sheets.show_choose_password()
        return is_free

    def show_password_refused(self, problem: CmmsError) -> None:
        """Say why it does not count, also to who has put it off meanwhile."""
        if not self._sheets.show_password_refused(problem):
            self.complain(problem)

    def hide_choose_password(self) -> None:
        """It counts."""
        self._sheets.end_choosing()

    # ---- sheets

    @Slot(str)
    def _choose(self, page: str) -> None:
        if page == "more":
            self._sheets.show_more()
        elif page == PERSON:
            self._sheets.show_person()
        else:
            self.open(Place.of(page))
        for bar in (self.rail, self.bottom_bar):
            bar.set_current(self._root_of(self._trail.top))

    @Slot(str, str)
    def _sign_in_again(self, password: str, code: str) -> None:
        self.presenter.sign_in_again(password, code or None)

    @Slot(object)
    def _choose_password(self, wanted: NewPassword) -> None:
        self.presenter.choose_password(wanted)

    @Slot()
    def open_search(self) -> None:
        """Show the search palette."""
        self._sheets.show_search()

    @Slot()
    def open_scan(self) -> None:
        """Wait for a label, scanned or typed."""
        self._sheets.show_scan()

    @Slot(str)
    def take_scan(self, code: str) -> None:
        """Give a code to the page on top; what it has no use for is looked up."""
        self._sheets.close()
        if code and not ((page := self.page) is not None and page.take_scan(code)):
            self.presenter.look_up(code)

    @Slot()
    def open_sign_in(self) -> None:
        """Ask for the password of the signed-in person, in place."""
        self._sheets.show_sign_in()

    @Slot()
    def show_keys(self) -> None:
        """Show the list of keys."""
        self._sheets.show_keys()

    @Slot()
    def undo(self) -> None:
        """Take back what the toast offers to."""
        self.toast_shown.undo()

    # ---- the end

    def shut(self) -> None:
        """Let go of every page, then finish what was asked for."""
        self._tick.stop()
        self._first_page.stop()
        self.presenter.close()
        self.pages.shut()
        self._drafts.write_rest()
        self.background.close()
