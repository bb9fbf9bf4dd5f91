"""What needs attention, in words: refused changes with what can be corrected, conflicts, changes under review."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from cmms_desktop.application.queries.changes import Change
from cmms_desktop.application.queries.inbox import ConflictGroup
from cmms_desktop.application.queries.sync_page import Stopped, SyncPage
from cmms_desktop.ui.screens.sync.left_words import left_attention
from cmms_desktop.ui.screens.sync.states import Attention, FixField
from cmms_desktop.ui.text import words
from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.text.badges import held_badge, refused_badge
from cmms_desktop.ui.text.change_words import TOLD_OF_NEW, held_words, refused_words
from cmms_desktop.ui.text.entries import entry_for, typed_text
from cmms_desktop.ui.text.fields import field_label
from cmms_desktop.ui.text.moments import Moments
from cmms_desktop.ui.text.numbers import counted
from sync_server.contract.rules.draft import derived_id

WITHDRAW: Final = ("Withdraw this change?", "Withdraw change")
WITHDRAW_ALL: Final = ("Withdraw all of them?", "Withdraw all")
CONFLICT: Final = BadgeSpec("state-conflict", "conflict", "Conflict")
_SHOWN: Final = "shows the office value until it is settled."


@dataclass(frozen=True, slots=True)
class Handling:
    """What a person is doing about one refused change."""

    part: Literal["", "fix", "export"] = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    path: str = ""
    path_problem: str | None = None
    problem: str | None = None
    message: str = ""
    takes_all: bool = False
    """Withdrawing takes back, too, what rests on it."""
    is_busy: bool = False


def attention(
    page: SyncPage, handling: Mapping[str, Handling], moments: Moments, now: datetime
) -> tuple[Attention, ...]:
    """Everything to look at: what was refused first, then conflicts, what others decide, and texts without an order."""
    return (
        *(_refused(step, handling.get(step.cause.mutation_id, Handling()), moments, now) for step in page.refused),
        *(_conflict(group) for group in page.conflicts),
        *(_held(step, moments, now) for step in page.held),
        *left_attention(page.left),
    )


def fix_fields(cause: Change, doing: Handling) -> tuple[FixField, ...]:
    """The values of a refused change that can be typed anew."""
    shown = [each for each in cause.fields if cause.verb == "set" or each.name in TOLD_OF_NEW]
    found = []
    for each in shown:
        entry = entry_for(cause.entity, each.name, unit=cause.subject.unit)
        if entry is None or (cause.verb == "set" and each.old.raw == each.new.raw and each.new.raw is None):
            continue
        text = doing.typed.get(each.name, typed_text(each.new.raw))
        label = field_label(cause.entity, each.name)
        found.append(FixField(each.name, label, entry, text, doing.problems.get(each.name)))
    return tuple(found)


def _refused(step: Stopped, doing: Handling, moments: Moments, now: datetime) -> Attention:
    notice = refused_words(step.cause, moments, now, others=len(step.others))
    question, act = WITHDRAW_ALL if doing.takes_all else WITHDRAW
    return Attention(
        id=step.cause.mutation_id,
        kind="refused",
        title=notice.title,
        badge=refused_badge(),
        text=notice.text,
        kept=notice.kept,
        fields=fix_fields(step.cause, doing),
        open_part=doing.part,
        export_path=doing.path,
        export_problem=doing.path_problem,
        problem=doing.problem,
        message=doing.message,
        withdraw_question=question,
        withdraw_act=act,
        is_busy=doing.is_busy,
    )


def _conflict(group: ConflictGroup) -> Attention:
    name = group.number or group.title or words.plain(group.aggregate)
    thing = "order" if group.aggregate == "work_order" else words.lower(words.plain(group.aggregate))
    kinds = {line.kind for line in group.conflicts}
    labels = list(dict.fromkeys(field_label(line.entity, line.field) for line in group.conflicts))
    shown = [labels[0], *(words.lower(label) for label in labels[1:3])]
    if len(labels) > 3:
        shown.append(counted(len(labels) - 3, "other field"))
    what, many = words.joined(shown), len(labels) > 1
    who = "you" if any(line.is_mine for line in group.conflicts) else group.conflicts[0].author or "a technician"
    badge, title = CONFLICT, f"{name} was changed by {who} and the office"
    text = f"{what} {'differ' if many else 'differs'}. The {thing} {_SHOWN}"
    if kinds == {"request"}:
        badge, title = BadgeSpec("info", "clock", "Asked of the office"), f"{name} waits for a planner"
        text = f"{words.plain(who)} asked for another value: {words.lower(what)}. The {thing} {_SHOWN}"
    elif kinds == {"deleted"}:
        badge, title = (
            BadgeSpec("warning", "archive", "Deleted in office"),
            f"{name}: the office deleted what was changed",
        )
        text = f"{what} {'are' if many else 'is'} kept here until it is settled."
    return Attention(group.aggregate_id, "conflict", title, badge, text)


def _held(step: Stopped, moments: Moments, now: datetime) -> Attention:
    notice = held_words(step.cause, moments, now)
    place = f"held:{derived_id(step.cause.mutation_id, 'held_mutation')}"
    return Attention(place, "held", notice.title, held_badge(), notice.text, notice.kept)
