"""Schedules as they stand, with what they name: for the routine, for commands, and for the office on its sites."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from sync_server.storage.wire_rows import composed

_STANDING = """
select s.id::text, s.name, p.id::text as site_id, p.code as site_code, p.time_zone, s.asset_id::text,
  a.code as asset_code, a.location_id::text, s.work_order_template_id::text as template_id, t.name as template,
  s.rule, s.starts_on, s.minute_of_day, m.name as meter, m.unit, s.meter_id::text, m.last_value, s.every_units,
  s.lead_days, s.is_active, s.next_local, s.next_due_at, s.next_due_value, s.held_back,
  p.id <> s.site_id as has_moved,
  case when p.deleted_at is not null then 'Its site is deleted.'
    when a.deleted_at is not null then 'Its asset is deleted.'
    when a.status = 'retired' then 'Its asset is retired.'
    when m.deleted_at is not null then 'Its meter is deleted.'
    when t.deleted_at is not null then 'Its template is deleted.'
    when not t.is_active then 'No orders are made of its template any more.' end as obstacle
from maintenance_schedule s
left join asset a on a.organization_id = s.organization_id and a.id = s.asset_id
left join meter m on m.organization_id = s.organization_id and m.id = s.meter_id
join site p on p.organization_id = s.organization_id and p.id = coalesce(a.site_id, s.site_id)
join work_order_template t on t.organization_id = s.organization_id and t.id = s.work_order_template_id
where s.organization_id = %(organization)s and s.deleted_at is null
"""
_ONE = " and s.id = %(id)s"
_IN_TURN = " and s.name > %(after)s order by s.name limit %(limit)s"
_LOCK = " for no key update of s skip locked"
"""Orders refer to their schedule while they are closed, so its key is left free for them."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule with what it names.

    Attributes:
        last_value: What its meter shows; None: it has none, or that was never read.
        next_local: Wall clock at the site; None: nothing comes, or it goes by a meter.
        held_back: Why the order that was due at the last look was not made, in a sentence.
        obstacle: Why none could be made now, in a sentence.
        has_moved: Its asset is at another site than the schedule says, by which offices see it.
    """

    id: str
    name: str
    site_id: str
    site_code: str
    time_zone: str
    asset_id: str | None
    asset_code: str | None
    location_id: str | None
    template_id: str
    template: str
    rule: str | None
    starts_on: date | None
    minute_of_day: int | None
    meter: str | None
    unit: str | None
    meter_id: str | None
    last_value: Decimal | None
    every_units: Decimal | None
    lead_days: int
    is_active: bool
    next_local: str | None
    next_due_at: datetime | None
    next_due_value: Decimal | None
    held_back: str | None
    has_moved: bool
    obstacle: str | None


def schedules(
    connection: Connection[TupleRow], organization_id: str, *, after: str = "", limit: int | None = None
) -> list[Schedule]:
    """Give the schedules that are not deleted, by name, after a name: those of the sites that the connection sees."""
    asked = {"organization": organization_id, "after": after, "limit": limit}
    with connection.cursor(row_factory=class_row(Schedule)) as cursor:
        return cursor.execute(composed(_STANDING + _IN_TURN), asked).fetchall()


def locked(connection: Connection[TupleRow], organization_id: str, schedule_id: str) -> Schedule | None:
    """Give a schedule and keep everybody else from making its orders; None: it is gone, or somebody is at it."""
    asked = {"organization": organization_id, "id": schedule_id}
    with connection.cursor(row_factory=class_row(Schedule)) as cursor:
        return cursor.execute(composed(_STANDING + _ONE + _LOCK), asked).fetchone()
