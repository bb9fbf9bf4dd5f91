"""Writes the scope index of some aggregates anew from their rows, so that devices hear of it.

Under the clock only. Whatever was wrong with an aggregate, it joins its scopes anew, so that devices replace what they
have of it. What it costs is what is damaged.
"""

from collections.abc import Iterable, Mapping, Sequence

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.contract.entities import AGGREGATES
from sync_server.storage.membership import QUERIES
from sync_server.storage.scope_comparison import HEADS, Difference

_FROM_SOURCES = """(s.aggregate_type = '{entity}' and s.reason_type <> 'work_order' or {lent})
  and case s.reason_type when 'work_order' then s.reason_id else s.aggregate_id end = any(%(ids)s::uuid[])"""
_FORGET_REASONS = """
with computed(scope_id, aggregate_id, aggregate_type, reason_type, reason_id) as ({query})
delete from scope_reason s where s.organization_id = %(organization)s and {stored}
and (s.scope_id, s.aggregate_id::text, s.aggregate_type, s.reason_type, s.reason_id::text) not in (table computed)"""
_ADD_REASONS = """
insert into scope_reason (organization_id, scope_id, aggregate_id, aggregate_type, reason_type, reason_id)
select %(organization)s::uuid, scope_id, aggregate_id::uuid, aggregate_type, reason_type, reason_id::uuid
from ({query}) as computed(scope_id, aggregate_id, aggregate_type, reason_type, reason_id) on conflict do nothing"""

_NAMELESS = "delete from scope_reason where organization_id = %(organization)s and aggregate_type <> all(%(types)s)"
_LEAVE = """
update scope_aggregate s set live = false, reasons = 0, digest = 0, seq = %(seq)s, left_seq = %(seq)s
where s.organization_id = %(organization)s and s.aggregate_id = any(%(ids)s::uuid[]) and s.live and not exists (
  select from scope_reason r where r.organization_id = s.organization_id and r.scope_id = s.scope_id
  and r.aggregate_id = s.aggregate_id)"""
_JOIN = """
insert into scope_aggregate as s (organization_id, scope_id, aggregate_id, aggregate_type, seq, join_seq, live, reasons,
  digest)
select organization_id, scope_id, aggregate_id, aggregate_type, %(seq)s, %(seq)s, true, count(*), coalesce((
    select bit_xor(row_hash) from ({rows}) r), 0)
from scope_reason c where organization_id = %(organization)s and aggregate_type = '{type_}'
  and aggregate_id = any(%(ids)s::uuid[])
group by organization_id, scope_id, aggregate_id, aggregate_type
on conflict (organization_id, scope_id, aggregate_id) do update set aggregate_type = excluded.aggregate_type,
  seq = excluded.seq, join_seq = excluded.join_seq, live = true, reasons = excluded.reasons, digest = excluded.digest"""
_ROWS = """
select row_hash from {entity} t where t.organization_id = c.organization_id and t.aggregate_id = c.aggregate_id
and t.deleted_at is null"""

_COUNT_HEADS = f"""
insert into scope_head as h (organization_id, scope_id, digest, count)
select %(organization)s::uuid, o.scope_id, coalesce(c.digest, 0), coalesce(c.count, 0)
from unnest(%(scopes)s::text[]) as o(scope_id)
left join ({HEADS.format(which="and scope_id = any(%(scopes)s)")}) c using (scope_id)
on conflict (organization_id, scope_id) do update set digest = excluded.digest, count = excluded.count"""
_SCOPES = """
select distinct scope_id from scope_aggregate where organization_id = %(organization)s
and aggregate_id = any(%(ids)s::uuid[])"""


def repair(
    connection: Connection[TupleRow], organization_id: str, differences: Sequence[Difference], *, seq: int
) -> None:
    """Put right whatever differs, as it stands now; `seq` is this commit's. Needs the clock."""
    values: dict[str, object] = {"organization": organization_id, "seq": seq, "types": list(QUERIES)}
    connection.execute(_NAMELESS.encode(), values)
    for entity, ids in _sources(differences).items():
        _repair_reasons(connection, entity, {**values, "ids": sorted(ids)})
    values["ids"] = sorted({each.aggregate_id for each in differences if each.aggregate_id})
    connection.execute(_LEAVE.encode(), values)
    for type_ in AGGREGATES:
        rows = " union all ".join(_ROWS.format(entity=entity) for entity in AGGREGATES[type_])
        connection.execute(_JOIN.format(rows=rows, type_=type_).encode(), values)
    scopes = {scope for (scope,) in connection.execute(_SCOPES.encode(), values)}
    values["scopes"] = sorted(scopes | {each.scope_id for each in differences})
    connection.execute(_COUNT_HEADS.encode(), values)


def _sources(differences: Iterable[Difference]) -> dict[str, set[str]]:
    sources: dict[str, set[str]] = {}
    for each in differences:
        if each.source_type:
            sources.setdefault(each.source_type, set()).add(each.source_id)
    return sources


def _repair_reasons(connection: Connection[TupleRow], entity: str, values: Mapping[str, object]) -> None:
    lent = "s.reason_type = 'work_order'" if entity == "work_order" else "false"
    stored, query = _FROM_SOURCES.format(entity=entity, lent=lent), QUERIES[entity]
    connection.execute(_FORGET_REASONS.format(query=query, stored=stored).encode(), values)
    connection.execute(_ADD_REASONS.format(query=query).encode(), values)
