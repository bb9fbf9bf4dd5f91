"""The page of one order."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QPushButton, QVBoxLayout

from cmms_desktop.ui.bridge.doors import Place, ScreenContext
from cmms_desktop.ui.screens.order.pane import OrderPane
from cmms_desktop.ui.widgets.page import Page


class OrderPage(Page):
    """Place `order`: order_id, and tab (summary, checklist, parts, time, photos, comments, history)."""

    covers_navigation = True

    def __init__(self, context: ScreenContext, place: Place) -> None:
        super().__init__()
        self._context, self._place = context, place
        self.pane = OrderPane(context, has_back=True, sheet_area=self)
        self.pane.back_pressed.connect(context.navigator.back)
        self.pane.tab_shown.connect(self._keep_tab)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.pane)
        self.arrange(self.size_class)

    def start(self) -> None:
        self.pane.show_order(self._place.get("order_id"), self._place.get("tab", "summary"))

    def stop(self) -> None:
        self.pane.stop()

    def arrange(self, size_class: str) -> None:
        self.pane.arrange(size_class)

    def primary(self) -> QPushButton | None:
        return self.pane.primary()

    def take_scan(self, code: str) -> bool:
        return self.pane.take_scan(code)

    def take_key(self, key: str) -> bool:
        return self.pane.take_key(key)

    def step_back(self) -> bool:
        return self.pane.step_back()

    @Slot(str)
    def _keep_tab(self, tab: str) -> None:
        self._place = Place.of("order", order_id=self._place.get("order_id"), tab=tab)
        self._context.navigator.replace(self._place)
