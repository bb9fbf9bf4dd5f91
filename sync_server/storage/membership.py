"""Which scopes hold which aggregates, and why: the table of sync.md §2 as queries over the rows as they stand.

Each query gives reasons (scope_id, aggregate_id, aggregate_type, reason_type, reason_id) of the sources whose ids it
is given. They are asked under the clock only, so two commits cannot miss each other (D-11 in ../README.md).
"""

from collections.abc import Iterable, Mapping
from operator import itemgetter

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.contract.fields import Row

Reason = tuple[str, str, str, str, str]
"""scope_id, aggregate_id, aggregate_type, reason_type, reason_id."""

CATALOG = (
    *("person", "person_permission", "team", "site", "asset_type", "tag", "custom_field", "part", "stock_location"),
    *("checklist_template", "work_order_template", "branding", "i18n_string", "vendor"),
)
"""Roots that every device of the organization holds."""

FINISHED = ("closed", "cancelled", "rejected")
"""States in which an order leaves scopes after a while."""

ENDED = """least(w.deleted_at, case when w.status = 'closed' then coalesce(w.closed_at, w.updated_at)
  when w.status in ('cancelled', 'rejected') then w.updated_at end)"""
"""When an order `w` was finished or deleted; null: it is neither."""

_ORDERS = f"""
with source as (
  select w.id, w.site_id, w.asset_id, w.status, w.created_by, coalesce(x.stage, 0) as stage from work_order w
  left join scope_window x on x.organization_id = %(organization)s and x.work_order_id = w.id and x.ended_at = {ENDED}
  where w.organization_id = %(organization)s and w.id = any(%(ids)s::uuid[])),
assignee as (
  select s.id, s.site_id, s.asset_id, a.person_id, 'assignment' as reason_type, a.id as reason_id
  from source s join work_order_assignment a on a.organization_id = %(organization)s and a.work_order_id = s.id
  where a.deleted_at is null and a.person_id is not null and s.stage = 0
  union all
  select s.id, s.site_id, s.asset_id, m.person_id, 'team', m.id
  from source s join work_order_assignment a on a.organization_id = %(organization)s and a.work_order_id = s.id
  join team_member m on m.organization_id = %(organization)s and m.team_id = a.team_id
  where a.deleted_at is null and m.deleted_at is null and s.stage = 0
  union all
  select s.id, s.site_id, s.asset_id, s.created_by, 'author', s.id from source s
  where s.status = 'new' and s.created_by is not null and s.stage = 0),
named as (
  select id, site_id, person_id, asset_id from assignee
  union select h.id, h.site_id, h.person_id, x.asset_id from assignee h
  join work_order_asset x on x.organization_id = %(organization)s and x.aggregate_id = h.id and x.deleted_at is null)
select 'user:' || person_id, id::text, 'work_order', reason_type, reason_id::text from assignee
union select 'review:' || site_id, id::text, 'work_order', 'site', site_id::text from source where stage < 2
union select 'user:' || h.person_id, t.id::text, 'asset', 'work_order', h.id::text
from named h join asset t on t.organization_id = %(organization)s and t.id = h.asset_id
where t.site_id = h.site_id or exists (select from site_access e where e.organization_id = %(organization)s
  and e.person_id = h.person_id and e.site_id = t.site_id and e.deleted_at is null)"""
"""An order lends the assets that it names, but one of another site only to who may enter that site: whoever writes an
order may name any asset (D-135 in ../README.md)."""

_BY_SITE = """
select '{prefix}:' || t.site_id, t.id::text, '{entity}', 'site', t.site_id::text from {entity} t
where t.organization_id = %(organization)s and t.id = any(%(ids)s::uuid[])"""

_CATALOG = """
select 'org:catalog', t.id::text, '{entity}', 'catalog', t.id::text from {entity} t
where t.organization_id = %(organization)s and t.id = any(%(ids)s::uuid[])"""

_LEVELS = """
select case when s.kind = 'van' and s.owner_id is not null then 'user:' || s.owner_id else 'stock:' || s.site_id end,
  t.id::text, 'stock_level', s.kind, s.id::text
from stock_level t join stock_location s on s.organization_id = %(organization)s and s.id = t.stock_location_id
where t.organization_id = %(organization)s and t.id = any(%(ids)s::uuid[])"""

