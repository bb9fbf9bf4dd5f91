"""What a unit has to know besides its rows, read in one statement once it holds their locks.

Asked as several statements these cost more for travelling and planning than for what they read. None of them is locked.
"""

from collections.abc import Collection
from dataclasses import dataclass

import msgspec
from psycopg import Connection, Cursor
from psycopg.rows import TupleRow

from sync_server.contract.rules.draft import FROM_LEAST_TO_GREATEST
from sync_server.storage.applied_mutations import Stored
from sync_server.storage.epochs import Epochs
from sync_server.storage.wire_rows import id_array

SITE_ROLES = f"""
coalesce((select json_object_agg(a.site_id, a.role
    order by array_position('{{{",".join(FROM_LEAST_TO_GREATEST)}}}'::text[], a.role)) from site_access a
  where a.organization_id = p.organization_id and a.person_id = p.id and a.deleted_at is null), '{{}}')"""
"""Roles by site of a person `p`, as a JSON object: of two for one site its reader takes the later one, the greater."""

EXTRAS = """
coalesce((select json_agg(json_build_array(x.resource, x.action, x.scope, x.site_id)) from person_permission x
  where x.organization_id = p.organization_id and x.person_id = p.id and x.deleted_at is null), '[]')"""
"""What a person `p` may do besides what his roles give him, as a JSON array of (resource, action, scope, site)."""

ACTIVE_PEOPLE = f"""
select p.id::text, p.role, {SITE_ROLES} as site_roles, {EXTRAS} as extras
from person p where p.organization_id = %(organization)s and p.id = any(%(people)s::uuid[]) and p.is_active
and p.deleted_at is null"""
"""The active ones among some people, with their roles per site and what they were given besides."""

Person = tuple[str, str, dict[str, str], list[tuple[str, str, str, str | None]]]
"""Id, role, roles by site, and what he was given besides."""

_READS = f"""
select (select coalesce(json_agg(json_build_array(m.mutation_id, m.result, m.body_digest)), '[]')::text
    from applied_mutation m where m.organization_id = %(organization)s
    and m.mutation_id = any(%(mutations)s::uuid[])),
  c.epoch::text,
  (select coalesce(json_agg(json_build_array(e.epoch, e.last_seq) order by e.number), '[]')::text
    from ended_epoch e where e.organization_id = c.organization_id),
  array(select d.scope_id from device_scope d
    where d.organization_id = c.organization_id and d.device_id = %(device)s),
  (select coalesce(json_agg(json_build_array(p.id, p.role, p.site_roles, p.extras)), '[]')::text
    from ({ACTIVE_PEOPLE}) p),
  (select coalesce(json_agg(json_build_array(s.aggregate_id, s.scope_id, s.live, s.join_seq, s.left_seq)), '[]')::text
    from unnest(%(aggregates)s::uuid[]) as i(id) cross join lateral (select * from scope_aggregate a
      where a.organization_id = %(organization)s and a.aggregate_id = i.id offset 0) s)
from org_clock c where c.organization_id = %(organization)s"""
"""Each aggregate is looked up by its own id: a plan made while they were few would go on reading all of them (D-81)."""


class Membership(msgspec.Struct, frozen=True, array_like=True):
    """One line of the scope index: an aggregate in a scope, now or before."""

    aggregate_id: str
    scope_id: str
    live: bool
    join_seq: int
    left_seq: int | None


@dataclass(frozen=True, slots=True)
class UnitReads:
    """What stands, besides rows."""

    stored: dict[str, Stored]
    """What became of those of the mutations that were decided before."""
    epochs: Epochs
    granted: frozenset[str]
    """Scopes that the device was told it holds; lost ones too, while it still has changes to send."""
    people: list[Person]
    """The active ones among the people."""
    lines: list[Membership]
    """Of the aggregates in the scope index."""


_STORED = msgspec.json.Decoder(list[tuple[str, str, str]])
_ENDED = msgspec.json.Decoder(tuple[tuple[str, int], ...])
_PEOPLE = msgspec.json.Decoder(list[Person])
_LINES = msgspec.json.Decoder(list[Membership])


def ask(
    connection: Connection[TupleRow],
    organization_id: str,
    *,
    device_id: str,
    mutation_ids: Collection[str],
    person_ids: Collection[str],
    aggregate_ids: Collection[str],
) -> Cursor[TupleRow]:
    """Ask what stands about the given ones."""
    asked = {"mutations": mutation_ids, "people": person_ids, "aggregates": aggregate_ids}
    return connection.execute(
        _READS.encode(),
        {"organization": organization_id, "device": device_id, **{name: id_array(ids) for name, ids in asked.items()}},
    )


def taken(asked: Cursor[TupleRow]) -> UnitReads:
    """Take what was asked for. Raises LookupError when the organization has no clock."""
    found = asked.fetchone()
    if found is None:
        raise LookupError("this organization has no clock")
    stored, epoch, ended, granted, people, lines = found
    return UnitReads(
        stored={mutation_id: Stored(result, digest) for mutation_id, result, digest in _STORED.decode(stored)},
        epochs=Epochs(epoch, _ENDED.decode(ended)),
        granted=frozenset(granted),
        people=_PEOPLE.decode(people),
        lines=_LINES.decode(lines),
    )
