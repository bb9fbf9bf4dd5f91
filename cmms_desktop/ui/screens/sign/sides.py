"""Record at the left, signing side at the right; on a small window one after the other. Builds what is needed."""

from functools import cached_property

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.sign.customer_panel import CustomerPanel
from cmms_desktop.ui.screens.sign.record_card import RecordCard
from cmms_desktop.ui.screens.sign.signing_panel import SigningPanel
from cmms_desktop.ui.screens.sign.state import Kept, SignProblem, SignState
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.banner import Banner
from cmms_desktop.ui.widgets.scrolling import scroll_area

WIDTH = 500
"""px of the signing side at the normal size of text."""
_UNBOUNDED = 16_777_215
"""Qt's QWIDGETSIZE_MAX."""


class SigningSides(QWidget):
    """What is signed, and the panel of whose turn it is. `customer_made` once the customer's panel is there."""

    customer_made = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._kept = Kept()
        self._is_compact, self._is_reading = False, True
        self.notice = Banner("warning", "-")
        self.record = RecordCard("You sign exactly this")
        self.not_included = Banner("waiting", "Not yet included", icon="file-clock")
        self.panel = SigningPanel()
        left, right = QWidget(), QWidget()
        self._left_column = QVBoxLayout(left)
        self._left_column.setSpacing(theme().space(3))
        for widget in (self.notice, self.record, self.not_included):
            self._left_column.addWidget(widget)
        self._left_column.addStretch(1)
        self._right_column = QVBoxLayout(right)
        self._right_column.addWidget(self.panel)
        self.left = scroll_area(left, name="The record")
        self.right = scroll_area(right, name="Sign")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.left, 1)
        row.addWidget(self.right)

    @cached_property
    def customer(self) -> CustomerPanel:
        """The customer's side, with what he had half entered."""
        panel = CustomerPanel()
        self._right_column.addWidget(panel)
        panel.restore(self._kept)
        return panel

    @cached_property
    def signed_record(self) -> RecordCard:
        """What the technician signed, for the customer to read."""
        card = RecordCard("The technician signed this")
        self._left_column.insertWidget(1, card)
        return card

    @property
    def customer_now(self) -> CustomerPanel | None:
        """The customer's side, if it was needed before."""
        return self.customer if "customer" in self.__dict__ else None

    def show_state(self, state: SignState) -> None:
        """Show a record and the panel that belongs to the step."""
        is_customer = state.step == "customer"
        if is_customer and self.customer_now is None:
            self.customer.setVisible(True)
            self.customer_made.emit()
        self._show_record(state, is_customer=is_customer)
        said = state.blocked or state.notice
        self.notice.show_message("danger" if state.blocked else "warning", said or "-")
        self.notice.setVisible(bool(said))
        panel = self.customer if is_customer else self.panel
        panel.show_state(state)
        self.panel.setVisible(not is_customer)
        if self.customer_now is not None:
            self.customer_now.setVisible(is_customer)

    def _show_record(self, state: SignState, *, is_customer: bool) -> None:
        card = self.signed_record if is_customer else self.record
        if state.record is not None:
            card.show_record(state.record)
        self.record.setVisible(not is_customer and state.record is not None)
        if "signed_record" in self.__dict__:
            self.signed_record.setVisible(is_customer and state.record is not None)
        missed = state.record.not_included if state.record else ()
        self.not_included.show_message("waiting", "Not yet included", "\n".join(f"•  {line}" for line in missed))
        self.not_included.setVisible(bool(missed))

    def show_problem(self, problem: SignProblem) -> None:
        """Say what is missing beside what can change it."""
        for panel in (self.panel, self.customer_now):
            if panel is not None:
                panel.show_problem(problem)

    def restore(self, kept: Kept) -> None:
        """Fill in what was half entered."""
        self._kept = kept
        self.panel.ink.set_ink(kept.ink)
        if self.customer_now is not None:
            self.customer_now.restore(kept)

    def clear_secret(self) -> None:
        """Forget what was typed as a password."""
        for panel in (self.panel, self.customer_now):
            if panel is not None:
                panel.secret.clear()

    def go_to_top(self) -> None:
        """Begin a step at its top."""
        self.left.verticalScrollBar().setValue(0)
        self.right.verticalScrollBar().setValue(0)

    def arrange(self, *, is_compact: bool, is_reading: bool) -> None:
        """Show both sides, or on a small window the one that is read or signed now."""
        if is_compact != self._is_compact:
            self.panel.set_compact(is_compact)
        self._is_compact = is_compact
        side, gap = theme().space(4 if is_compact else 5), theme().space(4)
        inner = side if is_compact else theme().space(2)
        outer_first, inner_first = (side, gap, inner, gap), (inner, gap, side, gap)
        if self.isRightToLeft():  # margins are the only thing that Qt does not mirror
            outer_first, inner_first = inner_first, outer_first
        self._left_column.setContentsMargins(*outer_first)
        self._right_column.setContentsMargins(*inner_first)
        self.left.setVisible(not is_compact or is_reading)
        self.right.setVisible(not is_compact or not is_reading)
        width = int(WIDTH * max(1.0, min(theme().factor, 1.2)))
        self.right.setMinimumWidth(0 if is_compact else width)
        self.right.setMaximumWidth(_UNBOUNDED if is_compact else width)
