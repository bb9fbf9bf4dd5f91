"""Settings: every choice takes effect and is kept at once; there is nothing to save and nothing to lose."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Protocol

from cmms_desktop.application.positions import Position
from cmms_desktop.application.preferences import Preferences
from cmms_desktop.application.session import EnrolledHere
from cmms_desktop.errors import CmmsError
from cmms_desktop.ui.bridge.doors import Presenter, ScreenContext
from cmms_desktop.ui.text.moments import seconds
from cmms_desktop.ui.text.numbers import distance
from cmms_desktop.ui.text.words import ROLE, SOURCE, word

TEST_S: Final = 10.0
"""How long a test waits for a trustworthy position."""
NO_RECEIVER: Final = "Arrivals are noted without a position, and the fence is not checked."
WRONG_PORT: Final = "Enter a port between 1 and 65535."
MISSING: Final = {
    "nmea_file": "Enter the file of the recording.",
    "receiver_host": "Enter the name or address of the receiver.",
    "serial_line": "Enter the name of the line, such as /dev/ttyACM0 or COM3.",
}
_NEEDED: Final = {"nmea_file": "nmea_file", "network": "receiver_host", "serial": "serial_line"}


@dataclass(frozen=True, slots=True)
class ReceiverTest:
    """What a test of the receiver found: kind of banner, bold line, plain line."""

    kind: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class SettingsState:
    """The whole page. `port`: as it is typed, right or wrong."""

    preferences: Preferences
    port: str
    problem: str | None = None
    """What there is to say about the file of settings."""
    problems: tuple[tuple[str, str], ...] = ()
    """Name of a value, and what to enter instead."""
    is_testing: bool = False
    result: ReceiverTest | None = None
    fixed: frozenset[str] = frozenset()
    """Names of the preferences that the organization fixes."""
    people: tuple[tuple[str, str], ...] = ()
    """Login and role of everybody who may unlock his work here."""


class SettingsView(Protocol):
    """The page."""

    def show_state(self, state: SettingsState) -> None:
        """Show a state."""
        ...


class SettingsPresenter(Presenter):
    """One visit to the page."""

    def __init__(self, context: ScreenContext, view: SettingsView) -> None:
        super().__init__(context)
        self._view = view
        self._tests = 0
        preferences, door = context.preferences.get(), context.preferences
        port = f"{preferences.receiver_port}"
        self._state = SettingsState(preferences, port, problem=door.problem, fixed=door.fixed)

    def start(self) -> None:
        """Show what is preferred, also when it is changed elsewhere, and who is enrolled."""
        self.until_closed(self.context.preferences.on_changed(self._follow))
        self._show()
        self.context.background.run(self.context.session.people.enrolled, self._show_people)

    # ---- looks

    def choose_theme(self, name: str) -> None:
        """Use another theme."""
        self._change(theme=name)

    def choose_size(self, name: str) -> None:
        """Use another size of text."""
        self._change(font_setting=name)

    # ---- sending

    def choose_photos_on_metered(self, name: str) -> None:
        """Say whether photos go where each byte costs something: `wait` or `send`."""
        self._change(photos_on_metered=name)

    # ---- positions

    def choose_source(self, name: str) -> None:
        """Take positions from somewhere else."""
        self._forget_test()
        self._change(positioning=name)

    def enter(self, name: str, text: str) -> None:
        """Type a value of the receiver: its file, host, port, line or speed."""
        self._forget_test()
        if name == "receiver_port":
            self._enter_port(text)
        elif name == "serial_speed_baud":
            self._change(serial_speed_baud=int(text))
        else:
            self._change(**{name: text.strip()})

    def test(self) -> None:
        """Wait for one position, or say why there is none."""
        preferences = self._state.preferences
        needed = _NEEDED.get(preferences.positioning)
        problems = dict(self._state.problems)
        if needed is not None and not getattr(preferences, needed):
            problems[needed] = MISSING[needed]
        if self._state.is_testing or problems:
            self._show(problems=tuple(problems.items()))
            return
        self._tests += 1
        self._show(is_testing=True, result=None)
        locate = partial(self.context.session.positions.locate, within_s=TEST_S)
        found, refused = partial(self._found, self._tests), partial(self._not_found, self._tests)
        self.context.background.run(locate, found, refused=refused)

    def _found(self, number: int, position: Position) -> None:
        accuracy = "" if position.accuracy_m is None else f", accurate to {distance(position.accuracy_m)}"
        told = word(SOURCE, position.source)
        age = f"{told}, {seconds(position.age_s)} old."
        title = f"{position.latitude:.5f}, {position.longitude:.5f}{accuracy}"
        self._tell(number, ReceiverTest("success", title, f"{age} It is replayed." if position.is_mock else age))

    def _not_found(self, number: int, problem: CmmsError) -> None:
        self._tell(number, ReceiverTest("warning", "No position", problem.sentence))

    def _tell(self, number: int, result: ReceiverTest) -> None:
        """Show a result, unless another receiver was chosen meanwhile."""
        if number == self._tests:
            self._show(is_testing=False, result=result)

    def _forget_test(self) -> None:
        self._tests += 1
        self._show(is_testing=False, result=None)

    def _enter_port(self, text: str) -> None:
        plain = text.strip()
        is_port = plain.isascii() and plain.isdigit() and 1 <= int(plain[:6]) <= 65_535 and len(plain) <= 5
        self._show(port=text)
        if is_port:
            self._change(receiver_port=int(plain))
        else:
            self._show(problems=(("receiver_port", WRONG_PORT),))

    # ---- answers

    def _change(self, **values: Any) -> None:
        names = set(values)
        self._show(problems=tuple(each for each in self._state.problems if each[0] not in names))
        self.context.preferences.change(**values)

    def _follow(self, preferences: Preferences) -> None:
        self._show(preferences=preferences, problem=self.context.preferences.problem)

    def _show_people(self, people: tuple[EnrolledHere, ...]) -> None:
        me = self.context.session.signed_in.person_id
        here = [
            (each.login, f"{word(ROLE, each.role)}{', signed in' if each.person_id == me else ''}") for each in people
        ]
        self._show(people=tuple(here))

    def _show(self, **changes: Any) -> None:
        self._state = replace(self._state, **changes)
        if not self._is_closed:
            self._view.show_state(self._state)
