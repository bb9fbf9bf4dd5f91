"""How the conversation stands, as one frozen value for the strip and the sync page. Words are made elsewhere."""

from dataclasses import dataclass, field
from enum import Enum


class Connection(Enum):
    """What a person needs to know about the network, in one word."""

    ONLINE = "online"
    OFFLINE = "offline"
    SENDING = "sending"
    """A cycle is under way that sends or fetches something."""
    SIGN_IN = "sign_in"
    """The session is over; work goes on, sending waits for a password."""
    STOPPED = "stopped"
    """Something that does not pass by itself: an update or an administrator is needed. `problem` says what."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that went wrong in a cycle. `at` is wire text of this device's clock."""

    at: str
    sentence: str


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """A snapshot. Instants are wire text of this device's clock; None: never."""

    connection: Connection = Connection.OFFLINE
    last_sync_at: str | None = None
    """End of the last complete cycle."""
    online_since: str | None = None
    waiting: int = 0
    """Mutations without an answer."""
    sending: int = 0
    """Mutations that waited when the cycle under way began; 0 between cycles."""
    sending_again: int = 0
    """Those of `waiting` that the server had and lost, because it was restored."""
    photos: int = 0
    """Files that the server lacks."""
    photo_bytes: int = 0
    photos_to_come: int = 0
    """Files of others that this device lacked after the last cycle."""
    attention: int = 0
    """Refused or held mutations."""
    received_rows: int = 0
    """Rows that the last complete cycle brought."""
    receiving_rows: int = 0
    """Rows that the cycle under way has brought so far; 0 between cycles."""
    are_photos_paused: bool = False
    are_photos_waiting_for_unmetered: bool = False
    """Each byte of the network costs something, and nobody said that photos may."""
    problem: str | None = None
    """Sentence of what stops the conversation now."""
    recalled: str = ""
    """`lock` or `wipe`: the organization has closed this device, and the window with it. `lease`: it was without its
    server for too long."""
    locks_in_days: int | None = None
    """Days of the lease that are left, rounded up, when they are few; None: enough, or the server answers."""
    troubles: tuple[Trouble, ...] = field(default=())
    """The newest first, at most 20."""
