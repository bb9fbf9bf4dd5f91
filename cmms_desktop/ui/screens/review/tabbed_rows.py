"""A list of which tabs show a part each, as of reviews and of the inbox. Tells what was chosen, decides nothing."""

from collections.abc import Callable, Iterable
from typing import Generic, Protocol, TypeVar

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Signal, Slot
from PySide6.QtWidgets import QFrame, QStackedWidget

from cmms_desktop.ui.models.rows_model import RowsModel
from cmms_desktop.ui.text.faces import ReviewRowFace, SectionRow
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.empty_state import EmptyState
from cmms_desktop.ui.widgets.review_row import ReviewRowDelegate
from cmms_desktop.ui.widgets.scrolling import list_view
from cmms_desktop.ui.widgets.segmented import Segmented


class FacedRow(Protocol):
    """A row that is drawn as a card with a title, a detail and badges."""

    @property
    def id(self) -> str:
        """Its own."""
        ...

    @property
    def face(self) -> ReviewRowFace:
        """What is drawn."""
        ...


T = TypeVar("T", bound=FacedRow)


class TabbedRows(QFrame, Generic[T]):
    """`row_chosen` while moving through the list, `row_opened` when a row was pressed or entered.

    Whoever inherits lays out `tabs` and `stack`.
    """

    tab_chosen = Signal(str)
    row_chosen = Signal(str)
    row_opened = Signal(str)

    def __init__(self, name: str, tabs: Iterable[tuple[str, str]], *, describe: Callable[[T], str]) -> None:
        """Make a list called `name`, for tabs of (key, words)."""
        super().__init__()
        self._quiet = False
        self.tabs = Segmented(tuple(tabs), has_check=False)
        self.tabs.chosen.connect(self.tab_chosen)
        self.model: RowsModel[T] = RowsModel(display=_title, describe=describe, face=_face, parent=self)
        self.view = list_view(name)
        self.view.setModel(self.model)
        self.view.setItemDelegate(ReviewRowDelegate(self.view))
        self.view.selectionModel().currentChanged.connect(self._tell_chosen)
        self.view.clicked.connect(self._tell_opened)
        self.view.activated.connect(self._tell_opened)
        self.empty = EmptyState("accepted", "", color="success")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.view)
        self.stack.addWidget(self.empty)
        theme().changed.connect(self.view.doItemsLayout)

    def show_rows(
        self,
        tab: str,
        tab_words: Iterable[tuple[str, str]],
        rows: tuple[T | SectionRow, ...],
        *,
        selected: str,
        empty: tuple[str, str],
    ) -> None:
        """Show a tab with its rows and the selected one, telling nobody; without rows, title and text of `empty`."""
        self._quiet = True
        self.tabs.set_current(tab)
        for key, words in tab_words:
            self.tabs.set_text(key, words)
        self.model.set_rows(rows)
        self.empty.show_message(*empty)
        self.stack.setCurrentIndex(0 if rows else 1)
        self._mark(selected)
        self._quiet = False

    def _mark(self, row_id: str) -> None:
        index = self.model.index_of(row_id)
        if not index.isValid():
            self.view.clearSelection()
        elif index != self.view.currentIndex() or not self.view.selectionModel().isSelected(index):
            flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.view.selectionModel().setCurrentIndex(index, flag)

    @Slot(QModelIndex)
    def _tell_chosen(self, index: QModelIndex) -> None:
        row = self.model.row_at(index)
        if row is not None and not self._quiet:
            self.row_chosen.emit(row.id)

    @Slot(QModelIndex)
    def _tell_opened(self, index: QModelIndex) -> None:
        row = self.model.row_at(index)
        if row is not None:
            self.row_opened.emit(row.id)


def _face(row: FacedRow) -> ReviewRowFace:
    return row.face


def _title(row: FacedRow) -> str:
    return row.face.title
