"""Answering the checklists of an order. Every tap is a command at once; what is not complete yet is kept as a draft.

Plain Python. It decides nothing about answers: contract/rules does, before a command and again inside it.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from cmms_desktop.application.queries.checklist_page import ChecklistPage, ItemLine, checklist_page
from cmms_desktop.application.queries.own_work import OrderRights, order_rights
from cmms_desktop.application.session import Key, Reading
from cmms_desktop.errors import CmmsError
from cmms_desktop.ui.bridge.doors import Place, Presenter, ScreenContext
from cmms_desktop.ui.screens.checklist import doing
from cmms_desktop.ui.screens.checklist.answering import Answering, Sent
from cmms_desktop.ui.screens.checklist.states import ChecklistState, ItemState, Overlay, checklist_state, item_state
from cmms_desktop.ui.text import answer_words as words
from cmms_desktop.ui.text.moments import Moments

_SHOWN: Final = frozenset({"checklist", "checklist_item", "attachment", "conflict", "work_order"})


class ChecklistView(Protocol):
    """What shows it."""

    def show_state(self, state: ChecklistState) -> None:
        """Show all of it; only rows that differ are touched."""
        ...

    def open_note(self, item_id: str) -> None:
        """Put the cursor into the note of an item: one is wanted."""
        ...

    def say_gone(self) -> None:
        """Say that the order is not on this device any more."""
        ...


class ChecklistPresenter(Presenter):
    """One order's checklists."""

    def __init__(self, context: ScreenContext, view: ChecklistView, order_id: str) -> None:
        """Show one order's checklists in a view."""
        super().__init__(context)
        self._view, self._order_id = view, order_id
        self._moments = Moments()
        self._answering = Answering(
            context, changed=self._show, saved=self.refresh, note_wanted=view.open_note, refused=self._refused
        )
        self._page: ChecklistPage | None = None
        self._lines: dict[str, ItemLine] = {}
        self._states: dict[str, tuple[ItemLine, Overlay, bool, ItemState]] = {}
        self._may_follow_up = False
        self._notice: tuple[str, str] | None = None
        self._set_ok: doing.Passed = {}
        self._followed: set[str] = set()
        """Items that got an order that follows them up; the button goes when they are read again."""

    def start(self) -> None:
        """Show what is saved, with what was half entered on top."""
        self.watch(self.refresh, concerns=_concerns)
        self.refresh()

    def refresh(self) -> None:
        """Read again."""
        self.ask("checklist", self._read, partial(self._found, self._answering.unread))

    # ---- answers

    def answer(self, item_id: str, result: str) -> None:
        """Pass, flag, fail or na; empty text takes the answer back."""
        if self._may_enter:
            self._answering.enter(item_id, leads=True, result=result)

    def type_value(self, item_id: str, text: str) -> None:
        """Keep a reading or text at each key."""
        if self._may_enter:
            self._answering.keep(item_id, value=text)

    def enter_value(self, item_id: str, text: str) -> None:
        """Save a reading, text or choice: it was chosen, Enter was pressed, the field was left, or − or +."""
        if self._may_enter:
            self._answering.enter(item_id, leads=True, value=text)

    def type_note(self, item_id: str, text: str) -> None:
        """Keep a note at each key."""
        if self._may_enter:
            self._answering.keep(item_id, note=text)

    def enter_note(self, item_id: str, text: str) -> None:
        """Save a note: the field was left."""
        if self._may_enter:
            self._answering.enter(item_id, note=text)

    def add_photo(self, item_id: str, path: Path) -> None:
        """Take a photo from a file; it is kept at once, also while the answer still wants something."""
        if self._may_enter:
            is_answer = item_id in self._lines and self._lines[item_id].kind == "photo"
            session = self.context.session
            work = partial(doing.keep_photo, session, path, item_id=item_id, is_answer=is_answer)
            kept, refused = partial(self._photo_kept, item_id), partial(self._answering.refuse, item_id)
            self.context.background.run(work, kept, refused=refused)

    def _photo_kept(self, item_id: str, _: None) -> None:
        self._answering.photo_kept(item_id)

    # ---- all at once

    def set_all_ok(self, section_index: int | None = None) -> None:
        """Pass what is open: in one section, or (None) in every checklist of the order."""
        if self._page is None or not self._may_enter:
            return
        chosen = [each for each in self._page.sections if section_index in {None, each.index}]
        among = frozenset(
            line.id
            for section in chosen
            for line in section.items
            if line.kind == "pass_fail" and line.is_asked and not self._state(line).answer
        )
        lists = tuple(dict.fromkeys(section.checklist_id for section in chosen))
        self.context.background.write(partial(doing.set_all_ok, checklist_ids=lists, among=among), self._was_set)

    def undo(self) -> None:
        """Take the last *Set all OK* back; what was answered otherwise since then stays."""
        passed, self._set_ok = self._set_ok, {}
        if passed:
            self.context.background.write(partial(doing.take_back_ok, passed=passed), self._was_taken_back)

    def _was_set(self, passed: doing.Passed) -> None:
        count = sum(len(ids) for ids in passed.values())
        if count:
            self._set_ok = passed
            self.context.navigator.toast(words.set_ok(count), undo=self.undo)

    def _was_taken_back(self, count: int) -> None:
        self.context.navigator.toast(words.opened_again(count))

    # ---- follow-ups and conflicts

    def follow_up(self, item_id: str) -> None:
        """Make an order for what failed; it gets a number of this device at once. A second press makes no other."""
        if item_id not in self._followed:
            self._followed.add(item_id)
            command, refused = partial(doing.follow_up, item_id=item_id), partial(self._not_followed, item_id)
            self.context.background.write(command, refused=refused)

    def _not_followed(self, item_id: str, problem: CmmsError) -> None:
        self._followed.discard(item_id)
        self._answering.refuse(item_id, problem)

    def open_follow_up(self, item_id: str) -> None:
        """Go to that order."""
        link = self._lines[item_id].follow_up if item_id in self._lines else None
        if link is not None:
            self.context.navigator.open(Place.of("order", order_id=link.id, tab="summary"))

    def compare(self) -> None:
        """Go to the conflicts."""
        self.context.navigator.open(Place.of("inbox"))

    # ---- showing

    def _refused(self, problem: CmmsError) -> None:
        """Its item says it; who has left the page meanwhile is told by the window."""
        if self._is_closed:
            self.context.navigator.complain(problem)

    @property
    def _may_enter(self) -> bool:
        return self._page is not None and self._notice is None and not self._is_closed

    def _read(self, reading: Reading) -> tuple[ChecklistPage | None, OrderRights]:
        return checklist_page(reading, self._order_id), order_rights(reading, self._order_id)

    def _found(self, unread: Mapping[str, Sent], found: tuple[ChecklistPage | None, OrderRights]) -> None:
        self._page, rights = found
        if rights.may_follow_up != self._may_follow_up:
            self._may_follow_up, self._states = rights.may_follow_up, {}
        if self._page is None:
            self._view.say_gone()
            return
        self._lines = {line.id: line for line in self._page.items}
        self._notice = words.LOCKED if self._page.is_locked else None if rights.may_work else words.NOT_YOURS
        self._answering.know(self._page.items, unread=unread)
        self._show()

    def _show(self) -> None:
        if self._page is not None and not self._is_closed:
            self._view.show_state(checklist_state(self._page, self._state, notice=self._notice))

    def _state(self, line: ItemLine) -> ItemState:
        """Say everything about one item; words are made anew only when something about it changed."""
        overlay, is_locked = self._answering.overlay(line.id), self._notice is not None
        kept = self._states.get(line.id)
        if kept is not None and kept[0] == line and kept[1:3] == (overlay, is_locked):
            return kept[3]
        state = item_state(line, overlay, moments=self._moments, is_locked=is_locked, may_follow_up=self._may_follow_up)
        self._states[line.id] = (line, overlay, is_locked, state)
        return state


def _concerns(keys: frozenset[Key]) -> bool:
    return any(entity in _SHOWN for entity, _ in keys)
