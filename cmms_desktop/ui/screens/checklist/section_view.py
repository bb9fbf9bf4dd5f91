"""One section: its title with *Set all OK*, and places for its rows, which are built when they come near the window.

A checklist may have 500 items; a row costs some milliseconds. Until a row is built its place has a likely height.
"""

from collections.abc import Iterator

from PySide6.QtCore import QRect, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.checklist.desk import RowDesk
from cmms_desktop.ui.screens.checklist.row import ItemRow
from cmms_desktop.ui.screens.checklist.states import ItemState, SectionState
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.text import ElidedText, Text

LIKELY_PX = {"number": 104, "choice": 112}
"""Heights of rows before they are built, at the normal font size; every other kind has `ANY_PX`."""
ANY_PX = 72
INDENT_PX = 28
"""How far a conditional item stands inwards."""


class RowPlace(QWidget):
    """Where one row stands, or will stand."""

    def __init__(self, desk: RowDesk, state: ItemState) -> None:
        super().__init__()
        self._desk, self._state, self._is_compact = desk, state, False
        self.row: ItemRow | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(INDENT_PX if state.because else 0, 0, 0, 0)
        self._column.setSpacing(0)
        self.setMinimumHeight(int(LIKELY_PX.get(state.kind, ANY_PX) * max(1.0, theme().factor)))
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


class SectionView(QWidget):
    """A section of a checklist."""

    all_ok_pressed = Signal(int)

    def __init__(self, desk: RowDesk, state: SectionState) -> None:
        super().__init__()
        self.index = state.index
        self._state = state
        self._head = Text("", role="label", tone="muted")
        self._title = ElidedText("", role="heading", lines=2)
        self._counts = Text("", role="small", tone="muted", tabular=True)
        self.all_ok = ActionButton("Set all OK", icon="set-all-ok")
        self.all_ok.clicked.connect(self._tell)
        self.places = {item.id: RowPlace(desk, item) for item in state.items}
        line = QHBoxLayout()
        line.setSpacing(theme().space(3))
        line.addWidget(self._title, 1)
        line.addWidget(self._counts)
        line.addWidget(self.all_ok)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme().space(2))
        self._column.addWidget(self._head)
        self._column.addLayout(line)
        for place in self.places.values():
            self._column.addWidget(place)
        self.show_state(state)

    def show_state(self, state: SectionState) -> None:
        """Show another state of the same section."""
        self._state = state
        self._head.setText(state.head)
        self._head.setVisible(bool(state.head))
        self._title.setText(state.title)
        self._counts.setText(state.counts)
        self.all_ok.setAccessibleName(f"Set all OK, {state.title}")
        if self.all_ok.isHidden() == bool(state.passable):
            self.all_ok.setVisible(bool(state.passable))
        for item in state.items:
            self.places[item.id].show_state(item)

    def set_compact(self, is_compact: bool) -> None:
        """Make do with less room."""
        for place in self.places.values():
            place.set_compact(is_compact)

    def unbuilt_in(self, top: int, bottom: int) -> Iterator[RowPlace]:
        """Give the places of rows between two heights of this widget that have no row yet."""
        for place in self.places.values():
            area: QRect = place.geometry()
            if place.row is None and not place.isHidden() and area.bottom() >= top and area.top() <= bottom:
                yield place

    @Slot()
    def _tell(self) -> None:
        self.all_ok_pressed.emit(self.index)
