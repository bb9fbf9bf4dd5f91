"""What the office reads of planned maintenance, on the sites that it sees. Nothing here writes."""

import msgspec

from sync_server.application.maintenance.reading import Schedule, schedules
from sync_server.application.office_lists import MOST, office_reading
from sync_server.authz.visibility import Caller
from sync_server.contract.column_types import instant_text
from sync_server.storage.engine import Database


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
