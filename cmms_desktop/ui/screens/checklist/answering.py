"""From a tap to a saved answer: drafts at each key, one command at a time for an item, the newest answer wins.

An answer that still wants a note or a photo lies over its item as a draft until it has them. Plain Python.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from cmms_desktop.application.queries.checklist_page import ItemLine
from cmms_desktop.errors import CmmsError, EnvironmentFailure
from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.screens.checklist import doing
from cmms_desktop.ui.screens.checklist.entries import NOTHING, Entry, Given, entry_of, given, is_saved, judged
from cmms_desktop.ui.screens.checklist.states import Overlay
from sync_server.contract.problems import Problem


@dataclass(frozen=True, slots=True, eq=False)
class Sent:
    """One command: what lay over the item, and the whole answer that it made of it. Each is one of a kind."""

    entry: Entry
    whole: Given


@dataclass(slots=True)
class Answering:
    """What was entered for the items of one order. `changed` asks to be shown again, `saved` to be read again.

    `refused` hears of what its item says already.
    """

    context: ScreenContext
    changed: Callable[[], None]
    saved: Callable[[], None]
    note_wanted: Callable[[str], None]
    refused: Callable[[CmmsError], None]
    _lines: dict[str, ItemLine] = field(default_factory=dict)
    _overlays: dict[str, Overlay] = field(default_factory=dict)
    _saving: dict[str, Sent] = field(default_factory=dict)
    """Of items whose command is under way; the next one waits for its end."""
    _unread: dict[str, Sent] = field(default_factory=dict)
    """Of items whose command is done and whose row was read before that: the row says what was saved before."""
    _settled: set[str] = field(default_factory=set)
    """Items whose entry is saved; it lies over the row until the row is read again."""
    _unfinished: set[str] = field(default_factory=set)
    """Items that got a photo; their entry may be complete when they are read again."""

    @property
    def unread(self) -> Mapping[str, Sent]:
        """What the next reading will show; ask before reading."""
        return dict(self._unread)

    def know(self, lines: Iterable[ItemLine], *, unread: Mapping[str, Sent]) -> None:
        """Take the items as they were just read; `unread` is what it was when the reading was asked for."""
        for item_id in [each for each, sent in unread.items() if self._unread.get(each) is sent]:
            del self._unread[item_id]
            if item_id in self._settled:
                self._overlays[item_id] = Overlay()
                self._settled.discard(item_id)
        self._lines = {line.id: line for line in lines}
        for line in self._lines.values():
            self._forget_saved(line)
        unfinished, self._unfinished = self._unfinished, set()
        for item_id in unfinished:
            if not self.overlay(item_id).entry.is_empty:
                self.enter(item_id)
        for item_id in [each for each, overlay in self._overlays.items() if overlay.is_tried_again]:
            self.enter(item_id)

    def overlay(self, item_id: str) -> Overlay:
        """What lies over an item, at first the draft that was kept."""
        found = self._overlays.get(item_id)
        if found is None:
            found = self._overlays[item_id] = Overlay(entry_of(self.context.drafts.get(_draft(item_id))))
        is_saving = item_id in self._saving or item_id in self._settled
        return found if found.is_saving == is_saving else replace(found, is_saving=is_saving)

    def keep(self, item_id: str, **changes: str) -> None:
        """Lay something over the item, durably, without judging it: the person is still typing."""
        self._set(item_id, self.overlay(item_id).entry.over(**changes), is_typing="value" in changes)
        self.changed()

    def enter(self, item_id: str, *, leads: bool = False, **changes: str) -> None:
        """Save an answer, or say what it still wants; with `leads` the keyboard goes where it is wanted."""
        line = self._lines.get(item_id)
        if line is None:
            return
        entry = self.overlay(item_id).entry
        if not self._is_second_try(line, changes):
            entry = entry.over(**changes)
        whole = given(line, entry)
        is_known = self._is_saved(line, whole)
        self._set(item_id, NOTHING if is_known and item_id not in self._unread else entry)
        found = judged(line, whole)
        if is_known and item_id in self._unread:
            self._settle(item_id)
        elif not isinstance(found, Problem):
            self._save(item_id)
        self.changed()
        if leads and isinstance(found, Problem) and found.code == "note_required":
            self.note_wanted(item_id)

    def refuse(self, item_id: str, problem: CmmsError) -> None:
        """Say on the item why something was not done; what was entered stays as a draft."""
        entry = self.overlay(item_id).entry
        may_pass = isinstance(problem, EnvironmentFailure) and not entry.is_empty
        self._overlays[item_id] = Overlay(entry, refusal=problem.sentence, is_tried_again=may_pass)
        self.refused(problem)
        self.changed()

    def photo_kept(self, item_id: str) -> None:
        """The item has one more photo: read it, then try again to save what was entered."""
        self._overlays[item_id] = Overlay(self.overlay(item_id).entry)
        self._unfinished.add(item_id)
        self.saved()

    def _is_second_try(self, line: ItemLine, changes: Mapping[str, str]) -> bool:
        """Whether the answer that is pressed already, but not saved, was pressed again: to save it, not to drop it."""
        now = self.overlay(line.id)
        pressed = {"pass_fail": {"result": now.entry.result}, "choice": {"value": now.entry.value}}.get(line.kind, {})
        is_pressed_again = any(changes.get(name) == "" and bool(text) for name, text in pressed.items())
        is_waiting = not (now.is_saving or now.is_typing) and not isinstance(
            judged(line, given(line, now.entry)), Problem
        )
        return is_pressed_again and is_waiting

    def _forget_saved(self, line: ItemLine) -> None:
        """Drop a draft that says what is saved: the program died, or was closed, right after the command."""
        if line.id in self._unread or not self.context.drafts.get(_draft(line.id)):
            return
        if self._is_saved(line, given(line, self.overlay(line.id).entry)):
            self._set(line.id, NOTHING)

    def _is_saved(self, line: ItemLine, whole: Given) -> bool:
        """Whether saving it would change nothing; the row as it was read says so only if nothing was saved since."""
        if line.id in self._saving:
            return False
        last = self._unread.get(line.id)
        return is_saved(line, whole) if last is None else last.whole == whole

    def _set(self, item_id: str, entry: Entry, *, is_typing: bool = False) -> None:
        self._overlays[item_id] = Overlay(entry, is_typing)
        self._settled.discard(item_id)
        self.context.drafts.keep(_draft(item_id), entry.as_text())

    def _save(self, item_id: str) -> None:
        entry = self.overlay(item_id).entry
        if entry.is_empty or item_id in self._saving:
            return
        whole = given(self._lines[item_id], entry)
        self._saving[item_id] = Sent(entry, whole)
        self.context.background.write(
            partial(doing.complete, item_id=item_id, whole=whole),
            partial(self._was_saved, item_id),
            refused=partial(self._was_refused, item_id),
        )

    def _was_saved(self, item_id: str, _: None) -> None:
        self._unread[item_id] = self._saving[item_id]
        if self._is_newest(item_id):
            self._settle(item_id)
            self.saved()

    def _settle(self, item_id: str) -> None:
        """What lies over the item is saved; it lies there until the row is read again."""
        self._settled.add(item_id)
        self.context.drafts.drop(_draft(item_id))

    def _was_refused(self, item_id: str, problem: CmmsError) -> None:
        if self._is_newest(item_id):
            self.refuse(item_id, problem)

    def _is_newest(self, item_id: str) -> bool:
        """End the command of an item. False: something newer was entered meanwhile, and is saved now."""
        sent, now = self._saving.pop(item_id), self.overlay(item_id)
        if now.entry == sent.entry:
            return True
        if not now.is_typing:
            self.enter(item_id)
        return False


def _draft(item_id: str) -> str:
    return f"answer:{item_id}"
