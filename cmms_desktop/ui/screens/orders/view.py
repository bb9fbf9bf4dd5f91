"""The page Orders: the list with search and filters, the chosen order beside it where there is room."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from cmms_desktop.ui.bridge.doors import Place, ScreenContext
from cmms_desktop.ui.screens.order.beside import BesidePage
from cmms_desktop.ui.screens.order.filter_panel import FilterPanel
from cmms_desktop.ui.screens.order.row_chooser import RowChooser
from cmms_desktop.ui.screens.orders.presenter import OrdersPresenter, OrdersState
from cmms_desktop.ui.screens.orders.rows import SCOPES, OrderListRow
from cmms_desktop.ui.text.faces import ReviewRowFace
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.empty_state import EmptyState
from cmms_desktop.ui.widgets.review_row import ReviewRowDelegate
from cmms_desktop.ui.widgets.segmented import Segmented
from cmms_desktop.ui.widgets.styling import set_style
from cmms_desktop.ui.widgets.text import ElidedText, Text


class OrdersPage(BesidePage):
    """Place `orders`."""

    def __init__(self, context: ScreenContext, place: Place) -> None:
        self.list_pane = OrdersListPane()
        super().__init__(context, self.list_pane, nothing=EmptyState("orders", "No order chosen", "Choose one."))
        self._presenter = OrdersPresenter(context, self)
        self._is_started = False
        self.list_pane.rows.selected.connect(self._select)
        self.list_pane.rows.opened.connect(self._presenter.open)
        self.list_pane.filters.searched.connect(self._presenter.search)
        self.list_pane.filters.chosen.connect(self._presenter.choose_chips)
        self.list_pane.scopes.chosen.connect(self._presenter.choose_scope)
        self.arrange(self.size_class)

    def start(self) -> None:
        if not self._is_started:
            self._is_started = True
            self._presenter.start()
        self.list_pane.rows.setFocus()

    def stop(self) -> None:
        self._presenter.close()
        super().stop()

    def arrange(self, size_class: str) -> None:
        super().arrange(size_class)
        self.list_pane.arrange(size_class)
        self.show_order(self._presenter.selected_id)

    def show_state(self, state: OrdersState) -> None:
        self.list_pane.show_state(state)
        self.show_listed(state.selected_id)

    @Slot(str)
    def _select(self, order_id: str) -> None:
        self._presenter.select(order_id)
        self.show_order(order_id)


class OrdersListPane(QFrame):
    """Heading, search, scopes, chips and the rows."""

    def __init__(self) -> None:
        super().__init__()
        set_style(self, kind="page")
        self._title = Text("Orders", role="display")
        self._note = ElidedText(role="small", tone="muted", lines=2)
        self.filter_button = ActionButton("Filter", icon="sliders-horizontal", role="quiet")
        self.filter_button.setCheckable(True)
        self.filters = FilterPanel("Number, title, asset, site or person")
        self.filters.show_chips(False)
        self.filter_button.toggled.connect(self.filters.show_chips)
        self.scopes = Segmented(tuple((scope, scope.title()) for scope in SCOPES), has_check=False)
        self.rows: RowChooser[OrderListRow] = RowChooser(
            "Orders on this device",
            ReviewRowDelegate(self),
            describe=_said,
            face=_face,
            empty=EmptyState("orders", ""),
            is_uniform=True,
        )
        self._lay_out()

    @property
    def note(self) -> str:
        """How many orders are shown, and of when."""
        return self._note.text()

    def show_state(self, state: OrdersState) -> None:
        self._note.setText(state.note)
        for scope, words in state.scopes.items():
            self.scopes.set_text(scope, words)
        self.scopes.set_current(state.wanted.scope)
        self.filters.show_filter(state.chips, text=state.wanted.text, keys=state.wanted.keys)
        self.filter_button.set_text(f"Filter, {len(state.wanted.keys)}" if state.wanted.keys else "Filter")
        if state.wanted.keys:
            self.filter_button.setChecked(True)
        self.rows.show_rows(state.rows, chosen=state.selected_id, empty=state.empty)

    def arrange(self, size_class: str) -> None:
        """Compact windows put search and scopes into one line."""
        is_compact = size_class == "compact"
        self._title.set_role("title" if is_compact else "display")
        self._note.setVisible(not is_compact)
        self._column.setContentsMargins(
            theme().space(4), theme().space(1 if is_compact else 3), theme().space(4), theme().space(2)
        )
        self._column.setSpacing(theme().space(1 if is_compact else 2))
        if is_compact:
            self._head.insertWidget(1, self.scopes)
        else:
            self._scope_row.insertWidget(0, self.scopes)
        self.rows.set_alone(is_compact)

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._note)
        self._head = QHBoxLayout()
        self._head.setSpacing(theme().space(3))
        self._head.addLayout(words, 1)
        self._head.addWidget(self.filter_button, 0, Qt.AlignmentFlag.AlignVCenter)
        self._scope_row = QHBoxLayout()
        self._scope_row.addWidget(self.scopes)
        self._scope_row.addStretch(1)
        self._column = QVBoxLayout()
        self._column.addLayout(self._head)
        self._column.addWidget(self.filters)
        self._column.addLayout(self._scope_row)
        beside = QHBoxLayout()
        beside.setSpacing(0)
        beside.addSpacing(theme().space(4))
        beside.addWidget(self.rows, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(self._column)
        outer.addLayout(beside, 1)


def _said(row: OrderListRow) -> str:
    return row.said


def _face(row: OrderListRow) -> ReviewRowFace:
    return row.face
