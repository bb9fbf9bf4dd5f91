"""What was recorded and what is still under way: arrivals, signatures, conflicts, what waits. Frozen rows."""

from dataclasses import dataclass
from typing import Any

from cmms_desktop.application.server_order import server_order
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.codec import scalar_of
from sync_server.contract.fields import Row, Scalar


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """A signed statement of an order. `sha256` is the digest of the exact bytes."""

    id: str
    meaning: str
    signer_role: str
    sha256: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class ConflictLine:
    """A conflict with all values. `current`: what stands in the record now."""

    id: str
    order_id: str
    entity: str
    target_id: str
    field: str
    kind: str
    base: Scalar
    mine: Scalar
    theirs: Scalar
    resolution: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What has not reached the server or has to be looked at."""

    unsent: int
    parked: int
    held: int
    photos: int


def signatures(reading: Reading, order_ids: tuple[str, ...]) -> tuple[SignatureLine, ...]:
    """Signed statements of some orders, oldest first."""
    marks = ", ".join("?" * len(order_ids))
    found = reading.cursor.execute(
        "SELECT id, meaning, signer_role, body_sha256, reason FROM signature"
        f" WHERE aggregate_id IN ({marks}) ORDER BY {server_order('signed_at')}",
        order_ids,
    ).fetchall()
    return tuple(SignatureLine(*values) for values in found)


def conflicts(reading: Reading, order_id: str | None = None) -> tuple[ConflictLine, ...]:
    """Conflicts of one order or of all, open ones first; a merge of texts is none."""
    found = reading.cursor.execute(
        "SELECT id, aggregate_id, target_entity, target_id, field, kind, base_value, mine_value, theirs_value,"
        " resolution FROM conflict WHERE deleted_at IS NULL AND kind <> 'merged' AND (? IS NULL OR aggregate_id = ?)"
        " ORDER BY resolution IS NOT NULL, created_at, id",
        (order_id, order_id),
    ).fetchall()
    return tuple(_conflict(line) for line in found)


def _conflict(line: tuple[Any, ...]) -> ConflictLine:
    base, mine, theirs = (scalar_of(text) for text in line[6:9])
    conflict_id, order_id, entity, target_id, field, kind = line[:6]
    return ConflictLine(conflict_id, order_id, entity, target_id, field, kind, base, mine, theirs, line[9])


def arrival(reading: Reading, order_id: str) -> Row | None:
    """The last arrival event of an order, in wire form; None: nobody arrived."""
    found = reading.cursor.execute(
        "SELECT id FROM work_log_event WHERE aggregate_id = ? AND kind = 'arrive' AND deleted_at IS NULL"
        f" ORDER BY {server_order('device_at')}",
        (order_id,),
    ).fetchall()
    return reading.get("work_log_event", found[-1][0]) if found else None


def parts_used(reading: Reading, order_id: str) -> int:
    """Number of postings of parts used on an order."""
    (count,) = reading.cursor.execute(
        "SELECT count(*) FROM stock_movement WHERE aggregate_id = ? AND kind = 'usage' AND deleted_at IS NULL",
        (order_id,),
    ).fetchone()
    return int(count)


def follow_ups(reading: Reading, order_id: str) -> tuple[str, ...]:
    """Numbers of the orders that follow an order up."""
    found = reading.cursor.execute(
        "SELECT number FROM work_order WHERE parent_id = ? AND deleted_at IS NULL ORDER BY number", (order_id,)
    ).fetchall()
    return tuple(number for (number,) in found)


def order_count(reading: Reading) -> int:
    """Number of live orders on this device."""
    (count,) = reading.cursor.execute("SELECT count(*) FROM work_order WHERE deleted_at IS NULL").fetchone()
    return int(count)


def waiting(reading: Reading) -> Waiting:
    """What is still to be sent or looked at."""
    states = dict(reading.cursor.execute("SELECT state, count(*) FROM outbox GROUP BY state").fetchall())
    (photos,) = reading.cursor.execute("SELECT count(*) FROM blob WHERE state = 'to_send'").fetchone()
    unsent = states.get("pending", 0) + states.get("sealed", 0)
    return Waiting(unsent=unsent, parked=states.get("parked", 0), held=states.get("held", 0), photos=photos)
