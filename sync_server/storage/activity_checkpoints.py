"""Lines of the activity log that the server has signed: who owns the database cannot write the log anew up to there.

The key follows from the server's secret, which the database never sees. Nothing here decides when to sign.
"""

from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.contract.column_types import instant_text

PREFIX = "cmms/activity-checkpoint/v1"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Number and hash of a line, when it was signed (wire form), and the signature."""

    seq: int
    hash: str
    signed_at: str
    signature: str


def signing_input(organization_id: str, seq: int, digest: str, *, signed_at: str) -> bytes:
    """Give the bytes that the server signs."""
    return "\n".join((PREFIX, organization_id, str(seq), digest, signed_at)).encode()


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
