"""What the office's own programs ask about planned maintenance."""

from dataclasses import dataclass

from litestar import get
from litestar.params import FromPath, FromQuery

from sync_server.application.maintenance import office
from sync_server.application.maintenance.office import DoneMaintenance, PlannedSchedule
from sync_server.http.described import PROVEN, Shaped, refusals
from sync_server.http.services import CallerHere, ServicesHere


@dataclass
class ScheduleList(Shaped):
    """Gives schedules."""

    gives = list[PlannedSchedule]


@dataclass
class DoneList(Shaped):
    """Gives what was done."""

    gives = list[DoneMaintenance]


@get(
    "/v1/office/maintenance-schedules",
    sync_to_thread=True,
    operation_class=ScheduleList,
    responses=refusals(),
    security=PROVEN,
)
def list_schedules(
    caller: CallerHere, services: ServicesHere, limit: FromQuery[int] = 100, after: FromQuery[str | None] = None
) -> list[PlannedSchedule]:
    """List the maintenance schedules of the caller's sites by name, with what comes next."""
    return office.schedule_list(services.database, caller, limit=limit, after=after)


@get(
    "/v1/office/assets/{asset_id:str}/maintenance",
    sync_to_thread=True,
    operation_class=DoneList,
    responses=refusals("not_found"),
    security=PROVEN,
)
def asset_history(
    asset_id: FromPath[str], caller: CallerHere, services: ServicesHere, limit: FromQuery[int] = 100
) -> list[DoneMaintenance]:
    """Give the planned maintenance that was done on an asset, newest first."""
    return office.history(services.database, caller, asset_id, limit=limit)
