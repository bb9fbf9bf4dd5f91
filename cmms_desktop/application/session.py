"""What a screen gets of a signed-in person: reading, writing, proving who he is, files, positions. No Qt, no HTTP.

The one thing of this layer that lives as long as somebody is signed in. Screens know the replica only through it.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from cmms_desktop.application.commands.sign_off import Hand
from cmms_desktop.application.positions import Position
from cmms_desktop.errors import Refused
from cmms_desktop.replica import screen_notes
from cmms_desktop.replica.blobs import BlobFolder, to_send
from cmms_desktop.replica.local_write import LocalWrite
from cmms_desktop.replica.outbox import Outbox, OutboxEntry
from cmms_desktop.replica.sync_state import SyncState
from cmms_desktop.replica.transaction import Listener, Reading, Replica
from sync_server.contract.rules.draft import Key
from sync_server.contract.rules.profile import PLAIN, Branding

__all__ = [
    "BlobFolder",
    "EnrolledHere",
    "Hand",
    "HandOver",
    "Key",
    "LocalWrite",
    "NoPosition",
    "Outbox",
    "OutboxEntry",
    "People",
    "Position",
    "Positions",
    "Reading",
    "Session",
    "SignedIn",
    "SyncState",
]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Whose session it is. `role` is a word of the contract; `device_id` that of his enrolment here."""

    person_id: str
    login: str
    role: str
    device_id: str
    organization: str
    branding: Branding = PLAIN
    """How the organization's profile lets the program appear."""
    channel: str = ""
    """Where updates come from; "": this installation has no profile."""
    is_training: bool = False
    """The organization is for exercise: nothing here is real work."""
    must_choose_password: bool = False
    """He unlocks this device with digits alone, and his role or organization has come to ask for a password."""


@dataclass(frozen=True, slots=True)
class EnrolledHere:
    """Somebody who may unlock his own key on this installation."""

    person_id: str
    login: str
    role: str


class People(Protocol):
    """The people enrolled on this installation, and the proof that one of them stands here. Slow: Argon2."""

    def enrolled(self) -> tuple[EnrolledHere, ...]:
        """List them by login."""
        ...

    def unlock(self, person_id: str, secret: str) -> Hand:
        """Give somebody's signing hand. Raises Refused for a wrong secret, with the tries left."""
        ...


@dataclass(frozen=True, slots=True)
class HandOver:
    """What a device needs to hand its work in as a file: its seal, and its organization's key (None: unknown here)."""

    sign: Callable[[bytes], bytes]
    recovery_key: Callable[[], str | None]
    app_version: str


class NoPosition(Refused):
    """The receiver gave no position that can be trusted; the sentence says why and what to do."""

    def __init__(self, sentence: str) -> None:
        """Carry the sentence."""
        super().__init__("no_position", sentence)


class Positions(Protocol):
    """Where this device is. Slow: waits for a receiver."""

    def locate(self, *, within_s: float) -> Position:
        """Wait for a trustworthy position. Raises NoPosition with a sentence for the person."""
        ...


class Session:
    """One signed-in person at work. Threads may share it; writes queue up behind one another."""

    def __init__(
        self,
        replica: Replica,
        blobs: BlobFolder,
        *,
        signed_in: SignedIn,
        people: People,
        positions: Positions,
        hand_over: HandOver,
    ) -> None:
        """Put the parts together."""
        self._replica = replica
        self.blobs = blobs
        self.signed_in = signed_in
        self.people = people
        self.positions = positions
        self.hand_over = hand_over

    @property
    def outbox(self) -> Outbox:
        """What waits, what was refused, and taking it back or sending it again."""
        return self._replica.outbox

    def reading(self) -> AbstractContextManager[Reading]:
        """Open a snapshot for queries."""
        return self._replica.read()

    def writing(self) -> AbstractContextManager[LocalWrite]:
        """Open a write for commands: all or nothing, durable when it is left. Raises Refused from a rule."""
        return self._replica.write()

    def state(self) -> SyncState:
        """What is known about the conversation with the server."""
        return self._replica.state()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Tell a listener, in the writing thread, which rows every commit touched; the answer ends that."""
        return self._replica.subscribe(listener)

    def notes(self) -> dict[str, str]:
        """Give what the screens remember."""
        return self._replica.screen_notes()

    def keep_notes(self, notes: Mapping[str, str | None]) -> None:
        """Remember it durably; None forgets."""
        self._replica.keep_screen_notes(notes)

    def forget_notes(self, write: LocalWrite, names: Iterable[str]) -> None:
        """Forget some of it in the same commit as the mutation that they became: no crash comes between."""
        screen_notes.store(write.cursor, dict.fromkeys(names))

    def prove(self, secret: str) -> Hand:
        """Sign again as the signed-in person: his hand, once his secret opened his key anew.

        Raises:
            Refused: the secret is wrong, with the tries left.
        """
        return self.people.unlock(self.signed_in.person_id, secret)

    def unsent_files(self) -> tuple[str, ...]:
        """Give the digests of files that the server does not have yet, oldest first."""
        return tuple(sha256 for sha256, _ in to_send(self._replica.database))

    def store_bytes(self) -> int:
        """Size of the replica on the disk in bytes, with what was written and has not been moved into its file yet."""
        path = self._replica.database.path
        files = (path, path.with_name(f"{path.name}-wal"))
        return sum(file.stat().st_size for file in files if file.exists())
