"""The Time and place page: one card a visit, with its events and when the server had them."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.screens.order_visits.costs import CostSection
from cmms_desktop.ui.screens.order_visits.presenter import EventRow, VisitRow, VisitsPresenter, VisitsState
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.badges import BadgeRow
from cmms_desktop.ui.widgets.cards import Card, KeyValueGrid, SectionTitle
from cmms_desktop.ui.widgets.empty_state import EmptyState
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.keyed_column import KeyedColumn
from cmms_desktop.ui.widgets.scrolled_column import ScrolledColumn
from cmms_desktop.ui.widgets.scrolling import scroll_area
from cmms_desktop.ui.widgets.text import Text

TIME_COLUMN = "00:00:00 "
"""What the columns of times have room for."""


class VisitsTab(QWidget):
    """Visits of one order."""

    def __init__(self, context: ScreenContext, order_id: str) -> None:
        super().__init__()
        self._totals = KeyValueGrid(4)
        self._visits: KeyedColumn[VisitRow] = KeyedColumn(VisitCard, VisitCard.show_row, gap=4)
        self.costs = CostSection()
        self._content = ScrolledColumn()
        card = Card()
        card.body.addWidget(self._totals)
        self._content.column.addWidget(card)
        self._content.column.addWidget(self.costs)
        self._content.column.addWidget(self._visits)
        self._content.column.addStretch(1)
        self._stack = QStackedWidget()
        self._stack.addWidget(scroll_area(self._content, name="Time and place"))
        self._stack.addWidget(EmptyState("timer", "No visit yet", "Travel begins the first one."))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)
        self.arrange("regular")
        self._presenter = VisitsPresenter(context, self, order_id)
        self.costs.taken_back.connect(self._presenter.take_back)

    @property
    def visits(self) -> tuple["VisitCard", ...]:
        """The visits that are shown, the newest first."""
        return self._visits.widgets()

    def start(self) -> None:
        self._presenter.start()

    def stop(self) -> None:
        self._presenter.close()

    def arrange(self, size_class: str) -> None:
        self._content.set_margins(size_class)
        self._totals.set_columns(2 if size_class == "compact" and theme().factor > 1 else 4)

    def show_state(self, state: VisitsState) -> None:
        self._totals.set_pairs(state.totals)
        self._visits.set_rows(state.visits)
        self.costs.show_state(state.costs)
        self._stack.setCurrentIndex(0 if state.visits or state.costs.rows else 1)


class VisitCard(Card):
    """One visit."""

    def __init__(self, row: VisitRow) -> None:
        super().__init__()
        self._title = SectionTitle("", role="card-title")
        self._facts = KeyValueGrid(3)
        self._events: KeyedColumn[EventRow] = KeyedColumn(EventLine, EventLine.show_row, dividers=True)
        for part in (self._title, self._facts, ColumnTitles(), self._events):
            self.body.addWidget(part)
        self.show_row(row)

    @property
    def events(self) -> tuple["EventLine", ...]:
        """What happened on it."""
        return self._events.widgets()

    def show_row(self, row: VisitRow) -> None:
        self._title.set_title(row.title)
        self._facts.set_pairs(row.facts)
        self._events.set_rows(row.events)


class ColumnTitles(QWidget):
    """Whose clocks the two times are of."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, theme().space(2), 0, 0)
        row.setSpacing(theme().space(3))
        row.addStretch(1)
        for words in ("Device", "Received"):
            title = TimeText(weight="semibold")
            title.setText(words)
            row.addWidget(title)


class EventLine(QWidget):
    """One event: icon, what and how it is known, the two times."""

    def __init__(self, row: EventRow) -> None:
        super().__init__()
        self._icon = IconLabel(row.icon, size="control")
        self._text = Text(role="item", wrap=True)
        self._detail = Text(role="small", tone="muted", wrap=True)
        self._badges = BadgeRow()
        self._device, self._received = TimeText(), TimeText()
        words = QVBoxLayout()
        words.setSpacing(0)
        for part in (self._text, self._detail, self._badges):
            words.addWidget(part)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, theme().space(2), 0, theme().space(2))
        line.setSpacing(theme().space(3))
        line.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(words, 1)
        for part in (self._device, self._received):
            line.addWidget(part, 0, Qt.AlignmentFlag.AlignTop)
        self.show_row(row)

    def show_row(self, row: EventRow) -> None:
        self._icon.set_icon(row.icon)
        self._text.setText(row.text)
        self._detail.setText(row.detail)
        self._detail.setVisible(bool(row.detail))
        self._badges.set_specs(row.badges)
        self._device.setText(row.device_time)
        self._received.setText(row.received)
        self.setAccessibleName(f"{row.text}, device {row.device_time}, received {row.received}. {row.detail}")


class TimeText(Text):
    """A time in a column of its own width."""

    def __init__(self, *, weight: str | None = None) -> None:
        super().__init__(role="caption", tone="muted", tabular=True, weight=weight)
        self.setAlignment(Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter)
        theme().changed.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        self.setFixedWidth(self.fontMetrics().horizontalAdvance(TIME_COLUMN) + theme().space(1))
