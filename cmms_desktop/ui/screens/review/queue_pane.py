"""The list of the review: pending, returned or approved; exceptions first. Tells what was chosen, decides nothing."""

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout

from cmms_desktop.ui.models.rows_model import RowsModel
from cmms_desktop.ui.screens.review.state import QueueRow, QueueState
from cmms_desktop.ui.text.faces import ReviewRowFace
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.empty_state import EmptyState
from cmms_desktop.ui.widgets.key_cap import KeyCap
from cmms_desktop.ui.widgets.review_row import ReviewRowDelegate
from cmms_desktop.ui.widgets.scrolling import list_view
from cmms_desktop.ui.widgets.segmented import Segmented
from cmms_desktop.ui.widgets.text import ElidedText


class QueuePane(QFrame):
    """`row_chosen` while moving through the list, `row_opened` when a row was pressed or entered."""

    tab_chosen = Signal(str)
    row_chosen = Signal(str)
    row_opened = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._quiet = False
        self.tabs = Segmented(QueueState().tab_words, has_check=False)
        self.tabs.chosen.connect(self.tab_chosen)
        self._sites = ElidedText("", role="small", tone="muted")
        self._keys = (KeyCap("J"), KeyCap("K"))
        self.model: RowsModel[QueueRow] = RowsModel(display=_title, describe=_said, face=_face, parent=self)
        self.list = list_view("Orders to review")
        self.list.setModel(self.model)
        self.list.setItemDelegate(ReviewRowDelegate(self.list))
        self.list.selectionModel().currentChanged.connect(self._tell_chosen)
        self.list.clicked.connect(self._tell_opened)
        self.list.activated.connect(self._tell_opened)
        self._empty = EmptyState("accepted", "", color="success")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self._empty)
        about = QHBoxLayout()
        about.setSpacing(theme().space(1))
        about.addWidget(self._sites, 1)
        for key in self._keys:
            about.addWidget(key)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme().space(n) for n in (4, 3, 4, 0)))
        column.setSpacing(theme().space(2))
        column.addWidget(self.tabs)
        column.addLayout(about)
        column.addWidget(self._stack, 1)
        theme().changed.connect(self.list.doItemsLayout)

    def show_state(self, state: QueueState) -> None:
        """Show the list with its chosen row, telling nobody."""
        self._quiet = True
        self.tabs.set_current(state.tab)
        for key, words in state.tab_words:
            self.tabs.set_text(key, words)
        self._sites.setText(state.sites)
        self.model.set_rows(state.rows)
        self._empty.show_message(*state.empty)
        self._stack.setCurrentIndex(0 if state.rows else 1)
        self._mark(state.selected)
        self._quiet = False

    def set_compact(self, is_compact: bool) -> None:
        """Small windows have no keyboard to hint at."""
        for key in self._keys:
            key.setVisible(not is_compact)

    def _mark(self, order_id: str) -> None:
        index = self.model.index_of(order_id)
        if not index.isValid():
            self.list.clearSelection()
        elif index != self.list.currentIndex() or not self.list.selectionModel().isSelected(index):
            flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.list.selectionModel().setCurrentIndex(index, flag)

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


def _face(row: QueueRow) -> ReviewRowFace:
    return row.face


def _title(row: QueueRow) -> str:
    return row.face.title


def _said(row: QueueRow) -> str:
    return row.said
