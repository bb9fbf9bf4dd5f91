"""The card of a part: its codes, where it lies, and the open orders that it is planned for."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.order.searched_list import CardPane
from cmms_desktop.ui.screens.parts.presenter import CardState, LineRow
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.badges import BadgeRow
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.cards import Card, KeyValueGrid, SectionTitle
from cmms_desktop.ui.widgets.empty_state import EmptyState
from cmms_desktop.ui.widgets.keyed_column import KeyedColumn
from cmms_desktop.ui.widgets.text import Text


class PartCardPane(CardPane):
    """One part, or that none is chosen."""

    def __init__(self) -> None:
        nothing = EmptyState("parts", "No part chosen", "Choose one from the list, or scan its label.")
        super().__init__(name="Part", nothing=nothing, gap=2)
        self._card: CardState | None = None
        self._grid = KeyValueGrid(3)
        facts = Card()
        facts.body.addWidget(self._grid)
        self._places_title = SectionTitle("Where it lies")
        self.places: KeyedColumn[LineRow] = KeyedColumn(ValueLine, ValueLine.show_row, dividers=True)
        self._places_card = _list_card(self.places)
        self._nowhere = Text("No store on this device has it.", role="card-body", tone="muted")
        self._orders_title = SectionTitle("Planned for")
        self.orders: KeyedColumn[LineRow] = KeyedColumn(self._make, ValueLine.show_row, dividers=True)
        self._orders_card = _list_card(self.orders)
        parts = (facts, self._places_title, self._places_card, self._nowhere, self._orders_title, self._orders_card)
        for part in parts:
            self.content.column.addWidget(part)
        self.content.column.addStretch(1)

    @property
    def title(self) -> str:
        """What the part is called; "" while none is shown."""
        return self._card.title if self._card is not None else ""

    def show_card(self, card: CardState | None) -> None:
        self._card = card
        self.setCurrentIndex(0 if card is None else 1)
        if card is None:
            return
        self.header.show_title(card.title, facts=(card.about,))
        self._grid.set_pairs(card.facts)
        self._places_title.set_trailing(card.as_of)
        self.places.set_rows(card.places)
        self._places_card.setVisible(bool(card.places))
        self._nowhere.setVisible(not card.places)
        self.orders.set_rows(card.orders)
        for part in (self._orders_title, self._orders_card):
            part.setVisible(bool(card.orders))

    def _make(self, row: LineRow) -> QWidget:
        line = ValueLine(row, can_open=True)
        line.opened.connect(self.order_opened)
        return line


class ValueLine(QWidget):
    """A line with a value at its end, or a button that opens it."""

    opened = Signal(str)

    def __init__(self, row: LineRow, *, can_open: bool = False) -> None:
        super().__init__()
        self._id = row.id
        self._text, self._detail = Text(role="item", wrap=True), Text(role="small", tone="muted", wrap=True)
        self._badge = BadgeRow()
        self._value = Text(role="item", weight="semibold", tabular=True)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._text)
        words.addWidget(self._detail)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, theme().space(2), 0, theme().space(2))
        line.setSpacing(theme().space(3))
        line.addLayout(words, 1)
        line.addWidget(self._badge, 0, Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(self._value)
        if can_open:
            self.button = ActionButton("Open", role="quiet")
            self.button.clicked.connect(self._tell)
            self.button.setAccessibleName(f"Open {row.text}")
            line.addWidget(self.button)
        self.setMinimumHeight(theme().target("list_row"))
        self.show_row(row)

    def show_row(self, row: LineRow) -> None:
        self._text.setText(row.text)
        self._detail.setText(row.detail)
        self._detail.setVisible(bool(row.detail))
        self._value.setText(row.value)
        self._badge.set_specs((row.badge,) if row.badge else ())
        self.setAccessibleName(f"{row.text}, {row.detail}, {row.value}")

    @Slot()
    def _tell(self) -> None:
        self.opened.emit(self._id)


def _list_card(rows: QWidget) -> Card:
    card = Card()
    card.body.setContentsMargins(theme().space(4), 0, theme().space(4), 0)
    card.body.addWidget(rows)
    return card
