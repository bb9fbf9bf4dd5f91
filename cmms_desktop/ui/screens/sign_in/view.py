"""The sign-in page: the people of this installation as big buttons, one secret, one filled button."""

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from cmms_desktop.ui.screens.sign_in.person_choice import PersonChoice
from cmms_desktop.ui.screens.sign_in.presenter import SignInDesk, SignInPresenter, SignInState
from cmms_desktop.ui.text.words import ROLE, word
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.banner import Banner
from cmms_desktop.ui.widgets.brand import BrandHead
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.cards import Card
from cmms_desktop.ui.widgets.fields import LabelledField, SecretField
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.page import Page
from cmms_desktop.ui.widgets.scrolling import scroll_area
from cmms_desktop.ui.widgets.styling import set_style
from cmms_desktop.ui.widgets.text import ElidedText, Text

FORM_WIDTH = 480
"""px at the normal size of text: the widest that a form of two fields should be."""
FLAT_WIDTH = 720
FLAT_BELOW = 600
"""px at the normal size of text: a window that wide and that low has people and fields side by side."""
SECOND_MS = 1000
FIXED = "Organization and server are set by this installation."
BY_PROFILE = "Organization and server are set by your organization's profile."


class SignInPage(Page):
    """Shown without a session. It goes when the desk has opened a workplace."""

    def __init__(self, desk: SignInDesk) -> None:
        super().__init__()
        self._choices: list[PersonChoice] = []
        self._people: tuple[object, ...] = ()
        self._form = _Form()
        self._title = Text("Sign in", role="display")
        self.brand = BrandHead(desk.branding)
        self.profile = ActionButton("Profile…", icon="qr-code", role="quiet")
        self.profile.setAccessibleName("Profile of this device")
        self.profile.clicked.connect(self._ask_for_profile)
        self.profile.setVisible(desk.takes_profiles)
        self._facts = _facts(desk, self.profile)
        self._people_box = QGridLayout()
        self._people_box.setSpacing(theme().space(2))
        self._fields = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._fields.setSpacing(theme().space(4))
        self._is_flat = False
        self._login = LabelledField("Login")
        self._login.line.returnPressed.connect(self._leave_login)
        self._secret = SecretField("Password")
        self._secret.submitted.connect(self._submit)
        self._at_server = SecretField("Password at the server")
        self._at_server.submitted.connect(self._submit)
        self._code = LabelledField("Enrolment code", placeholder="If you got one")
        self._code.line.returnPressed.connect(self._submit)
        self._notice = Banner("info", "")
        self._open = ActionButton("Sign in", icon="log-in", role="primary")
        self._open.clicked.connect(self._submit)
        self._rescue = ActionButton("Write rescue file", icon="download")
        self._rescue.clicked.connect(self._write_rescue)
        self._clock = QTimer(self, interval=SECOND_MS)
        self._clock.timeout.connect(self._tick)
        self._build()
        self._presenter = SignInPresenter(desk, self)

    def _build(self) -> None:
        body = self._form.body
        for field in (self._login, self._secret, self._at_server, self._code):
            self._fields.addWidget(field, 1, Qt.AlignmentFlag.AlignTop)
        self._below = QHBoxLayout()
        body.addWidget(self.brand)
        body.addWidget(self._title)
        body.addWidget(self._notice)
        body.addLayout(self._people_box)
        body.addLayout(self._fields)
        body.addLayout(self._below)
        for part in (self._open, self._rescue, self._facts):
            body.addWidget(part)
        middle = QWidget()
        around = QVBoxLayout(middle)
        around.setContentsMargins(*(theme().space(4),) * 4)
        row = QHBoxLayout()
        row.addStretch(0)
        row.addWidget(self._form, 1)
        row.addStretch(0)
        around.addStretch(1)
        around.addLayout(row)
        around.addStretch(2)
        self._area = scroll_area(middle, name="Sign in")
        self._footer = QFrame()
        set_style(self._footer, kind="footer")
        self._footer_row = QHBoxLayout(self._footer)
        self._footer_row.setContentsMargins(*(theme().space(n) for n in (4, 2, 4, 2)))
        self._footer.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._area, 1)
        column.addWidget(self._footer)

    # ---- the page

    def start(self) -> None:
        self._presenter.start()
        self._focus_first()

    def stop(self) -> None:
        self._clock.stop()
        self._presenter.close()

    def arrange(self, size_class: str) -> None:
        """Keep the buttons in sight where the form is longer than the window."""
        is_compact = size_class == "compact"
        if is_compact:
            self._footer_row.addWidget(self._rescue)
            self._footer_row.addWidget(self._open, 1)
        else:
            body = self._form.body
            place = body.indexOf(self._facts)
            body.insertWidget(place, self._rescue)
            body.insertWidget(place, self._open)
        self._footer.setVisible(is_compact)

    def follow_size(self) -> None:
        """Put side by side what would not fit one below the other."""
        super().follow_size()
        factor = theme().factor
        is_flat = self.width() >= FLAT_WIDTH * factor and self.height() < FLAT_BELOW * factor
        if is_flat != self._is_flat:
            self._is_flat = is_flat
            self._form.spread(is_flat)
            self._title.setHidden(is_flat)
            way = QBoxLayout.Direction.LeftToRight if is_flat else QBoxLayout.Direction.TopToBottom
            self._fields.setDirection(way)
            for secret in (self._secret, self._at_server):  # beside it stands the button of its keypad
                self._fields.setStretchFactor(secret, 2 if is_flat else 1)
            self._place_people()

    def primary(self) -> QPushButton | None:
        return self._open

    # ---- the view

    def show_state(self, state: SignInState) -> None:
        self._show_people(state)
        self._login.setVisible(state.chosen is None)
        self._login.set_error(state.login_problem)
        self._secret.set_label(state.secret_label)
        self._secret.set_error(state.secret_problem)
        self._at_server.setVisible(state.asks_at_server)
        self._at_server.set_error(state.at_server_problem)
        self._code.setVisible(state.asks_code)
        # three fields and two keypads in one row of a low window would show no dots of a password
        place = self._below if state.asks_at_server else self._fields
        place.addWidget(self._code, 1, Qt.AlignmentFlag.AlignTop)
        self._code.set_error(state.code_problem)
        self._rescue.setVisible(state.offers_rescue)
        self._rescue.set_busy(state.is_rescuing, text="Saving…")
        self._notice.setVisible(state.notice is not None)
        if state.notice is not None:
            self._notice.show_message(state.notice.kind, state.notice.title, state.notice.text)
        self._open.set_text(state.action)
        self._open.set_busy(state.is_busy, text=state.busy_text)
        if (state.wait_s > 0) != self._clock.isActive():
            (self._clock.start if state.wait_s > 0 else self._clock.stop)()

    def clear_secret(self) -> None:
        self._secret.clear()
        self._at_server.clear()
        self._focus_first()

    def _show_people(self, state: SignInState) -> None:
        if state.people != self._people:
            self._people = state.people
            self._choices = [PersonChoice(each.login, each.login, word(ROLE, each.role)) for each in state.people]
            if state.people:
                self._choices.append(PersonChoice(None, "Somebody else", "Needs the network the first time"))
            for choice in self._choices:
                choice.clicked.connect(self._choose)
            self._place_people()
        for choice in self._choices:
            choice.setChecked(choice.login == state.chosen)

    def _place_people(self) -> None:
        """In one column, or two where the window is low; adding a widget again moves it."""
        columns = 2 if self._is_flat else 1
        for number, choice in enumerate(self._choices):
            self._people_box.addWidget(choice, number // columns, number % columns)

    def _focus_first(self) -> None:
        field = self._login.line if self._login.isVisibleTo(self) and not self._login.text() else self._secret.line
        field.setFocus(Qt.FocusReason.OtherFocusReason)

    # ---- intents

    @Slot()
    def _choose(self) -> None:
        choice = self.sender()
        if isinstance(choice, PersonChoice):
            self._code.set_text("")
            self._presenter.choose(choice.login)
            self._focus_first()

    @Slot()
    def _leave_login(self) -> None:
        self._secret.line.setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def _submit(self) -> None:
        self._presenter.submit(self._login.text(), self._secret.text(), self._at_server.text(), self._code.text())

    @Slot()
    def _write_rescue(self) -> None:
        self._presenter.rescue(self._secret.text())

    @Slot()
    def _ask_for_profile(self) -> None:
        self._presenter.ask_for_profile()

    @Slot()
    def _tick(self) -> None:
        self._presenter.tick()


class _Form(Card):
    """The card in the middle, never wider than reads well."""

    def __init__(self) -> None:
        super().__init__(padding=6)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._is_spread = False
        theme().changed.connect(self._follow_theme)
        self._follow_theme()

    def spread(self, is_spread: bool) -> None:
        """Take the room of a low window, or that of a narrow column."""
        self._is_spread = is_spread
        self._follow_theme()

    @Slot()
    def _follow_theme(self) -> None:
        self.setMaximumWidth(round((FLAT_WIDTH if self._is_spread else FORM_WIDTH) * theme().factor))
        margin = theme().space(4 if self._is_spread else 6)
        self.body.setContentsMargins(margin, margin, margin, margin)
        self.body.setSpacing(theme().space(3 if self._is_spread else 4))


def _facts(desk: SignInDesk, profile: QPushButton) -> QWidget:
    """What this installation has fixed, with a lock, and the way to another profile."""
    box = QFrame()
    row = QHBoxLayout()
    row.setSpacing(theme().space(2))
    row.addWidget(IconLabel("lock", color="text-muted", size="inline"), 0, Qt.AlignmentFlag.AlignTop)
    words = QVBoxLayout()
    words.setSpacing(0)
    words.addWidget(ElidedText(f"{desk.organization} on {desk.server}", role="small", tone="muted", mode="middle"))
    words.addWidget(Text(BY_PROFILE if desk.has_profile else FIXED, role="small", tone="muted", wrap=True))
    row.addLayout(words, 1)
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme().space(1))
    column.addLayout(row)
    column.addWidget(profile, 0, Qt.AlignmentFlag.AlignLeft)
    return box
