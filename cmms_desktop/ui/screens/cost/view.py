"""The form for a cost: what for, how much, in which currency."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.screens.cost.presenter import CostPresenter
from cmms_desktop.ui.text.arrival_words import SAVED_NOW
from cmms_desktop.ui.text.words import COST
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.fields import LabelledField
from cmms_desktop.ui.widgets.form_column import lay_out_form
from cmms_desktop.ui.widgets.scrolled_column import ScrolledColumn
from cmms_desktop.ui.widgets.segmented import Segmented
from cmms_desktop.ui.widgets.text import Text

LONGEST_NOTE = 1000
"""Characters that a note of the contract holds."""
WHO_SEES = "You and the office of the site see it. It is not part of what is signed."


class CostForm(QWidget):
    """For a Sheet; `saved` when the cost is entered."""

    saved = Signal()

    def __init__(self, context: ScreenContext, order_id: str) -> None:
        super().__init__()
        self.kind = Segmented(tuple(COST.items()))
        self.amount = LabelledField("Amount", placeholder="12.50")
        self.currency = LabelledField("Currency", placeholder="EUR")
        self.currency.line.setMaxLength(3)
        self.note = LabelledField("What it was paid for", placeholder="Parking")
        self.note.line.setMaxLength(LONGEST_NOTE)
        self.save_button = ActionButton("Enter cost", icon="note", role="primary")
        explains = Text(SAVED_NOW, role="card-body", wrap=True)
        lay_out_form(self, self._build_fields(), name="Cost", explains=explains, button=self.save_button)
        self._presenter = CostPresenter(context, self, order_id)
        self._presenter.start()
        self.kind.chosen.connect(self._enter_kind)
        self.amount.edited.connect(self._enter_amount)
        self.currency.edited.connect(self._enter_currency)
        self.note.edited.connect(self._enter_note)
        for field in (self.amount, self.currency, self.note):
            field.line.returnPressed.connect(self._presenter.save)
        self.save_button.clicked.connect(self._presenter.save)

    def stop(self) -> None:
        self._presenter.close()

    def primary(self) -> QPushButton:
        """For Ctrl+Enter."""
        return self.save_button

    def show_fields(self, *, kind: str, amount: str, currency: str, note: str) -> None:
        self.kind.set_current(kind)
        self.amount.set_text(amount)
        self.currency.set_text(currency)
        self.note.set_text(note)

    def show_refusal(self, sentence: str | None) -> None:
        self.amount.set_error(sentence)

    def done(self) -> None:
        self.saved.emit()

    def _build_fields(self) -> QWidget:
        content = ScrolledColumn()
        content.set_margins("regular")
        kinds, amount = QHBoxLayout(), QHBoxLayout()
        kinds.addWidget(self.kind)
        kinds.addStretch(1)
        amount.setSpacing(theme().space(3))
        amount.addWidget(self.amount, 2)
        amount.addWidget(self.currency, 1)
        content.column.addLayout(kinds)
        content.column.addLayout(amount)
        content.column.addWidget(self.note)
        content.column.addWidget(Text(WHO_SEES, role="small", tone="muted", wrap=True))
        content.column.addStretch(1)
        return content

    @Slot(str)
    def _enter_kind(self, key: str) -> None:
        self._presenter.enter(kind=key)

    @Slot(str)
    def _enter_amount(self, text: str) -> None:
        self._presenter.enter(amount=text)

    @Slot(str)
    def _enter_currency(self, text: str) -> None:
        self._presenter.enter(currency=text)

    @Slot(str)
    def _enter_note(self, text: str) -> None:
        self._presenter.enter(note=text)
