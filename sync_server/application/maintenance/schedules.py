"""What an administrator or the office does with schedules: add, pause, resume, remove. Their orders stay."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application.maintenance import recurrence
from sync_server.application.maintenance.making import Next, next_at
from sync_server.application.maintenance.reading import Schedule, schedules
from sync_server.application.making_orders import Named, named_place
from sync_server.errors import Refused
from sync_server.storage.engine import Database

MOST = Decimal(10) ** 10
"""What the database takes of a meter's value stays below."""
_ADD = (
    "insert into maintenance_schedule (organization_id, id, name, site_id, asset_id, work_order_template_id, rule,"
    " starts_on, minute_of_day, meter_id, every_units, lead_days, next_local, next_due_at, next_due_value, created_at,"
    " updated_at) values (%(organization_id)s, %(id)s, %(name)s, %(site_id)s, %(asset_id)s, %(template_id)s, %(rule)s,"
    " %(starts_on)s, %(minute_of_day)s, %(meter_id)s, %(every_units)s, %(lead_days)s, %(next_local)s, %(next_due_at)s,"
    " %(next_due_value)s, clock_timestamp(), clock_timestamp())"
    " on conflict (organization_id, name) where deleted_at is null do nothing"
)
_METER = (
    "select id::text, last_value from meter where organization_id = %s and aggregate_id = %s and name = %s"
    " and deleted_at is null"
)
_SWITCH = (
    "update maintenance_schedule set is_active = %(is_active)s, next_local = %(next_local)s,"
    " next_due_at = %(next_due_at)s, held_back = null, updated_at = clock_timestamp()"
    " where organization_id = %(organization_id)s and id = %(id)s"
)
_REMOVE = (
    "update maintenance_schedule set deleted_at = clock_timestamp(), updated_at = clock_timestamp()"
    " where organization_id = %s and name = %s and deleted_at is null"
)


@dataclass(frozen=True, slots=True)
class Place:
    """What the orders of a schedule are made of, where, and on what, by what people call it."""

    template_name: str
    site_code: str
    asset_code: str | None = None


@dataclass(frozen=True, slots=True)
class ByCalendar:
    """When it comes: a rule, the day at the site from which it counts, and the minute of those days."""

    rule: str
    starts_on: date
    minute_of_day: int = 8 * 60
    lead_days: int = 0


@dataclass(frozen=True, slots=True)
class ByMeter:
    """When it comes: each time that a meter of the asset has counted up so much since `last` (None: since now)."""

    meter_name: str
    every_units: Decimal
    last: Decimal | None = None


def add(
    database: Database, organization_id: str, name: str, place: Place, when: ByCalendar | ByMeter, *, at: datetime
) -> str:
    """Add a schedule; give its id. By the calendar it begins with the day of `at`: what lies before is done.

    Raises:
        Refused: Something is not there or cannot be, or there is a schedule of that name.
    """
    name = name.strip()
    if not 1 <= len(name) <= 200 or not name.isprintable():
        raise Refused("invalid_value", "The name must have 1 to 200 characters.")
    values = {"organization_id": organization_id, "id": str(uuid.uuid4()), "name": name}
    with database.transaction("worker", organization_id) as connection:
        named = named_place(
            connection, organization_id, place.template_name, site_code=place.site_code, asset_code=place.asset_code
        )
        found = {"site_id": named.site_id, "asset_id": named.asset_id, "template_id": named.template_id}
        if isinstance(when, ByCalendar):
            kind = _calendar_values(connection, organization_id, named, when, at)
        else:
            kind = _meter_values(connection, organization_id, named, when)
        if connection.execute(_ADD, values | found | kind).rowcount != 1:
            raise Refused("already_exists", f"There is a schedule called {name} already.")
    return values["id"]


def _calendar_values(
    connection: Connection[TupleRow], organization_id: str, named: Named, when: ByCalendar, at: datetime
) -> dict[str, object]:
    if not 0 <= when.minute_of_day < 24 * 60 or not 0 <= when.lead_days <= 365:
        raise Refused("invalid_value", "A day has 1440 minutes, and an order is made at most 365 days ahead.")
    first = recurrence.first_of(when.starts_on, when.minute_of_day)
    try:
        rule = recurrence.checked_rule(when.rule, first)
        zone_name = _zone_name(connection, organization_id, named.site_id)
        today = recurrence.wall_clock(at, recurrence.zone_of(zone_name)).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        coming = next_at(recurrence.next_coming(rule, first, since=max(first, today)), zone_name)
    except (ValueError, OverflowError) as error:
        raise Refused("invalid_value", str(error)) from error
    if coming.local is None:
        raise Refused("invalid_value", "This rule is over already.")
    return {
        "rule": rule,
        "starts_on": when.starts_on,
        "minute_of_day": when.minute_of_day,
        "lead_days": when.lead_days,
        "meter_id": None,
        "every_units": None,
        **_coming(coming),
    }