_HELD = """
select 'user:' || t.author_id, t.id::text, 'held_mutation', 'author', t.author_id::text from held_mutation t
where t.organization_id = %(organization)s and t.id = any(%(ids)s::uuid[])
union all
select 'review:' || t.site_id, t.id::text, 'held_mutation', 'site', t.site_id::text from held_mutation t
where t.organization_id = %(organization)s and t.id = any(%(ids)s::uuid[]) and t.site_id is not null"""

_TOLD = """
select 'user:' || t.person_id, t.id::text, 'notification', 'person', t.person_id::text from notification t
where t.organization_id = %(organization)s and t.id = any(%(ids)s::uuid[]) and t.deleted_at is null"""
"""What was told leaves its person when it is old: then its month may be detached."""

_PLANNED = """
select 'user:' || t.person_id, t.id::text, 'calendar_event', 'person', t.person_id::text from calendar_event t
where t.organization_id = %(organization)s and t.id = any(%(ids)s::uuid[]) and t.person_id is not null
union all
select 'user:' || m.person_id, t.id::text, 'calendar_event', 'team', m.id::text from calendar_event t
join team_member m on m.organization_id = %(organization)s and m.team_id = t.team_id and m.deleted_at is null
where t.organization_id = %(organization)s and t.id = any(%(ids)s::uuid[])"""

_AUTHORED = (
    _BY_SITE
    + """
union all
select 'user:' || t.created_by, t.id::text, '{entity}', 'author', t.created_by::text from {entity} t
where t.organization_id = %(organization)s and t.id = any(%(ids)s::uuid[]) and t.created_by is not null"""
)

QUERIES: dict[str, str] = {
    "work_order": _ORDERS,
    "asset": _BY_SITE.format(prefix="site", entity="asset"),
    "asset_stub": _BY_SITE.format(prefix="assets", entity="asset_stub"),
    "location": _BY_SITE.format(prefix="assets", entity="location"),
    "stock_level": _LEVELS,
    "held_mutation": _HELD,
    "notification": _TOLD,
    "calendar_event": _PLANNED,
    **{each: _AUTHORED.format(prefix="review", entity=each) for each in ("work_order_cost", "service_request")},
    **{entity: _CATALOG.format(entity=entity) for entity in CATALOG},
}
"""Root entity → query of its reasons."""

INPUTS: dict[str, frozenset[str]] = {
    "work_order": frozenset({"site_id", "asset_id", "status", "closed_at", "deleted_at"}),
    "work_order_assignment": frozenset({"deleted_at"}),
    "work_order_asset": frozenset({"deleted_at"}),
    "team_member": frozenset({"deleted_at"}),
    "site_access": frozenset({"deleted_at"}),
    "asset": frozenset({"site_id"}),
    "asset_stub": frozenset({"site_id"}),
    "location": frozenset({"site_id"}),
    "notification": frozenset({"deleted_at"}),
}
"""Entity → fields whose change may move an aggregate. A new root, assignment, team member or access always may."""
_INPUT_VALUES = {entity: itemgetter(*names) for entity, names in INPUTS.items()}
"""Entity → what gives a row's values of them, all at once: asked of every row that a commit writes."""


def is_input(entity: str, before: Row | None, after: Row) -> bool:
    """Whether a change of a row may change what any scope holds."""
    if before is None:
        return entity in QUERIES or entity in INPUTS
    if entity == "work_order" and after["status"] in FINISHED:
        return True  # when it ended may be told by its last change
    values_of = _INPUT_VALUES.get(entity)
    return values_of is not None and values_of(before) != values_of(after)


def sources(
    connection: Connection[TupleRow], organization_id: str, changed: Mapping[str, Iterable[Row]]
) -> dict[str, set[str]]:
    """Root entity → ids whose reasons have to be asked again, given the changed input rows by entity."""
    found: dict[str, set[str]] = {}
    for entity, rows in changed.items():
        if entity == "team_member":
            team_ids = sorted({str(row["team_id"]) for row in rows})
            found.setdefault("work_order", set()).update(_orders_of_teams(connection, organization_id, team_ids))
            found.setdefault("calendar_event", set()).update(_events_of_teams(connection, organization_id, team_ids))
        elif entity in {"work_order_assignment", "work_order_asset"}:
            found.setdefault("work_order", set()).update(str(row["work_order_id"]) for row in rows)
        elif entity == "site_access":
            pairs = sorted({(str(row["person_id"]), str(row["site_id"])) for row in rows})
            found.setdefault("work_order", set()).update(_orders_that_lend(connection, organization_id, pairs))
        else:
            found.setdefault(entity, set()).update(str(row["id"]) for row in rows)
    if "asset" in found:
        found.setdefault("work_order", set()).update(_orders_of_assets(connection, organization_id, found["asset"]))
    return found


