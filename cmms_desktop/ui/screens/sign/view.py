"""The page "Review and sign": record at the left, ink and password at the right; then the customer, then the lock.

On small windows the record is read first, then the signing side takes the page. All decisions are the presenter's.
"""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from cmms_desktop.ui.bridge.doors import Place, ScreenContext
from cmms_desktop.ui.screens.sign.customer_panel import CustomerPanel
from cmms_desktop.ui.screens.sign.footers import Footer, footer_of
from cmms_desktop.ui.screens.sign.outcome_panels import LockedPanel, MissingPanel
from cmms_desktop.ui.screens.sign.presenter import SignPresenter
from cmms_desktop.ui.screens.sign.record_card import RecordCard
from cmms_desktop.ui.screens.sign.signing_panel import SigningPanel
from cmms_desktop.ui.screens.sign.state import NO_PROBLEM, Kept, SignProblem, SignState
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.banner import Banner
from cmms_desktop.ui.widgets.empty_state import EmptyState
from cmms_desktop.ui.widgets.footer import FooterBar
from cmms_desktop.ui.widgets.page import Page
from cmms_desktop.ui.widgets.page_header import PageHeader
from cmms_desktop.ui.widgets.scrolling import scroll_area
from cmms_desktop.ui.widgets.step_dots import StepDots

