"""A group of conflicts in words: rows of the list, headings, fields with their two sides, what was settled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cmms_desktop.application.queries.inbox import ConflictGroup, ConflictLine
from cmms_desktop.application.queries.settling import SettleRight
from cmms_desktop.ui.screens.inbox.choices import Choices
from cmms_desktop.ui.screens.inbox.loading import Faces
from cmms_desktop.ui.screens.inbox.states import Choice, ConflictDetail, FieldBlock, Head, InboxRow
from cmms_desktop.ui.screens.inbox.values import entry_of, value_faces
from cmms_desktop.ui.text import words
from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.text.entries import typed_text
from cmms_desktop.ui.text.faces import ReviewRowFace
from cmms_desktop.ui.text.fields import field_label, value_words
from cmms_desktop.ui.text.moments import Moments
from cmms_desktop.ui.text.numbers import counted
from cmms_desktop.ui.text.why_words import conflict_why, thing_of
from sync_server.contract.entities.decisions import CONFLICT_KINDS
from sync_server.contract.rules.assigning import ASSIGNMENT
from sync_server.contract.rules.conflicts import WHOLE_ROW

REASON_HINT: Final = "Optional, kept with both values."
NEWER: Final = "Only a newer version of this program can settle this. Both values are kept."
REASON_NEEDED: Final = "Needed for this state, kept with both values."


@dataclass(frozen=True, slots=True)
class Teller:
    """Says conflicts at one instant."""

    moments: Moments
    now: datetime
    faces: Mapping[ConflictLine, Faces] = field(default_factory=dict)
    """What was made of values before, away from the GUI thread."""

    def row(self, group: ConflictGroup) -> InboxRow:
        """A group as a row of the list."""
        facts = [group.number, group.asset or ("" if group.aggregate == "work_order" else group.site)]
        if group.aggregate != "work_order":
            facts = [words.plain(group.aggregate), group.number or group.site]
        detail = " · ".join(each for each in facts if each)
        time = self.moments.short(group.made_at, self.now)
        return InboxRow(
            group.aggregate_id, ReviewRowFace(group.title or group.number, time, detail, (badge_of(group),))
        )

    def detail(
        self, group: ConflictGroup, rights: Mapping[str, SettleRight], choices: Choices, problems: Mapping[str, str]
    ) -> ConflictDetail:
        """A group whole. `problems`: what to enter instead, by conflict."""
        is_settled = all(line.resolution is not None for line in group.conflicts)
        blocks = tuple(self._block(each, rights, choices, problems.get(each.id)) for each in group.conflicts)
        kept = [rights.get(each.id, SettleRight()) for each in group.conflicts if choices.keep.get(each.id) == "mine"]
        return ConflictDetail(
            id=group.aggregate_id,
            order_id=group.aggregate_id if group.aggregate == "work_order" and group.number else "",
            title=group.title or group.number or words.plain(group.aggregate),
            number=group.number,
            facts=tuple(each for each in (group.asset or "", group.site) if each),
            badge=badge_of(group),
            heads=self._heads(group.conflicts),
            blocks=blocks,
            is_settled=is_settled,
            reason=choices.reason,
            reason_hint=REASON_NEEDED if any(right.needs_reason for right in kept) else REASON_HINT,
            action=_action(choices.decided(each.id for each in group.conflicts), len(group.conflicts))
            if any(can_judge(each) and rights.get(each.id, SettleRight()).may_keep_office for each in group.conflicts)
            else "",
        )

    def _heads(self, lines: Sequence[ConflictLine]) -> tuple[Head, Head, Head]:
        first = lines[0]
        received = f"Received {words.lower(self.moments.when(first.made_at, self.now))}"
        authors = {line.author for line in lines}
        author = "You" if all(line.is_mine for line in lines) else first.author if len(authors) == 1 else ""
        others = {line.theirs_by for line in lines if line.theirs_by and line.theirs_by != line.author}
        person = next(iter(others)) if len(others) == 1 else ""
        return (
            Head("history", "Before", "Both started from this"),
            Head("tablet", author or "Technician", received),
            Head("building-2", "Office", person or "Stands until it is settled"),
        )

    def _block(
        self, line: ConflictLine, rights: Mapping[str, SettleRight], choices: Choices, problem: str | None
    ) -> FieldBlock:
        before, mine, theirs = self.faces.get(line) or value_faces(line, self.moments, self.now)
        right, is_open = rights.get(line.id, SettleRight()), line.resolution is None
        side = "mine" if line.is_mine else "technician"
        may_judge = is_open and can_judge(line)
        entry = entry_of(line) if may_judge and right.why_not is None else None
        return FieldBlock(
            id=line.id,
            label=label_of(line),
            sentence=self._sentence(line, right) if is_open else "",
            before=before,
            mine=mine,
            theirs=theirs,
            keep_mine=_keep_mine(line, side) if may_judge and right.why_not is None else None,
            keep_theirs=_keep_theirs(line, right) if may_judge and right.may_keep_office else None,
            kept_mine=f"Kept: {side}",
            kept_theirs="Kept: deleted" if line.kind == "deleted" else "Kept: office",
            choice=choices.keep.get(line.id, "") if is_open else _resolution(line),
            entry=entry,
            text=choices.text.get(line.id, typed_text(line.mine.raw)) if entry else self._resolved(line),
            problem=problem,
            note=self._why(line) if can_judge(line) else "",
        )

    def _sentence(self, line: ConflictLine, right: SettleRight) -> str:
        """What happened, where two columns alone do not say it."""
        if not can_judge(line):
            return NEWER
        who = "You" if line.is_mine else line.author or "The technician"
        mine = value_words(line.mine, self.moments, self.now)
        if line.field == WHOLE_ROW:
            happened = f"Work was done on this {thing_of(line.entity)} that the deletion did not know of."
            return " ".join(each for each in (happened, right.why_not or "") if each)
        parts = {
            "status": f"{who} set the state to {mine}. Meanwhile it became"
            f" {value_words(line.theirs, self.moments, self.now)}.",
            "request": _asked(line, who, mine),
            "deleted": f"The office deleted this {thing_of(line.entity)}. The change is kept here.",
        }
        return " ".join(each for each in (parts.get(line.kind, ""), right.why_not or "") if each)

    def _resolved(self, line: ConflictLine) -> str:
        return value_words(line.resolved, self.moments, self.now) if line.resolved is not None else ""

    def _why(self, line: ConflictLine) -> str:
        """Why what stands does; once settled who chose it, with the reason that he gave."""
        reason = f" “{line.reason}”" if line.resolution is not None and line.reason else ""
        return conflict_why(line, self.moments, self.now) + reason


def can_judge(line: ConflictLine) -> bool:
    """Whether this program knows what kind of conflict it is: only then is there something to choose."""
    return line.kind in CONFLICT_KINDS


def badge_of(group: ConflictGroup) -> BadgeSpec:
    """What is in conflict: one field by its name, several by their number."""
    kinds = {line.kind for line in group.conflicts}
    if kinds == {"deleted"}:
        return BadgeSpec("warning", "archive", "Deleted in office")
    if kinds == {"request"}:
        return BadgeSpec("info", "clock", "Asked of the office")
    if len(group.conflicts) == 1:
        return BadgeSpec("state-conflict", "conflict", label_of(group.conflicts[0]))
    return BadgeSpec("state-conflict", "conflict", counted(len(group.conflicts), "field"))


def label_of(line: ConflictLine) -> str:
    """Name of a field in conflict, with the checklist item that it belongs to."""
    if line.field == WHOLE_ROW:
        return f"The whole {thing_of(line.entity)}"
    label = field_label(line.entity, line.field)
    if line.entity == ASSIGNMENT:
        return label
    if line.subject.item:
        return f"{line.subject.item} {line.subject.prompt}: {words.lower(label)}"
    is_part = line.entity not in {"work_order", "asset", "part", "site", "location", "person", "team"}
    return f"{words.plain(line.entity)}: {words.lower(label)}" if is_part else label


def _asked(line: ConflictLine, who: str, wanted: str) -> str:
    """What is asked for, where the columns do not say why."""
    if line.entity != ASSIGNMENT:
        return f"{who} asked for another value."
    what = f"{who} asked to give this order to {wanted}." if line.mine.raw else f"{who} cannot take this order."
    return f"{what} “{line.asked_because}”" if line.asked_because else what


def _keep_mine(line: ConflictLine, side: str) -> str:
    special = {"deleted": "Restore it", "request": "Grant it"}
    return special.get(line.kind, f"Keep {side}")


def _keep_theirs(line: ConflictLine, right: SettleRight) -> str:
    is_office = right.why_not is None
    special = {"deleted": "Leave it deleted", "request": "Decline it" if is_office else "Take it back"}
    return special.get(line.kind, "Keep office")


def _resolution(line: ConflictLine) -> Choice:
    known: dict[str | None, Choice] = {"mine": "mine", "theirs": "theirs", "edited": "edited"}
    return known.get(line.resolution, "")


def _action(decided: Sequence[str], total: int) -> str:
    if len(decided) in {0, total}:
        return f"Settle {counted(total, 'field')}"
    return f"Settle {len(decided)} of {total} fields"
