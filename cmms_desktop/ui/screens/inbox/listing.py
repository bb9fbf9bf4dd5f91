"""What stands in the list of the inbox and in which order; which row follows when one is gone. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from cmms_desktop.application.queries.held import HeldLine
from cmms_desktop.application.queries.inbox import ConflictGroup, ConflictLine
from cmms_desktop.application.queries.settling import InboxPage, is_bookkeeping

HELD: Final = "held:"
"""Begins the id of a held change in the list."""

Tab = Literal["open", "settled"]


@dataclass(frozen=True, slots=True)
class Listing:
    """One of the two lists: what is open, or what was settled."""

    page: InboxPage
    tab: Tab

    @property
    def groups(self) -> tuple[ConflictGroup, ...]:
        """Conflicts by order or asset."""
        return self.page.inbox.open if self.tab == "open" else self.page.inbox.settled

    @property
    def held(self) -> tuple[HeldLine, ...]:
        """Held changes: undecided ones among the open, the others among the settled."""
        return tuple(line for line in self.page.held if (line.decision is None) == (self.tab == "open"))

    @property
    def ids(self) -> list[str]:
        """Ids of all rows, from top to bottom."""
        return [*(group.aggregate_id for group in self.groups), *(HELD + line.id for line in self.held)]

    def group(self, row_id: str) -> ConflictGroup | None:
        """The conflicts behind a row, without those that go along with another; None: there are none."""
        group = next((group for group in self.groups if group.aggregate_id == row_id), None)
        if group is None:
            return None
        told = tuple(line for line in group.conflicts if not is_bookkeeping(line))
        return replace(group, conflicts=told) if told else group

    def companions(self, row_id: str, line: ConflictLine) -> tuple[ConflictLine, ...]:
        """Open fields that go along with another one of the same thing."""
        group = next((group for group in self.groups if group.aggregate_id == row_id), None)
        return tuple(
            each
            for each in (group.conflicts if group else ())
            if each.subject.id == line.subject.id and each.id != line.id and is_bookkeeping(each)
        )

    def held_line(self, row_id: str) -> HeldLine | None:
        """The held change behind a row; None: it is no such row."""
        return next((line for line in self.held if HELD + line.id == row_id), None)

    def open_lines(self, row_id: str) -> tuple[ConflictLine, ...]:
        """The fields behind a row that are still to be settled."""
        group = self.group(row_id)
        return tuple(line for line in group.conflicts if line.resolution is None) if group else ()

    def is_of_others(self, conflict_id: str) -> bool:
        """Whether the person of this replica has no say in it at all: others settle it."""
        right = self.page.rights.get(conflict_id)
        return right is not None and not right.may_keep_office

    def is_barred(self, conflict_id: str) -> bool:
        """Whether the author's value may not be kept by the person of this replica."""
        right = self.page.rights.get(conflict_id)
        return right is not None and right.why_not is not None


def find(page: InboxPage, wanted: str) -> tuple[Tab, str] | None:
    """List and row of a conflict, by its id or by that of its order, or of a held change; None: it is not here."""
    for tab, groups in (("open", page.inbox.open), ("settled", page.inbox.settled)):
        for group in groups:
            if wanted in {group.aggregate_id, *(line.id for line in group.conflicts)}:
                return ("open" if tab == "open" else "settled"), group.aggregate_id
    for line in page.held:
        if wanted == HELD + line.id:
            return ("open" if line.decision is None else "settled"), wanted
    return None


def next_id(old: Sequence[str], new: Sequence[str], selected: str) -> str:
    """The row that now stands where the selected one stood; the first one when nothing was selected; "" for none."""
    place = old.index(selected) if selected in old else 0
    return new[min(place, len(new) - 1)] if new else ""
