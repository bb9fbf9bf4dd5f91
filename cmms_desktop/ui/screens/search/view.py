"""The search palette: a field, chips, and what this device holds, found while typing."""

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLineEdit, QListView, QStackedWidget, QVBoxLayout, QWidget

from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.models.rows_model import RowsModel
from cmms_desktop.ui.screens.search.hit_delegate import HitDelegate
from cmms_desktop.ui.screens.search.presenter import HitFace, SearchPresenter, SearchState
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.empty_state import EmptyState
from cmms_desktop.ui.widgets.scrolling import make_kinetic
from cmms_desktop.ui.widgets.segmented import Chips
from cmms_desktop.ui.widgets.text import Text

MOVES = (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp)
ROOMY_PX = 360
"""Height from which the palette says what it searches."""
FIRST = ("Search orders, assets and parts", "By number, title, code, serial, place or name.")
NOTHING = ("Nothing on this device says that", "Orders and assets of other people and sites are not here.")


def _sentence(row: HitFace) -> str:
    return row.sentence


class SearchPalette(QWidget):
    """The content of a sheet. Enter opens the row that is chosen; arrows move it while the field keeps the focus."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__()
        self.presenter = SearchPresenter(context, self)
        self.field = QLineEdit(placeholderText="Search this device")
        self.field.setAccessibleName("Search this device")
        self.field.setClearButtonEnabled(True)
        self.field.textEdited.connect(self.presenter.type)
        self.field.returnPressed.connect(self._open_current)
        self.field.installEventFilter(self)
        self._chips = Chips(())
        self._chips.chosen.connect(self.presenter.choose_kind)
        self.model: RowsModel[HitFace] = RowsModel(describe=_sentence)
        self.list = QListView()
        self.list.setAccessibleName("What was found")
        self.list.setModel(self.model)
        self.list.setItemDelegate(HitDelegate(self.list))
        self.list.setMouseTracking(True)
        self.list.clicked.connect(self._open)
        make_kinetic(self.list)
        self._empty = EmptyState("search", *FIRST)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self.list)
        self._scope = Text(role="small", tone="muted", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme().space(6), theme().space(4), theme().space(6), theme().space(6))
        column.setSpacing(theme().space(2))
        for part in (self.field, self._chips, self._pages, self._scope):
            column.addWidget(part, 1 if part is self._pages else 0)
        self._pages.setMinimumHeight(2 * theme().target("field"))

    def start(self) -> None:
        """Begin; the palette ends with its sheet."""
        self.presenter.start()
        self.destroyed.connect(self.presenter.close)

    def show_found(self, state: SearchState) -> None:
        """Show what was found."""
        self._chips.set_options(state.kinds)
        self._chips.set_keys((state.chosen,))
        self._chips.setVisible(bool(state.kinds))
        self.model.set_rows(state.rows)
        self._scope.setText(state.scope)
        self._empty.show_message(*(NOTHING if state.is_asked else FIRST))
        self._pages.setCurrentIndex(1 if state.rows else 0)
        if state.rows:
            self.list.setCurrentIndex(self.model.index(1, 0))

    def is_empty_shown(self, title: str) -> bool:
        """Whether the palette says that nothing was found, or what it searches."""
        return self._pages.currentIndex() == 0 and self._empty.accessibleName() == title

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the little room of a small window to what was found."""
        super().resizeEvent(event)
        self._scope.setVisible(self.height() >= ROOMY_PX)

    def showEvent(self, event: QShowEvent) -> None:
        """Take the keyboard at once."""
        super().showEvent(event)
        self.field.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move the choice with the arrows while the field has the focus."""
        is_press = event.type() == QEvent.Type.KeyPress and watched is self.field
        if is_press and isinstance(event, QKeyEvent) and event.key() in MOVES:
            self.list.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)

    @Slot()
    def _open_current(self) -> None:
        self._open(self.list.currentIndex())

    @Slot(QModelIndex)
    def _open(self, index: QModelIndex) -> None:
        row = index.data(Qt.ItemDataRole.UserRole)
        if isinstance(row, HitFace):
            self.presenter.go(row)
