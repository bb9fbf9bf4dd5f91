"""Mutations in words: what waits, what was refused, what a supervisor decides about. Names things, never codes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cmms_desktop.application.queries.changes import Change, FieldChange
from cmms_desktop.application.queries.subjects import Subject
from cmms_desktop.ui.text import words
from cmms_desktop.ui.text.fields import field_label, value_words
from cmms_desktop.ui.text.moments import Moments
from cmms_desktop.ui.text.numbers import counted
from sync_server.contract.rules.assigning import ASSIGNMENT
from sync_server.contract.rules.notifying import NOTIFICATION
from sync_server.contract.rules.requesting import REQUEST

GONE: Final = "an order that left this device"
MOST_FIELDS: Final = 3
TOLD_OF_NEW: Final = frozenset(
    {
        *("title", "description", "priority", "asset_id", "asset_text", "text", "caption", "reason", "note"),
        *("quantity", "part_id", "stock_location_id", "name", "code", "fence"),
    }
)
"""Fields of a new row that somebody entered; the others say who, when and where it belongs."""
MINUS: Final = "\N{MINUS SIGN}"
"""A posting's direction: its title says whether a part was used or put back."""
_EVENTS: Final = {
    "travel": "Travel to",
    "arrive": "Arrival at",
    "start": "Start of work on",
    "pause": "Pause of",
    "resume": "Work resumed on",
    "finish": "Finish of",
    "leave": "Departure from",
}
_MOVEMENTS: Final = {"usage": "Part used on", "return": "Part put back from", "transfer": "Part moved for"}
_STEPS: Final = {"accept": "Acceptance", "decline": "Refusal", "withdraw": "Withdrawal"}
_CREATED: Final = {
    "work_order_cost": "Cost of",
    "service_request": "Problem reported:",
    "comment": "Comment on",
    "attachment": "Photo on",
    "entity_tag": "Tag on",
    "tag": "New tag",
    "vendor": "New vendor",
    "calendar_event": "On the calendar:",
    "custom_field_value": "Value of",
    "work_log": "Visit to",
    "part_request": "Part request for",
    "work_order_assignment": "Assignment of",
    "personal_value": "Name and drawing of a signature on",
}
_NOUNS: Final = {
    "work_order": "order",
    "work_order_cost": "cost of",
    "service_request": "request",
    "asset": "asset",
    "part": "part",
    "vendor": "vendor",
    "calendar_event": "event",
    "site": "site",
    "location": "location",
    "checklist": "checklist",
    "checklist_item": "checklist item",
    "work_log": "visit",
    "comment": "comment",
    "entity_tag": "tag on",
    "custom_field_value": "value of",
    "attachment": "photo",
    "held_mutation": "decision",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to look at: a bold line, a plain one, and what the person had entered, line by line."""

    title: str
    text: str
    kept: tuple[str, ...]


def change_words(change: Change) -> str:
    """One mutation: `Answer to 2.4 on WO-0035`, `Priority and title of WO-0035`, `New order WO-7K2QM-1`."""
    if change.verb == "answer_all":
        return f"{counted(change.count, 'item')} set OK on {whose(change.subject)}"
    if change.entity == "conflict":
        return f"Settled conflict on {whose(change.subject)}"
    if change.verb == "create":
        return _created(change)
    if change.verb == "delete":
        return f"Deletion of {_noun(change.entity)} {whose(change.subject)}"
    if change.entity == NOTIFICATION:
        return "News read"
    if change.verb == "read":
        value = change.value("value")
        return f"Reading {'' if value is None else value.raw} of {whose(change.subject)}".replace("  ", " ")
    return _edited(change)


def _created(change: Change) -> str:
    subject, said = change.subject, change.value
    if change.entity == "work_order":
        number = said("number")
        return f"New order {subject.name if number is None else number.raw}"
    if change.entity == "signature":
        meaning = said("meaning")
        word = "" if meaning is None else words.lower(words.word(words.MEANING, str(meaning.raw)))
        return f"Signature on {whose(subject)}" + (f": {word}" if word else "")
    kind = said("kind")
    heads = {"work_log_event": _EVENTS, "stock_movement": _MOVEMENTS}.get(change.entity)
    if heads is not None:
        head = heads.get("" if kind is None else str(kind.raw), words.plain(change.entity) + " on")
        return f"{head} {whose(subject)}"
    return f"{_CREATED.get(change.entity, words.plain(change.entity) + ' on')} {whose(subject)}"


def _edited(change: Change) -> str:
    if change.entity == ASSIGNMENT:
        return f"Request to hand on {whose(change.subject)}"
    if change.entity == "checklist_item":
        return f"{_answer_noun(change)} {change.subject.item} on {whose(change.subject)}".replace("  ", " ")
    if change.entity == "work_log":
        return f"Times of the visit to {whose(change.subject)}"
    if change.entity == REQUEST:
        return f"{_STEPS.get(change.verb, 'Change')} of {whose(change.subject)}"
    status = change.value("status")
    if change.entity == "work_order" and status is not None:
        return f"{whose(change.subject)}: {words.lower(words.word(words.STATUS, str(status.raw)))}"
    labels = [field_label(change.entity, each.name) for each in _differing(change.fields)]
    if not labels:
        return f"Change of {whose(change.subject)}"
    shown = [labels[0], *(words.lower(label) for label in labels[1:MOST_FIELDS])]
    if len(labels) > MOST_FIELDS:
        shown.append(f"{len(labels) - MOST_FIELDS} more")
    return f"{words.joined(shown)} of {whose(change.subject)}"


def _answer_noun(change: Change) -> str:
    """A reading, a note, or an answer."""
    value, result = change.value("value"), change.value("result")
    if value is not None and value.raw is not None and change.subject.unit:
        return "Reading"
    if result is None and value is None and change.value("note") is not None:
        return "Note to"
    return "Answer to"


def _noun(entity: str) -> str:
    return _NOUNS.get(entity) or words.lower(words.plain(entity))


def whose(subject: Subject) -> str:
    """What a change is about: number of the order, or code of the asset; said in words when it has left."""
    return subject.name or GONE


def refused_words(change: Change, moments: Moments, now: datetime, *, others: int = 0) -> Notice:
    """A refused change: `Reading 3.3 on WO-24118 was refused`, the server's reason, and the values that are kept."""
    title = f"{change_words(change)} was refused"
    reason = _sentence(change.reason) or "The office could not take it."
    with_it = (
        f" {counted(others, 'change')} of the same step {'is' if others == 1 else 'are'} kept with it."
        if others
        else ""
    )
    return Notice(title, f"{reason}{with_it} What you entered is kept here.", kept_words(change, moments, now))


def held_words(change: Change, moments: Moments, now: datetime) -> Notice:
    """A change that a supervisor decides about."""
    text = f"{_why(change.reason)} What you entered is kept; the supervisor decides."
    return Notice(f"{change_words(change)} was sent for review", text, kept_words(change, moments, now))


def kept_words(change: Change, moments: Moments, now: datetime) -> tuple[str, ...]:
    """What a person entered, line by line: `Value: 4.2 mm/s`; what he emptied, or never saw, is left out."""
    return _entered(change.verb, change.entity, change.fields, change.subject, moments, now)


def _entered(
    verb: str, entity: str, fields: Sequence[FieldChange], subject: Subject, moments: Moments, now: datetime
) -> tuple[str, ...]:
    shown = [each for each in _differing(fields) if each.new.raw not in (None, "")]
    if verb == "create":
        shown = [each for each in shown if each.name in TOLD_OF_NEW]
    unit = subject.unit or None
    lines = [(each, value_words(each.new, moments, now, unit=unit)) for each in shown]
    return tuple(
        f"{field_label(entity, each.name)}: {said.removeprefix(MINUS) if entity == 'stock_movement' else said}"
        for each, said in lines
    )


def _differing(fields: Sequence[FieldChange]) -> Sequence[FieldChange]:
    """Fields that the change changes: an answer is written whole, with the note and photo that it had."""
    return [each for each in fields if each.old.raw != each.new.raw] or fields


def _why(why: str | None, is_mine: bool = True) -> str:
    if why is not None and why in words.WHY_HELD:
        return (words.WHY_HELD if is_mine else words.WHY_HELD_OF_ANOTHER)[why]
    return _sentence(why) or "A supervisor has to look at it."


def _sentence(text: str | None) -> str:
    """Words of the server as a sentence; a bare key is no sentence and is not shown."""
    if not text or ("_" in text and " " not in text):
        return ""
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
