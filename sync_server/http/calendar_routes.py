"""What the office's own programs ask and say about the calendars of people and teams."""

from dataclasses import dataclass
from datetime import UTC, datetime

from litestar import delete, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from sync_server.application import calendars
from sync_server.application.calendars import Event, Planned
from sync_server.contract.column_types import instant_text
from sync_server.contract.messages import Verdict
from sync_server.http.described import PROVEN, Shaped, refusals
from sync_server.http.office_routes import OF_ACTS
from sync_server.http.services import CallerHere, ServicesHere


@dataclass
class EventList(Shaped):
    """Gives events."""

    gives = list[Planned]


@get(
    "/v1/office/calendar-events", sync_to_thread=True, operation_class=EventList, responses=refusals(), security=PROVEN
)
def list_events(caller: CallerHere, services: ServicesHere, limit: FromQuery[int] = 200) -> list[Planned]:
    """List what is not over at the caller's sites, with how many orders are planned into each absence."""
    return calendars.events(services.database, caller, limit=limit)


@post(
    "/v1/office/calendar-events",
    status_code=200,
    sync_to_thread=True,
    responses=refusals(*OF_ACTS),
    security=PROVEN,
)
def plan_event(data: JSONBody[Event], caller: CallerHere, services: ServicesHere) -> list[Verdict]:
    """Put an event on the calendar of a person or a team."""
    return calendars.plan(services.database, caller, data, at=instant_text(datetime.now(UTC)))


@delete(
    "/v1/office/calendar-events/{event_id:str}",
    status_code=200,
    sync_to_thread=True,
    responses=refusals(*OF_ACTS),
    security=PROVEN,
)
def cancel_event(event_id: FromPath[str], caller: CallerHere, services: ServicesHere) -> list[Verdict]:
    """Take an event off its calendar."""
    return calendars.cancel(services.database, caller, event_id, at=instant_text(datetime.now(UTC)))
