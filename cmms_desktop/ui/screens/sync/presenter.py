"""The sync page: shows how far everything has come and takes what a person decides about refused changes.

Follows the conversation's status and the rows; sends nothing by itself and never waits for a network.
"""

from dataclasses import replace
from functools import partial
from typing import Any, Final, Protocol

import msgspec

from cmms_desktop.application.export_change import export_path, export_refused
from cmms_desktop.application.queries.changes import Change
from cmms_desktop.application.queries.half_entered import about_of, words_in
from cmms_desktop.application.queries.sync_page import SyncPage, sync_page
from cmms_desktop.application.session import Reading
from cmms_desktop.errors import CmmsError, Refused
from cmms_desktop.sync.status import Connection, SyncStatus
from cmms_desktop.ui.bridge.doors import Place, Presenter, ScreenContext
from cmms_desktop.ui.screens.sync.attention_words import Handling, attention, fix_fields
from cmms_desktop.ui.screens.sync.list_words import (
    attention_more,
    pause_words,
    trouble_lines,
    waiting_lines,
    waiting_more,
)
from cmms_desktop.ui.screens.sync.progress_words import ProgressTeller
from cmms_desktop.ui.screens.sync.states import SyncState
from cmms_desktop.ui.text.entries import wire_value
from cmms_desktop.ui.text.moments import Moments
from sync_server.contract.fields import Scalar

RESTED_ON: Final = "conflicting_reference"
_DRAFT: Final = msgspec.json.Decoder(dict[str, str])


class SyncView(Protocol):
    """The page."""

    def show_state(self, state: SyncState) -> None:
        """Show a state."""
        ...


