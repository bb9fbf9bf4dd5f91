"""Sealed outboxes as they arrive, part by part; whole and unchanged, or not at all."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from psycopg import Connection
from psycopg.rows import TupleRow


@dataclass(frozen=True, slots=True)
class SealedOutbox:
    """One of a device. `complete_at` None: parts of it are missing."""

    id: str
    size_bytes: int
    received_bytes: int
    changes: int
    complete_at: datetime | None


def find(connection: Connection[TupleRow], organization_id: str, device_id: str, sha256: str) -> SealedOutbox | None:
    """Give what has arrived of one. Whoever sends more of it waits until this transaction ends."""
    found = connection.execute(
        "select id::text, size_bytes, received_bytes, changes, complete_at from sealed_outbox"
        " where organization_id = %s and device_id = %s and sha256 = %s for no key update",
        (organization_id, device_id, sha256),
    ).fetchone()
    return None if found is None else SealedOutbox(*found)


def stored_bytes(connection: Connection[TupleRow], organization_id: str, device_id: str) -> int:
    """Bytes that a device has announced so far, of all its sealed outboxes."""
    found = connection.execute(
        "select coalesce(sum(size_bytes), 0)::bigint from sealed_outbox where organization_id = %s and device_id = %s",
        (organization_id, device_id),
    ).fetchone()
    return int(found[0]) if found else 0


def begin(
    connection: Connection[TupleRow], organization_id: str, device_id: str, *, sha256: str, size: int, changes: int
) -> SealedOutbox:
    """Make room for one; what the device has begun before and not ended goes."""
    unfinished = connection.execute(
        "select id::text from sealed_outbox where organization_id = %s and device_id = %s and complete_at is null",
        (organization_id, device_id),
    ).fetchall()
    for (given_up,) in unfinished:
        drop(connection, organization_id, given_up)
    made = SealedOutbox(str(uuid4()), size, 0, changes, None)
    connection.execute(
        "insert into sealed_outbox (organization_id, id, device_id, sha256, size_bytes, changes, begun_at)"
        " values (%s, %s, %s, %s, %s, %s, clock_timestamp())",
        (organization_id, made.id, device_id, sha256, size, changes),
    )
    return made


def append(connection: Connection[TupleRow], organization_id: str, outbox_id: str, *, at: int, content: bytes) -> None:
    """Add the part that follows; the caller knows that it does."""
    connection.execute(
        "insert into sealed_part (organization_id, sealed_outbox_id, at, content) values (%s, %s, %s, %s)",
        (organization_id, outbox_id, at, content),
    )
    connection.execute(
        "update sealed_outbox set received_bytes = %s where organization_id = %s and id = %s",
        (at + len(content), organization_id, outbox_id),
    )


def content_of(connection: Connection[TupleRow], organization_id: str, outbox_id: str) -> Iterator[bytes]:
    """Give the parts in order, one in memory at a time."""
    places = connection.execute(
        "select at from sealed_part where organization_id = %s and sealed_outbox_id = %s order by at",
        (organization_id, outbox_id),
    ).fetchall()
    for (at,) in places:
        found = connection.execute(
            "select content from sealed_part where organization_id = %s and sealed_outbox_id = %s and at = %s",
            (organization_id, outbox_id, at),
        ).fetchone()
        yield bytes(found[0]) if found else b""


def digest_of(connection: Connection[TupleRow], organization_id: str, outbox_id: str) -> str:
    """Compute the digest (hex) of what has arrived."""
    digest = hashlib.sha256()
    for part in content_of(connection, organization_id, outbox_id):
        digest.update(part)
    return digest.hexdigest()


def complete(connection: Connection[TupleRow], organization_id: str, outbox_id: str) -> datetime:
    """Note that one is whole; give when."""
    (at,) = connection.execute(
        "update sealed_outbox set complete_at = clock_timestamp() where organization_id = %s and id = %s"
        " returning complete_at",
        (organization_id, outbox_id),
    ).fetchall()[0]
    noted: datetime = at
    return noted


def drop(connection: Connection[TupleRow], organization_id: str, outbox_id: str) -> None:
    """Forget one that is not what was announced, or was given up."""
    connection.execute(
        "delete from sealed_part where organization_id = %s and sealed_outbox_id = %s", (organization_id, outbox_id)
    )
    connection.execute("delete from sealed_outbox where organization_id = %s and id = %s", (organization_id, outbox_id))


def whole(connection: Connection[TupleRow], organization_id: str) -> tuple[tuple[str, bool], ...]:
    """Give the ids of whole ones and whether somebody has taken them over, the oldest first."""
    found = connection.execute(
        "select id::text, taken_over_at is not null from sealed_outbox"
        " where organization_id = %s and complete_at is not null order by complete_at, id",
        (organization_id,),
    )
    return tuple((row[0], row[1]) for row in found)


def note_taken_over(connection: Connection[TupleRow], organization_id: str, outbox_id: str) -> None:
    """Note that somebody has taken one over. Its bytes stay."""
    connection.execute(
        "update sealed_outbox set taken_over_at = clock_timestamp() where organization_id = %s and id = %s",
        (organization_id, outbox_id),
    )
