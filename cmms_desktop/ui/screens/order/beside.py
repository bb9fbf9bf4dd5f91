"""A page with a list and, where there is room, the chosen order beside it. My day and Orders are such pages."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QWidget

from cmms_desktop.ui.bridge.doors import Place, ScreenContext
from cmms_desktop.ui.screens.order.pane import OrderPane
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.empty_state import EmptyState
from cmms_desktop.ui.widgets.page import Page
from cmms_desktop.ui.widgets.two_panes import TwoPanes

ROOM_FOR_CHECKLIST_PX = 900
"""Below this width beside a list the checklist opens as a page of its own: its rows need the room."""


class BesidePage(Page):
    """Holds the list at the start and one OrderPane at the end; compact windows show the list alone."""

    def __init__(self, context: ScreenContext, list_pane: QWidget, *, nothing: EmptyState) -> None:
        super().__init__()
        self.context = context
        self.pane = OrderPane(context, has_back=False, sheet_area=self)
        self.pane.tab_shown.connect(self._tab_shown)
        self._detail = QStackedWidget()
        self._detail.addWidget(nothing)
        self._detail.addWidget(self.pane)
        self._panes = TwoPanes(list_pane, self._detail)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._panes)

    @property
    def is_alone(self) -> bool:
        """The list has the window for itself."""
        return self.size_class == "compact"

    def show_order(self, order_id: str) -> None:
        """Show an order beside the list; "" shows that none is chosen."""
        if self.is_alone:
            return
        if order_id:
            self.pane.show_order(order_id)
        self._detail.setCurrentIndex(1 if order_id else 0)

    def open_order(self, order_id: str, tab: str = "summary") -> None:
        """Open an order as a page of its own."""
        self.context.navigator.open(Place.of("order", order_id=order_id, tab=tab))

    # ---- what the window asks

    def arrange(self, size_class: str) -> None:
        is_alone = size_class == "compact"
        self.pane.arrange("regular" if is_alone else size_class)
        self._panes.arrange(is_alone=is_alone)

    def primary(self) -> QPushButton | None:
        return None if self.is_alone or not self.pane.order_id else self.pane.primary()

    def take_scan(self, code: str) -> bool:
        """A code belongs to the order whose visit is under way; else the window looks it up."""
        return not self.is_alone and self.pane.is_under_way and self.pane.take_scan(code)

    def take_key(self, key: str) -> bool:
        return not self.is_alone and bool(self.pane.order_id) and self.pane.take_key(key)

    def step_back(self) -> bool:
        return not self.is_alone and bool(self.pane.order_id) and self.pane.step_back()

    def stop(self) -> None:
        self.pane.stop()

    @Slot(str)
    def _tab_shown(self, tab: str) -> None:
        if tab == "checklist" and self.pane.width() < ROOM_FOR_CHECKLIST_PX * theme().factor:
            order_id = self.pane.order_id
            self.pane.show_order(order_id, "summary")
            self.open_order(order_id, "checklist")
