"""Who works here now: somebody enrolled on this installation, or somebody new. Keeps no secret, not even for a moment.

There is no session yet and so no ScreenContext: everything outside is behind the sign-in desk.
"""

from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from cmms_desktop.application.rescue import Rescued
from cmms_desktop.application.session import EnrolledHere
from cmms_desktop.errors import (
    CmmsError,
    LeaseOver,
    MustWait,
    Refused,
    ServerNotTrusted,
    ServerUnreachable,
    days_text,
)
from cmms_desktop.ui.bridge.doors import Refusal, Then
from cmms_desktop.ui.text.code_words import NO_CODE
from cmms_desktop.ui.text.rescue_words import rescued_words
from sync_server.contract.rules.enrolment import read_code
from sync_server.contract.rules.profile import Branding

FIRST_TIME: Final = "The first time on this device needs the network. After that you can work without it."
UNREACHABLE: Final = "Connect this device, then sign in once. After that it works without network."
READY: Final = "You can try again now."
NO_SECRET: Final = "Enter your password or PIN."
LOCKED: Final = "This device is locked."
_LOCKED_FOR: Final = "You were not connected on it for {}"
CONNECT: Final = f"{_LOCKED_FOR}. Your work is kept. Connect it, then unlock it again."
TWO_SECRETS: Final = f"{_LOCKED_FOR}, and the server asks for the password that you have there."


class SignInDesk(Protocol):
    """An installation as the sign-in page needs it."""

    @property
    def organization(self) -> str:
        """Short name of the organization, fixed by this installation."""
        ...

    @property
    def server(self) -> str:
        """Address of the server, fixed by this installation."""
        ...

    @property
    def said(self) -> str:
        """What the organization did to this device, in words; "": nothing."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What there is to tell about this installation's profile and version."""
        ...

    @property
    def branding(self) -> Branding:
        """How the organization lets the program appear."""
        ...

    @property
    def has_profile(self) -> bool:
        """Organization and server come from the organization's profile."""
        ...

    @property
    def takes_profiles(self) -> bool:
        """A profile may be scanned or pasted here."""
        ...

    def ask_for_profile(self) -> None:
        """Show the page for profiles."""
        ...

    def enrolled(self) -> tuple[EnrolledHere, ...]:
        """People who may unlock their work here without network, by login. Known already: reads no file."""
        ...

    def open(
        self,
        login: str,
        password: str,
        *,
        at_server: str | None,
        code: str | None,
        then: Then[None],
        refused: Refusal,
    ) -> None:
        """Unlock or enrol somebody in the background, then tell; the window takes over once it is open.

        Args:
            login: Who.
            password: What unlocks this device, or counts at the server for who is not enrolled here.
            at_server: The password that counts there, when another one unlocks this device.
            code: What he typed as enrolment code for this device.
            then: Told once it is open.
            refused: Told why not.
        """
        ...

    def rescue(self, login: str, password: str, *, then: Then[Rescued], refused: Refusal) -> None:
        """Write what somebody has not sent into a file in the background, then tell."""
        ...


@dataclass(frozen=True, slots=True)
class Notice:
    """A banner: its kind (warning, info, danger …), a bold line, a plain line."""

    kind: str
    title: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class SignInState:
    """What the page shows. `chosen`: login of an enrolled person; None: somebody else, who types his."""

    organization: str
    server: str
    people: tuple[EnrolledHere, ...] = ()
    chosen: str | None = None
    is_busy: bool = False
    login_problem: str | None = None
    secret_problem: str | None = None
    asks_at_server: bool = False
    """The server takes another password than the one that unlocks this device."""
    at_server_problem: str | None = None
    code_problem: str | None = None
    notice: Notice | None = None
    offers_rescue: bool = False
    """The device is locked: what is not sent can leave it as a file."""
    is_rescuing: bool = False
    wait_s: int = 0
    """Seconds until the next try is taken; 0: at once."""

    @property
    def secret_label(self) -> str:
        """Label of the secret's field."""
        return "Password" if self.chosen is None else f"Password or PIN of {self.chosen}"

    @property
    def asks_code(self) -> bool:
        """Whether a code may be needed: he is not enrolled here yet, or the server takes another password."""
        return self.chosen is None or self.asks_at_server

    @property
    def action(self) -> str:
        """Words of the one filled button."""
        return "Sign in" if self.chosen is None else "Unlock"

    @property
    def busy_text(self) -> str:
        """What it says while it works."""
        return "Signing in…" if self.chosen is None else "Unlocking…"


class SignInView(Protocol):
    """The page."""

    def show_state(self, state: SignInState) -> None:
        """Show a state."""
        ...

    def clear_secret(self) -> None:
        """Forget what was typed, and let it be typed again."""
        ...


