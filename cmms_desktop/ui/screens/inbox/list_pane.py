"""The list of the inbox: open or settled, rows by order, and what to know about open conflicts."""

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout

from cmms_desktop.ui.models.rows_model import RowsModel
from cmms_desktop.ui.screens.inbox.states import InboxRow, InboxState
from cmms_desktop.ui.text.faces import ReviewRowFace
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.empty_state import EmptyState
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.review_row import ReviewRowDelegate
from cmms_desktop.ui.widgets.scrolling import list_view
from cmms_desktop.ui.widgets.segmented import Segmented
from cmms_desktop.ui.widgets.text import Text


class ListPane(QFrame):
    """Tells `tab_chosen` ("open", "settled") and `row_chosen`; `row_opened` when a row was pressed or entered."""

    tab_chosen = Signal(str)
    row_chosen = Signal(str)
    row_opened = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._quiet = False
        self.tabs = Segmented((("open", "Open"), ("settled", "Settled")), has_check=False)
        self.tabs.chosen.connect(self.tab_chosen)
        self.model: RowsModel[InboxRow] = RowsModel(display=_title, describe=_describe, face=_face)
        self.view = list_view("Conflicts")
        self.view.setModel(self.model)
        self.view.setItemDelegate(ReviewRowDelegate(self.view))
        self.view.selectionModel().currentChanged.connect(self._tell_chosen)
        self.view.clicked.connect(self._tell_opened)
        self.view.activated.connect(self._tell_opened)
        self._empty = EmptyState("accepted", "", color="success")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self._empty)
        self._note = _Note()
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme().space(n) for n in (4, 4, 4, 4)))
        column.setSpacing(theme().space(3))
        column.addWidget(self.tabs)
        column.addWidget(self._stack, 1)
        column.addWidget(self._note)

    def show_state(self, state: InboxState) -> None:
        """Show the list with its selected row, telling nobody."""
        self._quiet = True
        self.tabs.set_current(state.tab)
        self.tabs.set_text("open", state.open_words)
        self.tabs.set_text("settled", state.settled_words)
        self.model.set_rows(state.rows)
        self._empty.show_message(state.empty_title, state.empty_text)
        self._stack.setCurrentIndex(0 if state.rows else 1)
        self._note.show_note(state.note)
        index = self.model.index_of(state.selected)
        if index.isValid() and index != self.view.currentIndex():
            flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.view.selectionModel().setCurrentIndex(index, flag)
        self._quiet = False

    def set_compact(self, is_compact: bool) -> None:
        """Use the whole width on small windows; keep the words to the list."""
        self._note.is_wanted = not is_compact
        self._note.follow()

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


class _Note(QFrame):
    """What to know about open conflicts, at the foot of the list."""

    def __init__(self) -> None:
        super().__init__()
        self.is_wanted = True
        self._words = Text("", role="small", tone="muted", wrap=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme().space(1), 0, 0, 0)
        row.setSpacing(theme().space(2))
        row.addWidget(IconLabel("info", color="text-muted"), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._words, 1)

    def show_note(self, note: str) -> None:
        self._words.setText(note)
        self.follow()

    def follow(self) -> None:
        self.setVisible(self.is_wanted and bool(self._words.text()))


def _face(row: InboxRow) -> ReviewRowFace:
    return row.face


def _title(row: InboxRow) -> str:
    return row.face.title


def _describe(row: InboxRow) -> str:
    badges = ", ".join(badge.text for badge in row.face.badges)
    return ", ".join(each for each in (row.face.title, row.face.detail, badges, row.face.time) if each)
