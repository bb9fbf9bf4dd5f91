"""What the replica knows about its conversation with the server, as named values in the file itself.

Read and written inside the caller's transaction, so that it can never disagree with the rows.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import msgspec

from cmms_desktop.errors import Refused
from cmms_desktop.replica.lease import LeaseMark
from sync_server.contract.column_types import instant_of, instant_text
from sync_server.contract.log_lines import LogLine
from sync_server.contract.messages import MAX_CHECKPOINTS

MOST_NOTICES: Final = 5
RETIRED: Final = (
    "Your organization takes this device back. Nothing more can be entered here; what you made stays until it is taken."
)
IDENTITY: Final = ("organization_id", "person_id", "device_id", "role")

Checkpoint = tuple[int, int]
"""A commit that was pulled: its seq and nonce."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to be told until newer ones replace it. `at` is wire text of this device's clock."""

    at: str
    kind: str
    """`restored`: the server was; `count` changes had to be sent again. `healing`: records had to be fetched again for
    the `count`th time within a day. `guarded`: the server would have removed `count` records at once. `handed_on`:
    `count` orders left that their holder had asked to hand on that day. `log_differs`: line `count` of the
    organization's activity log is not what it was."""
    count: int = 0


@dataclass(frozen=True, slots=True)
class Filling:
    """Columns and entities that are being added to what is here, scope by scope; see filling.py."""

    upto: int
    """ROWS version that is complete when it is done."""
    scopes: tuple[str, ...]
    """Still to be filled; the first one is under way."""
    after: str | None = None
    """Aggregate of it up to which it is filled."""


@dataclass(frozen=True, slots=True)
class SyncState:
    """The named values, typed. Instants are wire text; `None` means never."""

    organization_id: str = ""
    person_id: str = ""
    device_id: str = ""
    role: str = ""
    """As signing in told it; used until the person's own row has arrived."""
    epoch: str = ""
    cursor: str | None = None
    pulled_seq: int = 0
    """Every commit up to here of the cursor's scopes was applied."""
    bootstrap: tuple[str, ...] = ()
    """Scopes that the device may hold and has not fetched yet."""
    chain_seq: int = 0
    chain_head: str = ""
    durable_seq: int = 0
    offset_ms: int | None = None
    """Server clock minus device clock, as last measured."""
    lease_nonce: str | None = None
    lease: LeaseMark | None = None
    """How long the server has not answered; None: kept by no version of this program that was here before."""
    last_sync_at: str | None = None
    """Device's instant of the last pull that was applied."""
    last_number: int = 0
    """Counter of the last offline number that this device gave to an order."""
    digests: dict[str, tuple[int, int]] | None = None
    """Scope → digest and number of aggregates, as the last pull told them."""
    rows: int = 1
    """ROWS version of which every row here has all columns."""
    server_rows: int = 1
    """ROWS version that the server spoke last."""
    filling: Filling | None = None
    settled_epoch: str = ""
    """Last epoch in which everything here was found to be as the server has it."""
    heals: tuple[str, ...] = ()
    """When records had to be fetched again because they differed, within a day of the last time."""
    deep_checked_at: str | None = None
    """When all content was last compared with its checksums."""
    sums_of: str = ""
    """Columns that the checksums cover, as a digest: another version of this program computes other ones."""
    server_key: str | None = None
    """The server's key for commands and receipts (base64url), as a sign-in told it; None: never heard."""
    confirmations: tuple[str, ...] = ()
    """Commands of the organization that were carried out; the next hello says so."""
    retired_at: str | None = None
    """Since when the organization takes this device back: nothing more is written here."""
    handing_in: int | None = None
    """Changes in the sealed file that is being handed in; None: there is no whole one."""
    lets_removals_pass: bool = False
    """An administrator has said that what `removal_guard` keeps back was meant."""
    sites_left_out: int = 0
    """Sites that the person may enter and of which not everything fits on a device, as the last hello said."""
    log_line: LogLine | None = None
    """Newest line of the organization's activity log that the server has signed and told."""
    log_differs: bool = False
    """That line does not stand in the log any more."""
    log_before_restore: LogLine | None = None
    """The last such line that a restore took, as evidence."""
    notices: tuple[Notice, ...] = ()
    """What happened to the conversation and people should know for long, newest first."""


_TYPES: Final = {name: msgspec.json.Decoder(type_) for name, type_ in SyncState.__annotations__.items()}


def load(cursor: Any) -> SyncState:
    """Read all values; unknown names of another version are passed over."""
    lines = cursor.execute("SELECT name, value FROM sync_state").fetchall()
    return SyncState(**{name: _TYPES[name].decode(value) for name, value in lines if name in _TYPES})


def store(cursor: Any, /, **values: object) -> None:
    """Write some values by their names. Raises KeyError for a name that SyncState has not."""
    lines = [(name, msgspec.json.encode(value).decode()) for name, value in values.items() if _TYPES[name]]
    cursor.executemany(
        "INSERT INTO sync_state (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        lines,
    )


def server_time(state: SyncState, now: str) -> str:
    """Give an instant of this device's clock as the server's would tell it; what cannot be told so stays."""
    try:
        return instant_text(instant_of(now) + timedelta(milliseconds=state.offset_ms or 0))
    except OverflowError:
        return now


def require_in_use(state: SyncState) -> None:
    """Raise Refused when the organization takes this device back: what was written now would be lost with it."""
    if state.retired_at is not None:
        raise Refused("device_revoked", RETIRED)


def add_notice(cursor: Any, notice: Notice) -> None:
    """Keep a notice; it takes the place of the newest one of its kind when that is from the same day."""
    notices = load(cursor).notices
    same = [each for each in notices if each.kind == notice.kind and each.at[:10] == notice.at[:10]]
    store(cursor, notices=(notice, *(each for each in notices if each not in same))[:MOST_NOTICES])


def add_checkpoint(cursor: Any, checkpoint: Checkpoint) -> None:
    """Remember a commit that was pulled, and thin out the older ones. One at seq 0 says nothing and is left out."""
    if checkpoint[0] == 0:
        return
    cursor.execute(
        "INSERT INTO checkpoint (seq, nonce) VALUES (?, ?) ON CONFLICT (seq) DO UPDATE SET nonce = excluded.nonce",
        checkpoint,
    )
    seqs = [seq for (seq,) in cursor.execute("SELECT seq FROM checkpoint ORDER BY seq DESC").fetchall()]
    if superfluous := set(seqs) - thinned(seqs):
        cursor.executemany("DELETE FROM checkpoint WHERE seq = ?", [(seq,) for seq in superfluous])


def thinned(seqs: list[int]) -> set[int]:
    """Keep the newest and the oldest of each power of two of the distance from the newest seq, at most 64.

    Whatever a later restore cuts off, a kept seq lies no further below it than it lies below the newest one.
    """
    kept: dict[int, tuple[int, int]] = {}
    top = max(seqs, default=0)
    for seq in seqs:
        octave = (top - seq + 1).bit_length()
        low, high = kept.get(octave, (seq, seq))
        kept[octave] = (min(low, seq), max(high, seq))
    return set(sorted({seq for pair in kept.values() for seq in pair}, reverse=True)[:MAX_CHECKPOINTS])


def checkpoints(cursor: Any) -> tuple[Checkpoint, ...]:
    """Give the remembered commits, newest first, for `hello`."""
    lines = cursor.execute("SELECT seq, nonce FROM checkpoint ORDER BY seq DESC").fetchall()
    return tuple((seq, nonce) for seq, nonce in lines)
