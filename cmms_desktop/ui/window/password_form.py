"""The sheet for another password: what unlocks this device now, the new one twice, and what the server wants to see.

It checks only what needs no key and no server, and keeps nothing: it goes with the sheet.
"""

from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from cmms_desktop.application.new_password import NewPassword
from cmms_desktop.errors import CmmsError, Refused
from cmms_desktop.ui.text.code_words import NO_CODE
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.field_frame import FieldFrame
from cmms_desktop.ui.widgets.fields import LabelledField, SecretField
from cmms_desktop.ui.widgets.form_column import FittedForm
from cmms_desktop.ui.widgets.styling import set_style
from cmms_desktop.ui.widgets.text import Text
from sync_server.contract.rules.enrolment import read_code

WHY: Final = (
    "Your organization asks for a password with letters, here and at the server. Your work stays; until then your PIN"
    " opens it."
)
HOW: Final = "At least 8 characters, not only digits."
EMPTY: Final = "Enter your new password."
NOT_THE_SAME: Final = "The two are not the same. Enter your new password again."
NO_SECRET: Final = "Enter what unlocks this device now."
NO_PROOF: Final = "Enter your password at the server, or a code of your administrator."
_AT_NOW: Final = frozenset({"wrong_secret", "wait", "server_sign_in_required"})
_AT_SERVER: Final = frozenset({"server_password_needed", "server_too_old", "code_needed"})
BESIDE: Final = 560
"""px at the normal size of text: from that width on two fields stand beside each other."""


class PasswordForm(FittedForm):
    """Three fields, and two more once the server takes another password than this device."""

    entered = Signal(object)
    """A `NewPassword`."""

    def __init__(self, login: str) -> None:
        self.button = ActionButton("Use this password", icon="check", role="primary")
        self._failure = Text(WHY, role="small", tone="muted", wrap=True)
        super().__init__(name="Choose a password", explains=self._failure, button=self.button)
        self.now = SecretField(f"Password or PIN of {login} now")
        self.new = SecretField("New password", hint=HOW, has_keypad=False)
        self.again = SecretField("New password again", has_keypad=False)
        self.at_server = SecretField("Password at the server")
        self.code = LabelledField("Enrolment code", placeholder="If you got one in place of it")
        self.button.clicked.connect(self._enter)
        self._rows = [self._row(*row) for row in ((self.now,), (self.at_server, self.code), (self.new, self.again))]
        self.fields.column.addStretch(1)
        for secret in (self.now, self.new, self.again, self.at_server):
            secret.submitted.connect(self._enter)
        self.code.line.returnPressed.connect(self._enter)
        self.at_server.hide()
        self.code.hide()

    def _row(self, *fields: QWidget) -> QBoxLayout:
        row = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        row.setSpacing(theme().space(4))
        for field in fields:
            row.addWidget(field, 1, Qt.AlignmentFlag.AlignTop)
        self.fields.column.addLayout(row)
        return row

    def fitted_height(self, width: int) -> int:
        self._arrange(width)
        return super().fitted_height(width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange(self.width())
        super().resizeEvent(event)

    def _arrange(self, width: int) -> None:
        """Put beside each other what belongs together, where there is room."""
        is_wide = width >= BESIDE * theme().factor
        way = QBoxLayout.Direction.LeftToRight if is_wide else QBoxLayout.Direction.TopToBottom
        for row in self._rows:
            row.setDirection(way)

    def show_refused(self, problem: CmmsError) -> None:
        """Say why, where it is to be put right; what was typed stays."""
        self.button.set_busy(False)
        code = problem.code if isinstance(problem, Refused) else ""
        if code in _AT_SERVER:
            self._ask_for_proof(problem.sentence)
        elif code in _AT_NOW:
            self._refuse(self.now, problem.sentence)
        elif code == "secret_too_weak":
            self._refuse(self.new, problem.sentence)
        else:
            self._say(problem.sentence)

    def _refuse(self, field: FieldFrame, sentence: str) -> None:
        """Say at a field what is wrong with it, where it is seen, with the cursor in it."""
        field.set_error(sentence)
        field.editor.setFocus()
        self.show_field(field)

    def _ask_for_proof(self, sentence: str) -> None:
        """Ask for what the server takes; whoever typed a code hears about the code."""
        for field in (self.at_server, self.code):
            field.show()
        self._refuse(self.code if self.code.text().strip() else self.at_server, sentence)

    def _say(self, sentence: str) -> None:
        set_style(self._failure, role="small", tone="danger" if sentence else "muted")
        self._failure.setText(sentence or WHY)

    @Slot()
    def _enter(self) -> None:
        code, is_asked = self.code.text().strip(), self.at_server.isVisibleTo(self)
        problems = {
            self.now: None if self.now.text() else NO_SECRET,
            self.at_server: NO_PROOF if is_asked and not code and not self.at_server.text() else None,
            self.code: NO_CODE if code and read_code(code) is None else None,
            self.new: None if self.new.text() else EMPTY,
            self.again: None if self.again.text() == self.new.text() else NOT_THE_SAME,
        }
        self._say("")
        for field, problem in problems.items():
            field.set_error(problem)
        first = next((field for field, problem in problems.items() if problem), None)
        if first is not None:
            first.editor.setFocus()
            self.show_field(first)
            return
        self.button.set_busy(True, text="Changing…")
        there = self.at_server.text() or None
        self.entered.emit(NewPassword(self.now.text(), self.new.text(), at_server=there, code=code or None))
