"""The inbox page: list and detail side by side, or one after the other on small windows."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton

from cmms_desktop.ui.bridge.doors import Place, ScreenContext
from cmms_desktop.ui.screens.inbox.detail_pane import DetailPane
from cmms_desktop.ui.screens.inbox.list_pane import ListPane
from cmms_desktop.ui.screens.inbox.presenter import InboxPresenter
from cmms_desktop.ui.screens.inbox.states import Choice, InboxState
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.cards import Divider
from cmms_desktop.ui.widgets.empty_state import EmptyState
from cmms_desktop.ui.widgets.page import Page

LIST_WIDTH, LIST_WIDEST = 299, 448
"""px of the list beside a detail, at the normal size of text and at most."""
_UNBOUNDED = 16_777_215
"""Qt's QWIDGETSIZE_MAX."""
_CHOICES: dict[str, Choice] = {"mine": "mine", "theirs": "theirs", "edited": "edited"}
_KEYS: dict[str, Choice] = {"T": "mine", "O": "theirs", "E": "edited"}


class InboxPage(Page):
    """Conflicts and held changes. `conflict_id` of its place: the one to begin with."""

    def __init__(self, context: ScreenContext, place: Place) -> None:
        super().__init__()
        self.is_detail_open = bool(place.get("conflict_id"))
        """On a compact window the detail is shown, not the list."""
        self._is_started = self._has_detail = False
        self._arranged: tuple[bool, bool, bool, float] | None = None
        self.list, self.detail = ListPane(), DetailPane()
        self._line = Divider(vertical=True)
        self._empty = EmptyState("inbox", "Nothing chosen")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        for part in (self.list, self._line, self.detail, self._empty):
            self._row.addWidget(part, 0 if part is self._line else 1)
        self._empty.hide()
        self._presenter = InboxPresenter(context, self, place.get("conflict_id"))
        self._connect()
        theme().changed.connect(self._arrange_panes)
        self._arrange_panes()

    def _connect(self) -> None:
        self.list.tab_chosen.connect(self._choose_tab)
        self.list.row_chosen.connect(self._choose_row)
        self.list.row_opened.connect(self._open_row)
        self.detail.back_pressed.connect(self.step_back)
        self.detail.order_wanted.connect(self._presenter.open_order)
        self.detail.later.connect(self._later)
        self.detail.settle.connect(self._presenter.settle_chosen)
        self.detail.approve.connect(self._approve)
        self.detail.refuse.connect(self._refuse)
        self.detail.conflict.chosen.connect(self._keep)
        self.detail.conflict.typed.connect(self._presenter.enter)
        self.detail.reasoned.connect(self._presenter.say_why)

    # ---- the page

    def start(self) -> None:
        if not self._is_started:
            self._is_started = True
            self._presenter.start()

    def stop(self) -> None:
        self._presenter.close()

    def arrange(self, size_class: str) -> None:
        self._arrange_panes()

    def primary(self) -> QPushButton | None:
        button = self.detail.footer.primary
        return button if button.isVisibleTo(self) else None

    def take_key(self, key: str) -> bool:
        choice = _KEYS.get(key.upper())
        if choice is None or not self.detail.isVisibleTo(self):
            return False
        self._presenter.keep_next(choice)
        return True

    @Slot(result=bool)
    def step_back(self) -> bool:
        """Go from the detail to the list on a compact window."""
        if self.size_class != "compact" or not self.is_detail_open:
            return False
        self._show_pane(is_detail=False)
        self.list.view.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    # ---- the view

    def show_state(self, state: InboxState) -> None:
        self.list.show_state(state)
        self._has_detail = state.detail is not None
        if state.detail is not None:
            self.detail.show_detail(state.detail)
        self._arrange_panes()

    @Slot()
    def _arrange_panes(self) -> None:
        is_compact = self.size_class == "compact"
        arranged = (is_compact, self.is_detail_open, self._has_detail, theme().factor)
        if arranged == self._arranged:
            return
        self._arranged = arranged
        self.cover_navigation(is_compact and self.is_detail_open and self._has_detail)
        self.list.setVisible(not self.covers_navigation)
        self._line.setVisible(not is_compact)
        self.detail.setVisible(self._has_detail and (self.is_detail_open or not is_compact))
        self._empty.setVisible(not self._has_detail and not is_compact)
        self.list.set_compact(is_compact)
        self.detail.set_compact(is_compact)
        width = min(LIST_WIDEST, round(LIST_WIDTH * max(1.0, theme().factor)))
        self.list.setMaximumWidth(_UNBOUNDED if is_compact else width)
        self.list.setMinimumWidth(0 if is_compact else width)

    def _show_pane(self, *, is_detail: bool) -> None:
        self.is_detail_open = is_detail
        self._arrange_panes()
        self._presenter.note_place(is_detail=is_detail)

    # ---- intents

    @Slot(str)
    def _choose_tab(self, tab: str) -> None:
        self._presenter.show_tab("settled" if tab == "settled" else "open")

    @Slot(str)
    def _choose_row(self, row_id: str) -> None:
        self._presenter.choose_row(row_id)
        if self.size_class != "compact":
            self._presenter.note_place(is_detail=True)

    @Slot(str)
    def _open_row(self, row_id: str) -> None:
        self._presenter.choose_row(row_id)
        self._show_pane(is_detail=True)

    @Slot(str, str)
    def _keep(self, conflict_id: str, choice: str) -> None:
        self._presenter.keep(conflict_id, _CHOICES[choice])

    @Slot()
    def _later(self) -> None:
        if not self.step_back():
            self._presenter.skip()

    @Slot()
    def _approve(self) -> None:
        self._presenter.decide("approved")

    @Slot()
    def _refuse(self) -> None:
        self._presenter.decide("refused")
