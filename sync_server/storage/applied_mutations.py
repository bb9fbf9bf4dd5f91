"""What became of each mutation: the record that makes a second delivery harmless. It commits with the effect."""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.contract.messages import Verdict
from sync_server.errors import RetryLater
from sync_server.storage.devices import STILL_WAITS, Chain


@dataclass(frozen=True, slots=True)
class Stored:
    """The verdict that was given before, as the text that was sent, and the digest of what it was given for."""

    result: str
    body_digest: str


def record(
    connection: Connection[TupleRow],
    organization_id: str,
    device_id: str,
    commit_seq: int,
    answers: Iterable[tuple[Verdict, int, str]],
    *,
    chain: Chain,
) -> dict[str, str]:
    """Write verdicts (with device_seq and digest of their mutation) with their commit; give their texts by mutation.

    The chain of the device, which is locked, moves in the same statement, and what it gives is whose the verdicts are:
    no reference is checked for each of them (D-167).

    Call it under the clock: whoever recorded one of the mutations meanwhile has committed.

    Raises:
        RetryLater: Somebody has, on another connection.
    """
    rows: list[dict[str, object]] = []
    for verdict, device_seq, digest in answers:
        final = msgspec.structs.replace(verdict, commit_seq=commit_seq)
        identity = {"mutation_id": verdict.mutation_id, "device_seq": device_seq, "body_digest": digest}
        rows.append({**identity, "status": verdict.status, "result": text_of(final)})
    values = {"organization": organization_id, "device": device_id, "seq": commit_seq, "chain": chain[0]}
    made = connection.execute(
        "with moved as (update device set chain_seq = %(chain)s, chain_head = %(head)s,"
        f" last_seen_at = clock_timestamp(), {STILL_WAITS}"
        " where organization_id = %(organization)s and id = %(device)s"
        " returning organization_id, id),"
        " made as (insert into applied_mutation (organization_id, device_id, commit_seq, received_at, mutation_id,"
        " device_seq, status, result, body_digest) select d.organization_id, d.id, %(seq)s, clock_timestamp(),"
        " r.mutation_id, r.device_seq, r.status, r.result, r.body_digest"
        " from moved d, json_to_recordset(%(rows)s::json)"
        " r(mutation_id uuid, device_seq bigint, status text, result text, body_digest text)"
        " on conflict (organization_id, mutation_id) do nothing returning 1) select count(*) from made",
        {**values, "head": chain[1], "rows": msgspec.json.encode(rows).decode()},
    ).fetchone()
    if made is None or made[0] != len(rows):
        raise RetryLater("The same change is being received on another connection.")
    return {str(row["mutation_id"]): str(row["result"]) for row in rows}


def text_of(verdict: Verdict) -> str:
    """The exact text of a verdict, stored and sent."""
    return msgspec.json.encode(verdict).decode()
