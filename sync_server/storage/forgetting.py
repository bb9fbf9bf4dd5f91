"""Forgets what nobody can ask for any more: what left scopes, numbers of commits, verdicts of devices given up.

Never a row of an entity: deleted ones stay as evidence and as what a restore of them needs (D-102 in ../README.md).
"""

from collections.abc import Sequence
from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow

Left = tuple[str, str]
"""A scope, and the aggregate that left it."""
FIRST: Left = ("", "00000000-0000-0000-0000-000000000000")
"""Before everything."""

_HORIZON = """
select least(c.seq, coalesce((select o.seq - 1 from org_commit o where o.organization_id = c.organization_id
  and o.at > %(before)s order by o.seq limit 1), c.seq))
from org_clock c where c.organization_id = %(organization)s"""

_LEFT = """
select scope_id, aggregate_id::text from scope_aggregate
where organization_id = %(organization)s and not live and seq <= %(upto)s
  and (scope_id, aggregate_id) > (%(scope)s, %(aggregate)s::uuid)
order by scope_id, aggregate_id limit %(limit)s"""

_FORGET_LEFT = """
with gone as (
  delete from scope_aggregate s using unnest(%(scopes)s::text[], %(aggregates)s::uuid[]) as old(scope_id, aggregate_id)
  where s.organization_id = %(organization)s and s.scope_id = old.scope_id and s.aggregate_id = old.aggregate_id
  and not s.live and s.seq <= %(upto)s returning s.scope_id, s.seq),
moved as (
  insert into scope_head as h (organization_id, scope_id, gc_seq)
  select %(organization)s::uuid, scope_id, max(seq) from gone group by scope_id
  on conflict (organization_id, scope_id) do update set gc_seq = greatest(h.gc_seq, excluded.gc_seq))
select count(*) from gone"""

_COMMITS = """
delete from org_commit where organization_id = %(organization)s and seq in (
  select o.seq from org_commit o join org_clock c on c.organization_id = o.organization_id
  where o.organization_id = %(organization)s and o.seq <= %(upto)s and o.seq < c.seq order by o.seq limit %(limit)s)"""

_VERDICTS = """
delete from applied_mutation where organization_id = %(organization)s and mutation_id in (
  select a.mutation_id from device d join applied_mutation a on a.organization_id = d.organization_id
  and a.device_id = d.id where d.organization_id = %(organization)s and d.revoked_at <= %(before)s
  and a.received_at <= %(before)s limit %(limit)s)"""


def horizon(connection: Connection[TupleRow], organization_id: str, before: datetime) -> int:
    """Give the last commit that was made before a moment; 0: none was."""
    values = {"organization": organization_id, "before": before}
    found = connection.execute(_HORIZON.encode(), values).fetchone()
    return int(found[0]) if found else 0


def left(connection: Connection[TupleRow], organization_id: str, *, upto: int, after: Left, limit: int) -> list[Left]:
    """Give who left a scope up to a commit and is still known to have been there, in order, after one of them.

    Reads whatever else is in those scopes: never under the clock.
    """
    values = {"organization": organization_id, "upto": upto, "limit": limit, "scope": after[0], "aggregate": after[1]}
    return [(row[0], row[1]) for row in connection.execute(_LEFT.encode(), values)]


def forget_left(connection: Connection[TupleRow], organization_id: str, which: Sequence[Left], *, upto: int) -> int:
    """Forget those that have not come back since, and move `gc_seq` of their scopes. Needs the clock."""
    values = {"organization": organization_id, "upto": upto}
    pairs = {"scopes": [scope for scope, _ in which], "aggregates": [aggregate for _, aggregate in which]}
    found = connection.execute(_FORGET_LEFT.encode(), {**values, **pairs}).fetchone()
    return int(found[0]) if found else 0


def forget_commits(connection: Connection[TupleRow], organization_id: str, *, upto: int, limit: int) -> int:
    """Forget commits up to one, the oldest first, but never the last one there is."""
    values = {"organization": organization_id, "upto": upto, "limit": limit}
    return connection.execute(_COMMITS.encode(), values).rowcount


def forget_verdicts(connection: Connection[TupleRow], organization_id: str, *, before: datetime, limit: int) -> int:
    """Forget what became of mutations of devices that were given up before a moment, as far as it is as old."""
    values = {"organization": organization_id, "before": before, "limit": limit}
    return connection.execute(_VERDICTS.encode(), values).rowcount
