"""The pages of an order in one stack: made when first shown, asked when they are in front, thrown away with it."""

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.screens.order.summary import SummaryTab
from cmms_desktop.ui.screens.order.tabs import TAB_MAKERS
from cmms_desktop.ui.text.order_words import HALF_WRITTEN_KEPT
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.cards import SectionTitle
from cmms_desktop.ui.widgets.empty_state import EmptyState

SIDE_PX = 420
"""Width of the third pane (guide.md §4)."""


LEFT = "This order left this device"
BEING_SENT = "What you entered before is being sent."


class TabStack(QStackedWidget):
    """The summary is always there; the others belong to the order that is shown."""

    code_passed_on = Signal(str)
    """A scanned code that the page in front had no use for, after having looked it up."""
    unsaved_changed = Signal(int)
    """Answers of the checklist that were entered and are not saved."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__()
        self._context = context
        self._order_id, self._size_class = "", "regular"
        self._tabs: dict[str, QWidget] = {}
        self.summary = SummaryTab(context)
        self._side = SidePane()
        self._first = QWidget()
        row = QHBoxLayout(self._first)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.summary, 1)
        row.addWidget(self._side)
        self._gone = EmptyState("orders", LEFT, BEING_SENT)
        self.addWidget(self._first)
        self.addWidget(self._gone)

    def show_tab(self, order_id: str, name: str) -> None:
        """Show a page of an order; pages of another one are thrown away."""
        if order_id != self._order_id:
            self.clear()
            self._order_id = order_id
            self.summary.show_order(order_id)
        if name in TAB_MAKERS and name not in self._tabs:
            self._make(name)
        self._fill_side()
        self.setCurrentWidget(self._tabs.get(name, self._first))

    def show_gone(self, *, has_texts: bool) -> None:
        self.clear()
        self._gone.show_message(LEFT, f"{BEING_SENT} {HALF_WRITTEN_KEPT}" if has_texts else BEING_SENT)
        self.setCurrentWidget(self._gone)

    def clear(self) -> None:
        """Stop and throw away the pages of the order."""
        self._order_id = ""
        self.summary.show_order("")
        self._side.clear()
        self.setCurrentWidget(self._first)
        for tab in self._tabs.values():
            _call(tab, "stop")
            self.removeWidget(tab)
            tab.deleteLater()
        self._tabs = {}
        self.unsaved_changed.emit(0)

    def tab(self, name: str) -> QWidget | None:
        """Give a page that was shown before."""
        return self._tabs.get(name)

    def arrange(self, size_class: str) -> None:
        self._size_class = size_class
        self.summary.arrange(size_class)
        self._side.setVisible(size_class == "wide")
        self._fill_side()
        for tab in self._tabs.values():
            _call(tab, "arrange", size_class)

    def ask_front(self, question: str, *arguments: str) -> bool:
        """Ask the page in front take_scan, take_key or step_back; False: it has no use for it."""
        front = self.currentWidget()
        return front is not None and bool(_call(front, question, *arguments))

    def _fill_side(self) -> None:
        """Wide windows have room for what happened so far, beside the summary."""
        if self._order_id and self._size_class == "wide" and not self._side.is_filled:
            self._side.fill(TAB_MAKERS["history"](self._context, self._order_id))

    def _make(self, name: str) -> None:
        tab = self._tabs[name] = TAB_MAKERS[name](self._context, self._order_id)
        _call(tab, "arrange", self._size_class)
        passed_on = getattr(tab, "code_passed_on", None)
        if passed_on is not None:
            passed_on.connect(self.code_passed_on)
        unsaved = getattr(tab, "unsaved_changed", None)
        if unsaved is not None:
            unsaved.connect(self.unsaved_changed)
        self.addWidget(tab)
        _call(tab, "start")


class SidePane(QFrame):
    """The third pane of a wide window: what happened on the order."""

    def __init__(self) -> None:
        super().__init__()
        self._content: QWidget | None = None
        self._title = SectionTitle("What happened", role="heading")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, theme().space(4), 0, 0)
        self._column.setSpacing(0)
        title = QHBoxLayout()
        title.setContentsMargins(theme().space(6), 0, theme().space(6), 0)
        title.addWidget(self._title)
        self._column.addLayout(title)
        self.setFixedWidth(SIDE_PX)
        self.hide()

    @property
    def is_filled(self) -> bool:
        return self._content is not None

    def fill(self, content: QWidget) -> None:
        self._content = content
        self._column.addWidget(content, 1)
        _call(content, "start")

    def clear(self) -> None:
        content, self._content = self._content, None
        if content is not None:
            _call(content, "stop")
            self._column.removeWidget(content)
            content.hide()
            content.deleteLater()


def _call(widget: QWidget, name: str, *arguments: str) -> Any:
    """Ask a page something that not every page answers."""
    method = getattr(widget, name, None)
    return None if method is None else method(*arguments)
