"""Checklist items in words: why one is shown, what its limits and last value are, where its answer is."""

from cmms_desktop.application.queries.checklist_page import Because, ItemLine
from cmms_desktop.ui.text.moments import Moments
from cmms_desktop.ui.text.numbers import limits, with_unit

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


def saved_words(item: ItemLine, moments: Moments) -> str:
    """Where an answer is: `Saved on this device 09:22`, then `Accepted`; nothing without an answer."""
    if item.result is None or item.answered_at is None:
        return ""
    return f"Saved on this device {moments.time(item.answered_at)}" if item.is_unsent else "Accepted by the office"


def answered_words(answered: int, total: int) -> str:
    """`14 of 20 answered`."""
    return f"{answered} of {total} answered"


def item_title(item: ItemLine) -> str:
    """`2.4 Shaft seal free of leaks`."""
    return f"{item.number} {item.prompt}"
