"""Places for rows, twenty at a time. A row costs some milliseconds and a checklist may have 500: none is built early.

A block that nobody has come near is one empty widget of a likely height; opened, it has a place for each row; a place
gets its row when it comes near the window.
"""

from collections.abc import Sequence
from typing import Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from cmms_desktop.ui.screens.checklist.desk import RowDesk
from cmms_desktop.ui.screens.checklist.row import ItemRow
from cmms_desktop.ui.screens.checklist.states import ItemState
from cmms_desktop.ui.theme import theme

BLOCK_ROWS: Final = 20
LIKELY_PX: Final = {"number": 104, "choice": 112}
"""Heights of rows before they are built, at the normal font size; every other kind has `ANY_PX`."""
ANY_PX: Final = 72
INDENT_PX: Final = 28
"""How far a conditional item stands inwards."""


def likely_height(state: ItemState) -> int:
    """Guess how high a row will be, px."""
    return int(LIKELY_PX.get(state.kind, ANY_PX) * max(1.0, theme().factor)) if state.is_asked else 0


class RowPlace(QWidget):
    """Where one row stands, or will stand."""

    def __init__(self, desk: RowDesk, state: ItemState, *, is_compact: bool) -> None:
        super().__init__()
        self._desk, self._state, self._is_compact = desk, state, is_compact
        self.row: ItemRow | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(INDENT_PX if state.because else 0, 0, 0, 0)
        self._column.setSpacing(0)
        self.setMinimumHeight(likely_height(state))
        if not state.is_asked:
            self.hide()

    @property
    def state(self) -> ItemState:
        """What is shown, or would be."""
        return self._state

    def show_state(self, state: ItemState) -> None:
        """Show another state; nothing is touched when it is the same."""
        if state is self._state or state == self._state:
            return
        self._state = state
        self._column.setContentsMargins(INDENT_PX if state.because else 0, 0, 0, 0)
        if self.row is not None:
            self.row.show_state(state)
        else:
            self.setMinimumHeight(likely_height(state))
        if self.isHidden() == state.is_asked:
            self.setVisible(state.is_asked)

    def set_compact(self, is_compact: bool) -> None:
        """Make do with less room, now or when the row is built."""
        self._is_compact = is_compact
        if self.row is not None:
            self.row.set_compact(is_compact)

    def build(self) -> ItemRow:
        """Build the row; the second time gives the same one."""
        if self.row is None:
            self.row = ItemRow(self._desk, self._state)
            self.row.set_compact(self._is_compact)
            self.setMinimumHeight(0)
            self._column.addWidget(self.row)
            self.row.show()  # at once: Qt would do it one turn later, and it could not take the keyboard
        return self.row

    def drop(self) -> None:
        """Take the row away again, and keep its height; what it shows is in the state, what was typed is a draft."""
        row, self.row = self.row, None
        if row is not None:
            self.setMinimumHeight(self.height())
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()


class RowBlock(QWidget):
    """Up to twenty places, or the room for them."""

    def __init__(self, desk: RowDesk, states: Sequence[ItemState]) -> None:
        super().__init__()
        self._desk, self._is_compact = desk, False
        self._states = {state.id: state for state in states}
        self.places: dict[str, RowPlace] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme().space(2))
        self._reserve()

    @property
    def is_open(self) -> bool:
        """Whether it has places."""
        return bool(self.places)

    def show_states(self, states: Sequence[ItemState]) -> None:
        """Show other states of the same items."""
        self._states = {state.id: state for state in states}
        if not self.is_open:
            self._reserve()
        for item_id, place in self.places.items():
            place.show_state(self._states[item_id])

    def set_compact(self, is_compact: bool) -> None:
        """Make do with less room."""
        self._is_compact = is_compact
        for place in self.places.values():
            place.set_compact(is_compact)

    def open(self) -> None:
        """Make the places; the second time does nothing."""
        if self.is_open:
            return
        self.setMinimumHeight(0)
        for state in self._states.values():
            place = self.places[state.id] = RowPlace(self._desk, state, is_compact=self._is_compact)
            self._column.addWidget(place)
            if state.is_asked:
                place.show()

    def _reserve(self) -> None:
        """Take the height that the rows are likely to need."""
        heights = [likely_height(state) for state in self._states.values() if state.is_asked]
        self.setMinimumHeight(sum(heights) + theme().space(2) * max(0, len(heights) - 1))
        if self.isHidden() == bool(heights) and self.parentWidget() is not None:
            self.setVisible(bool(heights))
