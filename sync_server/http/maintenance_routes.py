"""What the office's own programs ask about planned maintenance."""

from dataclasses import dataclass

from litestar import get
from litestar.params import FromQuery

from sync_server.application.maintenance import office
from sync_server.application.maintenance.office import PlannedSchedule
from sync_server.http.described import PROVEN, Shaped, refusals
from sync_server.http.services import CallerHere, ServicesHere


@dataclass
class ScheduleList(Shaped):
    """Gives schedules."""

    gives = list[PlannedSchedule]


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
