"""A list model over frozen rows that tells views only what changed, so selection and scroll position stay.

It reads and writes nothing: whoever has newer rows hands them over as a tuple.
"""

from collections.abc import Callable, Hashable
from typing import Any, Generic, Protocol, TypeVar

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from cmms_desktop.ui.models.moves import MOST_MOVES, plan_moves
from cmms_desktop.ui.text.faces import FaceRole, SectionRow

Index = QModelIndex | QPersistentModelIndex


class Row(Protocol):
    """A frozen row with an id of its own."""

    @property
    def id(self) -> Hashable: ...


T = TypeVar("T", bound=Row)


class RowsModel(QAbstractListModel, Generic[T]):
    """Rows of one kind, with `SectionRow` headings among them if wanted.

    Args:
        describe: one row as a sentence, for screen readers.
        face: what the delegate draws of a row, under `FaceRole`; without it the row itself.
        display: what `DisplayRole` gives; without it the sentence.
    """

    def __init__(
        self,
        *,
        describe: Callable[[T], str] = str,
        face: Callable[[T], object] | None = None,
        display: Callable[[T], str] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._describe, self._face, self._display = describe, face, display or describe
        self._rows: list[T | SectionRow] = []
        self._faces: dict[Hashable, object] = {}

    # --- what is there --------------------------------------------------------------------------------------------

    def rows(self) -> tuple[T | SectionRow, ...]:
        return tuple(self._rows)

    def row_at(self, index: Index | int) -> T | None:
        """Give the row at an index or number; None for a heading and outside of the list."""
        number = index if isinstance(index, int) else index.row() if index.isValid() else -1
        row = self._rows[number] if 0 <= number < len(self._rows) else None
        return None if isinstance(row, SectionRow) else row

    def index_of(self, row_id: Hashable) -> QModelIndex:
        """Give the index of the row with an id; an invalid one when it is not there."""
        for number, row in enumerate(self._rows):
            if row.id == row_id:
                return self.index(number)
        return QModelIndex()

    # --- Qt's questions -------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  Qt's signature
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return row
        if isinstance(row, SectionRow):
            return self._section_data(row, role)
        if role == FaceRole:
            return self._face_of(row)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._display(row)
        return self._describe(row) if role == Qt.ItemDataRole.AccessibleTextRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        if isinstance(self._rows[index.row()], SectionRow):
            return Qt.ItemFlag.ItemNeverHasChildren
        able = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        return able | Qt.ItemFlag.ItemNeverHasChildren

    def _section_data(self, section: SectionRow, role: int) -> object:
        if role == FaceRole:
            return section
        said = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
        return section.text if role in said else None

    def _face_of(self, row: T) -> object:
        if self._face is None:
            return row
        if row.id not in self._faces:
            self._faces[row.id] = self._face(row)
        return self._faces[row.id]

    # --- newer rows -----------------------------------------------------------------------------------------------

    def set_rows(self, rows: tuple[T | SectionRow, ...]) -> None:
        """Show these rows, in this order, telling the smallest change by id. Raises ValueError when ids repeat."""
        wanted = {row.id: row for row in rows}
        if len(wanted) != len(rows):
            raise ValueError("two rows have the same id")
        if tuple(self._rows) == rows:
            return
        self._remove_all_but(wanted)
        self._order_and_insert(rows)
        self._update(rows)

    def _remove_all_but(self, wanted: dict[Hashable, T | SectionRow]) -> None:
        last = len(self._rows) - 1
        while last >= 0:
            if self._rows[last].id in wanted:
                last -= 1
                continue
            first = last
            while first > 0 and self._rows[first - 1].id not in wanted:
                first -= 1
            self.beginRemoveRows(QModelIndex(), first, last)
            for row in self._rows[first : last + 1]:
                self._faces.pop(row.id, None)
            del self._rows[first : last + 1]
            self.endRemoveRows()
            last = first - 1

    def _order_and_insert(self, rows: tuple[T | SectionRow, ...]) -> None:
        known = {row.id for row in self._rows}
        order = [row.id for row in rows if row.id in known]
        self._reorder(order)
        number = 0
        while number < len(rows):
            if rows[number].id in known:
                number += 1
                continue
            end = number
            while end < len(rows) and rows[end].id not in known:
                end += 1
            self.beginInsertRows(QModelIndex(), number, end - 1)
            self._rows[number:number] = rows[number:end]
            self.endInsertRows()
            number = end

    def _reorder(self, order: list[Hashable]) -> None:
        """Bring the rows that stay into their new order: few moves one by one, many at once."""
        present = [row.id for row in self._rows]
        if present == order:
            return
        moves = plan_moves(present, order)
        if len(moves) > MOST_MOVES:
            self._reorder_at_once(order)
            return
        for source, target in moves:
            self.beginMoveRows(QModelIndex(), source, source, QModelIndex(), target if target < source else target + 1)
            self._rows.insert(target, self._rows.pop(source))
            self.endMoveRows()

    def _reorder_at_once(self, order: list[Hashable]) -> None:
        self.layoutAboutToBeChanged.emit()
        held = self.persistentIndexList()
        ids = [self._rows[index.row()].id for index in held]
        by_id = {row.id: row for row in self._rows}
        self._rows = [by_id[row_id] for row_id in order]
        number_of = {row_id: number for number, row_id in enumerate(order)}
        self.changePersistentIndexList(held, [self.index(number_of[row_id]) for row_id in ids])
        self.layoutChanged.emit()

    def _update(self, rows: tuple[T | SectionRow, ...]) -> None:
        for number, row in enumerate(rows):
            if self._rows[number] != row:
                self._rows[number] = row
                self._faces.pop(row.id, None)
                self.dataChanged.emit(self.index(number), self.index(number))
