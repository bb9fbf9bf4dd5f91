"""The meters on an asset's card: what each was read at last, and a field for what it shows now."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.assets.meter_rows import MeterRow
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.badges import BadgeRow
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.cards import Card, SectionTitle
from cmms_desktop.ui.widgets.fields import NumberField
from cmms_desktop.ui.widgets.keyed_column import KeyedColumn
from cmms_desktop.ui.widgets.text import Text


class MeterSection(QWidget):
    """A title over the meters; hidden where there is none."""

    read = Signal(str, str)
    """Meter and what was entered."""

    def __init__(self) -> None:
        super().__init__()
        self._direction = QBoxLayout.Direction.LeftToRight
        self.meters: KeyedColumn[MeterRow] = KeyedColumn(self._make, MeterCard.show_row)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme().space(1))
        column.addWidget(SectionTitle("Meters"))
        column.addWidget(self.meters)

    def show_rows(self, rows: tuple[MeterRow, ...]) -> None:
        """Show them, or nothing."""
        self.meters.set_rows(rows)
        self.setVisible(bool(rows))

    def forget_reading(self, meter_id: str) -> None:
        """Empty the field of a meter whose reading was kept."""
        for card in self.meters.widgets():
            if isinstance(card, MeterCard) and card.meter_id == meter_id:
                card.clear()

    def arrange(self, size_class: str) -> None:
        """Narrow windows put the field below the words."""
        is_narrow = size_class == "compact" or theme().factor > 1
        self._direction = QBoxLayout.Direction.TopToBottom if is_narrow else QBoxLayout.Direction.LeftToRight
        for card in self.meters.widgets():
            if isinstance(card, MeterCard):
                card.set_direction(self._direction)

    def _make(self, row: MeterRow) -> QWidget:
        card = MeterCard(row)
        card.set_direction(self._direction)
        card.entered.connect(self.read)
        return card


class MeterCard(Card):
    """One meter."""

    entered = Signal(str, str)

    def __init__(self, row: MeterRow) -> None:
        super().__init__()
        self.meter_id = row.id
        self._name, self._last = Text(role="item", wrap=True), Text(role="card-body", wrap=True, tabular=True)
        self._limits, self._note = (Text(role="small", tone="muted", wrap=True) for _ in range(2))
        self._badges = BadgeRow()
        self.value = NumberField(row.unit, name=row.name)
        self.save = ActionButton("Save reading", icon="check")
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.setSpacing(theme().space(3))
        words = QVBoxLayout()
        words.setSpacing(theme().space(1))
        for part in (self._name, self._last, self._badges, self._limits, self._note):
            words.addWidget(part)
        entry = QHBoxLayout()
        entry.setSpacing(theme().space(2))
        entry.addWidget(self.value)
        entry.addWidget(self.save)
        entry.addStretch(1)
        self._row.addLayout(words, 1)
        self._row.addLayout(entry)
        self._row.setAlignment(entry, Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(self._row)
        self.value.edit.textChanged.connect(self._follow)
        self.value.edit.returnPressed.connect(self.save.click)
        self.save.clicked.connect(self._tell)
        self.show_row(row)
        self._follow()

    @property
    def last(self) -> str:
        """What it was read at last, as it is shown."""
        return self._last.text()

    def show_row(self, row: MeterRow) -> None:
        """Show what is known now; what is half typed stays."""
        self._name.setText(row.name)
        self._last.setText(row.last)
        for text, shown in ((self._limits, row.limits), (self._note, row.note)):
            text.setText(shown)
            text.setVisible(bool(shown))
        self._badges.set_specs(row.badges)
        self._badges.setVisible(bool(row.badges))
        self.value.set_unit(row.unit)
        self.value.set_name(row.name)
        self.save.setAccessibleName(f"Save reading of {row.name}")

    def set_direction(self, direction: QBoxLayout.Direction) -> None:
        self._row.setDirection(direction)

    def clear(self) -> None:
        self.value.edit.clear()

    @Slot()
    def _follow(self) -> None:
        self.save.setEnabled(bool(self.value.text().strip()))

    @Slot()
    def _tell(self) -> None:
        if text := self.value.text().strip():
            self.entered.emit(self.meter_id, text)