class SignInPresenter:
    """One visit to the page."""

    def __init__(self, desk: SignInDesk, view: SignInView) -> None:
        self._desk, self._view = desk, view
        self._is_closed = False
        self._state = SignInState(desk.organization, desk.server)

    def start(self) -> None:
        """Show who is enrolled; with one person there is nothing to choose."""
        people = self._desk.enrolled()
        chosen = people[0].login if len(people) == 1 else None
        self._show(people=people, chosen=chosen, notice=self._first_notice(is_first=not people))

    def ask_for_profile(self) -> None:
        """Go to the page for profiles, unless somebody is being let in."""
        if not self._is_at_work:
            self._desk.ask_for_profile()

    def choose(self, login: str | None) -> None:
        """Choose somebody enrolled; None: somebody else."""
        if login == self._state.chosen or self._is_at_work:
            self._show()
            return
        notice = Notice("info", FIRST_TIME) if login is None else None
        self._view.clear_secret()
        self._show(
            chosen=login,
            notice=notice,
            login_problem=None,
            secret_problem=None,
            wait_s=0,
            offers_rescue=False,
            asks_at_server=False,
            at_server_problem=None,
            code_problem=None,
        )

    def submit(self, login: str, secret: str, at_server: str = "", code: str = "") -> None:
        """Open the workplace of whoever was chosen, or of the login that was typed.

        `at_server` is what was typed as the password there, and `code` as enrolment code, where they are asked for.
        """
        who = self._state.chosen or login.strip()
        if self._is_at_work:
            return
        is_needed = self._state.asks_at_server
        problems = {
            "login_problem": None if who else "Enter your login.",
            "secret_problem": None if secret else NO_SECRET,
            "code_problem": NO_CODE if self._state.asks_code and code.strip() and read_code(code) is None else None,
            "at_server_problem": "Enter your password at the server." if is_needed and not at_server else None,
        }
        is_complete = not any(problems.values())
        notice = None if is_complete or not is_needed else self._state.notice
        self._show(**problems, is_busy=is_complete, notice=notice, wait_s=0)
        if is_complete:
            there = at_server if is_needed else None
            typed = code.strip() or None if self._state.asks_code else None
            self._desk.open(who, secret, at_server=there, code=typed, then=self._opened, refused=self._refused)

    def rescue(self, secret: str) -> None:
        """Write the rescue file of whoever was chosen."""
        who = self._state.chosen
        if self._is_at_work or who is None:
            return
        self._show(secret_problem=None if secret else NO_SECRET, is_rescuing=bool(secret))
        if secret:
            self._desk.rescue(who, secret, then=self._rescued, refused=self._refused)

    def tick(self) -> None:
        """A second of waiting is over."""
        if self._state.wait_s <= 0:
            return
        left_s = self._state.wait_s - 1
        self._show(wait_s=left_s, secret_problem=MustWait(left_s).sentence if left_s else READY)

    def close(self) -> None:
        """Let go; answers that still come are not shown."""
        self._is_closed = True

    def _opened(self, _: None) -> None:
        if not self._is_closed:
            self._view.clear_secret()

    def _refused(self, problem: CmmsError) -> None:
        if self._is_closed:
            return
        is_locked = problem.is_locked and self._state.chosen is not None
        self._show(is_busy=False, is_rescuing=False, offers_rescue=is_locked or self._state.offers_rescue)
        self._view.clear_secret()
        if isinstance(problem, LeaseOver):
            asks = problem.asks_for_password
            text = (TWO_SECRETS if asks else CONNECT).format(days_text(problem.days))
            self._show(notice=Notice("warning", LOCKED, text), asks_at_server=asks)
        elif isinstance(problem, MustWait):
            self._show(secret_problem=problem.sentence, wait_s=problem.wait_s)
        elif isinstance(problem, ServerNotTrusted):
            self._show(notice=Notice("danger", problem.sentence))
        elif isinstance(problem, ServerUnreachable) and self._state.chosen is None:
            self._show(notice=Notice("warning", "The server cannot be reached.", UNREACHABLE))
        elif isinstance(problem, Refused) and problem.code == "code_needed" and self._state.asks_code:
            self._show(code_problem=problem.sentence)
        elif isinstance(problem, Refused):
            self._show(secret_problem=problem.sentence)
        else:
            self._show(notice=Notice("danger", problem.sentence))

    def _rescued(self, rescued: Rescued) -> None:
        if not self._is_closed:
            self._view.clear_secret()
            self._show(is_rescuing=False, notice=Notice("success", rescued_words(rescued)))

    def _first_notice(self, *, is_first: bool) -> Notice | None:
        """Say what the organization did, else what there is to tell, else what somebody new needs."""
        if self._desk.said:
            return Notice("warning", self._desk.said)
        if self._desk.notes:
            return Notice("warning", " ".join(self._desk.notes), FIRST_TIME if is_first else "")
        return Notice("info", FIRST_TIME) if is_first else None

    @property
    def _is_at_work(self) -> bool:
        return self._state.is_busy or self._state.is_rescuing

    def _show(self, **changes: Any) -> None:
        self._state = replace(self._state, **changes)
        self._view.show_state(self._state)
