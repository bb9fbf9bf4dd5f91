"""The row by which the footer grows: a password and a reason (mandatory for a return); and its left part."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.review.state import DecisionProblem, Mode
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.fields import LabelledField
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.secret_field import SecretField
from cmms_desktop.ui.widgets.segmented import Chips, Segmented
from cmms_desktop.ui.widgets.text import Text

REASONS = (
    ("Photo is missing", "Photo is missing"),
    ("Answer is not clear", "Answer is not clear"),
    ("Repair and check again", "Repair and check again"),
    ("Sign again", "Sign again"),
)

CHIPS_UP_TO = 1.2
"""Largest font factor at which the chips leave room for the order on a small window."""


class DecisionBar(QWidget):
    """Fields of a decision. `submitted` with Enter in one of them."""

    reason_edited = Signal(str)
    submitted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.chips = Chips(REASONS)
        self.reason = LabelledField("Reason, optional")
        self.secret = SecretField("Your password", has_keypad=False)
        fields = QHBoxLayout()
        fields.setSpacing(theme().space(4))
        fields.addWidget(self.reason, 1, Qt.AlignmentFlag.AlignTop)
        fields.addWidget(self.secret, 1, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme().space(1), 0, 0)
        column.setSpacing(theme().space(2))
        column.addWidget(self.chips)
        column.addLayout(fields)
        self.chips.chosen.connect(self._take_chip)
        self.reason.edited.connect(self.reason_edited)
        self.reason.line.returnPressed.connect(self.submitted)
        self.secret.submitted.connect(self.submitted)

    def show_mode(self, mode: Mode) -> None:
        """Ask for what approving or returning needs."""
        self.chips.setVisible(mode == "return" and theme().factor <= CHIPS_UP_TO)
        self.reason.set_label("What has to be done" if mode == "return" else "Reason, optional")

    def show_reason(self, reason: str) -> None:
        """Fill in a kept reason."""
        self.reason.set_text(reason)
        self.chips.set_keys(())

    def show_problem(self, problem: DecisionProblem) -> None:
        """Say what is missing beside its field."""
        self.reason.set_error(problem.sentence if problem.field == "reason" else None)
        self.secret.set_error(problem.sentence if problem.field == "secret" else None)
        if problem.field:
            field = self.reason if problem.field == "reason" else self.secret
            field.setFocus(Qt.FocusReason.OtherFocusReason)

    def take_focus(self, mode: Mode) -> None:
        """Start with the field that is needed first."""
        field = self.reason if mode == "return" and not self.reason.text() else self.secret
        field.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(str)
    def _take_chip(self, reason: str) -> None:
        chosen = self.chips.keys()
        if reason in chosen:
            rest = self.reason.text().strip()
            self.reason.set_text(f"{reason}. {rest}" if rest else f"{reason}.")
            self.reason_edited.emit(self.reason.text())


class FooterLeft(QWidget):
    """Left in the footer: as what one signs, or a sentence."""

    meant = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.meaning = Segmented((("reviewed", "Reviewed"), ("approved", "Approved")), current="approved")
        self.meaning.chosen.connect(self.meant)
        self._caption = Text("I sign this as", role="caption", tone="muted")
        self._choice = QWidget()
        column = QVBoxLayout(self._choice)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._caption)
        column.addWidget(self.meaning, 0, Qt.AlignmentFlag.AlignLeft)
        self._icon = IconLabel("info", color="text-muted", size="control")
        self._words = Text("", role="card-body", wrap=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme().space(2))
        row.addWidget(self._choice)
        row.addWidget(self._icon)
        row.addWidget(self._words, 1)

    def show_meaning(self, meaning: str) -> None:
        """Offer the two meanings."""
        self.meaning.set_current(meaning)
        self._choice.show()
        self._icon.hide()
        self._words.setText("")

    def show_sentence(self, text: str, icon: str, tone: str | None = None) -> None:
        """Say something instead."""
        self._choice.hide()
        self._icon.set_icon(icon, color=tone or "text-muted")
        self._icon.setVisible(bool(text))
        self._words.setText(text)
        self._words.set_tone(tone)
