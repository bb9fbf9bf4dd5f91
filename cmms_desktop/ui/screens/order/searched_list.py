"""A searched list, and the page on which the card of the chosen row stands beside it.

It knows no query: a page gives rows, and hears what was searched, chosen and opened.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.models.rows_model import Row
from cmms_desktop.ui.screens.order.filter_panel import SearchLine
from cmms_desktop.ui.screens.order.row_chooser import RowChooser
from cmms_desktop.ui.text.faces import ReviewRowFace
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.empty_state import EmptyState
from cmms_desktop.ui.widgets.page import Page
from cmms_desktop.ui.widgets.page_header import PageHeader
from cmms_desktop.ui.widgets.review_row import ReviewRowDelegate
from cmms_desktop.ui.widgets.scrolled_column import ScrolledColumn
from cmms_desktop.ui.widgets.scrolling import scroll_area
from cmms_desktop.ui.widgets.styling import set_style
from cmms_desktop.ui.widgets.text import ElidedText, Text
from cmms_desktop.ui.widgets.two_panes import TwoPanes


class FoundRow(Row, Protocol):
    """A row of such a list."""

    @property
    def face(self) -> ReviewRowFace: ...

    @property
    def said(self) -> str: ...


T = TypeVar("T", bound=FoundRow)


class SearchedList(QFrame, Generic[T]):
    """Heading, search and rows.

    Args:
        title: the heading; also what a screen reader calls the list.
        hint: what the search looks for.
        icon: shown when nothing was found.
        beside: what stands at the end of the heading.
    """

    def __init__(self, title: str, *, hint: str, icon: str, beside: QWidget | None = None) -> None:
        super().__init__()
        set_style(self, kind="page")
        self._title = Text(title, role="display")
        self._note = ElidedText(role="small", tone="muted", lines=2)
        self.search = SearchLine(hint)
        self.rows: RowChooser[T] = RowChooser(
            title, ReviewRowDelegate(self), describe=_said, face=_face, empty=EmptyState(icon, ""), is_uniform=True
        )
        self._words, self._head, self._column = QVBoxLayout(), QHBoxLayout(), QVBoxLayout()
        self._lay_out(beside)

    def show_found(self, rows: tuple[T, ...], *, chosen: str, note: str, search: str, empty: tuple[str, str]) -> None:
        """Show what was found for a search, with one row chosen; `empty`: title and text where nothing was."""
        self._note.setText(note)
        self.search.show_text(search)
        self.rows.show_rows(rows, chosen=chosen, empty=empty)

    def arrange(self, *, is_compact: bool) -> None:
        """Compact windows put the search into the line of the heading."""
        self._title.set_role("title" if is_compact else "display")
        self._note.setVisible(not is_compact)
        self._column.setContentsMargins(
            theme().space(4), theme().space(1 if is_compact else 3), theme().space(4), theme().space(2)
        )
        self._column.setSpacing(theme().space(2))
        if is_compact:
            self._head.insertWidget(1, self.search, 1)
        else:
            self._column.addWidget(self.search)
        self._head.setStretchFactor(self._words, 0 if is_compact else 1)
        self.rows.set_alone(is_compact)

    def _lay_out(self, beside: QWidget | None) -> None:
        self._words.setSpacing(0)
        self._words.addWidget(self._title)
        self._words.addWidget(self._note)
        self._head.setSpacing(theme().space(3))
        self._head.addLayout(self._words, 1)
        if beside is not None:
            self._head.addWidget(beside)
        self._column.addLayout(self._head)
        self._column.addWidget(self.search)
        inset = QHBoxLayout()
        inset.setSpacing(0)
        inset.addSpacing(theme().space(4))
        inset.addWidget(self.rows, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(self._column)
        outer.addLayout(inset, 1)


class CardPane(QStackedWidget):
    """The card of the chosen row, or that none is chosen.

    Args:
        name: what a screen reader calls the card.
        nothing: what stands there while no row is chosen.
        gap: the distance between its parts, a step of the theme.
    """

    back_pressed = Signal()
    order_opened = Signal(str)

    def __init__(self, *, name: str, nothing: EmptyState, gap: int) -> None:
        super().__init__()
        self.header = PageHeader(has_back=False)
        self.header.back_pressed.connect(self.back_pressed)
        self.content = ScrolledColumn(gap=gap)
        page = QWidget()
        outer = QVBoxLayout(page)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.header)
        outer.addWidget(scroll_area(self.content, name=name), 1)
        self.addWidget(nothing)
        self.addWidget(page)

    def arrange(self, size_class: str) -> None:
        """Only compact windows need the way back to the list."""
        is_compact = size_class == "compact"
        self.header.set_compact(is_compact)
        self.header.back_button.setVisible(is_compact)
        self.content.set_margins(size_class)


class ListPresenter(Protocol):
    """Who answers a list with a card."""

    def start(self) -> None: ...

    def close(self) -> None: ...

    def search(self, text: str) -> None: ...

    def select(self, row_id: str, /) -> None: ...

    def open_order(self, order_id: str) -> None: ...


class ListWithCard(Page):
    """The list and the card; on compact windows one covers the other. Made whole by `furnish`."""

    key: ClassVar[str]
    """The value of a place that names a row."""

    def furnish(self, found: SearchedList[Any], card: CardPane, presenter: ListPresenter, place: Place) -> None:
        """Put list and card in, and ask a presenter."""
        self._found, self._card, self._presenter = found, card, presenter
        self._panes = TwoPanes(found, card)
        self._is_started, self._wants_card = False, bool(place.get(self.key))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._panes)
        found.search.searched.connect(presenter.search)
        found.rows.selected.connect(presenter.select)
        found.rows.opened.connect(self._open)
        card.back_pressed.connect(self.step_back)
        card.order_opened.connect(presenter.open_order)
        self.arrange(self.size_class)

    def start(self) -> None:
        if not self._is_started:
            self._is_started = True
            self._presenter.start()
            self._panes.show_detail(self._wants_card)
        self._found.rows.setFocus()

    def show_again(self, values: Mapping[str, str]) -> None:
        if row_id := values.get(self.key):
            self._open(row_id)

    def stop(self) -> None:
        self._presenter.close()

    def arrange(self, size_class: str) -> None:
        is_compact = size_class == "compact"
        self._panes.arrange(is_alone=is_compact)
        self._found.arrange(is_compact=is_compact)
        self._card.arrange(size_class)

    @Slot()
    def step_back(self) -> bool:
        hid_list = self._panes.hides_list
        self._panes.show_detail(False)
        return hid_list

    @Slot(str)
    def _open(self, row_id: str) -> None:
        self._presenter.select(row_id)
        self._panes.show_detail(True)


def _said(row: FoundRow) -> str:
    return row.said


def _face(row: FoundRow) -> ReviewRowFace:
    return row.face
