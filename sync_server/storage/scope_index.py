"""The scope index: for each scope the aggregates it holds, since when, and a digest of what they contain.

Written by clock holders only. What changes only in content is written by one statement (`touch`); what joins
and leaves is planned in plain Python (`plan`) and written by another.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.contract.entities import AGGREGATES
from sync_server.storage import membership
from sync_server.storage.membership import Reason
from sync_server.storage.wire_rows import id_array

Pair = tuple[str, str]
"""scope_id and aggregate_id."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the index says about an aggregate in a scope."""

    aggregate_type: str
    live: bool
    reasons: int
    digest: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What has to be written: entries with their new state, and what that does to the heads of their scopes."""

    entries: list[dict[str, object]]
    """Pairs that join, leave, or are held for other reasons."""
    heads: dict[str, tuple[int, int]]
    """scope → (XOR to apply to its digest, difference of its count)."""


SHARE = (
    """('x' || encode(substring(sha256(convert_to({id} || ':' || {digest}, 'UTF8')) for 8), 'hex'))::bit(64)::bigint"""
)
"""`share` as SQL."""
_TOUCH = f"""
with touched as (
  update scope_aggregate s set seq = %s, digest = s.digest # t.difference
  from unnest(%s::uuid[], %s::bigint[]) as t(id, difference)
  where s.organization_id = %s and s.aggregate_id = t.id and s.live
  returning s.scope_id, {SHARE.format(id="s.aggregate_id", digest="s.digest")}
    # {SHARE.format(id="s.aggregate_id", digest="(s.digest # t.difference)")} as difference)
update scope_head h set digest = h.digest # c.difference
from (select scope_id, bit_xor(difference) as difference from touched group by scope_id) c
where h.organization_id = %s and h.scope_id = c.scope_id"""


def share(aggregate_id: str, digest: int) -> int:
    """What one aggregate contributes to the digest of a scope: 8 bytes of SHA-256, as a signed integer."""
    return int.from_bytes(hashlib.sha256(f"{aggregate_id}:{digest}".encode()).digest()[:8], "big", signed=True)


def plan(
    *,
    seq: int,
    before: Mapping[Pair, Entry],
    reasons: Mapping[Pair, tuple[str, int]],
    digests: Mapping[str, int],
) -> Plan:
    """Decide the new entries.

    `reasons` holds type and number of reasons of the pairs whose membership may have changed, `before` the entries that
    they have, `digests` what the rows of each aggregate come to that joins a scope.
    """
    entries: list[dict[str, object]] = []
    heads: dict[str, tuple[int, int]] = {}
    for pair, (type_, count) in sorted(reasons.items()):
        scope_id, aggregate_id = pair
        old = before.get(pair)
        was, live = old is not None and old.live, count > 0
        if not was and not live:
            continue
        digest = old.digest if was and old is not None else digests[aggregate_id]
        if old is None or (live, count) != (old.live, old.reasons):
            entries.append(
                {
                    "scope_id": scope_id,
                    "aggregate_id": aggregate_id,
                    "aggregate_type": type_,
                    "reasons": count,
                    "live": live,
                    "digest": digest if live else 0,
                    "seq": seq if was != live else None,
                    "join_seq": seq if live and not was else None,
                    "left_seq": seq if was and not live else None,
                }
            )
        if was != live:
            xor, difference = heads.get(scope_id, (0, 0))
            heads[scope_id] = (xor ^ share(aggregate_id, digest), difference + live - was)
    return Plan(entries, heads)


def refresh(
    connection: Connection[TupleRow],
    organization_id: str,
    *,
    seq: int,
    asked: Mapping[str, Iterable[str]],
) -> None:
    """Let aggregates join and leave with a commit whose rows are written.

    `asked` maps root entities to the ids whose membership may have changed.
    """
    reasons = _change_reasons(connection, organization_id, asked) if asked else {}
    if not reasons:
        return
    before = _entries(connection, organization_id, {aggregate_id for _, aggregate_id in reasons})
    joining = {
        pair[1]: type_
        for pair, (type_, count) in reasons.items()
        if count and not (pair in before and before[pair].live)
    }
    digests = _digests(connection, organization_id, joining)
    write(connection, organization_id, plan(seq=seq, before=before, reasons=reasons, digests=digests))


def touch(connection: Connection[TupleRow], organization_id: str, touched: Mapping[str, int], *, seq: int) -> None:
    """Move what holds some aggregates to a commit, with their digests and those of their scopes.

    `touched` maps aggregate ids whose content changes to the XOR of the hashes of the rows that go and those that come.
    """
    differences = id_array(map(str, touched.values()))
    connection.execute(_TOUCH.encode(), (seq, id_array(touched), differences, organization_id, organization_id))


def _change_reasons(
    connection: Connection[TupleRow], organization_id: str, asked: Mapping[str, Iterable[str]]
) -> dict[Pair, tuple[str, int]]:
    """Write the reasons that changed; give type and number of reasons of every pair that gained or lost one."""
    wanted = membership.wanted(connection, organization_id, asked)
    stored = membership.stored(connection, organization_id, asked)
    gone, new = stored - wanted, wanted - stored
    if gone:
        connection.execute(
            "delete from scope_reason s using json_populate_recordset(null::scope_reason, %s::json) r"
            " where s.organization_id = %s and s.scope_id = r.scope_id and s.aggregate_id = r.aggregate_id"
            " and s.reason_type = r.reason_type and s.reason_id = r.reason_id",
            (_reason_json(gone), organization_id),
        )
    if new:
        connection.execute(
            "insert into scope_reason (organization_id, scope_id, aggregate_id, aggregate_type, reason_type, reason_id)"
            " select %s::uuid, scope_id, aggregate_id, aggregate_type, reason_type, reason_id"
            " from json_populate_recordset(null::scope_reason, %s::json)",
            (organization_id, _reason_json(new)),
        )
    return _count_reasons(connection, organization_id, gone | new)


def _reason_json(reasons: Iterable[Reason]) -> str:
    names = ("scope_id", "aggregate_id", "aggregate_type", "reason_type", "reason_id")
    return msgspec.json.encode([dict(zip(names, reason, strict=True)) for reason in sorted(reasons)]).decode()


def _count_reasons(
    connection: Connection[TupleRow], organization_id: str, changed: Iterable[Reason]
) -> dict[Pair, tuple[str, int]]:
    types = {(reason[0], reason[1]): reason[2] for reason in changed}
    found = connection.execute(
        "select p.scope_id, p.aggregate_id::text, count(r.reason_id)"
        " from unnest(%s::text[], %s::uuid[]) as p(scope_id, aggregate_id)"
        " left join scope_reason r on r.organization_id = %s"
        " and r.scope_id = p.scope_id and r.aggregate_id = p.aggregate_id group by 1, 2",
        ([pair[0] for pair in types], [pair[1] for pair in types], organization_id),
    ).fetchall()
    return {(scope, aggregate): (types[scope, aggregate], count) for scope, aggregate, count in found}


def _entries(connection: Connection[TupleRow], organization_id: str, aggregate_ids: Iterable[str]) -> dict[Pair, Entry]:
    found = connection.execute(
        "select scope_id, aggregate_id::text, aggregate_type, live, reasons, digest from scope_aggregate"
        " where organization_id = %s and aggregate_id = any(%s::uuid[])",
        (organization_id, id_array(aggregate_ids)),
    ).fetchall()
    return {(row[0], row[1]): Entry(*row[2:]) for row in found}


def _digests(connection: Connection[TupleRow], organization_id: str, joining: Mapping[str, str]) -> dict[str, int]:
    """Digest of each aggregate: XOR of the hashes of its live rows."""
    by_type: dict[str, list[str]] = {}
    for aggregate_id, type_ in joining.items():
        by_type.setdefault(type_, []).append(aggregate_id)
    digests = dict.fromkeys(joining, 0)
    for type_, ids in by_type.items():
        found = connection.execute(_digest_query(type_), {"organization": organization_id, "ids": id_array(ids)})
        digests.update(found.fetchall())
    return digests


def _digest_query(type_: str) -> bytes:
    parts = " union all ".join(
        f"select aggregate_id, row_hash from {entity} where organization_id = %(organization)s"
        " and aggregate_id = any(%(ids)s::uuid[]) and deleted_at is null"
        for entity in AGGREGATES[type_]
    )
    return f"select aggregate_id::text, bit_xor(row_hash) from ({parts}) r group by 1".encode()


def write(connection: Connection[TupleRow], organization_id: str, plan: Plan) -> None:
    """Write a plan. Entries keep their old seq, join_seq and left_seq where the plan says None."""
    heads = [
        {"scope_id": scope, "digest": xor, "count": difference}
        for scope, (xor, difference) in sorted(plan.heads.items())
    ]
    entries, summed = (msgspec.json.encode(each).decode() for each in (plan.entries, heads))
    connection.execute(
        "with held as (insert into scope_aggregate as s (organization_id, scope_id, aggregate_id, aggregate_type, seq,"
        " join_seq, left_seq, live, reasons, digest)"
        " select %s::uuid, scope_id, aggregate_id, aggregate_type, coalesce(seq, 0), coalesce(join_seq, 0), left_seq,"
        " live, reasons, digest from json_populate_recordset(null::scope_aggregate, %s::json)"
        " on conflict (organization_id, scope_id, aggregate_id) do update set"
        " seq = greatest(s.seq, excluded.seq), join_seq = greatest(s.join_seq, excluded.join_seq),"
        " left_seq = coalesce(excluded.left_seq, s.left_seq), live = excluded.live, reasons = excluded.reasons,"
        " digest = excluded.digest)"
        " insert into scope_head as h (organization_id, scope_id, digest, count, gc_seq)"
        " select %s::uuid, scope_id, digest, count, 0 from json_populate_recordset(null::scope_head, %s::json)"
        " on conflict (organization_id, scope_id) do update set digest = h.digest # excluded.digest,"
        " count = h.count + excluded.count",
        (organization_id, entries, organization_id, summed),
    )
