"""What the office reads of planned maintenance, on the sites that it sees. Nothing here writes."""

import msgspec
from psycopg.rows import TupleRow

from sync_server.application.access import not_found
from sync_server.application.maintenance.reading import Schedule, schedules
from sync_server.application.office_lists import MOST, office_reading
from sync_server.authz.visibility import Caller
from sync_server.contract.codec import GUID
from sync_server.contract.column_types import instant_text
from sync_server.storage.engine import Database

_ASSET = "select from asset where organization_id = %s and id = %s"
_DONE = (
    "select h.work_order_id::text, o.number, h.maintenance_schedule_id::text, s.name, h.due_at, h.due_value, h.done_at,"
    " h.done_by::text, h.meter_value from maintenance_history h"
    " left join work_order o on o.organization_id = h.organization_id and o.id = h.work_order_id"
    " left join maintenance_schedule s on s.organization_id = h.organization_id and s.id = h.maintenance_schedule_id"
    " where h.organization_id = %s and h.asset_id = %s order by h.done_at desc, h.work_order_id limit %s"
)


class PlannedSchedule(msgspec.Struct, frozen=True):
    """A schedule as the office reads it. Instants and decimals are in wire form; `held_back`: why nothing is made."""

    id: str
    name: str
    site_id: str
    asset_id: str | None
    work_order_template_id: str
    rule: str | None
    meter_id: str | None
    every_units: str | None
    lead_days: int
    is_active: bool
    next_local: str | None
    next_due_at: str | None
    next_due_value: str | None
    held_back: str | None


class DoneMaintenance(msgspec.Struct, frozen=True):
    """Something that was done on an asset. `number` and `schedule`: None where the caller does not see those."""

    work_order_id: str
    number: str | None
    maintenance_schedule_id: str
    schedule: str | None
    due_at: str
    due_value: str | None
    done_at: str
    done_by: str | None
    meter_value: str | None


def history(database: Database, caller: Caller, asset_id: str, *, limit: int) -> list[DoneMaintenance]:
    """Give what was done on an asset on the caller's sites, newest first, at most 500.

    Raises:
        Refused: there is no such asset, or it is not the caller's.
    """
    if not GUID.fullmatch(asset_id):
        raise not_found()
    with office_reading(database, caller) as connection:
        if connection.execute(_ASSET, (caller.organization_id, asset_id)).fetchone() is None:
            raise not_found()
        most = max(1, min(limit, MOST))
        found = connection.execute(_DONE, (caller.organization_id, asset_id, most)).fetchall()
    return [_done(line) for line in found]


def _done(line: TupleRow) -> DoneMaintenance:
    order_id, number, schedule_id, schedule, due_at, due_value, done_at, done_by, meter_value = line
    return DoneMaintenance(
        work_order_id=order_id,
        number=number,
        maintenance_schedule_id=schedule_id,
        schedule=schedule,
        due_at=instant_text(due_at),
        due_value=None if due_value is None else f"{due_value:f}",
        done_at=instant_text(done_at),
        done_by=done_by,
        meter_value=None if meter_value is None else f"{meter_value:f}",
    )


def schedule_list(database: Database, caller: Caller, *, limit: int, after: str | None) -> list[PlannedSchedule]:
    """Give the schedules of the caller's sites by name, at most 500, after a name."""
    most = max(1, min(limit, MOST))
    with office_reading(database, caller) as connection:
        return [told(each) for each in schedules(connection, caller.organization_id, after=after or "", limit=most)]


def told(schedule: Schedule) -> PlannedSchedule:
    """Give a schedule in wire form."""
    return PlannedSchedule(
        id=schedule.id,
        name=schedule.name,
        site_id=schedule.site_id,
        asset_id=schedule.asset_id,
        work_order_template_id=schedule.template_id,
        rule=schedule.rule,
        meter_id=schedule.meter_id,
        every_units=None if schedule.every_units is None else f"{schedule.every_units:f}",
        lead_days=schedule.lead_days,
        is_active=schedule.is_active,
        next_local=schedule.next_local,
        next_due_at=None if schedule.next_due_at is None else instant_text(schedule.next_due_at),
        next_due_value=None if schedule.next_due_value is None else f"{schedule.next_due_value:f}",
        held_back=schedule.held_back,
    )
