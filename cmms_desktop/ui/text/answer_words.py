"""Sentences while a checklist is answered: what is still wanted, what was set, why nothing can be entered.

The words for items as they are saved are in checklist_words. Plain Python.
"""

from decimal import Decimal
from typing import Final

from cmms_desktop.ui.text.numbers import counted, excess, limits, number
from cmms_desktop.ui.text.words import joined

NO_CHECKLIST: Final = ("No checklist on this order", "The office has not issued one. You can finish without it.")
LOCKED: Final = ("This record is signed", "A supervisor has to return it before answers change.")
NOT_YOURS: Final = ("You can read these answers", "Whoever has this order answers it.")


def short_limits(minimum: Decimal | None, maximum: Decimal | None, unit: str | None, last: str | None) -> str:
    """Limits and last reading in one line for narrow windows: `4 to 6 bar, last 5.2`."""
    said = limits(minimum, maximum, unit).removeprefix("Limits ")
    text = ", ".join(part for part in (said, f"last {number(last)}" if last else "") if part)
    return text[:1].upper() + text[1:]


def wanted(*, note: bool, photo: bool) -> str:
    """`Add a note and a photo.`; nothing when nothing is wanted."""
    parts = joined([word for word, is_wanted in (("a note", note), ("a photo", photo)) if is_wanted])
    return f"Add {parts}." if parts else ""


def out_of_range(amount: Decimal, unit: str | None) -> str:
    """Say how far off a reading is: `0.8 bar above the limit.`."""
    return f"{excess(amount, unit)}."


def exceptions(*, failed: int, flagged: int, out_of_range: int) -> str:
    """What is not in order in a section: `1 failed, 1 out of range`."""
    counts = ((failed, "failed"), (flagged, "flagged"), (out_of_range, "out of range"))
    return ", ".join(f"{count} {word}" for count, word in counts if count)


def set_ok(count: int) -> str:
    """What a toast says after *Set all OK*: `18 items set OK`."""
    return f"{counted(count, 'item')} set OK"


def opened_again(count: int) -> str:
    """What a toast says after *Undo*: `18 items are open again`."""
    return f"{counted(count, 'item')} {'is' if count == 1 else 'are'} open again"


def follow_up_title(number_text: str, title: str) -> tuple[str, str]:
    """Bold and plain part of a follow-up's line: `Follow-up WO-T07-0017`, `Shaft seal is dry`."""
    return f"Follow-up {number_text}", title.removeprefix("Follow-up: ")
