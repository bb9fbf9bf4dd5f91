"""Facts under one another, name left and value right, with lines between them."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.cards import Card, Divider
from cmms_desktop.ui.widgets.text import ElidedText, Text


class FactCard(Card):
    """A card with a title over its facts."""

    def __init__(self, title: str) -> None:
        super().__init__(padding=4)
        self.body.setSpacing(0)
        self.body.addWidget(Text(title, role="heading"))
        self.body.addSpacing(theme().space(2))
        self._rows: dict[str, ElidedText] = {}

    def show_facts(self, facts: tuple[tuple[str, str], ...]) -> None:
        """Show pairs of name and value; rows stay while their values change."""
        for name, value in facts:
            if name not in self._rows:
                self._rows[name] = self._add(name)
            self._rows[name].setText(value)
            self._rows[name].setAccessibleName(f"{name}: {value}")

    def _add(self, name: str) -> ElidedText:
        value = ElidedText("", role="card-body", weight="medium", tabular=True, mode="middle")
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, theme().space(2), 0, theme().space(2))
        row.setSpacing(theme().space(3))
        row.addWidget(Text(name, role="card-body", tone="muted"))
        row.addStretch(1)
        row.addWidget(value)
        self.body.addWidget(Divider())
        self.body.addWidget(line)
        return value
