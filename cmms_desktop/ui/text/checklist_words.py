"""Checklist items in words: why one is shown, what its limits are, what is wrong with a reading, what was answered."""

from datetime import datetime

from cmms_desktop.application.queries.checklist_page import Because, ItemLine, Section
from cmms_desktop.ui.text import words
from cmms_desktop.ui.text.moments import Moments
from cmms_desktop.ui.text.numbers import counted, excess, limits, number, with_unit

_SAYS = {"fail": "failed", "pass": "passed", "flag": "was flagged", "na": "does not apply"}


def because_words(because: Because) -> str:
    """`Shown because 2.4 failed`, `Shown because 1.2 is damp`."""
    said = _SAYS.get(because.answer) or f"is {because.answer}"
    return f"Shown because {because.number} {said}"


def limits_words(item: ItemLine) -> str:
    """`Limits 4 to 6 bar`; nothing without limits."""
    return limits(item.minimum, item.maximum, item.unit)


def last_words(item: ItemLine) -> str:
    """`Last 5.2 bar`; nothing without a last value."""
    return f"Last {with_unit(item.last_value, item.unit)}" if item.last_value else ""


def excess_words(item: ItemLine) -> str:
    """`0.8 bar above the limit.`; nothing for a reading within its limits."""
    return "" if item.excess is None else f"{excess(item.excess, item.unit)}."


def needs_words(item: ItemLine) -> str:
    """What an answer still needs: `Add a note and a photo.`; nothing when it is complete."""
    wants_note = not item.note and (item.excess is not None or item.result in {"flag", "fail"})
    wants_photo = not item.photos and item.excess is not None
    needed = words.joined([name for name, is_needed in (("a note", wants_note), ("a photo", wants_photo)) if is_needed])
    return f"Add {needed}." if needed else ""


def answer_words(item: ItemLine) -> str:
    """An answer in one line: `Fail, note, 2 photos`, `6.8 bar, limit 6, note, 1 photo`; `Not answered`."""
    if item.result is None:
        return "Not answered"
    parts = [_said(item)]
    if item.excess is not None:
        parts.append(f"limit {number(item.maximum if item.excess > 0 else item.minimum)}")
    if item.note:
        parts.append("note")
    if item.photos:
        parts.append(counted(len(item.photos), "photo"))
    return ", ".join(part for part in parts if part)


def _said(item: ItemLine) -> str:
    if item.kind == "number" and item.value is not None:
        return with_unit(item.value, item.unit)
    if item.value is not None and item.result == "pass":
        return item.value
    return words.word(words.RESULT, item.result)


def saved_words(item: ItemLine, moments: Moments) -> str:
    """Where an answer is: `Saved on this device 09:22`, then `Accepted`; nothing without an answer."""
    if item.result is None or item.answered_at is None:
        return ""
    return f"Saved on this device {moments.time(item.answered_at)}" if item.is_unsent else "Accepted by the office"


def answered_words(answered: int, total: int) -> str:
    """`14 of 20 answered`."""
    return f"{answered} of {total} answered"


def section_words(section: Section) -> str:
    """What is exceptional in a section: `1 failed`, `1 out of range`; nothing when all is well."""
    parts = [(section.failed - section.out_of_range, "failed"), (section.out_of_range, "out of range")]
    return ", ".join(f"{count} {name}" for count, name in parts if count > 0)


def item_title(item: ItemLine) -> str:
    """`2.4 Shaft seal free of leaks`."""
    return f"{item.number} {item.prompt}"


def answered_at_words(item: ItemLine, moments: Moments, now: datetime) -> str:
    """When it was answered."""
    return moments.when(item.answered_at, now)
