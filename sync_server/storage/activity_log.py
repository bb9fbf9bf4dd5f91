"""Lines of the activity log: made here, bound to the line before them by a function of the database (D-171).

A line is written in the transaction of the change that it tells, after everything else that this locks: the head of
the log is locked last of all, after the clock where there is one, so that nobody who holds it waits for anybody.
Nothing here decides what deserves a line, and nothing here reads the log.
"""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import msgspec
import rfc8785
from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.contract.fields import Scalar
from sync_server.contract.rules.commitments import SALT_BYTES, PersonalValue, commit
from sync_server.storage.origins import Origin, origin

FORMAT: Final = 1
"""`v` of every body; a later form has another number."""
PREFIX: Final = "cmms/activity/v1"
START: Final = "0" * 64
"""In place of a hash in front of the first line."""
LONGEST_TEXT: Final = 2_000
"""A longer value is told by its length and SHA-256."""
DETACHED: Final = "activity.detached"
"""Act of a line that tells with which line the log was cut."""
_EXACT: Final = 2**53
MONTHS_AHEAD: Final = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done.

    Attributes:
        act: What it was done to and what was done: `device.revoked`.
        row_id: Id of the row, device or organization.
        actor_id: Person; None: the command line, an import or the server.
        old: Values before, by column; only those that differ.
        new: Values after.
        personal: Columns whose values are committed to instead of told.
        subject_id: Person whom these are about.
        device_id: Where it was done, when the origin does not know.
        commit_seq: Commit that did it; None: it changed nothing that is synced.
    """

    act: str
    row_id: str | None = None
    actor_id: str | None = None
    old: Mapping[str, Scalar] = field(default_factory=dict)
    new: Mapping[str, Scalar] = field(default_factory=dict)
    personal: frozenset[str] = frozenset()
    subject_id: str | None = None
    device_id: str | None = None
    commit_seq: int | None = None


def append(connection: Connection[TupleRow], entries: Iterable[Entry]) -> None:
    """Add lines to the log of the transaction's organization. The last thing a transaction does before its commit."""
    lines = [_line(entry, origin()) for entry in entries]
    if lines:
        connection.execute("select append_activity(%s::json)", (msgspec.json.encode(lines).decode(),))


def append_to_each(connection: Connection[TupleRow], entries: Mapping[str, Entry]) -> None:
    """Add a line to the log of each of several organizations, by id, all or none of them.

    For what happens to the whole server. `connection` is of a role that sees past tenants, or owns the tables; heads
    are locked in the order of the ids.
    """
    for organization_id in sorted(entries):
        connection.execute("select set_config('app.organization_id', %s, true)", (organization_id,))
        append(connection, [entries[organization_id]])


def make_months(connection: Connection[TupleRow]) -> int:
    """Make the months of the log that are missing, this one and those ahead; give how many."""
    (made,) = connection.execute("select make_activity_months(%s)", (MONTHS_AHEAD,)).fetchone() or (0,)
    return int(made)


def line_hash(organization_id: str, seq: int, received_at: str, *, previous: str, body: str) -> str:
    """Give what the database puts into `hash`. `received_at`: in wire form."""
    text = "\n".join((PREFIX, organization_id, str(seq), received_at, previous, _sha256(body)))
    return _sha256(text)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _line(entry: Entry, origin: Origin) -> dict[str, object]:
    kept: list[tuple[str | None, PersonalValue]] = []
    body = {
        "v": FORMAT,
        "act": entry.act,
        "row": entry.row_id,
        "actor": entry.actor_id,
        "device": entry.device_id or origin.device_id,
        "means": origin.means,
        "command": origin.command,
        "account": _committed("/account", origin.account, None, kept),
        "address": _committed("/address", origin.address, entry.actor_id, kept),
        "commit": entry.commit_seq,
        "old": _told(entry, "old", kept),
        "new": _told(entry, "new", kept),
    }
    values = [{"path": each.path, "subject": subject, "salt": each.salt, "value": each.value} for subject, each in kept]
    return {"body": rfc8785.dumps(body).decode(), "values": values}  # type: ignore[arg-type]


def _told(entry: Entry, side: str, kept: list[tuple[str | None, PersonalValue]]) -> dict[str, object]:
    values: Mapping[str, Scalar] = entry.old if side == "old" else entry.new
    return {
        name: _committed(f"/{side}/{name}", value, entry.subject_id, kept) if name in entry.personal else _plain(value)
        for name, value in values.items()
    }


def _committed(
    path: str, value: Scalar, subject_id: str | None, kept: list[tuple[str | None, PersonalValue]]
) -> dict[str, str] | None:
    if value is None:
        return None
    personal = commit(path, value, salt=secrets.token_bytes(SALT_BYTES))
    kept.append((subject_id, personal))
    return {"c": personal.commitment}


def _plain(value: Scalar) -> object:
    """What canonical JSON can say: no number beyond what every program reads exactly, no text without end."""
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return {"characters": len(value), "sha256": _sha256(value)}
    return str(value) if isinstance(value, int) and abs(value) >= _EXACT else value
