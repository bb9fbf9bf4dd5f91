"""The clock of an organization: one row, taken last in each transaction that writes (sync.md §1, §5).

Whoever holds it is alone until his commit, so commits become visible in the order of their numbers and a feed by
number misses nothing.
"""

import hashlib
import secrets
from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import TupleRow


@dataclass(frozen=True, slots=True)
class Commit:
    """One tick: what is stamped on everything that this commit writes."""

    seq: int
    nonce: int
    epoch: str
    membership_seq: int
    """Last commit before this one that changed a membership input, or this one."""


def tick(
    connection: Connection[TupleRow], organization_id: str, *, actor_id: str | None, changes_membership: bool
) -> Commit:
    """Take the clock and number this transaction. Lock nothing afterwards but rows that only a clock holder writes."""
    nonce = secrets.randbits(63)
    found = connection.execute(
        "with tick as (update org_clock set seq = seq + 1,"
        " membership_seq = case when %s then seq + 1 else membership_seq end"
        " where organization_id = %s returning organization_id, seq, epoch, membership_seq),"
        " noted as (insert into org_commit (organization_id, seq, nonce, at, actor)"
        " select organization_id, seq, %s, clock_timestamp(), %s from tick)"
        " select seq, epoch::text, membership_seq, set_config('app.commit_seq', seq::text, true) from tick",
        (changes_membership, organization_id, nonce, actor_id),
    ).fetchone()
    if found is None:
        raise LookupError("this organization has no clock")
    seq, epoch, membership_seq, _ = found
    return Commit(seq=seq, nonce=nonce, epoch=epoch, membership_seq=membership_seq)


def hold(connection: Connection[TupleRow], organization_id: str) -> None:
    """Wait for the clock without a commit: for who writes, in no commit, what commits write after they took it."""
    connection.execute("select from org_clock where organization_id = %s for no key update", (organization_id,))


def row_hash(entity: str, row_id: str, nonce: int) -> int:
    """First 8 bytes of BLAKE2b over what identifies a row and its last commit, as a signed integer."""
    text = f"{entity}|{row_id}|{nonce}".encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big", signed=True)
