"""Small sheets of the frame: more places, who is signed in, and signing in again while work goes on."""

from functools import partial

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cmms_desktop.application.session import SignedIn
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.secret_field import SecretField
from cmms_desktop.ui.widgets.text import Text
from cmms_desktop.ui.window.places import further_places

GOES_ON = "Your work goes on and is saved on this device. Sending needs your password once."
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
    """Who is signed in, and the way out."""

    sign_out_wanted = Signal()

    def __init__(self, signed_in: SignedIn) -> None:
        super().__init__()
        column = _column(self)
        column.addWidget(Text(f"{signed_in.login}, {signed_in.role}", role="heading"))
        column.addWidget(Text(signed_in.organization, tone="muted"))
        column.addWidget(Text(STAYS, wrap=True))
        button = ActionButton("Sign out", icon="log-out", large=True)
        button.clicked.connect(self.sign_out_wanted)
        column.addWidget(button)


class SignInAgain(QWidget):
    """One field: the password of the signed-in person."""

    entered = Signal(str)

    def __init__(self, login: str) -> None:
        super().__init__()
        column = _column(self)
        column.addWidget(Text(GOES_ON, wrap=True))
        self.field = SecretField(f"Password of {login}")
        self.field.submitted.connect(self._enter)
        column.addWidget(self.field)
        self.button = ActionButton("Sign in again", role="primary")
        self.button.clicked.connect(self._enter)
        column.addWidget(self.button)

    def show_refused(self, sentence: str) -> None:
        """Say why it did not begin; what was typed stays."""
        self.button.set_busy(False)
        self.field.set_error(sentence)

    @Slot()
    def _enter(self) -> None:
        self.field.set_error(None)
        if self.field.text():
            self.button.set_busy(True)
            self.entered.emit(self.field.text())
        else:
            self.field.set_error("Enter your password.")
