"""Makes the orders that are due, each once, whoever looks and however often (D-200, D-201 in ../../README.md).

One schedule is one commit: its orders, what they were made for, and what comes next are there together or not at all.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application.maintenance import recurrence
from sync_server.application.maintenance.reading import Schedule, locked, schedules
from sync_server.application.making_orders import number_of, order_rows
from sync_server.application.unit_of_work import UnitOfWork
from sync_server.contract.column_types import instant_text
from sync_server.contract.rules.draft import derived_id
from sync_server.contract.rules.order_making import Making
from sync_server.errors import Bug, Refused
from sync_server.storage.engine import Database

MOST_AHEAD = 30
"""Orders that are made ahead in one commit; the rest comes with the next."""
_TAKEN = (
    "select occurrence from maintenance_occurrence where organization_id = %s and maintenance_schedule_id = %s"
    " and occurrence = any(%s)"
)
_MADE = (
    "insert into maintenance_occurrence (organization_id, maintenance_schedule_id, occurrence, due_at, meter_id,"
    " due_value, passed_over, work_order_id, made_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_GONE_ON = (
    "update maintenance_schedule set next_local = %(next_local)s, next_due_at = %(next_due_at)s,"
    " next_due_value = %(next_due_value)s, held_back = %(held_back)s, site_id = %(site_id)s,"
    " updated_at = clock_timestamp() where organization_id = %(organization_id)s and id = %(id)s"
    " and (next_local, next_due_at, next_due_value, held_back, site_id) is distinct from"
    " (%(next_local)s, %(next_due_at)s, %(next_due_value)s, %(held_back)s, %(site_id)s::uuid)"
)


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a schedule that had something due: numbers of its orders, or why none was made, in a sentence."""

    schedule: str
    numbers: tuple[str, ...] = ()
    held_back: str | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """Something that is due. `occurrence` names it among those of its schedule."""

    occurrence: str
    at: datetime
    value: Decimal | None = None
    passed_over: int = 0


@dataclass(frozen=True, slots=True)
class Next:
    """What comes next of a schedule; all None: nothing any more."""

    local: datetime | None = None
    at: datetime | None = None
    value: Decimal | None = None


def ready(database: Database, organization_id: str, *, at: datetime) -> list[str]:
    """Give the ids of schedules that have to be looked at: something is due, or what they say of it is not true."""
    with database.transaction("worker", organization_id, read_only=True) as connection:
        found = schedules(connection, organization_id)
    return [each.id for each in found if each.is_active and (each.held_back or each.has_moved or _may_be_due(each, at))]


def _may_be_due(schedule: Schedule, at: datetime) -> bool:
    """Rather once too often: the zone of the site may have changed since `next_due_at` was written."""
    if schedule.meter_id is not None:
        return _is_reached(schedule)
    horizon = at + timedelta(days=schedule.lead_days) + recurrence.LONGEST_SHIFT
    return schedule.next_due_at is not None and schedule.next_due_at <= horizon


def _is_reached(schedule: Schedule) -> bool:
    value, due = schedule.last_value, schedule.next_due_value
    return value is not None and due is not None and value >= due


def make(database: Database, organization_id: str, schedule_id: str, *, at: datetime) -> Made | None:
    """Make what is due of one schedule at a moment; None: nothing is, or somebody else is making it."""
    try:
        with database.transaction("worker", organization_id) as connection:
            schedule = locked(connection, organization_id, schedule_id)
            if schedule is None or not schedule.is_active:
                return None
            return _make(connection, organization_id, schedule, at)
    except Refused as refusal:  # its template cannot be read: that stands in nobody else's way
        return _hold_back(database, organization_id, schedule_id, refusal.sentence)


def _hold_back(database: Database, organization_id: str, schedule_id: str, why: str) -> Made | None:
    with database.transaction("worker", organization_id) as connection:
        schedule = locked(connection, organization_id, schedule_id)
        return None if schedule is None else _held(connection, organization_id, schedule, why)


def _make(connection: Connection[TupleRow], organization_id: str, schedule: Schedule, at: datetime) -> Made | None:
    try:
        due, following = _by_meter(schedule, at) if schedule.meter_id is not None else _by_calendar(schedule, at)
    except ValueError as error:
        return _held(connection, organization_id, schedule, str(error))
    taken = _taken(connection, organization_id, schedule, due)
    new = list(_once([each for each in due if each.occurrence not in taken], at))
    if new and schedule.obstacle is not None:
        return _held(connection, organization_id, schedule, schedule.obstacle)
    numbers = _write(connection, organization_id, schedule, new, at=at) if new else ()
    _go_on(connection, organization_id, schedule, following, None)
    return Made(schedule.name, numbers) if numbers else None


