"""The page "Review and sign": record at the left, ink and password at the right; then the customer, then the lock.

On small windows the record is read first, then the signing side takes the page. All decisions are the presenter's.
"""

from functools import cached_property

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QPushButton, QStackedWidget, QVBoxLayout, QWidget

from cmms_desktop.ui.bridge.doors import Place, ScreenContext
from cmms_desktop.ui.screens.sign.footers import footer_of
from cmms_desktop.ui.screens.sign.outcome_panels import LockedPanel, MissingPanel
from cmms_desktop.ui.screens.sign.presenter import SignPresenter
from cmms_desktop.ui.screens.sign.sides import SigningSides
from cmms_desktop.ui.screens.sign.state import NO_PROBLEM, Kept, SignProblem, SignState
from cmms_desktop.ui.text.order_words import HALF_WRITTEN_KEPT
from cmms_desktop.ui.widgets.empty_state import EmptyState
from cmms_desktop.ui.widgets.footer import FooterBar
from cmms_desktop.ui.widgets.page import Page
from cmms_desktop.ui.widgets.page_header import PageHeader
from cmms_desktop.ui.widgets.scrolling import scroll_area
from cmms_desktop.ui.widgets.step_dots import StepDots

STEPS = ("Technician", "Customer", "Locked")
NOT_HERE = "This order is not on this device"
GIVEN_AWAY = "It was given to somebody else, or deleted."
_DOT = {"answers": 0, "technician": 0, "customer": 1, "locked": 3}


