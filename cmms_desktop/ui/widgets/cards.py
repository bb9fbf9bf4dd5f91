"""Cards and what stands in them: captions over values, dividers, section titles."""

from collections.abc import Iterable

from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.styling import set_shown, set_style
from cmms_desktop.ui.widgets.text import Text


class Card(QFrame):
    """A white frame for one thing. Kinds: card, card-selected, card-danger, sunken. Fill `body`, a QVBoxLayout."""

    def __init__(self, *, kind: str = "card", padding: int = 4, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_style(self, kind=kind)
        self.body = QVBoxLayout(self)
        side = theme().space(padding)
        self.body.setContentsMargins(side, theme().space(3), side, theme().space(3))
        self.body.setSpacing(theme().space(2))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    def set_kind(self, kind: str) -> None:
        set_style(self, kind=kind)


class Divider(QFrame):
    """A thin line between rows, across or down."""

    def __init__(self, *, vertical: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_style(self, kind="divider-vertical" if vertical else "divider")
        self._vertical = vertical
        theme().changed.connect(self._follow_theme)
        self._follow_theme()

    def _follow_theme(self) -> None:
        if self._vertical:
            self.setFixedWidth(theme().border_width)
        else:
            self.setFixedHeight(theme().border_width)


class SectionTitle(QWidget):
    """A heading over a group with something quiet at its end: a text or, by `add_trailing`, a widget."""

    def __init__(
        self,
        title: str,
        trailing: str = "",
        *,
        role: str = "label",
        tone: str | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._title = Text(title, role=role, tone=tone)
        self._trailing = Text(trailing, role="small", tone="muted", tabular=True)
        set_shown(self._trailing, bool(trailing))
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme().space(3))
        self._row.addWidget(self._title)
        self._row.addStretch(1)
        self._row.addWidget(self._trailing)

    def set_title(self, title: str) -> None:
        self._title.setText(title)

    def set_trailing(self, trailing: str) -> None:
        self._trailing.setText(trailing)
        self._trailing.setVisible(bool(trailing))

    def add_trailing(self, widget: QWidget) -> None:
        self._row.addWidget(widget)


class KeyValueGrid(QWidget):
    """Captions over their values in `columns` columns; a long value wraps."""

    def __init__(self, columns: int = 3, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns = columns
        self._pairs: tuple[tuple[str, str], ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme().space(5))
        self._grid.setVerticalSpacing(theme().space(3))

    def set_pairs(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Show captions with their values, in reading order; nothing is rebuilt when only values changed."""
        wanted = tuple(pairs)
        if [caption for caption, _ in wanted] == [caption for caption, _ in self._pairs]:
            for number, (_, value) in enumerate(wanted):
                self._value_at(number).setText(value)
                self._value_at(number).setAccessibleName(f"{wanted[number][0]}: {value}")
        else:
            self._build(wanted)
        self._pairs = wanted

    def set_columns(self, columns: int) -> None:
        if columns != self._columns:
            self._columns = columns
            self._build(self._pairs)

    def _value_at(self, number: int) -> Text:
        cell = self._cell_at(number)
        value = cell.findChild(Text, "value")
        assert isinstance(value, Text)
        return value

    def _cell_at(self, number: int) -> QWidget:
        item = self._grid.itemAtPosition(number // self._columns, number % self._columns)
        cell = None if item is None else item.widget()
        assert cell is not None
        return cell

    def _build(self, pairs: tuple[tuple[str, str], ...]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for number, (caption, value) in enumerate(pairs):
            cell = _cell(caption, value)
            self._grid.addWidget(cell, number // self._columns, number % self._columns)
            cell.show()  # at once: Qt would do it one turn later, and the page would jump
        for column in range(self._grid.columnCount()):
            self._grid.setColumnStretch(column, 1 if column < self._columns else 0)


def _cell(caption: str, value: str) -> QWidget:
    cell = QWidget()
    column = QVBoxLayout(cell)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    shown = Text(value, role="card-body", weight="medium", wrap=True)
    shown.setObjectName("value")
    shown.setAccessibleName(f"{caption}: {value}")
    column.addWidget(Text(caption, role="caption", tone="muted"))
    column.addWidget(shown)
    column.addStretch(1)
    return cell
