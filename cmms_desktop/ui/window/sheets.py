"""Small sheets of the frame: more places, who is signed in, and signing in again while work goes on."""

from functools import partial

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.application.session import SignedIn
from cmms_desktop.ui.text.code_words import NO_CODE
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.fields import LabelledField
from cmms_desktop.ui.widgets.form_column import FittedForm
from cmms_desktop.ui.widgets.secret_field import SecretField
from cmms_desktop.ui.widgets.text import Text
from cmms_desktop.ui.window.places import further_places
from sync_server.contract.rules.enrolment import read_code

GOES_ON = "Your work goes on and is saved on this device. Sending needs your password once."
WITH_CODE = "With a code the password above becomes yours at the server. What unlocks this device stays the same."
OR_CODE = "Or the code is wrong, used, older than 15 minutes, or only for a new device."
CHOOSE = "Choose a password"
STAYS = "Your work stays on this device, encrypted. Changes that wait are sent when you sign in here again."


def _column(widget: QWidget) -> QVBoxLayout:
    column = QVBoxLayout(widget)
    column.setSpacing(theme().space(3))
    column.setContentsMargins(theme().space(6), theme().space(4), theme().space(6), theme().space(6))
    return column


class MoreList(QWidget):
    """The places that a compact window's bottom bar has no room for."""

    chosen = Signal(str)

    def __init__(self, role: str) -> None:
        super().__init__()
        column = _column(self)
        for place in further_places(role):
            button = ActionButton(place.word, icon=place.icon, role="secondary", large=True)
            button.clicked.connect(partial(self.chosen.emit, place.page))
            column.addWidget(button)


class PersonCard(QWidget):
    """Who is signed in, and the way out; and to another password, where one is asked for."""

    sign_out_wanted = Signal()
    password_wanted = Signal()

    def __init__(self, signed_in: SignedIn) -> None:
        super().__init__()
        column = _column(self)
        column.addWidget(Text(f"{signed_in.login}, {signed_in.role}", role="heading"))
        column.addWidget(Text(signed_in.organization, tone="muted"))
        column.addWidget(Text(STAYS, wrap=True))
        self.password = ActionButton(CHOOSE, icon="key-round", large=True)
        self.password.clicked.connect(self.password_wanted)
        self.password.setVisible(signed_in.must_choose_password)
        button = ActionButton("Sign out", icon="log-out", large=True)
        button.clicked.connect(self.sign_out_wanted)
        row = QHBoxLayout()
        row.setSpacing(theme().space(3))
        for each in (self.password, button):
            row.addWidget(each, 1)
        column.addLayout(row)


class SignInAgain(FittedForm):
    """The password of the signed-in person, and the code with which he may choose it anew."""

    entered = Signal(str, str)
    """Password, and code as it was typed; "": none."""

    def __init__(self, login: str) -> None:
        self.button = ActionButton("Sign in again", role="primary")
        explains = Text(GOES_ON, role="small", tone="muted", wrap=True)
        super().__init__(name="Sign in again", explains=explains, button=self.button)
        column = self.fields.column
        self.field = SecretField(f"Password of {login}")
        self.field.submitted.connect(self._enter)
        column.addWidget(self.field)
        self.code = LabelledField("Enrolment code", hint=WITH_CODE, placeholder="If you got one")
        self.code.line.returnPressed.connect(self._enter)
        column.addWidget(self.code)
        column.addStretch(1)
        self.button.clicked.connect(self._enter)

    def show_refused(self, sentence: str) -> None:
        """Say why it did not begin; what was typed stays."""
        self.button.set_busy(False)
        self.field.set_error(f"{sentence} {OR_CODE}" if self.code.text().strip() else sentence)
        self.show_field(self.field)

    @Slot()
    def _enter(self) -> None:
        typed = self.code.text().strip()
        is_code = not typed or read_code(typed) is not None
        self.field.set_error(None if self.field.text() else "Enter your password.")
        self.code.set_error(None if is_code else NO_CODE)
        if self.field.text() and is_code:
            self.button.set_busy(True)
            self.entered.emit(self.field.text(), typed)
