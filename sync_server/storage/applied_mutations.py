"""What became of each mutation: the record that makes a second delivery harmless. It commits with the effect."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.contract.messages import Verdict
from sync_server.errors import RetryLater


@dataclass(frozen=True, slots=True)
class Stored:
    """The verdict that was given before, as the text that was sent, and the digest of what it was given for."""

    result: str
    body_digest: str


def claim(
    connection: Connection[TupleRow], organization_id: str, device_id: str, items: Sequence[tuple[str, int, str]]
) -> dict[str, Stored]:
    """Claim mutation ids (id, device_seq, digest), in id order; give what is stored of those claimed before.

    Waits for a transaction that claimed one of them and has not ended.
    """
    ordered = sorted(items)
    fresh = connection.execute(
        "insert into applied_mutation (organization_id, mutation_id, device_id, device_seq, status, result,"
        " body_digest, received_at) select %s, m.id, %s, m.seq, 'claimed', '', m.digest, clock_timestamp()"
        " from unnest(%s::uuid[], %s::bigint[], %s::text[]) as m(id, seq, digest)"
        " on conflict (organization_id, mutation_id) do nothing returning mutation_id::text",
        (organization_id, device_id, *(list(column) for column in zip(*ordered, strict=True))),
    ).fetchall()
    known = sorted({item[0] for item in items} - {row[0] for row in fresh})
    if not known:
        return {}
    found = connection.execute(
        "select mutation_id::text, result, body_digest from applied_mutation"
        " where organization_id = %s and mutation_id = any(%s::uuid[])",
        (organization_id, known),
    ).fetchall()
    stored = {mutation_id: Stored(result, digest) for mutation_id, result, digest in found}
    if stored.keys() != set(known):
        raise RetryLater("The same change is being received on another connection.")
    return stored


def settle(
    connection: Connection[TupleRow], organization_id: str, commit_seq: int, verdicts: Iterable[Verdict]
) -> dict[str, str]:
    """Write the verdicts with their commit, and give their texts by mutation."""
    final = [msgspec.structs.replace(verdict, commit_seq=commit_seq) for verdict in verdicts]
    texts = {verdict.mutation_id: text_of(verdict) for verdict in final}
    connection.execute(
        "update applied_mutation a set status = v.status, result = v.result, commit_seq = %s"
        " from unnest(%s::uuid[], %s::text[], %s::text[]) as v(id, status, result)"
        " where a.organization_id = %s and a.mutation_id = v.id",
        (
            commit_seq,
            [verdict.mutation_id for verdict in final],
            [verdict.status for verdict in final],
            list(texts.values()),
            organization_id,
        ),
    )
    return texts


def text_of(verdict: Verdict) -> str:
    """The exact text of a verdict, stored and sent."""
    return msgspec.json.encode(verdict).decode()
