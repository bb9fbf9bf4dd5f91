"""A technician in front of the window: from signing in to the customer's answer, one act after another.

What there is to answer is told to him as rows, as a label or a colleague would; what he does is events alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Final

from PySide6.QtCore import QPoint, Qt

from cmms_desktop.application.queries.checklist_lines import ItemLine
from cmms_desktop.ui.widgets.tabs import TabButton
from tests.ui.person import Person

INK: Final = tuple(tuple(QPoint(30 + 3 * step, 60 + rise * (step % 5)) for step in range(24)) for rise in (4, 9))
"""Two strokes that fit on every pad."""
DRIPS: Final = "Drips once a second."
TOO_HIGH: Final = "Above the limit since this morning."
NO_REASON: Final = "You are not known to be at the site. Say why you start here."


class Technician:
    """Acts on what is shown, with a photo of his own for whatever wants one."""

    def __init__(self, person: Person, *, photo: Path) -> None:
        self.person, self.photo = person, photo

    # ---- to the order

    def open_order(self, number: str) -> None:
        """Choose an order of My day and open it."""
        self.person.press_row(f"{number},")
        self.person.key(Qt.Key.Key_Return)
        self.person.until("the order is open", lambda: self.person.can_press("Back"))

    def travel(self) -> None:
        """Set out, and open the sheet at the site."""
        self.person.press("Travel")
        self.person.press("Arrive")

    def arrive(self) -> None:
        """Record an arrival within the fence and begin."""
        self.person.until_sees("You are at the site")
        self.person.press("Record arrival")
        self.start()

    def arrive_outside(self, reason: str) -> None:
        """Record one outside of it, with the reason that was forgotten at first, and begin."""
        self.person.until_sees("outside the site fence")
        self.person.press("Record arrival")
        self.person.until_sees(NO_REASON)
        self.person.press("Parked away from site")
        self.person.fill("Reason", reason)
        self.person.press("Record arrival")
        self.start()

    def start(self) -> None:
        """Begin to work; the checklist comes into sight."""
        self.person.press("Start")
        self.person.until_sees("Saved at each tap")

    # ---- the checklist

    def answer(self, item: ItemLine) -> None:
        """Give an item an answer that is in order."""
        match item.kind:
            case "pass_fail":
                self.person.press(f"Pass, {item.prompt}")
            case "number":
                self._enter(item, str(item.minimum if item.minimum is not None else item.maximum or 1))
            case "choice":
                self.person.press(item.choices[0])
            case "photo":
                self._add_photo(item)
            case _:
                self._enter(item, "Nothing unusual.")

    def fail(self, item: ItemLine) -> None:
        """Fail an item, with its note, a photo and an order that follows."""
        self.person.press(f"Fail, {item.prompt}")
        self._write_note(item, DRIPS)
        self._add_photo(item)
        self.person.press(f"Make follow-up order, {item.prompt}")
        self.person.until_sees("Follow-up WO-")

    def read_too_high(self, item: ItemLine) -> None:
        """Enter a reading above the limit, and what it wants then."""
        assert item.maximum is not None
        self._enter(item, str(item.maximum + Decimal("0.8")))
        self.person.until_sees("above the limit.")
        self._write_note(item, TOO_HIGH)
        self.person.press(f"Photo, {item.prompt}")
        self.person.choose_file(self.photo)

    def set_all_ok(self) -> None:
        """Pass what is open, think again, and do it all the same."""
        self.person.press("Set all * items OK")
        self.person.press("Undo")
        self.person.until_sees("open again")
        self.person.press("Set all * items OK")
        self.person.until_gone("items OK")

    def answer_rest(self, items: Iterable[ItemLine]) -> None:
        """Answer whatever has no answer yet."""
        for item in items:
            self.answer(item)

    def _enter(self, item: ItemLine, text: str) -> None:
        self.person.fill(item.prompt, text)
        self.person.key(Qt.Key.Key_Return)

    def _write_note(self, item: ItemLine, note: str) -> None:
        self.person.until("the note is open", lambda: self.person.has_cursor(f"Note, {item.prompt}"))
        self.person.write(note)
        self.person.press("Save note")

    def _add_photo(self, item: ItemLine) -> None:
        self.person.press(f"Add photo, {item.prompt}")
        self.person.choose_file(self.photo)

    # ---- beside the checklist

    def open_tab(self, word: str) -> None:
        """Go to another page of the order."""
        self.person.press(f"{word}*", TabButton)

    def use_part(self, code: str) -> None:
        """Scan a part of the van and take one."""
        self.open_tab("Parts")
        self.person.scan(code)
        self.person.press("Use *")
        self.person.until_sees("Used")

    def comment(self, text: str) -> None:
        """Say something to the others."""
        self.open_tab("Comments")
        self.person.fill("Comment", text)
        self.person.press("Add comment")
        self.person.until_sees(f": {text}")

    def add_photo(self, caption: str) -> None:
        """Add a photo of the whole."""
        self.open_tab("Photos")
        self.person.fill("Caption of the next photo", caption)
        self.person.press("Add photo")
        self.person.choose_file(self.photo)
        self.person.until_sees(caption)
