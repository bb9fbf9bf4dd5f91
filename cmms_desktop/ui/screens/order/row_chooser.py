"""A list of rows of which one is chosen by finger, mouse or keys. Tells what the person chose, not what changed itself.

Where a list stands beside its detail a press chooses and Enter or a double press opens; alone, a press opens.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListView, QStackedWidget, QStyledItemDelegate

from cmms_desktop.ui.models.rows_model import Row, RowsModel
from cmms_desktop.ui.text.faces import SectionRow
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.empty_state import EmptyState
from cmms_desktop.ui.widgets.scrolling import list_view

T = TypeVar("T", bound=Row)
SCROLL_BAR_PX = 16
"""Width of a scroll bar: the margin beside a list of which the bar is a part."""


class RowChooser(QStackedWidget, Generic[T]):
    """The list, or what to say when it is empty."""

    selected = Signal(str)
    opened = Signal(str)

    def __init__(
        self,
        name: str,
        delegate: QStyledItemDelegate,
        *,
        describe: Callable[[T], str],
        face: Callable[[T], object],
        empty: EmptyState,
        is_uniform: bool = False,
    ) -> None:
        """Show rows with a delegate. `is_uniform`: all are of one height, without headings; quick for thousands."""
        super().__init__()
        self.model: RowsModel[T] = RowsModel(describe=describe, face=face, parent=self)
        self.view: QListView = list_view(name)
        self.view.setItemDelegate(delegate)
        self.view.setUniformItemSizes(is_uniform)
        self.view.setModel(self.model)
        self.empty = empty
        self.is_alone = False
        self._is_showing, self._chosen = False, ""
        self.addWidget(self.view)
        self.addWidget(empty)
        self.setFocusProxy(self.view)
        self._follow_bar(0, 0)
        self.view.installEventFilter(self)
        self.view.verticalScrollBar().rangeChanged.connect(self._follow_bar)
        self.view.clicked.connect(self._clicked)
        self.view.doubleClicked.connect(self._double_clicked)
        self.view.selectionModel().currentChanged.connect(self._current_changed)
        theme().changed.connect(self.view.doItemsLayout)

    def show_rows(
        self, rows: tuple[T | SectionRow, ...], *, chosen: str = "", empty: tuple[str, str] | None = None
    ) -> None:
        """Show rows with one of them chosen; without rows, title and text of `empty`."""
        self._is_showing, self._chosen = True, chosen
        self.model.set_rows(rows)
        index = self.model.index_of(chosen) if chosen and not self.is_alone else QModelIndex()
        if index.isValid() and index != self.view.currentIndex():
            self.view.setCurrentIndex(index)
        elif not index.isValid():
            self.view.selectionModel().clear()
        self._is_showing = False
        if not rows and empty is not None:
            self.empty.show_message(*empty)
        self.setCurrentWidget(self.view if rows else self.empty)

    def set_alone(self, is_alone: bool) -> None:
        """Say whether the list has the window for itself; then nothing is marked, for nothing stands beside it."""
        self.is_alone = is_alone

    def step(self, by: int) -> None:
        """Choose the next (1) or the previous (-1) row."""
        number = self.view.currentIndex().row() + by
        while 0 <= number < self.model.rowCount() and self.model.row_at(number) is None:
            number += by
        self._go_to(number)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Home and End pass headings by; Enter opens."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        last = self.model.rowCount() - 1
        if event.key() == Qt.Key.Key_Home:
            self._go_to(next((n for n in range(last + 1) if self.model.row_at(n) is not None), -1))
        elif event.key() == Qt.Key.Key_End:
            self._go_to(next((n for n in range(last, -1, -1) if self.model.row_at(n) is not None), -1))
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not event.modifiers():
            self._open(self.view.currentIndex())
        else:
            return False
        return True

    def _go_to(self, number: int) -> None:
        if self.model.row_at(number) is not None:
            self.view.setCurrentIndex(self.model.index(number))

    def _open(self, index: QModelIndex) -> None:
        row = self.model.row_at(index)
        if row is not None:
            self.opened.emit(str(row.id))

    @Slot(int, int)
    def _follow_bar(self, least: int, most: int) -> None:
        """Keep the rows in line with what stands above, whether there is a scroll bar or not."""
        gap = 0 if most > least else SCROLL_BAR_PX
        is_mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        self.setContentsMargins(gap if is_mirrored else 0, 0, 0 if is_mirrored else gap, 0)

    @Slot(QModelIndex)
    def _clicked(self, index: QModelIndex) -> None:
        if self.is_alone:
            self._open(index)
        else:
            self._choose(index)

    @Slot(QModelIndex)
    def _double_clicked(self, index: QModelIndex) -> None:
        if not self.is_alone:
            self._open(index)

    @Slot(QModelIndex)
    def _current_changed(self, current: QModelIndex) -> None:
        if not self._is_showing:
            self._choose(current)

    def _choose(self, index: QModelIndex) -> None:
        """Tell of a row once, however it was reached."""
        row = self.model.row_at(index)
        if row is not None and str(row.id) != self._chosen:
            self._chosen = str(row.id)
            self.selected.emit(self._chosen)
