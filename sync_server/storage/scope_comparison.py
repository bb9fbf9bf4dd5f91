"""The scope index as stored beside the index as the rows give it, compared by PostgreSQL, some thousand ids at a time.

Reads only, and only differences reach Python. Who calls it gives a connection whose transaction sees one moment; each
question may see another one, because no question spans two of them.
"""

from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.contract.entities import AGGREGATES
from sync_server.storage.membership import QUERIES
from sync_server.storage.scope_index import SHARE

FIRST, LAST = "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One thing that the index says otherwise than the rows."""

    kind: str
    """`reason missing`, `reason extra`, `entry` (held or not, number of reasons), `digest`, `maximum` or `head`."""
    scope_id: str
    aggregate_type: str
    aggregate_id: str
    """Of a head: ''."""
    source_type: str = ""
    source_id: str = ""
    """Of a reason: the row that it comes from."""

    def __str__(self) -> str:
        """For people: what is wrong, and where."""
        of = f" of {self.aggregate_type} {self.aggregate_id}" if self.aggregate_id else ""
        return f"{self.kind}{of} in {self.scope_id}"


Span = tuple[str, str]
"""Ids after the first and up to the second."""

_BOUND = """
select max(id::text), count(*) from (
  select id from {entity} where organization_id = %(organization)s and id > %(after)s order by id limit %(limit)s) i"""

_REASONS = """
with ids as (select array(select id from {entity}
  where organization_id = %(organization)s and id > %(after)s and id <= %(upto)s) as ids),
computed(scope_id, aggregate_id, aggregate_type, reason_type, reason_id) as ({query}),
stored(scope_id, aggregate_id, aggregate_type, reason_type, reason_id) as (
  select scope_id, aggregate_id::text, aggregate_type, reason_type, reason_id::text from scope_reason
  where organization_id = %(organization)s and ({stored}))
select 'reason missing', scope_id, aggregate_type, aggregate_id, '{entity}', {source}
from (table computed except table stored) m
union all
select 'reason extra', scope_id, aggregate_type, aggregate_id, '{entity}', {source}
from (table stored except table computed) e"""
_SOURCE = "case reason_type when 'work_order' then reason_id else aggregate_id end"

_OWN = """aggregate_type = '{entity}' and reason_type <> 'work_order'
  and aggregate_id > %(after)s and aggregate_id <= %(upto)s"""
_LENT = "reason_type = 'work_order' and reason_id > %(after)s and reason_id <= %(upto)s"

_NAMELESS = """
select 'reason extra', scope_id, aggregate_type, aggregate_id::text from scope_reason
where organization_id = %(organization)s and aggregate_type <> all(%(types)s)
union all
select 'entry', scope_id, aggregate_type, aggregate_id::text from scope_aggregate
where organization_id = %(organization)s and live and aggregate_type <> all(%(types)s)"""

_ENTRY_BOUND = """
select max(id::text), count(*) from (
  select distinct aggregate_id as id from scope_aggregate where organization_id = %(organization)s
  and aggregate_id > %(after)s order by 1 limit %(limit)s) i"""

_ENTRIES = """
with counted as (
  select scope_id, aggregate_id, max(aggregate_type) as aggregate_type, count(*) as reasons from scope_reason
  where organization_id = %(organization)s and aggregate_id > %(after)s and aggregate_id <= %(upto)s group by 1, 2),
entry as (
  select scope_id, aggregate_id, aggregate_type, live, reasons from scope_aggregate
  where organization_id = %(organization)s and aggregate_id > %(after)s and aggregate_id <= %(upto)s)
select 'entry', scope_id, coalesce(e.aggregate_type, c.aggregate_type), aggregate_id::text
from entry e full join counted c using (scope_id, aggregate_id)
where coalesce(e.reasons, 0) <> coalesce(c.reasons, 0) or coalesce(e.live, false) <> (c.reasons is not null)
  or e.aggregate_type <> c.aggregate_type"""

