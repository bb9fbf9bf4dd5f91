"""What the frame shows around every page: the strip's words, the counts, who is signed in. Plain Python."""

from collections.abc import Mapping
from typing import Protocol

from cmms_desktop.application.new_password import NewPassword
from cmms_desktop.application.queries.counts import PlaceCounts, place_counts
from cmms_desktop.application.queries.labels import Label, find_label
from cmms_desktop.application.queries.own_words import ENTITIES, own_words
from cmms_desktop.application.session import Reading
from cmms_desktop.errors import CmmsError
from cmms_desktop.sync.status import Connection, SyncStatus
from cmms_desktop.ui.bridge.doors import Place, Presenter, ScreenContext
from cmms_desktop.ui.text import words
from cmms_desktop.ui.text.code_words import PASSWORD_COUNTS
from cmms_desktop.ui.text.connection import StripWords, strip_words

UNKNOWN_LABEL = "No asset, part or order on this device carries {code}."


class FrameView(Protocol):
    """What the presenter asks of the frame."""

    def show_strip(self, words: StripWords) -> None:
        """Say how the conversation stands."""
        ...

    def show_counts(self, counts: Mapping[str, int]) -> None:
        """Show a number at the places of the rail, by page."""
        ...

    def show_person(self, name: str) -> None:
        """Say who is signed in."""
        ...

    def show_sign_in_refused(self, sentence: str) -> None:
        """Say why the new session did not begin."""
        ...

    def hide_sign_in(self) -> None:
        """The new session has begun."""
        ...

    def ask_for_password(self) -> bool:
        """Ask for another password, unless he is in the middle of something; tell whether it was asked."""
        ...

    def show_password_refused(self, problem: CmmsError) -> None:
        """Say why the other password does not count."""
        ...

    def hide_choose_password(self) -> None:
        """The other password counts."""
        ...


class FramePresenter(Presenter):
    """Keeps strip, rail and person true."""

    def __init__(self, context: ScreenContext, view: FrameView) -> None:
        super().__init__(context)
        self._view = view
        self._is_to_be_asked = context.session.signed_in.must_choose_password
        """He has to choose a password, and was not asked since he unlocked his work."""

    def start(self) -> None:
        """Show everything and keep it true."""
        self.until_closed(self.context.conversation.on_status(self._show_status))
        self.watch(self.refresh)
        self.watch(self._ask_words, concerns=lambda keys: any(entity in ENTITIES for entity, _ in keys))
        self._ask_words()
        self.refresh()

    def refresh(self) -> None:
        """Ask for the counts and say how things stand, by the clock of now."""
        person_id = self.context.session.signed_in.person_id
        self.ask("counts", lambda reading: place_counts(reading, person_id), self._show_counts)
        self._show_status(self.context.conversation.status)

    def sign_in_again(self, password: str, code: str | None = None) -> None:
        """Begin a new session; work goes on meanwhile."""
        refused = self._sign_in_refused
        self.context.conversation.sign_in_again(password, code=code, then=self._signed_in, refused=refused)

    def choose_password(self, wanted: NewPassword) -> None:
        """Let another password count; work goes on meanwhile."""
        refused = self._view.show_password_refused
        self.context.conversation.choose_password(wanted, then=self._chosen, refused=refused)

    def look_up(self, code: str) -> None:
        """Go to what carries a scanned or typed code; an unknown one is said in passing."""

        def query(reading: Reading) -> Label | None:
            return find_label(reading, code)

        self.ask("label", query, lambda label: self._go_to(label, code))

    def _ask_words(self) -> None:
        """Pages say the organization's own words from their next look on."""
        self.ask("words", own_words, words.take_own)

    def _go_to(self, label: Label | None, code: str) -> None:
        if label is None:
            self.context.navigator.toast(UNKNOWN_LABEL.format(code=code))
        elif label.entity == "work_order":
            self.context.navigator.open(Place.of("order", order_id=label.id, tab="summary"))
        elif label.entity == "part":
            self.context.navigator.open(Place.of("parts", part_id=label.id))
        else:
            self.context.navigator.open(Place.of("assets", asset_id=label.id))

    def _show_status(self, status: SyncStatus) -> None:
        self._view.show_strip(strip_words(status, now=self.context.clock()))
        if self._is_to_be_asked and status.connection is Connection.ONLINE:
            self._is_to_be_asked = not self._view.ask_for_password()

    def _show_counts(self, counts: PlaceCounts) -> None:
        self._view.show_counts(
            {
                "inbox": counts.conflicts + counts.held,
                "sync": counts.unsent + counts.parked + counts.left + counts.news,
                "review": counts.to_review,
            }
        )
        self._view.show_person(counts.name or self.context.session.signed_in.login)

    def _signed_in(self, _: None) -> None:
        self._view.hide_sign_in()
        self.context.conversation.sync_now()

    def _chosen(self, _: None) -> None:
        self._view.hide_choose_password()
        self.context.navigator.toast(PASSWORD_COUNTS)
        self.context.conversation.sync_now()

    def _sign_in_refused(self, problem: CmmsError) -> None:
        self._view.show_sign_in_refused(problem.sentence)