STEPS = ("Technician", "Customer", "Locked")
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
        self.presenter = SignPresenter(context, self, place.get("order_id"), step=place.get("step"))
        self.header = PageHeader()
        self.header.show_title("Review and sign")
        self.dots = StepDots(STEPS)
        self.header.add_trailing(self.dots)
        self.footer = FooterBar()
        self._build_both_sides()
        self.missing, self.locked = MissingPanel(), LockedPanel()
        self._empty = EmptyState("orders", "One moment…")
        self._middle = QStackedWidget()
        for page in (self._empty, scroll_area(self.missing), self._both, scroll_area(self.locked)):
            self._middle.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self._middle, 1)
        column.addWidget(self.footer)
        self._connect()
        self.arrange(self.size_class)

    def _build_both_sides(self) -> None:
        self.notice = Banner("warning", "-")
        self.record = RecordCard("You sign exactly this")
        self.signed_record = RecordCard("The technician signed this")
        self.not_included = Banner("waiting", "Not yet included", icon="file-clock")
        self.panel, self.customer = SigningPanel(), CustomerPanel()
        left = QWidget()
        self._left_column = QVBoxLayout(left)
        self._left_column.setSpacing(theme().space(3))
        for widget in (self.notice, self.record, self.signed_record, self.not_included):
            self._left_column.addWidget(widget)
        self._left_column.addStretch(1)
        right = QWidget()
        self._right_column = QVBoxLayout(right)
        self._right_column.addWidget(self.panel)
        self._right_column.addWidget(self.customer)
        self._left = scroll_area(left, name="The record")
        self._right: QScrollArea = scroll_area(right, name="Sign")
        self._both = QWidget()
        row = QHBoxLayout(self._both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._left, 1)
        row.addWidget(self._right)

    def _connect(self) -> None:
        presenter = self.presenter
        self.header.back_pressed.connect(self._go_back)
        self.footer.primary_pressed.connect(self._press_primary)
        self.footer.secondary_pressed.connect(self._press_secondary)
        self.panel.drawn.connect(presenter.draw)
        self.panel.submitted.connect(self._press_primary)
        self.missing.wanted.connect(presenter.open_checklist)
        self.customer.chosen.connect(presenter.choose)
        self.customer.name_edited.connect(presenter.entries.keep_name)
        self.customer.reason_edited.connect(presenter.entries.keep_reason)
        self.customer.drawn.connect(presenter.entries.keep_customer_ink)
        self.customer.submitted.connect(self._press_primary)

    # ---- the presenter's view

    def show_state(self, state: SignState) -> None:
        if state.step != self._state.step:
            self._is_reading = True
            self._left.verticalScrollBar().setValue(0)
            self._right.verticalScrollBar().setValue(0)
        self._state = state
        facts = (state.title, state.asset)
        self.header.show_title("Review and sign", number=state.number, facts=facts)
        self.dots.set_current(_DOT.get(state.step, 0))
        self._show_middle(state)
        self._show_footer()

    def show_problem(self, problem: SignProblem) -> None:
        self._problem = problem
        self.panel.show_problem(problem)
        self.customer.show_problem(problem)
        if problem.field in {"ink", "secret", "name", "reason"}:
            self._is_reading = False
        self._arrange_sides()
        self._show_footer()

    def restore(self, kept: Kept) -> None:
        self.panel.ink.set_ink(kept.ink)
        self.customer.restore(kept)

    def clear_secret(self) -> None:
        self.panel.secret.clear()
        self.customer.secret.clear()

    # ---- the frame's page

    def arrange(self, size_class: str) -> None:
        is_compact = size_class == "compact"
        for part in (self.header, self.dots, self.footer, self.panel):
            part.set_compact(is_compact)
        self.footer.setMinimumHeight(68 if is_compact else 76)  # also while there is no button yet
        side, gap = theme().space(4 if is_compact else 5), theme().space(4)
        self._left_column.setContentsMargins(side, gap, side if is_compact else theme().space(2), gap)
        self._right_column.setContentsMargins(side if is_compact else theme().space(2), gap, side, gap)
        self._arrange_sides()
        self._show_footer()

    def primary(self) -> QPushButton | None:
        return self.footer.primary if self.footer.primary.isVisibleTo(self) else None

    def step_back(self) -> bool:
        if self.size_class == "compact" and self._has_sides and not self._is_reading:
            self._is_reading = True
            self._arrange_sides()
            self._show_footer()
            return True
        return False

    def start(self) -> None:
        if self._is_started:
            self.presenter.refresh()
        else:
            self._is_started = True
            self.presenter.start()

    def stop(self) -> None:
        self.presenter.close()

    # ---- inside

    @property
    def _has_sides(self) -> bool:
        return self._state.step in {"technician", "customer"}

    def _show_middle(self, state: SignState) -> None:
        page = {"answers": 1, "technician": 2, "customer": 2, "locked": 3}.get(state.step, 0)
        if state.step == "gone":
            self._empty.show_message("This order is not on this device", "It was given to somebody else, or deleted.")
        if state.step == "answers":
            self.missing.show_state(state)
        elif state.step == "locked":
            self.locked.show_state(state)
        elif self._has_sides:
            self._show_sides(state)
        self._middle.setCurrentIndex(page)

    def _show_sides(self, state: SignState) -> None:
        is_customer = state.step == "customer"
        card = self.signed_record if is_customer else self.record
        for each in (self.record, self.signed_record):
            each.setVisible(each is card and state.record is not None)
        missed = state.record.not_included if state.record else ()
        if state.record is not None:
            card.show_record(state.record)
        self.not_included.show_message("waiting", "Not yet included", "\n".join(f"•  {line}" for line in missed))
        self.not_included.setVisible(bool(missed))
        said = state.blocked or state.notice
        self.notice.show_message("danger" if state.blocked else "warning", said or "-")
        self.notice.setVisible(bool(said))
        self.panel.setVisible(not is_customer)
        self.customer.setVisible(is_customer)
        (self.customer if is_customer else self.panel).show_state(state)
        self._arrange_sides()

    def _arrange_sides(self) -> None:
        is_compact = self.size_class == "compact"
        self._left.setVisible(not is_compact or self._is_reading)
        self._right.setVisible(not is_compact or not self._is_reading)
        width = int(500 * max(1.0, min(theme().factor, 1.2)))
        self._right.setMinimumWidth(0 if is_compact else width)
        self._right.setMaximumWidth(16_777_215 if is_compact else width)

    def _show_footer(self) -> None:
        is_compact = self.size_class == "compact"
        is_reading = is_compact and self._is_reading and self._has_sides
        words = footer_of(self._state, is_compact=is_compact, is_reading=is_reading)
        self._apply(words)

    def _apply(self, words: Footer) -> None:
        if self._problem.sentence and not self._problem.field:
            self.footer.set_state_text(self._problem.sentence, icon="out-of-range", tone="danger")
        else:
            self.footer.set_state_text(words.sentence, icon=words.icon)
        self.footer.set_primary(words.primary, words.primary_icon)
        is_narrow = self.size_class == "compact" and words.primary is not None
        self.footer.set_secondary(None if is_narrow and words.is_secondary_spare else words.secondary)
        self.footer.primary.set_busy(self._state.is_busy)

    @Slot()
    def _press_primary(self) -> None:
        step, choice = self._state.step, self._state.choice
        if step == "answers" or self._state.blocked:
            self.presenter.open_checklist()
        elif self.size_class == "compact" and self._is_reading and self._has_sides:
            self._is_reading = False
            self._arrange_sides()
            self._show_footer()
        elif step == "technician":
            self.presenter.sign(self.panel.secret.text())
        elif step == "customer":
            self._answer(choice)
        elif step == "locked":
            self.presenter.leave()

    def _answer(self, choice: str) -> None:
        name, secret = self.customer.name.text(), self.customer.secret.text()
        if choice == "accept":
            self.presenter.accept(name, self.customer.ink.pad.strokes(), secret)
        elif choice == "refuse":
            self.presenter.refuse(name, self.customer.reason.text(), secret)
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
