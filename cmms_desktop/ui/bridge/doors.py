"""The doors through which a presenter reaches everything outside it. Plain Python: no Qt, no replica, no network.

Real ones are in `background`, `drafts` and `window`; tests stand fakes here that pass the same conformance class.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

from cmms_desktop.application.new_password import NewPassword
from cmms_desktop.application.preferences import KeptPreferences, Preferences
from cmms_desktop.application.session import Key, LocalWrite, Reading, Session
from cmms_desktop.errors import CmmsError
from cmms_desktop.sync.status import SyncStatus

T = TypeVar("T")
Then = Callable[[T], None]
Refusal = Callable[[CmmsError], None]
"""Told, in the GUI thread, what stopped a piece of work; the sentence is for the person."""
Stop = Callable[[], None]
"""Ends a subscription; a second call does nothing."""


class Background(Protocol):
    """Work outside the GUI thread. Every callback comes later, in the GUI thread, one after another.

    Reads see every write that was asked for before them. Work of one kind keeps its order. Without `refused` a failure
    is shown by the window as a sentence; a Bug always is, and `refused` hears of it too.
    """

    def read(self, query: Callable[[Reading], T], then: Then[T], *, refused: Refusal | None = None) -> None:
        """Run a query in one snapshot."""
        ...

    def write(
        self,
        command: Callable[[LocalWrite], T],
        then: Then[T] | None = None,
        *,
        refused: Refusal | None = None,
        forgets: Iterable[str] = (),
    ) -> None:
        """Run a command in one write; `then` comes after it is durable. Refused: nothing was changed.

        `forgets` names drafts that become mutations by it: they go in the same commit, whatever happens to the program.
        Whoever holds them in memory still drops them there.
        """
        ...

    def run(self, work: Callable[[], T], then: Then[T] | None = None, *, refused: Refusal | None = None) -> None:
        """Run something slow beside reads and writes, such as unlocking a key or reading a photo."""
        ...

    def on_touched(self, listener: Callable[[frozenset[Key]], None]) -> Stop:
        """Tell, at most ten times a second, which rows changed: entity and id, also those of the sync thread."""
        ...


class Conversation(Protocol):
    """What a screen may ask of the sync thread."""

    @property
    def status(self) -> SyncStatus:
        """How things stand."""
        ...

    def on_status(self, listener: Callable[[SyncStatus], None]) -> Stop:
        """Tell about every change, at most four times a second."""
        ...

    def sync_now(self) -> None:
        """Start a cycle as soon as possible."""
        ...

    def pause_photos(self, is_paused: bool) -> None:
        """Keep the bytes of photos back, or send them again."""
        ...

    def send_photos_now(self) -> None:
        """Send the photos that wait now, whatever the network costs."""
        ...

    def sign_in_again(self, password: str, *, code: str | None, then: Then[None], refused: Refusal) -> None:
        """Start a new session for the signed-in person; work goes on meanwhile.

        `code`: what an administrator gave him to choose this password with, as it was typed; None: nothing.
        """
        ...

    def choose_password(self, wanted: NewPassword, *, then: Then[None], refused: Refusal) -> None:
        """Let another password count for the signed-in person, here and at the server; work goes on meanwhile."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person is: the name of a page, and what it shows. Text only, so that it survives a restart."""

    page: str
    values: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, page: str, **values: str) -> "Place":
        """Name a place: `Place.of("order", order_id=…, tab="parts")`."""
        return cls(page, tuple(sorted(values.items())))

    def get(self, name: str, default: str = "") -> str:
        """Give one value."""
        return dict(self.values).get(name, default)


class Navigator(Protocol):
    """Moves between places and speaks in passing. Never blocks and never asks a question."""

    def open(self, place: Place) -> None:
        """Go to a place; the one before stays behind it for *back*."""
        ...

    def replace(self, place: Place) -> None:
        """Say that the page on top shows something else now, such as another tab; *back* does not return to it."""
        ...

    def back(self) -> None:
        """Go to the place before; on the first one, to My day."""
        ...

    def toast(self, text: str, *, undo: Callable[[], None] | None = None, needs_attention: bool = False) -> None:
        """Say in passing that something is done; never the only sign of it. `needs_attention`: it is no good news."""
        ...

    def complain(self, problem: CmmsError) -> None:
        """Say what was refused or failed, and stay visible until the person has seen it."""
        ...


