"""Row widgets by id, one under the other: only what is new is built, only what changed is updated, nothing flickers.

For the dozens of rows of one record; lists of thousands are views over a model. The first rows are there at once, the
others follow in slices, so that a long record never holds up the window.
"""

from collections.abc import Callable, Sequence
from typing import Any, Generic, Protocol, TypeVar

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.cards import Divider
from cmms_desktop.ui.widgets.styling import set_shown

FIRST_ROWS = 10
SLICE_ROWS = 4
"""Rows built in one go: some 10 ms on a small tablet."""


class KeyedRow(Protocol):
    """Anything frozen with an id."""

    @property
    def id(self) -> str:
        """What the row is, as long as it is shown."""
        ...


T = TypeVar("T", bound=KeyedRow)


class KeyedColumn(QWidget, Generic[T]):
    """A column of widgets, one for each row."""

    completed = Signal()
    """The last of the rows that were asked for is there."""

    def __init__(
        self,
        make: Callable[[T], QWidget],
        update: Callable[[Any, T], None],
        *,
        gap: int = 2,
        dividers: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """Build with `make`, which shows the row already; `update` shows another state of it in the same widget."""
        super().__init__(parent)
        self._make, self._update, self._has_dividers = make, update, dividers
        self._rows: tuple[T, ...] = ()
        self._shown: dict[str, T] = {}
        self._cells: dict[str, _Cell] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0 if dividers else theme().space(gap))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._later = QTimer(self, interval=0, singleShot=True)
        self._later.timeout.connect(self._build_slice)

    @property
    def is_complete(self) -> bool:
        return len(self._cells) == len(self._rows)

    def widget(self, row_id: str) -> Any:
        """Give the widget of a row; None: it is not there, or not yet."""
        cell = self._cells.get(row_id)
        return None if cell is None else cell.content

    def widgets(self) -> tuple[Any, ...]:
        """Give the widgets in the order of their rows."""
        return tuple(self._cells[row.id].content for row in self._rows if row.id in self._cells)

    def set_rows(self, rows: Sequence[T]) -> None:
        """Show these rows in this order."""
        wanted = {row.id: row for row in rows}
        for row_id in [row_id for row_id in self._cells if row_id not in wanted]:
            self._drop(row_id)
        self._rows = tuple(wanted.values())
        for row in self._rows:
            if row.id in self._cells and self._shown[row.id] != row:
                self._shown[row.id] = row
                self._update(self._cells[row.id].content, row)
        self._build(FIRST_ROWS)

    @Slot()
    def _build_slice(self) -> None:
        self._build(SLICE_ROWS)

    def _build(self, most: int) -> None:
        missing = [row for row in self._rows if row.id not in self._cells]
        for row in missing[:most]:
            self._shown[row.id] = row
            self._cells[row.id] = _Cell(self._make(row), has_divider=self._has_dividers)
        self._arrange()
        if len(missing) > most:
            self._later.start()
        else:
            self.completed.emit()

    def _arrange(self) -> None:
        cells = [self._cells[row.id] for row in self._rows if row.id in self._cells]
        for place, cell in enumerate(cells):
            item = self._column.itemAt(place)
            if item is None or item.widget() is not cell:
                self._column.insertWidget(place, cell)
            cell.set_first(place == 0)
        set_shown(self, bool(cells))

    def _drop(self, row_id: str) -> None:
        cell = self._cells.pop(row_id)
        del self._shown[row_id]
        self._column.removeWidget(cell)
        cell.hide()
        cell.deleteLater()


class _Cell(QWidget):
    """A row's widget with the line above it."""

    def __init__(self, content: QWidget, *, has_divider: bool) -> None:
        super().__init__()
        self.content = content
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._divider = Divider() if has_divider else None
        if self._divider is not None:
            column.addWidget(self._divider)
        column.addWidget(content)

    def set_first(self, is_first: bool) -> None:
        if self._divider is not None:
            self._divider.setVisible(not is_first)
