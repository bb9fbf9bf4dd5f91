"""Devices of people, and the chain of mutations that each has sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.contract.rules.chain import Link, verify_chain
from sync_server.errors import Refused, SessionExpired

Chain = tuple[int, str]
"""device_seq and digest of the last mutation of a device."""

NOT_ENROLLED = "This device is not enrolled. Sign in again."


class ChainGap(Refused):
    """Mutations before these are missing; the device has to send them first."""

    def __init__(self, chain_seq: int) -> None:
        super().__init__("chain_broken", "Earlier changes of this device are missing; it sends them again.")
        self.chain_seq = chain_seq


@dataclass(frozen=True, slots=True)
class Device:
    """What a push needs to know of its device."""

    person_id: str
    public_key: str
    is_revoked: bool
    chain_seq: int
    chain_head: str
    is_awaited: bool = False


def lock(connection: Connection[TupleRow], organization_id: str, device_id: str) -> Device:
    """Read a device and keep other pushes of it waiting. Raises SessionExpired when there is none."""
    return _read(connection, organization_id, device_id, " for no key update")


def find(connection: Connection[TupleRow], organization_id: str, device_id: str) -> Device:
    """Read a device. Raises SessionExpired when there is none: signing in enrols it, again after a restore."""
    return _read(connection, organization_id, device_id, "")


def _read(connection: Connection[TupleRow], organization_id: str, device_id: str, locking: str) -> Device:
    found = connection.execute(
        "select person_id::text, public_key, revoked_at is not null, chain_seq, chain_head, is_awaited from device"
        f" where organization_id = %s and id = %s{locking}".encode(),
        (organization_id, device_id),
    ).fetchone()
    if found is None:
        raise SessionExpired(NOT_ENROLLED)
    return Device(*found)


def public_keys(
    connection: Connection[TupleRow], organization_id: str, device_ids: Sequence[str]
) -> dict[str, tuple[str, str, bool]]:
    """Give person, public key and whether it is revoked, by device id."""
    found = connection.execute(
        "select id::text, person_id::text, public_key, revoked_at is not null from device"
        " where organization_id = %s and id = any(%s::uuid[])",
        (organization_id, sorted(device_ids)),
    )
    return {row[0]: (row[1], row[2], row[3]) for row in found}


def advance_chain(device: Device, links: Sequence[Link]) -> Chain:
    """Give seq and head of the chain after some mutations. Raises ChainGap, or Refused for a foreign chain."""
    verdict = verify_chain(device.chain_seq, device.chain_head, links)
    if verdict.kind == "gap":
        raise ChainGap(device.chain_seq)
    if verdict.kind == "broken":
        raise Refused(
            "chain_broken", "The server has other changes of this device. Write a rescue file for your administrator."
        )
    return max(verdict.seq, device.chain_seq), verdict.head if verdict.seq > device.chain_seq else device.chain_head


STILL_WAITS: Final = """
outbox_count = greatest(outbox_count - (%(chain)s - chain_seq), 0),
outbox_oldest_at = case when outbox_count > %(chain)s - chain_seq then outbox_oldest_at end
"""
"""What the device said that waits on it, less what has come since: it says so again only with its next hello, up to ten
minutes later or days. Never told too low: changes that had come before, with an answer that was lost, count until then,
and of those that stay the oldest may be younger than told."""


def store_chain(connection: Connection[TupleRow], organization_id: str, device_id: str, chain: Chain) -> None:
    """Move the chain of a locked device."""
    connection.execute(
        "update device set chain_seq = %(chain)s, chain_head = %(head)s, last_seen_at = clock_timestamp(),"
        f" {STILL_WAITS} where organization_id = %(organization)s and id = %(device)s",
        {"chain": chain[0], "head": chain[1], "organization": organization_id, "device": device_id},
    )


def forgotten_seq(connection: Connection[TupleRow], organization_id: str, device_id: str) -> int:
    """Give the commit up to which it may be forgotten what left the scopes that a device holds since before."""
    found = connection.execute(
        "select coalesce(max(h.gc_seq), 0) from device_scope d join scope_head h"
        " on h.organization_id = d.organization_id and h.scope_id = d.scope_id and h.gc_seq > d.granted_seq"
        " where d.organization_id = %s and d.device_id = %s",
        (organization_id, device_id),
    ).fetchone()
    return int(found[0]) if found else 0


def note_log(connection: Connection[TupleRow], organization_id: str, device_id: str, seq: int | None) -> bool:
    """Write down which line of the activity log a device knows otherwise; tell whether that is new."""
    changed = connection.execute(
        "update device set log_differs_seq = %s where organization_id = %s and id = %s"
        " and log_differs_seq is distinct from %s",
        (seq, organization_id, device_id, seq),
    )
    return changed.rowcount == 1


def note_hello(
    connection: Connection[TupleRow],
    organization_id: str,
    device_id: str,
    *,
    offset_ms: int | None,
    outbox: tuple[int, datetime | None],
    app_version: str,
    lease_nonce: str,
    scopes: Sequence[str],
) -> None:
    """Write down what a device said of itself, its next lease nonce, and the scopes that it was granted.

    A scope that it lost is remembered until it has nothing left to send: what it made before is held, not unknown.
    """
    connection.execute(
        "update device set clock_offset_ms = %s, outbox_count = %s, outbox_oldest_at = %s, app_version = %s,"
        " lease_nonce_previous = lease_nonce, lease_nonce = %s, last_seen_at = clock_timestamp()"
        " where organization_id = %s and id = %s",
        (offset_ms, *outbox, app_version, lease_nonce, organization_id, device_id),
    )
    connection.execute(
        "delete from device_scope where organization_id = %s and device_id = %s and scope_id <> all(%s) and %s = 0",
        (organization_id, device_id, list(scopes), outbox[0]),
    )
    connection.execute(
        "insert into device_scope (organization_id, device_id, scope_id, granted_seq)"
        " select %s, %s, s.scope_id, c.seq from unnest(%s::text[]) as s(scope_id), org_clock c"
        " where c.organization_id = %s on conflict do nothing",
        (organization_id, device_id, list(scopes), organization_id),
    )
