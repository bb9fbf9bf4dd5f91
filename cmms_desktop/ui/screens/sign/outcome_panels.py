"""The first and the last page of signing: what has to be answered before, and the locked record with what follows."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.sign.signature_row import SignatureRow
from cmms_desktop.ui.screens.sign.state import Missing, SignatureFace, SignState
from cmms_desktop.ui.text.numbers import counted
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.cards import Card
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.keyed_column import KeyedColumn
from cmms_desktop.ui.widgets.text import ElidedText, Text

WIDEST = 760


class MissingPanel(QWidget):
    """Mandatory answers that are missing, each with the way to it."""

    wanted = Signal(str)
    """The id of the item to answer."""

    def __init__(self) -> None:
        super().__init__()
        self._title = Text("", role="heading", wrap=True)
        self._rows: KeyedColumn[Missing] = KeyedColumn(self._make, _MissingRow.show_missing, dividers=True)
        card = Card(padding=5)
        card.body.addWidget(self._title)
        card.body.addWidget(Text("Answer them first. Then come back here and sign.", role="card-body", tone="muted"))
        card.body.addWidget(self._rows)
        _middle(self, card)

    def show_state(self, state: SignState) -> None:
        """List what is missing."""
        self._title.setText(f"{counted(len(state.missing), 'mandatory answer')} missing")
        self._rows.set_rows(state.missing)

    def _make(self, missing: Missing) -> "_MissingRow":
        row = _MissingRow(missing)
        row.wanted.connect(self.wanted)
        return row


class _MissingRow(QWidget):
    wanted = Signal(str)

    def __init__(self, missing: Missing) -> None:
        super().__init__()
        self._id = missing.id
        self._number = Text("", role="card-body", tone="muted", tabular=True)
        self._prompt = ElidedText("", role="item", lines=2)
        self._answer = ActionButton("Answer")
        self._answer.clicked.connect(self._tell)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, theme().space(2), 0, theme().space(2))
        row.setSpacing(theme().space(3))
        row.addWidget(self._number)
        row.addWidget(self._prompt, 1)
        row.addWidget(self._answer)
        self.show_missing(missing)

    def show_missing(self, missing: Missing) -> None:
        self._number.setText(missing.number)
        self._prompt.setText(missing.prompt)
        self._answer.setAccessibleName(f"Answer {missing.number} {missing.prompt}")

    @Slot()
    def _tell(self) -> None:
        self.wanted.emit(self._id)


class LockedPanel(QWidget):
    """The record is locked: who signed, and what happens next."""

    def __init__(self) -> None:
        super().__init__()
        self._title = Text("", role="title", wrap=True)
        self._about = ElidedText("", role="card-body", tone="muted")
        self._signatures: KeyedColumn[SignatureFace] = KeyedColumn(SignatureRow, SignatureRow.show_face, dividers=True)
        self._next = Text("", role="card-body", wrap=True)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._about)
        head = QHBoxLayout()
        head.setSpacing(theme().space(4))
        head.addWidget(IconLabel("lock", color="success", size="empty"), 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        card = Card(padding=5)
        card.body.setSpacing(theme().space(4))
        card.body.addLayout(head)
        card.body.addWidget(self._signatures)
        card.body.addWidget(Text("What happens next", role="label", tone="muted"))
        card.body.addWidget(self._next)
        _middle(self, card)

    def show_state(self, state: SignState) -> None:
        """Show the outcome."""
        self._title.setText(state.outcome)
        self._about.setText(" · ".join(part for part in (state.number, state.title, state.asset) if part))
        self._signatures.set_rows(state.signatures)
        self._next.setText("\n".join(state.next_steps))


def _middle(panel: QWidget, card: Card) -> None:
    """Put a card into the middle, not wider than text is read."""
    card.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
    card.setMaximumWidth(int(WIDEST * max(1.0, theme().factor)))
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(card, 8)
    row.addStretch(1)
    column = QVBoxLayout(panel)
    side = theme().space(5)
    column.setContentsMargins(side, theme().space(4), side, theme().space(4))
    column.addLayout(row)
    column.addStretch(1)
