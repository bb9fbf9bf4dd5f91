"""The page Parts: a list with search and scope, and where the chosen part lies."""

from collections.abc import Mapping

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from cmms_desktop.ui.bridge.doors import Place, ScreenContext
from cmms_desktop.ui.screens.order.filter_panel import SearchLine
from cmms_desktop.ui.screens.order.row_chooser import RowChooser
from cmms_desktop.ui.screens.parts.card import PartCardPane
from cmms_desktop.ui.screens.parts.presenter import CardState, PartListRow, PartsPresenter, PartsState
from cmms_desktop.ui.text.faces import ReviewRowFace
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.empty_state import EmptyState
from cmms_desktop.ui.widgets.page import Page
from cmms_desktop.ui.widgets.review_row import ReviewRowDelegate
from cmms_desktop.ui.widgets.segmented import Segmented
from cmms_desktop.ui.widgets.styling import set_style
from cmms_desktop.ui.widgets.text import ElidedText, Text
from cmms_desktop.ui.widgets.two_panes import TwoPanes


class PartsPage(Page):
    """Place `parts`: part_id, when one is to be chosen."""

    def __init__(self, context: ScreenContext, place: Place) -> None:
        super().__init__()
        self.list_pane = PartsListPane()
        self.card = PartCardPane()
        self._panes = TwoPanes(self.list_pane, self.card)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._panes)
        self._wants_card = bool(place.get("part_id"))
        self._presenter = PartsPresenter(context, self, place.get("part_id"))
        self._is_started = False
        self.list_pane.search.searched.connect(self._presenter.search)
        self.list_pane.scopes.chosen.connect(self._presenter.choose_scope)
        self.list_pane.rows.selected.connect(self._presenter.select)
        self.list_pane.rows.opened.connect(self._open)
        self.card.back_pressed.connect(self.step_back)
        self.card.order_opened.connect(self._presenter.open_order)
        self.arrange(self.size_class)

    def start(self) -> None:
        if not self._is_started:
            self._is_started = True
            self._presenter.start()
            self._panes.show_detail(self._wants_card)
        self.list_pane.rows.setFocus()

    def show_again(self, values: Mapping[str, str]) -> None:
        if part_id := values.get("part_id"):
            self._open(part_id)

    def stop(self) -> None:
        self._presenter.close()

    def arrange(self, size_class: str) -> None:
        is_compact = size_class == "compact"
        self._panes.arrange(is_alone=is_compact)
        self.list_pane.arrange(is_compact=is_compact)
        self.card.arrange(size_class)

    @Slot()
    def step_back(self) -> bool:
        hid_list = self._panes.hides_list
        self._panes.show_detail(False)
        return hid_list

    def show_state(self, state: PartsState) -> None:
        self.list_pane.show_state(state)

    def show_card(self, card: CardState | None) -> None:
        self.card.show_card(card)

    @Slot(str)
    def _open(self, part_id: str) -> None:
        self._presenter.select(part_id)
        self._panes.show_detail(True)


class PartsListPane(QFrame):
    """Heading, search, scope and rows; the number at the end of a row is what the own van holds."""

    def __init__(self) -> None:
        super().__init__()
        set_style(self, kind="page")
        self._title = Text("Parts", role="display")
        self._note = ElidedText(role="small", tone="muted", lines=2)
        self.search = SearchLine("Name, code or barcode")
        self.scopes = Segmented((("van", "My van"), ("all", "All parts")))
        self.rows: RowChooser[PartListRow] = RowChooser(
            "Parts",
            ReviewRowDelegate(self),
            describe=_said,
            face=_face,
            empty=EmptyState("parts", ""),
            is_uniform=True,
        )
        self._words = QVBoxLayout()
        self._words.setSpacing(0)
        self._words.addWidget(self._title)
        self._words.addWidget(self._note)
        self._head = QHBoxLayout()
        self._head.setSpacing(theme().space(3))
        self._head.addLayout(self._words, 1)
        self._head.addWidget(self.scopes)
        self._column = QVBoxLayout()
        self._column.addLayout(self._head)
        self._column.addWidget(self.search)
        beside = QHBoxLayout()
        beside.setSpacing(0)
        beside.addSpacing(theme().space(4))
        beside.addWidget(self.rows, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(self._column)
        outer.addLayout(beside, 1)

    def show_state(self, state: PartsState) -> None:
        self._note.setText(state.note)
        self.search.show_text(state.search)
        self.scopes.setVisible(state.has_van)
        self.scopes.set_current(state.scope)
        self.rows.show_rows(state.rows, chosen=state.selected_id, empty=state.empty)

    def arrange(self, *, is_compact: bool) -> None:
        """Compact windows put heading, search and scope into one line."""
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


def _said(row: PartListRow) -> str:
    return row.said


def _face(row: PartListRow) -> ReviewRowFace:
    return row.face