class SyncPresenter(Presenter):
    """One visit to the page."""

    def __init__(self, context: ScreenContext, view: SyncView) -> None:
        super().__init__(context)
        self._view = view
        self._status = context.conversation.status
        self._page: SyncPage | None = None
        self._handling: dict[str, Handling] = {}

    def start(self) -> None:
        """Read, and follow status and rows."""
        self.follow(self._follow)
        self.watch(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Read anew."""
        self.ask("sync", self._query, self._take)

    def _query(self, reading: Reading) -> SyncPage:
        return sync_page(reading, store_bytes=self.context.session.store_bytes())

    # ---- the conversation

    def sync_now(self) -> None:
        """Start a cycle."""
        self.context.conversation.sync_now()

    def toggle_photos(self) -> None:
        """Keep the bytes of photos back, or send them: also where each byte costs something."""
        if self._status.are_photos_waiting_for_unmetered:
            self.context.conversation.send_photos_now()
            return
        self.context.conversation.pause_photos(not self._status.are_photos_paused)

    # ---- going elsewhere

    def open_inbox(self, place_id: str) -> None:
        """Compare a conflict, or read a held change."""
        self.context.navigator.open(Place.of("inbox", conflict_id=place_id))

    # ---- correcting a refused change

    def begin_fix(self, mutation_id: str) -> None:
        """Show the values to correct; without any, send it again as it is."""
        cause = self._cause(mutation_id)
        if cause is None:
            return
        if not fix_fields(cause, Handling()):
            self._resend(mutation_id, {})
            return
        self._handle(mutation_id, part="fix", typed=self._draft(mutation_id), message="", problem=None)

    def enter(self, mutation_id: str, name: str, text: str) -> None:
        """Type a corrected value."""
        doing = self._doing(mutation_id)
        typed = {**doing.typed, name: text}
        self.context.drafts.keep(_draft_name(mutation_id), msgspec.json.encode(typed).decode())
        problems = {key: value for key, value in doing.problems.items() if key != name}
        self._handle(mutation_id, typed=typed, problems=problems)

    def send_again(self, mutation_id: str) -> None:
        """Make the change again with the corrected values."""
        cause = self._cause(mutation_id)
        if cause is None or self._doing(mutation_id).is_busy:
            return
        values: dict[str, Scalar] = {}
        problems: dict[str, str] = {}
        for each in fix_fields(cause, self._doing(mutation_id)):
            value, problem = wire_value(cause.entity, each.name, each.text)
            if problem is not None:
                problems[each.name] = problem
            elif value != _before(cause, each.name):
                values[each.name] = value
        if problems:
            self._handle(mutation_id, problems=problems)
        else:
            self._resend(mutation_id, values)

    def _resend(self, mutation_id: str, values: dict[str, Scalar]) -> None:
        self._handle(mutation_id, is_busy=True, problem=None, problems={})
        resend = partial(self.context.session.outbox.resend_as_new, mutation_id, set=values)
        done = partial(self._done, mutation_id, "It goes with the next sync")
        self.context.background.run(resend, done, refused=partial(self._refuse, mutation_id))

    # ---- exporting and withdrawing it

    def begin_export(self, mutation_id: str) -> None:
        """Ask where to, with a suggestion."""
        cause = self._cause(mutation_id)
        if cause is not None:
            is_training = self.context.session.signed_in.is_training
            suggest = partial(export_path, cause.subject.name, self.context.clock().date(), is_training=is_training)
            self.context.background.run(suggest, partial(self._show_export, mutation_id))

    def _show_export(self, mutation_id: str, path: str) -> None:
        self._handle(mutation_id, part="export", path=path, path_problem=None, message="")

    def type_path(self, mutation_id: str, path: str) -> None:
        """Type another place for the file."""
        self._handle(mutation_id, path=path, path_problem=None)

    def export(self, mutation_id: str) -> None:
        """Write the file."""
        doing = self._doing(mutation_id)
        if doing.is_busy:
            return
        self._handle(mutation_id, is_busy=True)
        write = partial(export_refused, self.context.session, mutation_id, doing.path)
        refused = partial(self._refuse_export, mutation_id)
        self.context.background.run(write, partial(self._exported, mutation_id), refused=refused)

    def _exported(self, mutation_id: str, path: str) -> None:
        self._handle(mutation_id, part="", is_busy=False, message=f"Saved as {path}")

    def _refuse_export(self, mutation_id: str, problem: CmmsError) -> None:
        if self._is_closed:
            self.context.navigator.complain(problem)
        self._handle(mutation_id, is_busy=False, path_problem=problem.sentence)

    def leave(self, mutation_id: str) -> None:
        """Close what is open below a refused change; what was typed stays a draft."""
        self._handle(mutation_id, part="", path_problem=None, problems={})

    def withdraw(self, mutation_id: str) -> None:
        """Take it back for good; a question was answered before."""
        doing = self._doing(mutation_id)
        if doing.is_busy or self._cause(mutation_id) is None:
            return
        self._handle(mutation_id, is_busy=True, problem=None)
        outbox = self.context.session.outbox
        take_back = partial(outbox.withdraw, mutation_id, with_dependents=doing.takes_all)
        done = partial(self._done, mutation_id, "Change withdrawn")
        self.context.background.run(take_back, done, refused=partial(self._refuse, mutation_id))

    # ---- texts without an order

    def discard(self, name: str) -> None:
        """Forget a text whose order left; a question was answered before."""
        self._forget(name)
        self.context.navigator.toast("Text discarded")
        self.refresh()

    def _forget(self, name: str) -> None:
        for each in (name, about_of(name)):
            self.context.drafts.drop(each)

    def _forget_wordless(self, names: tuple[str, ...]) -> None:
        """Words that are not written yet, such as on a full disk, stay."""
        for name in names:
            if not words_in(name, self.context.drafts.get(name) or ""):
                self._forget(name)

    def copied(self) -> None:
        """A text is in the clipboard."""
        self.context.navigator.toast("Text copied")

    # ---- answers

    def _done(self, mutation_id: str, what: str, _: Any) -> None:
        self._handling.pop(mutation_id, None)
        self.context.drafts.drop(_draft_name(mutation_id))
        self.context.navigator.toast(what)
        self.refresh()

    def _refuse(self, mutation_id: str, problem: CmmsError) -> None:
        if self._is_closed:
            self.context.navigator.complain(problem)
        rests = isinstance(problem, Refused) and problem.code == RESTED_ON
        takes_all = rests or self._doing(mutation_id).takes_all
        self._handle(mutation_id, is_busy=False, problem=problem.sentence, takes_all=takes_all)

    def _follow(self, status: SyncStatus) -> None:
        before, self._status = self._status, status
        if replace(before, troubles=()) != replace(status, troubles=()):
            self.refresh()
        self._show()

    def _take(self, page: SyncPage) -> None:
        self._page = page
        self._forget_wordless(page.wordless)
        refused = {step.cause.mutation_id for step in page.refused}
        self._handling = {key: value for key, value in self._handling.items() if key in refused}
        self._show()

    # ---- what is there

    def _cause(self, mutation_id: str) -> Change | None:
        steps = self._page.refused if self._page else ()
        return next((step.cause for step in steps if step.cause.mutation_id == mutation_id), None)

    def _doing(self, mutation_id: str) -> Handling:
        return self._handling.get(mutation_id, Handling())

    def _handle(self, mutation_id: str, **changes: Any) -> None:
        if self._cause(mutation_id) is not None:
            self._handling[mutation_id] = replace(self._doing(mutation_id), **changes)
            self._show()

    def _draft(self, mutation_id: str) -> dict[str, str]:
        draft = self.context.drafts.get(_draft_name(mutation_id))
        try:
            return _DRAFT.decode(draft) if draft else {}
        except msgspec.DecodeError:
            return {}

    # ---- showing

    def _show(self) -> None:
        if self._page is None or self._is_closed:
            return
        page, status, moments, now = self._page, self._status, Moments(), self.context.clock()
        teller = ProgressTeller(status, page, moments, now)
        icon, footer, short = teller.footer()
        listed = attention(page, self._handling, moments, now)
        self._view.show_state(
            SyncState(
                headline=teller.headline(),
                figures=teller.figures(),
                changes=teller.changes(),
                photos=teller.photos(),
                office=teller.office(),
                attention=listed,
                attention_title=f"Needs attention, {page.attention}",
                attention_more=attention_more(page, len(listed)),
                waiting=waiting_lines(page, moments, now),
                waiting_title=f"Waiting, {page.waiting_total}" if page.waiting else "",
                waiting_more=waiting_more(page),
                troubles=trouble_lines(status, page, moments, now),
                device=teller.device(self.context.session.signed_in.device_id[:8]),
                footer=footer,
                footer_short=short,
                footer_icon=icon,
                pause=pause_words(status, page),
                is_paused=status.are_photos_paused or status.are_photos_waiting_for_unmetered,
                is_syncing=status.connection is Connection.SENDING,
            )
        )


def _draft_name(mutation_id: str) -> str:
    return f"fix:{mutation_id}"


def _before(cause: Change, name: str) -> Scalar:
    value = cause.value(name)
    return None if value is None else value.raw