def _orders_of_teams(connection: Connection[TupleRow], organization_id: str, team_ids: list[str]) -> set[str]:
    found = connection.execute(
        "select distinct work_order_id::text from work_order_assignment"
        " where organization_id = %s and team_id = any(%s::uuid[]) and deleted_at is null",
        (organization_id, team_ids),
    )
    return {row[0] for row in found}


def _events_of_teams(connection: Connection[TupleRow], organization_id: str, team_ids: list[str]) -> set[str]:
    found = connection.execute(
        "select id::text from calendar_event where organization_id = %s and team_id = any(%s::uuid[])",
        (organization_id, team_ids),
    )
    return {row[0] for row in found}


def _orders_of_assets(connection: Connection[TupleRow], organization_id: str, asset_ids: Iterable[str]) -> set[str]:
    found = connection.execute(
        "select id::text from work_order where organization_id = %(organization)s and asset_id = any(%(ids)s::uuid[])"
        " union select aggregate_id::text from work_order_asset"
        " where organization_id = %(organization)s and asset_id = any(%(ids)s::uuid[]) and deleted_at is null",
        {"organization": organization_id, "ids": sorted(asset_ids)},
    )
    return {row[0] for row in found}


def _orders_that_lend(connection: Connection[TupleRow], organization_id: str, pairs: list[tuple[str, str]]) -> set[str]:
    """Orders that people hold and that name assets of another site than their own, one which these may enter or not.

    What somebody holds is what the index says: an order that comes to him in the same commit is asked for itself.
    """
    found = connection.execute(
        "select w.id::text from unnest(%(people)s::text[], %(sites)s::uuid[]) as p(person_id, site_id)"
        " join scope_aggregate s on s.organization_id = %(organization)s and s.scope_id = 'user:' || p.person_id"
        " and s.aggregate_type = 'work_order' and s.live"
        " join work_order w on w.organization_id = %(organization)s and w.id = s.aggregate_id"
        " where w.site_id <> p.site_id and exists (select from asset t where t.organization_id = %(organization)s"
        "  and t.site_id = p.site_id and (t.id = w.asset_id or t.id in (select x.asset_id from work_order_asset x"
        "   where x.organization_id = %(organization)s and x.aggregate_id = w.id and x.deleted_at is null)))",
        {"organization": organization_id, "people": [p for p, _ in pairs], "sites": [site for _, site in pairs]},
    )
    return {row[0] for row in found}


def wanted(connection: Connection[TupleRow], organization_id: str, asked: Mapping[str, Iterable[str]]) -> set[Reason]:
    """Reasons that should hold now for the given sources."""
    reasons: set[Reason] = set()
    for entity, ids in asked.items():
        found = connection.execute(
            QUERIES[entity].encode(), {"organization": organization_id, "ids": sorted(ids)}
        ).fetchall()
        reasons.update(found)
    return reasons


def stored(connection: Connection[TupleRow], organization_id: str, asked: Mapping[str, Iterable[str]]) -> set[Reason]:
    """Reasons that are written down for the given sources."""
    reasons: set[Reason] = set()
    for entity, ids in asked.items():
        # an asset's site reason is its own; its order reasons belong to the orders
        own = "aggregate_id = any(%(ids)s::uuid[]) and aggregate_type = %(entity)s and reason_type <> 'work_order'"
        lent = "reason_type = 'work_order' and reason_id = any(%(ids)s::uuid[])"
        found = connection.execute(
            "select scope_id, aggregate_id::text, aggregate_type, reason_type, reason_id::text from scope_reason"
            f" where organization_id = %(organization)s and ({own}"
            f"{' or ' + lent if entity == 'work_order' else ''})".encode(),
            {"organization": organization_id, "ids": sorted(ids), "entity": entity},
        ).fetchall()
        reasons.update(found)
    return reasons
