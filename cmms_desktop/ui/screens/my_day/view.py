"""The page My day: the list of the day at the start, the chosen order beside it where there is room."""

from collections.abc import Mapping

from PySide6.QtCore import QTimer, Slot

from cmms_desktop.ui.bridge.doors import Place, ScreenContext
from cmms_desktop.ui.screens.my_day.list_pane import DayListPane
from cmms_desktop.ui.screens.my_day.presenter import MyDayPresenter, MyDayState
from cmms_desktop.ui.screens.order.beside import BesidePage
from cmms_desktop.ui.widgets.empty_state import EmptyState

TICK_MS = 60_000


class MyDayPage(BesidePage):
    """Place `my_day`: order_id, when one is to be chosen."""

    def __init__(self, context: ScreenContext, place: Place) -> None:
        self.list_pane = DayListPane()
        nothing = EmptyState("my-day", "No order chosen", "Choose one from the list.")
        super().__init__(context, self.list_pane, nothing=nothing)
        self._presenter = MyDayPresenter(context, self, place.get("order_id"))
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._presenter.tick)
        self._is_started = False
        self.list_pane.cards.selected.connect(self._select)
        self.list_pane.cards.opened.connect(self._presenter.open)
        self.list_pane.filters.searched.connect(self._presenter.search)
        self.list_pane.filters.chosen.connect(self._presenter.choose_chips)
        self.list_pane.checked.connect(self._presenter.check)
        self.arrange(self.size_class)

    def start(self) -> None:
        """Start once; coming back to the page shows what changed meanwhile by itself."""
        if not self._is_started:
            self._is_started = True
            self._presenter.start()
            self._timer.start()
        self.list_pane.cards.setFocus()

    def show_again(self, values: Mapping[str, str]) -> None:
        if order_id := values.get("order_id"):
            self._select(order_id)

    def stop(self) -> None:
        self._timer.stop()
        self._presenter.close()
        super().stop()

    def arrange(self, size_class: str) -> None:
        super().arrange(size_class)
        self.list_pane.arrange(size_class)
        self._presenter.arrange(is_compact=size_class == "compact")
        self.show_order(self._presenter.selected_id)

    def show_state(self, state: MyDayState) -> None:
        self.list_pane.show_state(state)
        self.show_listed(state.selected_id)

    @Slot(str)
    def _select(self, order_id: str) -> None:
        self._presenter.select(order_id)
        self.show_order(order_id)
