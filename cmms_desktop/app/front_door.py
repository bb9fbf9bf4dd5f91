"""Who is shown in the window: the sign-in page, or the frame of somebody at work; and the way from one to the other.

It waits for nothing in the GUI thread, except at the very end. What a person may do is decided elsewhere.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, Signal, Slot

from cmms_desktop.app.at_work import AtWork
from cmms_desktop.app.desk import Desk
from cmms_desktop.app.people import enrolled_of
from cmms_desktop.app.wipe_reports import WipeReports
from cmms_desktop.application.new_file import free_path
from cmms_desktop.application.preferences import KeptPreferences, Preferences
from cmms_desktop.application.rescue import Rescued, rescue_path
from cmms_desktop.application.session import EnrolledHere
from cmms_desktop.credentials.wiping import WipeNote
from cmms_desktop.errors import CmmsError, Recalled
from cmms_desktop.sync.status import SyncStatus
from cmms_desktop.ui.bridge.conversation import QtConversation, unheard
from cmms_desktop.ui.bridge.doors import Refusal, Then
from cmms_desktop.ui.bridge.errands import Errands
from cmms_desktop.ui.bridge.network import NetworkWatch, load_library
from cmms_desktop.ui.screens.sign_in.view import SignInPage
from cmms_desktop.ui.window.frame import Frame
from cmms_desktop.ui.window.main_window import MainWindow
from sync_server.contract.rules.profile import Branding

log = logging.getLogger(__name__)


class Opener(Protocol):
    """Signs somebody in; slow, raises CmmsError."""

    def __call__(self, login: str, password: str, *, code: str | None) -> AtWork:
        """Give him at work. `code`: the enrolment code that he typed for this device."""
        ...


@dataclass(frozen=True, slots=True)
class _Found:
    """Who is enrolled here, what is to be said about enrolments that were wiped, and which are to be reported."""

    people: tuple[EnrolledHere, ...]
    sentences: tuple[str, ...]
    wiped: tuple[WipeNote, ...]


class FrontDoor(QObject):
    """The one window's door, and the desk of its sign-in page. Close it after the window."""

    signed_out = Signal()

    def __init__(
        self,
        desk: Desk,
        window: MainWindow,
        *,
        errands: Errands,
        preferences: KeptPreferences,
        opener: Opener,
        notes: tuple[str, ...] = (),
        ask_for_profile: Callable[[], None] | None = None,
    ) -> None:
        """Show nothing yet. `errands` are done one after another: a store is closed before it is opened again.

        `notes` are told on the sign-in page; `ask_for_profile` shows the page for profiles, None: there is none.
        """
        super().__init__()
        self._desk, self._window, self._preferences, self._opener = desk, window, preferences, opener
        self._errands = errands
        self._notes, self._ask_for_profile = notes, ask_for_profile
        self._people: tuple[EnrolledHere, ...] = ()
        self._shown: AtWork | None = None
        self._arrived: AtWork | None = None
        """Who is in, and nobody has heard of it yet."""
        self._conversation: QtConversation | None = None
        self._network: NetworkWatch | None = None
        self._forget_preferences = preferences.on_changed(self._tell_preferences)
        self._reports = WipeReports(desk)
        self._said = ""
        """What the organization did to this device, told on the sign-in page."""
        window.installEventFilter(self)
        window.closed.connect(self._end_conversation)

    @property
    def shown(self) -> AtWork | None:
        """Whose frame is shown; None: nobody's."""
        return self._shown

    # ---- the desk of the sign-in page

    @property
    def organization(self) -> str:
        return self._desk.settings.organization_slug

    @property
    def server(self) -> str:
        return self._desk.settings.server_url

    @property
    def said(self) -> str:
        return self._said

    @property
    def notes(self) -> tuple[str, ...]:
        return self._notes

    @property
    def branding(self) -> Branding:
        return self._desk.settings.branding

    @property
    def has_profile(self) -> bool:
        profile = self._desk.settings.profile
        return profile is not None and not profile.is_demonstration

    @property
    def takes_profiles(self) -> bool:
        return self._ask_for_profile is not None

    def ask_for_profile(self) -> None:
        if self._ask_for_profile is not None:
            self._ask_for_profile()

    def enrolled(self) -> tuple[EnrolledHere, ...]:
        return self._people

    def open(
        self,
        login: str,
        password: str,
        *,
        at_server: str | None,
        code: str | None,
        then: Then[None],
        refused: Refusal,
    ) -> None:
        self._errands.run(
            partial(self._let_in, login, password, at_server, code),
            partial(self._opened, then=then),
            refused=partial(self._refused, refused=refused),
        )

    def rescue(self, login: str, password: str, *, then: Then[Rescued], refused: Refusal) -> None:
        self._errands.run(partial(self._rescue, login, password), then, refused=refused)

    # ---- who is shown

    def show_sign_in(self) -> None:
        """Look who is enrolled here, then show the sign-in page."""
        self._errands.run(self._look, self._show_looked, refused=self._show_strangers)

    def show(self, person: AtWork) -> None:
        """Show somebody at work; whoever was shown before has been taken away."""
        conversation = QtConversation(person.scheduler, sign_in=person.sign_in_again, choose=person.choose_password)
        frame = Frame(person.session, conversation, clock=self._desk.clock, preferences=self._preferences)
        frame.sign_out_wanted.connect(self.sign_out)
        self._said = ""
        self._shown, self._conversation = person, conversation
        self._window.show_frame(frame)
        self._tell_preferences(self._preferences.get())
        if self._network is None:
            self._errands.run(load_library, self._watch_network, refused=unheard)
        else:
            self._tell_network()
        conversation.on_status(self._follow)
        self._follow(conversation.status)

    def take_away(self) -> AtWork | None:
        """Take whoever is shown out of the window and give him to the caller, who closes him or shows him again."""
        person, self._shown = self._shown, None
        self._window.take_frame()
        self._end_conversation()
        return person

    def _follow(self, status: SyncStatus) -> None:
        """Close the work of whoever is shown when the organization has locked or wiped this device."""
        if status.recalled and self._shown is not None:
            self._said = status.problem or ""
            self.sign_out()

    @Slot()
    def sign_out(self) -> None:
        """End the work of whoever is shown, and ask who works now."""
        if self._shown is not None:
            self._shown.let_go()
        person = self.take_away()
        if person is not None:
            self._errands.later(person.close)
        self.show_sign_in()
        self.signed_out.emit()

    def close(self) -> None:
        """End the work of whoever is shown, or came in while the window closed; window and errands are closed."""
        here, self._shown, self._arrived = (self._shown, self._arrived), None, None
        self._forget_preferences()
        self._window.removeEventFilter(self)
        self._end_conversation()
        self._reports.stop()
        for person in here:
            if person is not None:
                person.close()

    # ---- on the way

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Let nobody wait for a position while the window closes."""
        if event.type() == QEvent.Type.Close and self._shown is not None:
            self._shown.let_go()
        return False

    def _let_in(self, login: str, password: str, at_server: str | None, code: str | None) -> AtWork:
        """Sign somebody in; in the thread of the errands, which is over before `close`."""
        if at_server is not None:
            self._desk.sign_in_at_server(login, password, at_server=at_server, code=code)
            code = None  # it counts once
        self._arrived = self._opener(login, password, code=code)
        return self._arrived

    def _opened(self, person: AtWork, *, then: Then[None]) -> None:
        self._arrived = None
        then(None)
        self.show(person)

    def _refused(self, problem: CmmsError, *, refused: Refusal) -> None:
        """Tell whoever is refused; a device that was just taken back has other people, and something to say."""
        if isinstance(problem, Recalled):
            self._said = problem.sentence
            self.show_sign_in()
        else:
            refused(problem)

    def _rescue(self, login: str, password: str) -> Rescued:
        today, is_training = self._desk.clock().date(), self._desk.settings.is_training
        path = free_path(rescue_path(login, today, is_training=is_training))
        return self._desk.rescue(login, password, path)

    # ---- what the sync thread has to know

    def _watch_network(self, _: None) -> None:
        if self._network is None:
            self._network = NetworkWatch()
            self._network.changed.connect(self._tell_network)
        self._tell_network()

    @Slot()
    def _tell_network(self) -> None:
        if self._shown is not None and self._network is not None:
            self._shown.scheduler.network_changed(is_metered=self._network.is_metered)

    def _tell_preferences(self, preferences: Preferences) -> None:
        if self._shown is not None:
            self._shown.scheduler.send_photos_on_metered(preferences.photos_on_metered == "send")

    def _look(self) -> _Found:
        """Go on with wipes that were begun, now that no store is open, and list who is left."""
        sentences, wiped = self._desk.go_on_with_wipes()
        return _Found(enrolled_of(self._desk.installation), sentences, wiped)

    def _show_looked(self, found: _Found) -> None:
        self._said = self._said or " ".join(found.sentences)
        self._show_sign_in(found.people)
        self._reports.send(found.wiped)

    def _show_sign_in(self, people: tuple[EnrolledHere, ...]) -> None:
        self._people = people
        self._window.show_page(SignInPage(self))

    def _show_strangers(self, problem: CmmsError) -> None:
        """The data folder cannot be read: signing in says so when somebody tries."""
        log.warning("the people of this installation cannot be listed: %s", problem.sentence)
        self._show_sign_in(())

    @Slot()
    def _end_conversation(self) -> None:
        if self._conversation is not None:
            self._conversation.close()
            self._conversation = None
