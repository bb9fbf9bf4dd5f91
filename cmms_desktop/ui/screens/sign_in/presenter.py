"""Who works here now: somebody enrolled on this installation, or somebody new. Keeps no secret, not even for a moment.

There is no session yet and so no ScreenContext: everything outside is behind the sign-in desk.
"""

from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from cmms_desktop.application.session import EnrolledHere
from cmms_desktop.errors import CmmsError, MustWait, Refused, ServerUnreachable
from cmms_desktop.ui.bridge.doors import Refusal, Then

FIRST_TIME: Final = "The first time on this device needs the network. After that you can work without it."
UNREACHABLE: Final = "Connect this device, then sign in once. After that it works without network."
READY: Final = "You can try again now."


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

    def enrolled(self) -> tuple[EnrolledHere, ...]:
        """People who may unlock their work here without network, by login. Known already: reads no file."""
        ...

    def open(self, login: str, password: str, *, then: Then[None], refused: Refusal) -> None:
        """Unlock or enrol somebody in the background, then tell; the window takes over once it is open."""
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
    notice: Notice | None = None
    wait_s: int = 0
    """Seconds until the next try is taken; 0: at once."""

    @property
    def secret_label(self) -> str:
        """Label of the secret's field."""
        return "Password" if self.chosen is None else f"Password or PIN of {self.chosen}"

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
        notice = None if people else Notice("info", FIRST_TIME)
        self._show(
            people=people, chosen=chosen, notice=Notice("warning", self._desk.said) if self._desk.said else notice
        )

    def choose(self, login: str | None) -> None:
        """Choose somebody enrolled; None: somebody else."""
        if login == self._state.chosen or self._state.is_busy:
            self._show()
            return
        notice = Notice("info", FIRST_TIME) if login is None else None
        self._view.clear_secret()
        self._show(chosen=login, notice=notice, login_problem=None, secret_problem=None, wait_s=0)

    def submit(self, login: str, secret: str) -> None:
        """Open the workplace of whoever was chosen, or of the login that was typed."""
        who = self._state.chosen or login.strip()
        if self._state.is_busy:
            return
        login_problem = None if who else "Enter your login."
        secret_problem = None if secret else "Enter your password or PIN."
        is_complete = login_problem is None and secret_problem is None
        self._show(
            login_problem=login_problem, secret_problem=secret_problem, is_busy=is_complete, notice=None, wait_s=0
        )
        if is_complete:
            self._desk.open(who, secret, then=self._opened, refused=self._refused)

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
        self._show(is_busy=False)
        self._view.clear_secret()
        if isinstance(problem, MustWait):
            self._show(secret_problem=problem.sentence, wait_s=problem.wait_s)
        elif isinstance(problem, ServerUnreachable) and self._state.chosen is None:
            self._show(notice=Notice("warning", "The server cannot be reached.", UNREACHABLE))
        elif isinstance(problem, Refused):
            self._show(secret_problem=problem.sentence)
        else:
            self._show(notice=Notice("danger", problem.sentence))

    def _show(self, **changes: Any) -> None:
        self._state = replace(self._state, **changes)
        self._view.show_state(self._state)
