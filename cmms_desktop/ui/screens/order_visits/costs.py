"""What an order cost, under its visits: one line an amount, and whose a wrong one is to take back."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.order_visits.cost_words import CostRow, CostsState
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.cards import Card, SectionTitle
from cmms_desktop.ui.widgets.keyed_column import KeyedColumn
from cmms_desktop.ui.widgets.text import Text


class CostSection(QWidget):
    """The section; hidden while nothing was entered."""

    taken_back = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._title = SectionTitle("Costs")
        self._rows: KeyedColumn[CostRow] = KeyedColumn(self._make, CostLineWidget.show_row, dividers=True)
        card = Card()
        card.body.addWidget(self._rows)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme().space(1))
        column.addWidget(self._title)
        column.addWidget(card)
        self.hide()

    @property
    def lines(self) -> tuple["CostLineWidget", ...]:
        """What is shown."""
        return self._rows.widgets()

    def show_state(self, state: CostsState) -> None:
        self._title.set_title(state.title)
        self._title.set_trailing(state.total)
        self._rows.set_rows(state.rows)
        self.setVisible(bool(state.rows))

    def _make(self, row: CostRow) -> QWidget:
        line = CostLineWidget(row)
        line.taken_back.connect(self.taken_back)
        return line


class CostLineWidget(QWidget):
    """One amount."""

    taken_back = Signal(str)

    def __init__(self, row: CostRow) -> None:
        super().__init__()
        self._id = row.id
        self.text = Text(role="item", wrap=True)
        self._detail = Text(role="small", tone="muted", wrap=True)
        self.amount = Text(role="item", tabular=True)
        self.back_button = ActionButton("Take back", role="quiet")
        self.back_button.clicked.connect(self._tell)
        said = QVBoxLayout()
        said.setSpacing(0)
        said.addWidget(self.text)
        said.addWidget(self._detail)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, theme().space(2), 0, theme().space(2))
        line.setSpacing(theme().space(3))
        line.addLayout(said, 1)
        line.addWidget(self.amount)
        line.addWidget(self.back_button)
        self.show_row(row)

    def show_row(self, row: CostRow) -> None:
        self.text.setText(row.text)
        self._detail.setText(row.detail)
        self.amount.setText(row.amount)
        self.back_button.setVisible(row.may_take_back)
        self.back_button.setAccessibleName(f"Take back {row.text}, {row.amount}")

    @Slot()
    def _tell(self) -> None:
        self.taken_back.emit(self._id)
