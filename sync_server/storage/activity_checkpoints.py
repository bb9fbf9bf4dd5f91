"""Lines of the activity log that the server has signed: who owns the database cannot write the log anew up to there.

The key follows from the server's secret, which the database never sees. Nothing here decides when to sign.
"""

from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.contract.column_types import instant_text


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Number and hash of a line, when it was signed (wire form), and the signature."""

    seq: int
    hash: str
    signed_at: str
    signature: str


def add(connection: Connection[TupleRow], organization_id: str, checkpoint: Checkpoint) -> bool:
    """Keep a checkpoint, unless its line is signed already; tell whether it was kept."""
    added = connection.execute(
        "insert into activity_checkpoint (organization_id, seq, hash, signed_at, signature)"
        " values (%s, %s, %s, %s, %s) on conflict do nothing",
        (organization_id, checkpoint.seq, checkpoint.hash, checkpoint.signed_at, checkpoint.signature),
    )
    return added.rowcount == 1


def checkpoints(connection: Connection[TupleRow], organization_id: str) -> list[Checkpoint]:
    """Give all of an organization, the oldest line first."""
    found = connection.execute(
        "select seq, hash, signed_at, signature from activity_checkpoint where organization_id = %s order by seq",
        (organization_id,),
    )
    return [Checkpoint(seq, digest, instant_text(at), signature) for seq, digest, at, signature in found]


def newest(connection: Connection[TupleRow], organization_id: str) -> Checkpoint | None:
    """Give the one of the last line that was signed; None: none was."""
    found = connection.execute(
        "select seq, hash, signed_at, signature from activity_checkpoint where organization_id = %s"
        " order by seq desc limit 1",
        (organization_id,),
    ).fetchone()
    return None if found is None else Checkpoint(int(found[0]), found[1], instant_text(found[2]), found[3])


def hash_of(connection: Connection[TupleRow], organization_id: str, seq: int) -> str:
    """Give the hash of a line as it lies there now; "": there is none.

    Of a line whose month was detached the signature that is kept for ever tells it, when all that is attached is later.
    """
    found = connection.execute(
        "select hash from activity_log where organization_id = %(id)s and seq = %(seq)s"
        " union all select hash from activity_checkpoint c where organization_id = %(id)s and seq = %(seq)s"
        " and exists (select from activity_log l where l.organization_id = %(id)s)"
        " and not exists (select from activity_log l where l.organization_id = %(id)s and l.seq <= %(seq)s) limit 1",
        {"id": organization_id, "seq": seq},
    ).fetchone()
    return "" if found is None else str(found[0])


def is_signed_up(connection: Connection[TupleRow], organization_id: str) -> bool:
    """Whether the last line of the log is signed, or there is no line."""
    found = connection.execute(
        "select not exists (select from activity_head h where h.organization_id = %(id)s and h.seq > coalesce("
        "(select max(c.seq) from activity_checkpoint c where c.organization_id = %(id)s), 0))",
        {"id": organization_id},
    ).fetchone()
    return bool(found and found[0])