_CONTENT = """
with entry as (
  select scope_id, aggregate_id, digest, seq from scope_aggregate where organization_id = %(organization)s and live
  and aggregate_type = '{type_}' and aggregate_id > %(after)s and aggregate_id <= %(upto)s),
content as (
  select aggregate_id, bit_xor(row_hash) filter (where deleted_at is null) as digest, max(sync_seq) as seq
  from ({rows}) r where aggregate_id in (select aggregate_id from entry) group by 1)
select case when e.digest <> coalesce(c.digest, 0) then 'digest' else 'maximum' end, scope_id, '{type_}',
  aggregate_id::text
from entry e left join content c using (aggregate_id)
where e.digest <> coalesce(c.digest, 0) or e.seq < coalesce(c.seq, 0)"""
_ROWS = """
select aggregate_id, row_hash, sync_seq, deleted_at from {entity} where organization_id = %(organization)s
and aggregate_id > %(after)s and aggregate_id <= %(upto)s"""

HEADS = f"""
select scope_id, count(*) as count, bit_xor({SHARE.format(id="aggregate_id", digest="digest")}) as digest
from scope_aggregate where organization_id = %(organization)s and live {{which}} group by scope_id"""
"""Count and digest of scopes from their entries."""
_HEADS = f"""
select 'head', scope_id, '', '' from (
  select scope_id, count, digest from scope_head where organization_id = %(organization)s) h
full join ({HEADS.format(which="")}) c using (scope_id)
where (coalesce(h.count, 0), coalesce(h.digest, 0)) is distinct from (coalesce(c.count, 0), coalesce(c.digest, 0))"""


def source_span(
    connection: Connection[TupleRow], organization_id: str, entity: str, *, after: str, limit: int
) -> tuple[Span, bool]:
    """Give the next ids with so many sources of reasons among them, and whether more follow; the last has no end."""
    return _span(connection, organization_id, _BOUND.format(entity=entity), after, limit)


def entry_span(connection: Connection[TupleRow], organization_id: str, *, after: str, limit: int) -> tuple[Span, bool]:
    """Give the next ids with so many aggregates of the index among them, and whether more follow."""
    return _span(connection, organization_id, _ENTRY_BOUND, after, limit)


def _span(
    connection: Connection[TupleRow], organization_id: str, bound: str, after: str, limit: int
) -> tuple[Span, bool]:
    values = {"organization": organization_id, "after": after, "limit": limit}
    upto, count = connection.execute(bound.encode(), values).fetchone() or (None, 0)
    return ((after, upto), True) if count == limit else ((after, LAST), False)


def reasons(connection: Connection[TupleRow], organization_id: str, entity: str, span: Span) -> list[Difference]:
    """Compare why aggregates are in scopes, for the sources of a root entity in a span."""
    stored = _OWN.format(entity=entity) + (f" or {_LENT}" if entity == "work_order" else "")
    query = QUERIES[entity].replace("%(ids)s::uuid[]", "(select ids from ids)::uuid[]")
    return _ask(
        connection, organization_id, _REASONS.format(entity=entity, query=query, stored=stored, source=_SOURCE), span
    )


def nameless(connection: Connection[TupleRow], organization_id: str) -> list[Difference]:
    """Give what belongs to no root entity there is."""
    return _ask(connection, organization_id, _NAMELESS, (FIRST, LAST))


def entries(connection: Connection[TupleRow], organization_id: str, span: Span) -> list[Difference]:
    """Compare the aggregates of scopes with their reasons."""
    return _ask(connection, organization_id, _ENTRIES, span)


def content(connection: Connection[TupleRow], organization_id: str, type_: str, span: Span) -> list[Difference]:
    """Compare digests and last commits of the aggregates of a type with their rows."""
    rows = " union all ".join(_ROWS.format(entity=entity) for entity in AGGREGATES[type_])
    return _ask(connection, organization_id, _CONTENT.format(type_=type_, rows=rows), span)


def heads(connection: Connection[TupleRow], organization_id: str) -> list[Difference]:
    """Compare digests and counts of scopes with their aggregates."""
    return _ask(connection, organization_id, _HEADS, (FIRST, LAST))


def _ask(connection: Connection[TupleRow], organization_id: str, query: str, span: Span) -> list[Difference]:
    values = {"organization": organization_id, "after": span[0], "upto": span[1], "types": list(QUERIES)}
    return [Difference(*row) for row in connection.execute(query.encode(), values)]
