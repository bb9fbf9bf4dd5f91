"""Sections of an asset's card with captions over values: specifications, documents, other assets."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from cmms_desktop.ui.screens.assets.detail_sections import Pairs
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.cards import Card, KeyValueGrid, SectionTitle


class DetailSection(QWidget):
    """A title over a grid; hidden where there is nothing to show."""

    def __init__(self, title: str, columns: int) -> None:
        super().__init__()
        self._columns = columns
        self._grid = KeyValueGrid(columns)
        card = Card()
        card.body.addWidget(self._grid)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme().space(1))
        column.addWidget(SectionTitle(title))
        column.addWidget(card)

    def show_pairs(self, pairs: Pairs) -> None:
        """Show them, or nothing."""
        self._grid.set_pairs(pairs)
        self.setVisible(bool(pairs))

    def arrange(self) -> None:
        """Large letters need wider columns."""
        self._grid.set_columns(max(1, self._columns - 1) if theme().factor > 1 else self._columns)
