"""A titled card of parts, each with where it is and what can be done with it."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.order_parts.states import PartRow
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.badges import BadgeRow
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.cards import Card, SectionTitle
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.keyed_column import KeyedColumn
from cmms_desktop.ui.widgets.text import Text


class PartSection(QWidget):
    """Hidden while it has no rows."""

    acted = Signal(str)

    def __init__(self, title: str) -> None:
        super().__init__()
        self.rows: KeyedColumn[PartRow] = KeyedColumn(self._make, PartLineWidget.show_row, dividers=True)
        card = Card()
        card.body.setContentsMargins(theme().space(4), 0, theme().space(2), 0)
        card.body.addWidget(self.rows)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme().space(1))
        column.addWidget(SectionTitle(title, tone="muted"))
        column.addWidget(card)
        self.hide()

    def show_rows(self, rows: tuple[PartRow, ...]) -> None:
        self.rows.set_rows(rows)
        self.setVisible(bool(rows))

    def _make(self, row: PartRow) -> QWidget:
        line = PartLineWidget(row)
        line.acted.connect(self.acted)
        return line


class PartLineWidget(QWidget):
    """One part."""

    acted = Signal(str)

    def __init__(self, row: PartRow) -> None:
        super().__init__()
        self._id = row.id
        self._text = Text(role="item", wrap=True)
        self._detail = Text(role="small", tone="muted", wrap=True)
        self._badge = BadgeRow()
        self.button = ActionButton("Use")
        self.button.clicked.connect(self._tell)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._text)
        words.addWidget(self._detail)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, theme().space(2), 0, theme().space(2))
        line.setSpacing(theme().space(3))
        line.addWidget(IconLabel("parts", size="control"))
        line.addLayout(words, 1)
        line.addWidget(self._badge, 0, Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(self.button)
        self.setMinimumHeight(theme().target("list_row"))
        self.show_row(row)

    @property
    def accessible_text(self) -> str:
        """What the line says first."""
        return self._text.text()

    def show_row(self, row: PartRow) -> None:
        self._text.setText(row.text)
        self._detail.setText(row.detail)
        self._detail.setVisible(bool(row.detail))
        self._badge.set_specs((row.badge,) if row.badge else ())
        self.button.set_text(row.action)
        self.button.setVisible(bool(row.action))
        self.button.setAccessibleName(f"{row.action}: {row.text}")

    @Slot()
    def _tell(self) -> None:
        self.acted.emit(self._id)
