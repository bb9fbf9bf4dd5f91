"""The list of a day: heading, readiness, filters, and the cards under their headings."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QVBoxLayout

from cmms_desktop.ui.screens.my_day.cards import DayRow
from cmms_desktop.ui.screens.my_day.presenter import MyDayState
from cmms_desktop.ui.screens.my_day.readiness_card import ReadinessCard
from cmms_desktop.ui.screens.order.filter_panel import FilterPanel
from cmms_desktop.ui.screens.order.row_chooser import RowChooser
from cmms_desktop.ui.text.faces import OrderCardFace
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.empty_state import EmptyState
from cmms_desktop.ui.widgets.order_card import OrderCardDelegate
from cmms_desktop.ui.widgets.styling import set_style
from cmms_desktop.ui.widgets.text import ElidedText, Text


class DayListPane(QFrame):
    """Everything at the start of My day."""

    checked = Signal()

    def __init__(self) -> None:
        super().__init__()
        set_style(self, kind="page")
        self._state: MyDayState | None = None
        self._is_compact = False
        self._title = Text("My day", role="display")
        self._day = ElidedText(role="small", tone="muted")
        self.filter_button = ActionButton("Filter", icon="sliders-horizontal", role="quiet")
        self.filter_button.setCheckable(True)
        self.filter_button.toggled.connect(self._toggle_filters)
        self.readiness = ReadinessCard()
        self.readiness.checked.connect(self.checked)
        self.filters = FilterPanel("Find in my day")
        self.filters.hide()
        self.delegate = OrderCardDelegate(self)
        empty = EmptyState("my-day", "")
        self.cards: RowChooser[DayRow] = RowChooser(
            "Orders of the day", self.delegate, describe=_said, face=_face, empty=empty
        )
        self._lay_out()

    def show_state(self, state: MyDayState) -> None:
        self._state = state
        self._day.setText(state.short_day if self._is_compact else state.day)
        self.readiness.show_state(state.readiness)
        self.filters.show_filter(state.chips, text=state.wanted.text, keys=state.wanted.keys)
        count = state.wanted.count
        self.filter_button.set_text(f"Filter, {count}" if count else "Filter")
        if count and not self.filter_button.isChecked():
            self.filter_button.setChecked(True)
        self.cards.show_rows(state.rows, chosen=state.selected_id, empty=state.empty)

    def arrange(self, size_class: str) -> None:
        """Compact windows put heading, day and readiness into one line."""
        is_compact = self._is_compact = size_class == "compact"
        self._title.set_role("title" if is_compact else "display")
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._words.setDirection(across if is_compact else down)
        self._words.setSpacing(theme().space(3) if is_compact else 0)
        self._words.setContentsMargins(0 if is_compact else theme().space(1), 0, 0, 0)
        self.readiness.arrange(is_compact=is_compact)
        if is_compact:
            self._head.insertWidget(1, self.readiness, 0, Qt.AlignmentFlag.AlignVCenter)
        else:
            self._column.insertWidget(1, self.readiness)
        self._column.setContentsMargins(theme().space(4), theme().space(0 if is_compact else 4), theme().space(4), 0)
        self._column.setSpacing(theme().space(0 if is_compact else 3))
        self.delegate.set_compact(is_compact)
        self.cards.set_alone(is_compact)
        self.cards.view.doItemsLayout()
        if self._state is not None:
            self.show_state(self._state)

    def _lay_out(self) -> None:
        self._words = QHBoxLayout()
        self._words.addWidget(self._title)
        self._words.addWidget(self._day, 1)
        self._head = QHBoxLayout()
        self._head.setSpacing(theme().space(3))
        self._head.addLayout(self._words, 1)
        self._head.addWidget(self.filter_button)
        self._column = QVBoxLayout()
        self._column.addLayout(self._head)
        self._column.addWidget(self.readiness)
        self._column.addWidget(self.filters)
        beside = QHBoxLayout()
        beside.setSpacing(0)
        beside.addSpacing(theme().space(4))
        beside.addWidget(self.cards, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(self._column)
        outer.addLayout(beside, 1)

    @Slot(bool)
    def _toggle_filters(self, is_open: bool) -> None:
        self.filters.setVisible(is_open)
        if is_open and self.isVisible():
            self.filters.search.setFocus()


def _said(row: DayRow) -> str:
    return row.said


def _face(row: DayRow) -> OrderCardFace:
    return row.face