def _meter_values(
    connection: Connection[TupleRow], organization_id: str, named: Named, when: ByMeter
) -> dict[str, object]:
    if named.asset_id is None:
        raise Refused("invalid_value", "A meter belongs to an asset: name that, too.")
    if not (when.every_units.is_finite() and 0 < when.every_units < MOST and _has_four_decimals(when.every_units)):
        raise Refused("invalid_value", "Between two orders there is a number above 0 with at most four decimals.")
    asked = (organization_id, named.asset_id, when.meter_name.replace("\0", ""))
    meters = connection.execute(_METER, asked).fetchall()
    if len(meters) != 1:
        which = "no" if not meters else "more than one"
        raise Refused("not_found", f"The asset has {which} meter called {when.meter_name}.")
    meter_id, shows = meters[0]
    last = when.last if when.last is not None else shows or Decimal(0)
    if not (last.is_finite() and abs(last) < MOST and _has_four_decimals(last)):
        raise Refused("invalid_value", "What the meter showed last is a number with at most four decimals.")
    nothing = dict.fromkeys(("rule", "starts_on", "minute_of_day", "next_local", "next_due_at"))
    counted = {"every_units": when.every_units, "next_due_value": last + when.every_units}
    return {**nothing, "meter_id": meter_id, "lead_days": 0, **counted}


def _has_four_decimals(value: Decimal) -> bool:
    return value == round(value, 4)


def _zone_name(connection: Connection[TupleRow], organization_id: str, site_id: str) -> str:
    ask = "select time_zone from site where organization_id = %s and id = %s"
    (zone,) = connection.execute(ask, (organization_id, site_id)).fetchone() or ("",)
    return str(zone)


def _coming(coming: Next) -> dict[str, object]:
    local = None if coming.local is None else recurrence.key_of(coming.local)
    return {"next_local": local, "next_due_at": coming.at, "next_due_value": coming.value}


def pause(database: Database, organization_id: str, name: str) -> None:
    """Let a schedule make no orders until it is resumed. Raises Refused: there is none of that name."""
    with database.transaction("worker", organization_id) as connection:
        schedule = _called(connection, organization_id, name)
        standing = {"next_local": schedule.next_local, "next_due_at": schedule.next_due_at}
        connection.execute(
            _SWITCH, {"organization_id": organization_id, "id": schedule.id, "is_active": False, **standing}
        )


def resume(database: Database, organization_id: str, name: str, *, at: datetime) -> None:
    """Let a schedule make orders again: those from `at` on. What came while it was paused was not wanted.

    A meter went on counting meanwhile, and what it counted was used: it is due when it would have been.

    Raises:
        Refused: there is none of that name, or its site has no known time zone.
    """
    with database.transaction("worker", organization_id) as connection:
        schedule = _called(connection, organization_id, name)
        coming: dict[str, object] = {"next_local": schedule.next_local, "next_due_at": schedule.next_due_at}
        if not schedule.is_active:
            coming = _resumed(schedule, at)
        values = {"organization_id": organization_id, "id": schedule.id, "is_active": True, **coming}
        connection.execute(_SWITCH, values)


def _resumed(schedule: Schedule, at: datetime) -> dict[str, object]:
    if schedule.rule is None or schedule.next_local is None or schedule.starts_on is None:
        return {"next_local": None, "next_due_at": None}
    first = recurrence.first_of(schedule.starts_on, schedule.minute_of_day or 0)
    try:
        now = recurrence.wall_clock(at, recurrence.zone_of(schedule.time_zone))
        since = max(now, datetime.fromisoformat(schedule.next_local))
        coming = next_at(recurrence.next_coming(schedule.rule, first, since=since), schedule.time_zone)
    except ValueError as error:
        raise Refused("invalid_value", str(error)) from error
    return {"next_local": _coming(coming)["next_local"], "next_due_at": coming.at}


def remove(database: Database, organization_id: str, name: str) -> None:
    """Delete a schedule; its orders and its history stay. Raises Refused: there is none of that name."""
    with database.transaction("worker", organization_id) as connection:
        if connection.execute(_REMOVE, (organization_id, name.replace("\0", ""))).rowcount != 1:
            raise _unknown(name)


def listed(database: Database, organization_id: str) -> list[Schedule]:
    """Give the schedules of an organization by name."""
    with database.transaction("readonly", organization_id, read_only=True) as connection:
        return schedules(connection, organization_id)


def _called(connection: Connection[TupleRow], organization_id: str, name: str) -> Schedule:
    """Give a schedule by its name, locked. Raises Refused."""
    ask = (
        "select from maintenance_schedule where organization_id = %s and name = %s and deleted_at is null"
        " for no key update"
    )
    connection.execute(ask, (organization_id, name.replace("\0", "")))
    found = [each for each in schedules(connection, organization_id) if each.name == name]
    if not found:
        raise _unknown(name)
    return found[0]


def _unknown(name: str) -> Refused:
    return Refused("not_found", f"There is no schedule called {name}. `schedule list` says which there are.")
