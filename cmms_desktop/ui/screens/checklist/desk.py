"""What a row of the checklist may ask of the pane around it. Rows know neither presenter nor files."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtGui import QImage


class RowDesk(Protocol):
    """One intent each; every row names its item."""

    def answer(self, item_id: str, result: str) -> None:
        """Pass, flag, fail or na; empty text takes it back."""
        ...

    def type_value(self, item_id: str, text: str) -> None:
        """A key was pressed in a reading or text."""
        ...

    def enter_value(self, item_id: str, text: str) -> None:
        """A reading, text or choice is finished."""
        ...

    def type_note(self, item_id: str, text: str) -> None:
        """A key was pressed in a note."""
        ...

    def enter_note(self, item_id: str, text: str) -> None:
        """A note is finished."""
        ...

    def choose_photo(self, item_id: str) -> None:
        """One more photo is wanted."""
        ...

    def show_photo(self, sha256: str) -> None:
        """A small photo was pressed."""
        ...

    def small_photo(self, sha256: str, then: Callable[[QImage | None], None]) -> None:
        """Tell the small picture of a photo; None: it is not on this device."""
        ...

    def follow_up(self, item_id: str) -> None:
        """Make an order for what failed."""
        ...

    def open_follow_up(self, item_id: str) -> None:
        """Go to that order."""
        ...

    def compare(self) -> None:
        """Go to the conflicts."""
        ...

    def step(self, steps: int) -> bool:
        """The arrow keys: go to the next row, or the one before. False: there is none."""
        ...
