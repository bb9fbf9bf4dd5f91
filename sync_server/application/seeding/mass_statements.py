"""What PostgreSQL makes of numbers: assets with card and meter, orders with assignment and remark, and readings.

Same number, same row. Ids of assets and meters are given; the others are digests of organization, entity and number.
Nothing here runs.
"""

from typing import Final

THINGS: Final = (
    *("pump", "valve", "fan", "chiller", "motor", "panel", "lift", "boiler", "conveyor", "compressor", "generator"),
    *("door", "crane", "mixer", "scale", "filter", "heater", "tank", "burner"),
)
WORDS: Final = tuple(
    f"{first}{last}"
    for first in ("over", "under", "fore", "main", "side", "back", "cross", "inter", "counter", "free", "high", "low")
    for last in (
        *("flow", "load", "heat", "plate", "wheel", "shaft", "seal", "gear", "line", "rail", "bolt", "lock", "cover"),
        *("stand", "switch", "cable", "sensor", "joint", "frame", "belt", "drive", "brake", "spring", "nozzle"),
    )
)
"""288 words; each of the 19 things is in the title of one order of 19."""

_HASH: Final = "('x' || substr(md5(concat_ws('|', '{entity}', {id}, %(seq)s)), 1, 16))::bit(64)::bigint"
_ID: Final = "md5(%(organization)s || '/{entity}/' || n)::uuid"
_TEXT: Final = """(select string_agg((%(words)s::text[])[1 + (n::bigint * 7919 + k * k * 104729 + k * 31)
    %% cardinality(%(words)s::text[])], ' ') from generate_series(1, {count}) k)"""
_ASSET: Final = """
insert into {entity} (organization_id, id, aggregate_id, version, sync_seq, row_hash, created_at, updated_at, {names})
select %(organization)s::uuid, i.id, i.{root}, 1, %(seq)s, {hash}, i.made_at, i.made_at, {values}
from generate_series(%(first)s::int, %(last)s::int) n,
  lateral (select (%({entity}s)s::uuid[])[1 + n] as id, (%(assets)s::uuid[])[1 + n] as asset_id,
    n %% cardinality(%(sites)s::uuid[]) as site, %(today)s::timestamptz - interval '390 days' as made_at) i
returning id::text
"""
"""Ids by number; an asset lies at its site, up to 0.05 degrees from it."""
_CHILD: Final = """
insert into {entity} (organization_id, id, aggregate_id, version, sync_seq, row_hash, created_at, updated_at,
  work_order_id, {names})
select %(organization)s::uuid, i.id, i.root, 1, %(seq)s, {hash}, %(today)s::timestamptz, %(today)s::timestamptz,
  i.root, {values}
from generate_series(%(first)s::int, %(last)s::int) n,
  lateral (select {id} as id, {root} as root,
    (%(technicians)s::uuid[])[1 + n %% cardinality(%(technicians)s::uuid[])] as technician) i
where {where}
"""
_TOLD: Final = """
insert into notification (organization_id, id, aggregate_id, version, sync_seq, row_hash, created_at, updated_at,
  person_id, site_id, kind, subject, subject_id, title, received_on)
select %(organization)s::uuid, i.id, i.id, 1, %(seq)s, {hash}, %(today)s::timestamptz, %(today)s::timestamptz,
  (%(technicians)s::uuid[])[1 + n %% cardinality(%(technicians)s::uuid[])],
  (%(sites)s::uuid[])[1 + n %% cardinality(%(sites)s::uuid[])], 'assigned', 'work_order', {order_id},
  'WO-' || lpad(n::text, 7, '0'), %(today)s::date
from generate_series(%(first)s::int, %(last)s::int) n, lateral (select {id} as id) i
where n %% 20 = 11
returning id::text
"""
_ORDER_ID: Final = _ID.format(entity="work_order")


def _asset(entity: str, *, root: str, names: str, values: str) -> str:
    hash_ = _HASH.format(entity=entity, id="i.id")
    return _ASSET.format(entity=entity, root=root, names=names, values=values, hash=hash_)


def _child(entity: str, *, names: str, values: str, where: str) -> str:
    return _CHILD.format(
        entity=entity,
        names=names,
        values=values,
        where=where,
        id=_ID.format(entity=entity),
        root=_ORDER_ID,
        hash=_HASH.format(entity=entity, id="i.id"),
    )


_CARD: Final = """(%(sites)s::uuid[])[1 + i.site], 'A-' || lpad(n::text, 6, '0'),
  initcap((%(things)s::text[])[1 + n %% cardinality(%(things)s::text[])]) || ' ' || n, 'SN' || lpad(n::text, 8, '0')"""