class Drafts(Protocol):
    """What was half entered, kept at each change and found again after the program died. Fast: memory first."""

    def get(self, name: str) -> str | None:
        """Give a draft; None: there is none."""
        ...

    def keep(self, name: str, text: str) -> None:
        """Keep a draft under a name such as `comment:<order id>`; empty text drops it."""
        ...

    def drop(self, name: str) -> None:
        """Forget a draft: it became a mutation, or was thrown away."""
        ...

    def hold(self, thing: str, holder: object) -> bool:
        """Say who half enters things about a thing from now on, such as `order:<id>`.

        True: somebody else did since; what the holder shows of their drafts is out of date.
        """
        ...


class PreferenceDoor(Protocol):
    """What people prefer on this installation. A change takes effect at once and is written in the background."""

    @property
    def problem(self) -> str | None:
        """What there is to say about the file they were read from; None: nothing."""
        ...

    @property
    def fixed(self) -> frozenset[str]:
        """Names of those that the organization fixes."""
        ...

    def get(self) -> Preferences:
        """Give them as they are now."""
        ...

    def change(self, **values: Any) -> None:
        """Change some by name: `change(theme="dark")`."""
        ...

    def on_changed(self, listener: Callable[[Preferences], None]) -> Stop:
        """Tell about every change, also those made elsewhere, such as by Ctrl+Shift+L."""
        ...


class Attention:
    """Whether somebody sees a page. What nobody would see is put off, and done once when he comes back."""

    def __init__(self) -> None:
        self.is_seen = True
        self._put_off: dict[Callable[[], None], None] = {}

    def when_seen(self, show: Callable[[], None]) -> None:
        """Do it now, or once as soon as the page is seen, however often it was asked for."""
        if self.is_seen:
            show()
        else:
            self._put_off[show] = None

    def turn(self, is_seen: bool) -> None:
        """Say whether the page is seen from now on, and do what was put off."""
        self.is_seen = is_seen
        put_off, self._put_off = (self._put_off, {}) if is_seen else ({}, self._put_off)
        for show in put_off:
            show()


@dataclass(frozen=True, slots=True)
class ScreenContext:
    """Everything that a screen gets."""

    session: Session
    background: Background
    conversation: Conversation
    navigator: Navigator
    drafts: Drafts
    clock: Callable[[], datetime]
    """Aware instants in UTC, by this device."""
    preferences: PreferenceDoor = field(default_factory=KeptPreferences)
    """Without one: preferences that last as long as the program."""
    attention: Attention = field(default_factory=Attention)
    """Of the page that gets this; without a stack of pages: always seen."""


@dataclass(slots=True)
class Presenter:
    """What all presenters share: answers that come after closing, or after a newer question, are not shown."""

    context: ScreenContext
    _is_closed: bool = field(default=False, init=False)
    _asked: dict[str, int] = field(default_factory=dict, init=False)
    _stops: list[Stop] = field(default_factory=list, init=False)

    def ask(self, name: str, query: Callable[[Reading], T], then: Then[T]) -> None:
        """Run a query; only the answer to the newest question of this name is shown."""
        number = self._asked[name] = self._asked.get(name, 0) + 1

        def answered(found: T) -> None:
            if not self._is_closed and self._asked[name] == number:
                then(found)

        self.context.background.read(query, answered)

    def watch(self, refresh: Callable[[], None], *, concerns: Callable[[frozenset[Key]], bool] | None = None) -> None:
        """Call `refresh` whenever rows changed that the page shows, until it is closed; not while nobody sees it."""

        def touched(keys: frozenset[Key]) -> None:
            if concerns is None or concerns(keys):
                self.context.attention.when_seen(show)

        def show() -> None:
            if not self._is_closed:
                refresh()

        self._stops.append(self.context.background.on_touched(touched))

    def follow(self, heard: Callable[[SyncStatus], None]) -> None:
        """Tell how the conversation stands at every change, until the page is closed; not while nobody sees it."""

        def changed(_: SyncStatus) -> None:
            self.context.attention.when_seen(show)

        def show() -> None:
            if not self._is_closed:
                heard(self.context.conversation.status)

        self._stops.append(self.context.conversation.on_status(changed))

    def until_closed(self, stop: Stop) -> None:
        """End a subscription together with the page."""
        self._stops.append(stop)

    def close(self) -> None:
        """Let go of everything; the page is gone."""
        self._is_closed = True
        while self._stops:
            self._stops.pop()()
