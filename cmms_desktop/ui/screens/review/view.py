"""The review page: queue, one order, and the footer that grows for a decision. All decisions are the presenter's."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from cmms_desktop.ui.bridge.doors import Place, ScreenContext
from cmms_desktop.ui.bridge.thumbs import Thumbs
from cmms_desktop.ui.screens.review.decision_bar import DecisionBar, FooterLeft
from cmms_desktop.ui.screens.review.order_pane import OrderPane
from cmms_desktop.ui.screens.review.presenter import ReviewPresenter
from cmms_desktop.ui.screens.review.queue_pane import QueuePane
from cmms_desktop.ui.screens.review.state import (
    NO_PROBLEM,
    DecisionProblem,
    DecisionState,
    QueueState,
    ReviewState,
    Tab,
)
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.cards import Divider
from cmms_desktop.ui.widgets.empty_state import EmptyState
from cmms_desktop.ui.widgets.footer import FooterBar
from cmms_desktop.ui.widgets.page import Page

LIST_WIDTH = 388
"""px of the queue at the normal size of text."""
_UNBOUNDED = 16_777_215
"""Qt's QWIDGETSIZE_MAX."""
_TABS: dict[str, Tab] = {"pending": "pending", "returned": "returned", "approved": "approved"}


class ReviewPage(Page):
    """For supervisors: everything that is completed and waits, exceptions first."""

    def __init__(self, context: ScreenContext, place: Place, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = ReviewState(queue=QueueState())
        self._problem = NO_PROBLEM
        self._is_started = False
        self._is_open = bool(place.get("order_id"))
        """On a small window the order is shown, not the list."""
        self._thumbs = Thumbs(context)
        self.presenter = ReviewPresenter(context, self, place.get("order_id"))
        self.queue, self.order = QueuePane(), OrderPane(self._thumbs)
        self.footer, self.bar, self.left = FooterBar(), DecisionBar(), FooterLeft()
        self.footer.set_left(self.left)
        self._empty = EmptyState("review", "Choose an order")
        self._middle = QStackedWidget()
        self._middle.addWidget(self._empty)
        self._middle.addWidget(self.order)
        self._detail = QWidget()
        detail = QVBoxLayout(self._detail)
        detail.setContentsMargins(0, 0, 0, 0)
        detail.setSpacing(0)
        detail.addWidget(self._middle, 1)
        detail.addWidget(self.footer)
        self._line = Divider(vertical=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.queue, 1)
        row.addWidget(self._line)
        row.addWidget(self._detail, 4)
        self._connect()
        theme().changed.connect(self._follow_theme)
        self.arrange(self.size_class)

    def _connect(self) -> None:
        presenter = self.presenter
        self.queue.tab_chosen.connect(self._choose_tab)
        self.queue.row_chosen.connect(presenter.select)
        self.queue.row_opened.connect(self._open_row)
        self.order.head.back_pressed.connect(self.step_back)
        self.order.link_pressed.connect(presenter.open_order)
        self.order.photo_pressed.connect(presenter.open_photos)
        self.left.meant.connect(self._mean)
        self.bar.reason_edited.connect(presenter.keep_reason)
        self.bar.submitted.connect(self._press_primary)
        self.footer.primary_pressed.connect(self._press_primary)
        self.footer.secondary_pressed.connect(self._press_secondary)

    # ---- the presenter's view

    def show_state(self, state: ReviewState) -> None:
        before, self._state = self._state.decision.mode, state
        self.queue.show_state(state.queue)
        if state.order is not None:
            self.order.show_order(state.order)
        self._middle.setCurrentIndex(1 if state.order is not None and state.queue.selected else 0)
        self._show_footer()
        if state.decision.mode and state.decision.mode != before:
            self.bar.take_focus(state.decision.mode)
        self._arrange_panes()

    def show_problem(self, problem: DecisionProblem) -> None:
        self._problem = problem
        self.bar.show_problem(problem)
        self._show_footer()

    def show_reason(self, reason: str) -> None:
        self.bar.show_reason(reason)

    def clear_secret(self) -> None:
        self.bar.secret.clear()

    # ---- the frame's page

    def start(self) -> None:
        if self._is_started:
            self.presenter.refresh()
        else:
            self._is_started = True
            self.presenter.start()

    def stop(self) -> None:
        self.presenter.close()
        self._thumbs.close()

    def arrange(self, size_class: str) -> None:
        is_compact = size_class == "compact"
        self.presenter.picks_first = not is_compact
        for part in (self.queue, self.order, self.footer):
            part.set_compact(is_compact)
        self._arrange_panes()
        self._show_footer()

    @property
    def may_decide(self) -> bool:
        """Whether the order that is chosen has been read and may be approved or returned."""
        return self._state.order is not None and self._state.decision.is_possible

    def primary(self) -> QPushButton | None:
        return self.footer.primary if self.footer.primary.isVisibleTo(self) else None

    def take_key(self, key: str) -> bool:
        """J and K move, A approves, R returns, E opens everything."""
        match key.upper():
            case "J":
                self.presenter.step(1)
            case "K":
                self.presenter.step(-1)
            case "A":
                self.presenter.begin("approve")
            case "R":
                self.presenter.begin("return")
            case "E":
                self.order.toggle_all()
            case _:
                return False
        return True

    @Slot(result=bool)
    def step_back(self) -> bool:
        """Take a decision back that was begun; on a small window go to the list."""
        if self._state.decision.mode:
            self.presenter.begin("")
            return True
        if self.size_class != "compact" or not self._is_open:
            return False
        self._show_pane(is_order=False)
        self.queue.view.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    # ---- inside

    @Slot()
    def _arrange_panes(self) -> None:
        is_compact = self.size_class == "compact"
        has_order = bool(self._state.queue.selected)
        self.cover_navigation(is_compact and self._is_open and has_order)
        self.queue.setVisible(not self.covers_navigation)
        self._line.setVisible(not is_compact)
        self._detail.setVisible(not is_compact or self.covers_navigation)
        width = round(LIST_WIDTH * max(1.0, min(theme().factor, 1.3)))
        self.queue.setMinimumWidth(0 if is_compact else width)
        self.queue.setMaximumWidth(_UNBOUNDED if is_compact else width)

    @Slot()
    def _follow_theme(self) -> None:
        self._arrange_panes()
        self._show_footer()

    def _show_footer(self) -> None:
        decision = self._state.decision
        is_compact = self.size_class == "compact"
        self.footer.setVisible(decision.is_possible or bool(decision.blocked))
        self._show_left(decision, is_compact=is_compact)
        self.bar.show_mode(decision.mode)
        if decision.mode and decision.is_possible:
            if self.bar.parentWidget() is not self.footer:
                self.footer.show_extra(self.bar)
        else:
            self.footer.hide_extra()
        if not decision.is_possible:
            self.footer.set_primary(None)
            self.footer.set_secondary(None)
            return
        self._name_buttons(decision, number="" if is_compact else f" {decision.number}")
        self.footer.primary.set_busy(decision.is_busy)

    def _show_left(self, decision: DecisionState, *, is_compact: bool) -> None:
        if self._problem.sentence and not self._problem.field:
            self.left.show_sentence(self._problem.sentence, "out-of-range", "danger")
        elif decision.blocked:
            self.left.show_sentence(decision.blocked, "info")
        elif decision.mode == "return":
            self.left.show_sentence("" if is_compact else "The order opens again on the technician's list.", "return")
        elif is_compact and not decision.mode:
            self.left.show_sentence("", "info")
        else:
            self.left.show_meaning(decision.meaning)

    def _name_buttons(self, decision: DecisionState, *, number: str) -> None:
        is_reviewed = decision.meaning == "reviewed"
        if decision.mode == "return":
            self.footer.set_primary(f"Return{number}", "return")
        elif is_reviewed:
            self.footer.set_primary(f"Sign{number} as reviewed" if decision.mode else "Sign as reviewed", "sign")
        elif decision.mode:
            self.footer.set_primary(f"Approve{number}", "approve")
        else:
            self.footer.set_primary("Approve", "approve", shortcut_hint="A")
        if decision.mode:
            self.footer.set_secondary("Back")
        else:
            self.footer.set_secondary("Return", "return", shortcut_hint="R")

    @Slot()
    def _press_primary(self) -> None:
        if not self._state.decision.mode:
            self.presenter.begin("approve")
        else:
            self.presenter.decide(self.bar.reason.text(), self.bar.secret.text())

    @Slot()
    def _press_secondary(self) -> None:
        self.presenter.begin("" if self._state.decision.mode else "return")

    @Slot(str)
    def _choose_tab(self, tab: str) -> None:
        self.presenter.show_tab(_TABS.get(tab, "pending"))

    @Slot(str)
    def _open_row(self, order_id: str) -> None:
        self.presenter.select(order_id)
        self._show_pane(is_order=True)

    def _show_pane(self, *, is_order: bool) -> None:
        self._is_open = is_order
        self._arrange_panes()
        self.presenter.note_place(is_order=is_order)

    @Slot(str)
    def _mean(self, meaning: str) -> None:
        self.presenter.mean("reviewed" if meaning == "reviewed" else "approved")