ASSETS: Final = {
    "asset": _asset(
        "asset",
        root="id",
        names="site_id, code, name, serial, latitude, longitude, notes",
        values=f"{_CARD}, 40 + i.site / 5.0 + (n::bigint * 7919 %% 1001 - 500) / 10000.0,"
        f" -30 - i.site / 7.0 + (n::bigint * 104729 %% 1001 - 500) / 10000.0, {_TEXT.format(count=8)}",
    ),
    "asset_stub": _asset(
        "asset_stub", root="id", names="site_id, code, name, serial, asset_id", values=f"{_CARD}, i.asset_id"
    ),
    "meter": _asset(
        "meter", root="asset_id", names="asset_id, name, unit", values="i.asset_id, 'Operating hours', 'h'"
    ),
}
"""Entity → statement, in the order in which they run."""

ORDERS: Final = {
    "work_order": f"""
insert into work_order (organization_id, id, aggregate_id, version, sync_seq, row_hash, created_at, updated_at, number,
  title, description, status, status_reason, priority, type, site_id, asset_id, due_at, estimated_minutes,
  completed_at, closed_at)
select %(organization)s::uuid, i.id, i.id, 1, %(seq)s, {_HASH.format(entity="work_order", id="i.id")},
  i.made_at, i.made_at, 'WO-' || lpad(n::text, 7, '0'),
  initcap((array['replace', 'inspect', 'clean', 'align', 'lubricate', 'calibrate', 'repair'])[1 + n %% 7]) || ' '
    || (%(things)s::text[])[1 + n %% cardinality(%(things)s::text[])] || ' ' || {_TEXT.format(count=1)},
  {_TEXT.format(count=20)}, i.status, case i.status when 'on_hold' then 'Waits for a part.' end,
  (array['low', 'medium', 'high', 'critical'])[1 + n / 7 %% 4],
  (array['maintenance', 'repair', 'inspection', 'installation', 'emergency'])[1 + n / 3 %% 5],
  (%(sites)s::uuid[])[1 + n %% cardinality(%(sites)s::uuid[])],
  (%(assets)s::uuid[])[1 + n %% cardinality(%(assets)s::uuid[])],
  i.made_at + interval '10 days', 15 * (1 + n %% 16),
  case when i.status in ('completed', 'closed') then i.made_at + interval '5 days' end,
  case i.status when 'closed' then i.made_at + interval '6 days' end
from generate_series(%(first)s::int, %(last)s::int) n,
  lateral (select {_ORDER_ID} as id, %(today)s::timestamptz - make_interval(hours => 24 + n %% 8000) as made_at,
    (array['new', 'assigned', 'in_progress', 'on_hold', 'completed', 'assigned', 'closed', 'closed', 'closed', 'closed',
      'closed', 'closed', 'closed', 'closed', 'closed', 'closed', 'closed', 'closed', 'cancelled', 'closed'])
      [1 + n / 10 %% 20] as status) i
returning id::text
""",
    "work_order_assignment": _child(
        "work_order_assignment", names="person_id", values="i.technician", where="n / 10 %% 20 > 0"
    ),
    "comment": _child(
        "comment",
        names="author_id, text, written_at",
        values=f"i.technician, {_TEXT.format(count=9)}, %(today)s::timestamptz",
        where="n %% 4 = 0",
    ),
    "notification": _TOLD.format(
        id=_ID.format(entity="notification"), order_id=_ORDER_ID, hash=_HASH.format(entity="notification", id="i.id")
    ),
}
"""Entity → statement, in the order in which they run; 19 of 20 orders are assigned, one of 4 is remarked on, and of
one of 20 somebody is told."""

READINGS: Final = {
    "meter_reading": f"""
insert into meter_reading (organization_id, id, received_on, meter_id, value, state, read_at, received_at, read_by)
select %(organization)s::uuid, {_ID.format(entity="meter_reading")}, i.day,
  (%(meters)s::uuid[])[1 + n %% cardinality(%(meters)s::uuid[])], n / cardinality(%(meters)s::uuid[]) * 24 + n %% 24,
  'normal', i.day + time '08:00', i.day + time '09:00',
  (%(technicians)s::uuid[])[1 + n %% cardinality(%(technicians)s::uuid[])]
from generate_series(%(first)s::int, %(last)s::int) n, lateral (
  select date_trunc('month', %(today)s::date)::date
    + (n %% (extract(day from %(today)s::date)::int)) as day) i
"""
}
"""Entity → statement. Of the days of this month so far: there are parts for no earlier one."""
