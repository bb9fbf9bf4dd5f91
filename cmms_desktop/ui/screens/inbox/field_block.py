"""One field in conflict: before, author and office side by side, or under one another where there is no room."""

from functools import partial

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.inbox.states import FieldBlock, Head
from cmms_desktop.ui.screens.inbox.value_card import ValueCard
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.entry_box import EntryBox
from cmms_desktop.ui.widgets.text import Text

NARROW = 560
"""px at the normal size of text: two values beside each other cannot be read in less."""
_STACKED = ((0, 0, 1, 1), (1, 0, 1, 1), (2, 0, 1, 1))
_CHOICES_SIDE_BY_SIDE = ((0, 0, 1, 2), (1, 0, 1, 1), (1, 1, 1, 1))
"""Row, column and what they span, of the cards on a small window."""


class FieldBlockView(QWidget):
    """Shows a FieldBlock. `chosen` says a side ("mine", "theirs", "edited") of its conflict, `typed` a third value."""

    chosen = Signal(str, str)
    typed = Signal(str, str)

    def __init__(self, block: FieldBlock, heads: tuple[Head, Head, Head], *, is_compact: bool) -> None:
        super().__init__()
        self._block, self._heads, self._is_compact = block, heads, is_compact
        self._is_narrow = True
        self._label = Text(block.label, role="item", weight="semibold", wrap=True)
        self._sentence = Text("", role="card-body", tone="muted", wrap=True)
        self.before, self.mine, self.theirs = ValueCard("before"), ValueCard("mine"), ValueCard("theirs")
        for card, side in ((self.mine, "mine"), (self.theirs, "theirs")):
            card.kept.connect(partial(self._choose, side))
        is_text = block.entry is not None and block.entry.kind in {"text", "line"}
        self.edit = ActionButton("Edit a new text" if is_text else "Edit", icon="pencil", role="quiet")
        self.edit.setAccessibleName(f"Enter another value, {block.label}")
        self.before.add_action(self.edit)
        self.edit.clicked.connect(partial(self._choose, "edited"))
        self._entry: EntryBox | None = None
        self._note = Text("", role="small", tone="muted", wrap=True)
        self._cards = QGridLayout()
        self._cards.setSpacing(theme().space(3))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme().space(2))
        for part in (self._label, self._sentence):
            column.addWidget(part)
        column.addLayout(self._cards)
        column.addWidget(self._note)
        self._column = column
        self._place_cards()
        self.show_block(block, heads)

    def show_block(self, block: FieldBlock, heads: tuple[Head, Head, Head]) -> None:
        """Show another state of the same field."""
        self._block, self._heads = block, heads
        self._label.setText(block.label)
        self._say(self._sentence, block.sentence)
        self._say(self._note, block.note)
        shown = heads if self._is_compact else (None, None, None)
        is_mine, is_theirs = block.choice == "mine", block.choice == "theirs"
        self.before.show_value(block.before, head=shown[0], keep=None, kept="", is_kept=False)
        self.mine.show_value(block.mine, head=shown[1], keep=block.keep_mine, kept=block.kept_mine, is_kept=is_mine)
        self.theirs.show_value(
            block.theirs, head=shown[2], keep=block.keep_theirs, kept=block.kept_theirs, is_kept=is_theirs
        )
        self._show_entry(block)

    def set_compact(self, is_compact: bool) -> None:
        """Stack the cards, or put them side by side."""
        if is_compact != self._is_compact:
            self._is_compact = is_compact
            self._place_cards()
            self.show_block(self._block, self._heads)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_narrow = event.size().width() < NARROW * theme().factor
        if is_narrow != self._is_narrow:
            self._is_narrow = is_narrow
            self._place_cards()

    def _place_cards(self) -> None:
        """Side by side; on small windows the choices below what was before, or one below the other."""
        below = _STACKED if self._is_narrow else _CHOICES_SIDE_BY_SIDE
        for number, card in enumerate((self.before, self.mine, self.theirs)):
            self._cards.removeWidget(card)
            self._cards.addWidget(card, *(below[number] if self._is_compact else (0, number, 1, 1)))
            self._cards.setColumnStretch(
                number, 1 if not self._is_compact or number < (1 if self._is_narrow else 2) else 0
            )

    def _show_entry(self, block: FieldBlock) -> None:
        is_edited = block.choice == "edited"
        self.edit.setVisible(block.entry is not None and not is_edited)
        if not is_edited or (self._entry is not None and self._entry.entry != block.entry):
            self._drop_entry()
        if is_edited and block.entry is not None:
            if self._entry is None:
                self._entry = EntryBox(block.entry, "Your new value")
                self._entry.edited.connect(self._type)
                self._column.insertWidget(self._column.indexOf(self._note), self._entry)
                self._entry.show()
                self._entry.show_entry(block.text, block.problem)
                self._entry.take_focus()
            self._entry.show_entry(block.text, block.problem)
        elif is_edited:
            self._say(self._note, f"New value: {block.text} {block.note}".strip())

    def _drop_entry(self) -> None:
        if self._entry is not None:
            self._column.removeWidget(self._entry)
            self._entry.hide()
            self._entry.deleteLater()
            self._entry = None

    @staticmethod
    def _say(text: Text, words: str) -> None:
        text.setText(words)
        text.setVisible(bool(words))

    def _choose(self, side: str, _checked: bool = False) -> None:
        self.chosen.emit(self._block.id, side)

    @Slot(str)
    def _type(self, text: str) -> None:
        self.typed.emit(self._block.id, text)
