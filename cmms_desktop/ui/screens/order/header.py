"""The head of an order: as a page of its own with *back*, or at the top of the pane beside a list."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.order.states import HeaderState
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.badges import BadgeRow
from cmms_desktop.ui.widgets.buttons import IconButton
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.page_header import PageHeader
from cmms_desktop.ui.widgets.styling import set_style
from cmms_desktop.ui.widgets.tabs import TabRow
from cmms_desktop.ui.widgets.text import ElidedText, Text

TABS = (
    ("summary", "Summary", None),
    ("checklist", "Checklist", None),
    ("parts", "Parts", None),
    ("time", "Time", None),
    ("photos", "Photos", None),
    ("comments", "Comments", None),
    ("history", "History", None),
)


class VisitTimer(QWidget):
    """A stop watch and how long the visit has lasted."""

    def __init__(self) -> None:
        super().__init__()
        self._words = Text(role="heading", tabular=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme().space(2), 0, 0, 0)
        row.setSpacing(theme().space(2))
        row.addWidget(IconLabel("timer", size="strip"))
        row.addWidget(self._words)
        self.show_time("")

    def show_time(self, text: str) -> None:
        self._words.setText(text)
        self.setAccessibleName(f"The visit has lasted {text}" if text else "")
        self.setVisible(bool(text))


class OrderHeader(QFrame):
    """Title, badges, timer and tabs; the pane's shape shows number and badges above the title."""

    back_pressed = Signal()
    tab_chosen = Signal(str)

    def __init__(self, *, has_back: bool) -> None:
        super().__init__()
        set_style(self, kind="header")
        self._has_back = has_back
        self.timer = VisitTimer()
        self.more = IconButton("ellipsis", "More")
        self.tabs = TabRow(TABS)
        self.tabs.chosen.connect(self.tab_chosen)
        self._page_header = PageHeader(has_back=has_back)
        set_style(self._page_header, kind=None)
        self._page_header.back_pressed.connect(self.back_pressed)
        self._pane_header = PaneHeader()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self._page_header)
        self._column.addWidget(self._pane_header)
        self._tab_line = QHBoxLayout()
        self._tab_line.setContentsMargins(theme().space(2), 0, theme().space(2), 0)
        self._column.addLayout(self._tab_line)
        self._size_class = ""
        self.arrange("regular")

    @property
    def title(self) -> str:
        """What the order is called."""
        return self._pane_header.title

    @property
    def back_button(self) -> IconButton:
        """The way back; only on a page of its own."""
        return self._page_header.back_button

    def show_state(self, state: HeaderState, tab: str, counts: Mapping[str, int]) -> None:
        self._page_header.show_title(state.title, number=state.number, facts=tuple(state.about.split(" · ")))
        self._page_header.set_badges(state.badges)
        self._pane_header.show_state(state)
        self.timer.show_time(state.timer)
        self.tabs.show()
        self.tabs.set_counts({**counts})
        self.tabs.set_current(tab)

    def show_gone(self) -> None:
        """Nothing to show; the way back stays."""
        self._page_header.show_title("Order")
        self._page_header.set_badges(())
        self._pane_header.show_state(HeaderState(number="", title="Order", about="", badges=(), timer=""))
        self.timer.show_time("")
        for part in (self.tabs, self.more):
            part.hide()

    def arrange(self, size_class: str) -> None:
        """Compact windows show the tabs as one button beside the title."""
        if size_class == self._size_class:
            return
        self._size_class = size_class
        is_compact = size_class == "compact"
        in_pane = not self._has_back and not is_compact
        self._page_header.setVisible(not in_pane)
        self._pane_header.setVisible(in_pane)
        self._page_header.set_compact(is_compact)
        room = self._page_header.layout()
        if room is not None and not is_compact:  # the tabs below bring their own room
            margins = room.contentsMargins()
            room.setContentsMargins(margins.left(), margins.top(), margins.right(), theme().space(1))
        if is_compact:
            self._page_header.add_trailing(self.tabs)
        else:
            self._tab_line.addWidget(self.tabs, 1)
        for part in (self.timer, self.more):
            (self._pane_header if in_pane else self._page_header).add_trailing(part)
        self.follow_width()

    def follow_width(self) -> None:
        """Fall back to one button where the tabs do not fit, such as at the largest letters."""
        wanted = sum(self.tabs.button(key).sizeHint().width() for key, _, _ in TABS) + 2 * theme().space(2)
        self.tabs.set_compact(self._size_class == "compact" or wanted > self.width())


class PaneHeader(QWidget):
    """Number and badges over the title, and where it is."""

    def __init__(self) -> None:
        super().__init__()
        self._number = Text(role="label", weight="bold")
        self._badges = BadgeRow()
        self._title = ElidedText(role="title", lines=2)
        self._about = ElidedText(role="card-body", tone="muted", lines=2)
        self._pin = IconLabel("arrive", color="text-muted", size="inline")
        self._top = QHBoxLayout()
        self._top.setSpacing(theme().space(3))
        self._top.addWidget(self._number)
        self._top.addStretch(1)
        self._top.addWidget(self._badges)
        where = QHBoxLayout()
        where.setSpacing(theme().space(2))
        where.addWidget(self._pin, 0, Qt.AlignmentFlag.AlignTop)
        where.addWidget(self._about, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme().space(6), theme().space(4), theme().space(6), theme().space(3))
        column.setSpacing(theme().space(1))
        column.addLayout(self._top)
        column.addWidget(self._title)
        column.addLayout(where)

    @property
    def title(self) -> str:
        """What the order is called."""
        return self._title.text()

    def show_state(self, state: HeaderState) -> None:
        self._number.setText(state.number)
        self._title.setText(state.title)
        self._about.setText(state.about)
        self._pin.setVisible(bool(state.about))
        self._badges.set_specs(state.badges)

    def add_trailing(self, widget: QWidget) -> None:
        self._top.addWidget(widget)
