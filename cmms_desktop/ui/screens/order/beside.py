"""A page with a list and, where there is room, the chosen order beside it. My day and Orders are such pages."""

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QWidget

from cmms_desktop.ui.bridge.doors import Place, ScreenContext
from cmms_desktop.ui.screens.order.pane import OrderPane
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.empty_state import EmptyState
from cmms_desktop.ui.widgets.page import Page
from cmms_desktop.ui.widgets.two_panes import TwoPanes

PANE_AFTER_MS = 30
"""The list's first rows are painted before the pane is made, which takes about as long."""
ROOM_FOR_CHECKLIST_PX = 900
"""Below this width beside a list the checklist opens as a page of its own: its rows need the room."""


class BesidePage(Page):
    """Holds the list at the start and one OrderPane at the end; compact windows show the list alone.

    The pane is built after the list stands, so that the page comes quickly; compact windows never build it.
    """

    def __init__(self, context: ScreenContext, list_pane: QWidget, *, nothing: EmptyState) -> None:
        super().__init__()
        self.context = context
        self._pane: OrderPane | None = None
        self._wanted_id = ""
        self._is_listed = False
        self._nothing = nothing
        self._detail = QStackedWidget()
        self._detail.addWidget(QWidget())  # stands there until it is known what to show: nothing flashes by
        self._detail.addWidget(nothing)
        self._panes = TwoPanes(list_pane, self._detail)
        self._later = QTimer(self, interval=PANE_AFTER_MS, singleShot=True)
        self._later.timeout.connect(self._show_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._panes)

    @property
    def pane(self) -> OrderPane:
        """The order beside the list; built when it is first asked for."""
        if self._pane is None:
            self._pane = OrderPane(self.context, has_back=False, sheet_area=self)
            self._pane.tab_shown.connect(self._tab_shown)
            self._pane.arrange("regular" if self.is_alone else self.size_class)
            self._detail.addWidget(self._pane)
        return self._pane

    @property
    def is_alone(self) -> bool:
        """The list has the window for itself."""
        return self.size_class == "compact"

    def show_listed(self, order_id: str) -> None:
        """The list stands: show the chosen order beside it, as `show_order` does."""
        self._is_listed = True
        self.show_order(order_id)

    def show_order(self, order_id: str) -> None:
        """Show an order beside the list; "" shows that none is chosen."""
        self._wanted_id = order_id
        if self.is_alone:
            return
        if self._pane is not None or not order_id:
            self._show_wanted()
        elif self._is_listed and not self._later.isActive():
            self._later.start()

    def open_order(self, order_id: str, tab: str = "summary") -> None:
        """Open an order as a page of its own."""
        self.context.navigator.open(Place.of("order", order_id=order_id, tab=tab))

    # ---- what the window asks

    def arrange(self, size_class: str) -> None:
        is_alone = size_class == "compact"
        self._panes.arrange(is_alone=is_alone)
        if is_alone:
            self._later.stop()
        if self._pane is not None:
            self._pane.arrange("regular" if is_alone else size_class)

    def primary(self) -> QPushButton | None:
        pane = self._shown_pane
        return None if pane is None else pane.primary()

    def take_scan(self, code: str) -> bool:
        """A code belongs to the order whose visit is under way; else the window looks it up."""
        pane = self._shown_pane
        return pane is not None and pane.is_under_way and pane.take_scan(code)

    def take_key(self, key: str) -> bool:
        pane = self._shown_pane
        return pane is not None and pane.take_key(key)

    def step_back(self) -> bool:
        pane = self._shown_pane
        return pane is not None and pane.step_back()

    def stop(self) -> None:
        self._later.stop()
        self._is_listed = False
        if self._pane is not None:
            self._pane.stop()

    @property
    def _shown_pane(self) -> OrderPane | None:
        """The pane while an order stands in it, in sight."""
        is_shown = self._pane is not None and not self.is_alone and self._detail.currentWidget() is self._pane
        return self._pane if is_shown else None

    @Slot()
    def _show_wanted(self) -> None:
        if self._wanted_id:
            self._detail.setCurrentWidget(self.pane)
            if self.pane.order_id != self._wanted_id:  # else its page in front stays, whatever the list has read again
                self.pane.show_order(self._wanted_id)
        else:
            self._detail.setCurrentWidget(self._nothing)

    @Slot(str)
    def _tab_shown(self, tab: str) -> None:
        if tab == "checklist" and self.pane.width() < ROOM_FOR_CHECKLIST_PX * theme().factor:
            order_id = self.pane.order_id
            self.pane.show_order(order_id, "summary")
            self.open_order(order_id, "checklist")