def _by_calendar(schedule: Schedule, at: datetime) -> tuple[list[Due], Next]:
    """Give what is due, in order, and what comes then.

    Raises:
        ValueError: the time zone of the site is not known; the message is a sentence.
    """
    if schedule.next_local is None:
        return [], Next()
    zone, lead = recurrence.zone_of(schedule.time_zone), timedelta(days=schedule.lead_days)
    since = datetime.fromisoformat(schedule.next_local)
    until = recurrence.wall_clock(at + lead, zone) + recurrence.LONGEST_SHIFT
    comings = recurrence.comings(*_rule(schedule), since=since, until=until)
    instants = [recurrence.instant_at(each, zone) for each in comings]
    count = min(sum(each - lead <= at for each in instants), sum(each <= at for each in instants) + MOST_AHEAD)
    due = [Due(recurrence.key_of(local), instant) for local, instant in zip(comings, instants, strict=True)][:count]
    after = since if not due else comings[count - 1] + timedelta(minutes=1)
    return due, next_at(recurrence.next_coming(*_rule(schedule), since=after), schedule.time_zone)


def _by_meter(schedule: Schedule, at: datetime) -> tuple[list[Due], Next]:
    """Count on from what the meter shows when the order is made, however far that is beyond."""
    value, every, due = schedule.last_value, schedule.every_units, schedule.next_due_value
    if value is None or every is None or due is None or value < due:
        return [], _stands(schedule)
    return [Due(f"{due:f}", at, due)], Next(value=value + every)


def _once(due: list[Due], at: datetime) -> Iterator[Due]:
    """Give one for all that passed, due since the first of them; then each that is ahead."""
    passed = [each for each in due if each.at <= at]
    if passed:
        yield dataclasses.replace(passed[0], passed_over=len(passed) - 1)
    yield from due[len(passed) :]


def _rule(schedule: Schedule) -> tuple[str, datetime]:
    if schedule.rule is None or schedule.starts_on is None or schedule.minute_of_day is None:
        raise Bug("a schedule without a meter has no rule")
    return schedule.rule, recurrence.first_of(schedule.starts_on, schedule.minute_of_day)


def next_at(local: datetime | None, time_zone: str) -> Next:
    """Give what comes at a wall clock of a zone. Raises ValueError: the zone is not known."""
    return Next() if local is None else Next(local, recurrence.instant_at(local, recurrence.zone_of(time_zone)))


def _stands(schedule: Schedule) -> Next:
    """What comes next as it was."""
    local = None if schedule.next_local is None else datetime.fromisoformat(schedule.next_local)
    return Next(local, schedule.next_due_at, schedule.next_due_value)


def _taken(connection: Connection[TupleRow], organization_id: str, schedule: Schedule, due: list[Due]) -> set[str]:
    """Give those whose order was made before, wherever the schedule stands now."""
    found = connection.execute(_TAKEN, (organization_id, schedule.id, [each.occurrence for each in due]))
    return {occurrence for (occurrence,) in found}


def _write(
    connection: Connection[TupleRow], organization_id: str, schedule: Schedule, due: list[Due], *, at: datetime
) -> tuple[str, ...]:
    """Write the orders in one commit, and what each was made for; give their numbers."""
    work = UnitOfWork(connection, organization_id, None)
    ids = [derived_id(schedule.id, f"occurrence {each.occurrence}") for each in due]
    numbers = tuple(number_of(schedule.site_code, order_id) for order_id in ids)
    for each, order_id, number in zip(due, ids, numbers, strict=True):
        making = Making(number, schedule.site_id, schedule.location_id, schedule.asset_id, instant_text(each.at))
        work.put(order_rows(connection, organization_id, schedule.template_id, making, order_id=order_id))
    work.finish()
    for each, order_id in zip(due, ids, strict=True):
        said = (each.occurrence, each.at, schedule.meter_id, each.value, each.passed_over, order_id, at)
        connection.execute(_MADE, (organization_id, schedule.id, *said))
    return numbers


def _held(connection: Connection[TupleRow], organization_id: str, schedule: Schedule, why: str) -> Made:
    """Leave what is due for the day on which nothing is in its way, and say what is."""
    _go_on(connection, organization_id, schedule, _stands(schedule), why)
    return Made(schedule.name, held_back=why)


def _go_on(
    connection: Connection[TupleRow], organization_id: str, schedule: Schedule, following: Next, held_back: str | None
) -> None:
    values = {
        "organization_id": organization_id,
        "id": schedule.id,
        "next_local": None if following.local is None else recurrence.key_of(following.local),
        "next_due_at": following.at,
        "next_due_value": following.value,
        "held_back": held_back,
        "site_id": schedule.site_id,
    }
    connection.execute(_GONE_ON, values)