class SignPage(Page):
    """One order on its way from done to locked."""

    covers_navigation = True

    def __init__(self, context: ScreenContext, place: Place, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = SignState()
        self._problem = NO_PROBLEM
        self._is_reading = True
        self._is_started = False
        self._kept = Kept()
        self.presenter = SignPresenter(context, self, place.get("order_id"), step=place.get("step"))
        self.header, self.dots, self.footer = PageHeader(), StepDots(STEPS), FooterBar()
        self.header.show_title("Review and sign")
        self.header.add_trailing(self.dots)
        self._empty = EmptyState("orders", "One moment…")
        self._middle = QStackedWidget()
        self._middle.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self._middle, 1)
        column.addWidget(self.footer)
        self.header.back_pressed.connect(self._go_back)
        self.footer.primary_pressed.connect(self._press_primary)
        self.footer.secondary_pressed.connect(self._press_secondary)
        self._next_turn = QTimer(self, singleShot=True, interval=0)
        self._next_turn.timeout.connect(self._make_sides)
        self._next_turn.start()
        self.arrange(self.size_class)

    @cached_property
    def sides(self) -> SigningSides:
        """Record and signing side: made in the turn after the page, or when they are first needed."""
        made = SigningSides()
        self._middle.addWidget(made)
        made.panel.drawn.connect(self.presenter.draw)
        made.panel.submitted.connect(self._press_primary)
        made.customer_made.connect(self._connect_customer)
        made.restore(self._kept)
        made.arrange(is_compact=self.size_class == "compact", is_reading=self._is_reading)
        return made

    @Slot()
    def _make_sides(self) -> None:
        assert self.sides

    @property
    def _sides_now(self) -> SigningSides | None:
        """Both sides, if they are there already."""
        return self.sides if "sides" in self.__dict__ else None

    @Slot()
    def _connect_customer(self) -> None:
        panel, presenter = self.sides.customer, self.presenter
        panel.chosen.connect(presenter.choose)
        panel.name_edited.connect(presenter.entries.keep_name)
        panel.reason_edited.connect(presenter.entries.keep_reason)
        panel.drawn.connect(presenter.entries.keep_customer_ink)
        panel.submitted.connect(self._press_primary)

    @cached_property
    def missing(self) -> MissingPanel:
        """Answers to give first."""
        panel = MissingPanel()
        self._middle.addWidget(scroll_area(panel))
        panel.wanted.connect(self.presenter.open_checklist)
        return panel

    @cached_property
    def locked(self) -> LockedPanel:
        """The end of the way."""
        panel = LockedPanel()
        self._middle.addWidget(scroll_area(panel))
        return panel

    # ---- the presenter's view

    def show_state(self, state: SignState) -> None:
        is_next = state.step != self._state.step
        self._state = state
        if is_next:
            self._is_reading = True
            if self._sides_now is not None:
                self.sides.go_to_top()
        self.header.show_title("Review and sign", number=state.number, facts=(state.title, state.asset))
        self.dots.set_current(_DOT.get(state.step, 0))
        self._show_middle(state)
        self._arrange_sides()

    def show_problem(self, problem: SignProblem) -> None:
        self._problem = problem
        self.sides.show_problem(problem)
        if problem.field:
            self._is_reading = False
        self._arrange_sides()

    def restore(self, kept: Kept) -> None:
        self._kept = kept
        if self._sides_now is not None:
            self.sides.restore(kept)

    def clear_secret(self) -> None:
        if self._sides_now is not None:
            self.sides.clear_secret()

    # ---- the frame's page

    def arrange(self, size_class: str) -> None:
        is_compact = size_class == "compact"
        self.header.set_compact(is_compact)
        self.dots.set_compact(is_compact)
        self.footer.set_compact(is_compact)
        self.footer.setMinimumHeight(68 if is_compact else 76)  # also while there is no button yet
        self._arrange_sides()

    def primary(self) -> QPushButton | None:
        return self.footer.primary if self.footer.primary.isVisibleTo(self) else None

    def step_back(self) -> bool:
        if self.size_class == "compact" and self._has_sides and not self._is_reading:
            self._is_reading = True
            self._arrange_sides()
            return True
        return False

    def start(self) -> None:
        if self._is_started:
            self.presenter.refresh()
        else:
            self._is_started = True
            self.presenter.start()

    def stop(self) -> None:
        self._next_turn.stop()
        self.presenter.close()

    # ---- inside

    @property
    def _has_sides(self) -> bool:
        return self._state.step in {"technician", "customer"}

    @property
    def _is_only_reading(self) -> bool:
        """A small window shows the record, not yet the pad."""
        return self.size_class == "compact" and self._is_reading and self._has_sides and not self._state.blocked

    def _show_middle(self, state: SignState) -> None:
        page: QWidget = self._empty
        if state.step == "gone":
            self._empty.show_message(NOT_HERE, f"{GIVEN_AWAY} {HALF_WRITTEN_KEPT}" if state.has_texts else GIVEN_AWAY)
        elif state.step == "answers":
            self.missing.show_state(state)
            page = self._area_of(self.missing)
        elif state.step == "locked":
            self.locked.show_state(state)
            page = self._area_of(self.locked)
        elif self._has_sides:
            self.sides.show_state(state)
            page = self.sides
        self._middle.setCurrentWidget(page)

    def _area_of(self, panel: QWidget) -> QWidget:
        """The page of the stack that a panel scrolls in."""
        pages = (self._middle.widget(number) for number in range(self._middle.count()))
        return next(page for page in pages if page is not None and page.isAncestorOf(panel))

    def _arrange_sides(self) -> None:
        is_compact = self.size_class == "compact"
        if self._sides_now is not None:
            self.sides.arrange(is_compact=is_compact, is_reading=self._is_reading)
        words = footer_of(self._state, is_compact=is_compact, is_reading=self._is_only_reading)
        if self._problem.sentence and not self._problem.field:
            self.footer.set_state_text(self._problem.sentence, icon="out-of-range", tone="danger")
        else:
            self.footer.set_state_text(words.sentence, icon=words.icon)
        self.footer.set_primary(words.primary, words.primary_icon)
        is_narrow = is_compact and words.primary is not None
        self.footer.set_secondary(None if is_narrow and words.is_secondary_spare else words.secondary)
        self.footer.primary.set_busy(self._state.is_busy)

    @Slot()
    def _press_primary(self) -> None:
        step = self._state.step
        if step == "answers" or self._state.blocked:
            self.presenter.open_checklist()
        elif self._is_only_reading:
            self._is_reading = False
            self._arrange_sides()
        elif step == "technician":
            self.presenter.sign(self.sides.panel.secret.text())
        elif step == "customer":
            self._answer()
        elif step == "locked":
            self.presenter.leave()

    def _answer(self) -> None:
        customer, choice = self.sides.customer, self._state.choice
        name, secret = customer.name.text(), customer.secret.text()
        if choice == "accept":
            self.presenter.accept(name, customer.ink.pad.strokes(), secret)
        elif choice == "refuse":
            self.presenter.refuse(name, customer.reason.text(), secret)
        elif choice == "absent" or self._state.said:
            self.presenter.hand_over()

    @Slot()
    def _press_secondary(self) -> None:
        if self._state.step == "locked":
            self.presenter.invite_customer()
        else:
            self.presenter.open_checklist()

    @Slot()
    def _go_back(self) -> None:
        if not self.step_back():
            self.presenter.context.navigator.back()
