"""One section: its title with *Set all OK*, and blocks of rows that are built when they come near the window."""

from collections.abc import Iterator

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.checklist.desk import RowDesk
from cmms_desktop.ui.screens.checklist.row_block import BLOCK_ROWS, RowBlock, RowPlace
from cmms_desktop.ui.screens.checklist.states import ItemState, SectionState
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.text import ElidedText, Text


class SectionView(QWidget):
    """A section of a checklist."""

    all_ok_pressed = Signal(int)

    def __init__(self, desk: RowDesk, state: SectionState) -> None:
        super().__init__()
        self.index = state.index
        self._head = Text("", role="label", tone="muted")
        self._title = ElidedText("", role="heading", lines=2)
        self._counts = Text("", role="small", tone="muted", tabular=True)
        self.all_ok = ActionButton("Set all OK", icon="set-all-ok")
        self.all_ok.clicked.connect(self._tell)
        self._blocks = [RowBlock(desk, states) for states in _blocks(state)]
        self._block_of = {item.id: self._blocks[n // BLOCK_ROWS] for n, item in enumerate(state.items)}
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
        for block in self._blocks:
            self._column.addWidget(block)
        self.show_state(state)

    def show_state(self, state: SectionState) -> None:
        """Show another state of the same section."""
        self._head.setText(state.head)
        self._head.setVisible(bool(state.head))
        self._title.setText(state.title)
        self._counts.setText(state.counts)
        self.all_ok.setAccessibleName(f"Set all OK, {state.title}")
        if self.all_ok.isHidden() == bool(state.passable):
            self.all_ok.setVisible(bool(state.passable))
        for block, states in zip(self._blocks, _blocks(state), strict=True):
            block.show_states(states)

    def set_compact(self, is_compact: bool) -> None:
        """Make do with less room."""
        for block in self._blocks:
            block.set_compact(is_compact)

    def place(self, item_id: str) -> RowPlace:
        """The place of an item, made if need be. Raises KeyError for an item of another section."""
        block = self._block_of[item_id]
        block.open()
        return block.places[item_id]

    def has(self, item_id: str) -> bool:
        """Whether an item belongs to it."""
        return item_id in self._block_of

    def open_places(self) -> Iterator[RowPlace]:
        """Give the places there are, in order."""
        for block in self._blocks:
            yield from block.places.values()

    def places_in(self, top: int, bottom: int) -> Iterator[RowPlace]:
        """Give the places of shown rows between two heights of this widget; blocks there are opened."""
        for block in self._blocks:
            if block.isHidden() or block.y() > bottom or block.y() + block.height() < top:
                continue
            if not block.is_open:
                block.open()
                yield from (place for place in block.places.values() if not place.isHidden())
                continue
            for place in block.places.values():
                above = block.y() + place.y()
                if not place.isHidden() and above <= bottom and above + place.height() >= top:
                    yield place

    @Slot()
    def _tell(self) -> None:
        self.all_ok_pressed.emit(self.index)


def _blocks(state: SectionState) -> list[tuple[ItemState, ...]]:
    return [state.items[at : at + BLOCK_ROWS] for at in range(0, len(state.items), BLOCK_ROWS)]
