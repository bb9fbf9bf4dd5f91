"""What takes people and teams away from orders, or keeps them ready: planned, cancelled and told to the office.

Planned by command it is written as at the wall clock of its site; by the office's programs as instants, with the
caller's own rights. An absence moves and refuses no order: the office is told which are planned into it.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow
from uuid_utils.compat import uuid7

from sync_server.application.maintenance import recurrence
from sync_server.application.named_rows import SITE, TEAM, only
from sync_server.application.office_lists import office_reading
from sync_server.application.organizations import new_row
from sync_server.application.permissions import person_with_login
from sync_server.application.planning import Changes, Step, act, must_be_id
from sync_server.application.unit_of_work import UnitOfWork
from sync_server.authz.visibility import Caller
from sync_server.contract.codec import GUID, InvalidValueError
from sync_server.contract.column_types import instant_text
from sync_server.contract.entities.calendar import ABSENCES
from sync_server.contract.messages import Verdict
from sync_server.contract.rules import fitting
from sync_server.contract.rules.planned_time import CALENDAR_EVENT
from sync_server.errors import Refused
from sync_server.storage.engine import Database

MOST: Final = 500
OPEN: Final = ("new", "assigned", "in_progress", "on_hold")
"""States of orders that somebody still has to be at."""
_SITE = SITE.replace("select id::text", "select id::text, time_zone")
_LISTED = """
select e.id::text, s.code, s.time_zone, e.person_id::text, e.team_id::text, coalesce(p.name, t.name), e.kind, e.title,
  e.begins_at, e.ends_at, (select count(distinct w.id) from work_order_assignment a join work_order w
    on w.organization_id = %(organization)s and w.id = a.work_order_id
    where a.organization_id = %(organization)s and a.deleted_at is null and e.kind = any(%(absences)s)
    and (a.person_id = e.person_id or a.team_id = e.team_id or a.person_id in (select m.person_id from team_member m
      where m.organization_id = %(organization)s and m.team_id = e.team_id and m.deleted_at is null))
    and w.deleted_at is null and w.status = any(%(open)s) and w.scheduled_at >= e.begins_at
    and w.scheduled_at < e.ends_at)
from calendar_event e
join site s on s.organization_id = %(organization)s and s.id = e.site_id
left join person p on p.organization_id = %(organization)s and p.id = e.person_id
left join team t on t.organization_id = %(organization)s and t.id = e.team_id
where e.organization_id = %(organization)s and e.deleted_at is null and e.ends_at > %(now)s
order by e.begins_at, e.id limit %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Span:
    """When, at the wall clock of the site. A day begins a whole day; as an end it is over when that day is."""

    begins: date | datetime
    ends: date | datetime


class Event(msgspec.Struct, frozen=True):
    """What the office plans: for a person or for a team, never both. Instants in wire form."""

    site_id: str
    kind: str
    title: str
    begins_at: str
    ends_at: str
    person_id: str | None = None
    team_id: str | None = None


class Planned(msgspec.Struct, frozen=True):
    """An event that is not over. `whose`: name of the person or team; `orders`: open ones planned into an absence."""

    id: str
    site_code: str
    time_zone: str
    person_id: str | None
    team_id: str | None
    whose: str
    kind: str
    title: str
    begins_at: str
    ends_at: str
    orders: int


def plan(database: Database, caller: Caller, event: Event, *, at: str) -> list[Verdict]:
    """Put an event on a calendar, with the caller's own rights. Raises Refused when it cannot be, or he may not."""
    for named in (event.site_id, event.person_id, event.team_id):
        if named is not None:
            must_be_id(named)
    values: Changes = {name: (None, value) for name, value in msgspec.structs.asdict(event).items()}
    event_id = str(uuid7())
    return act(database, caller, [Step(f"{CALENDAR_EVENT}.create", event_id, event_id, values)], at=at)


def cancel(database: Database, caller: Caller, event_id: str, *, at: str) -> list[Verdict]:
    """Take an event off its calendar, with the caller's own rights. Raises Refused: it is not there, or he may not."""
    must_be_id(event_id)
    return act(database, caller, [Step(f"{CALENDAR_EVENT}.delete", event_id, event_id, {})], at=at)


def events(database: Database, caller: Caller, *, limit: int) -> list[Planned]:
    """Give what is not over at the caller's sites, what begins first before the rest; at most 500."""
    with office_reading(database, caller) as connection:
        return listed(connection, caller.organization_id, now=datetime.now(UTC), limit=limit)


def listed(connection: Connection[TupleRow], organization_id: str, *, now: datetime, limit: int) -> list[Planned]:
    """Give as `events` does, with a connection that sees some sites."""
    asked = {"organization": organization_id, "now": now, "limit": max(1, min(limit, MOST))}
    found = connection.execute(_LISTED.encode(), {**asked, "absences": list(ABSENCES), "open": list(OPEN)})
    return [_planned(row) for row in found]


def _planned(row: TupleRow) -> Planned:
    *named, begins_at, ends_at, orders = row
    return Planned(*(*named, instant_text(begins_at), instant_text(ends_at), orders))


def plan_by_name(
    database: Database,
    organization_id: str,
    span: Span,
    *,
    site_code: str,
    kind: str,
    title: str,
    login: str | None = None,
    team: str | None = None,
) -> str:
    """Put an event on the calendar of whoever signs in with `login`, or of a team; give its id.

    Raises:
        Refused: There is no such site, person or team, or the event cannot be.
    """
    person_id = None if login is None else person_with_login(database, organization_id, login)
    event_id = str(uuid.uuid4())
    with database.transaction("worker", organization_id) as connection:
        site_id, zone = only(connection, _SITE, organization_id, site_code, called=f"site {site_code}")
        team_id = None
        if team is not None:
            (team_id,) = only(connection, TEAM, organization_id, team, called=f"team called {team}")
        begins_at, ends_at = _instants(span, zone)
        times = {"begins_at": begins_at, "ends_at": ends_at}
        whose = {"person_id": person_id, "team_id": team_id, "site_id": site_id}
        row = new_row(CALENDAR_EVENT, event_id, event_id, kind=kind, title=title.strip(), **whose, **times)
        try:
            fitting.check(CALENDAR_EVENT, row)
        except InvalidValueError as error:
            raise Refused("invalid_value", f"{str(error).capitalize()}.") from error
        work = UnitOfWork(connection, organization_id, None)
        work.put({(CALENDAR_EVENT, event_id): row})
        work.finish()
    return event_id


def cancel_by_id(database: Database, organization_id: str, event_id: str) -> None:
    """Take an event off its calendar. Raises Refused when none with that id is there."""
    key, unknown = (CALENDAR_EVENT, event_id), Refused("not_found", "There is no such event. `calendar list` has all.")
    if not GUID.fullmatch(event_id):
        raise unknown
    with database.transaction("worker", organization_id) as connection:
        work = UnitOfWork(connection, organization_id, None)
        work.lock([key])
        row = work.get(*key)
        if row is None or row["deleted_at"] is not None:
            raise unknown
        now = instant_text(datetime.now(UTC))
        work.put({key: {**row, "deleted_at": now, "updated_at": now, "updated_by": None}})
        work.finish()


def _instants(span: Span, zone_name: str) -> tuple[str, str]:
    """Give a span as instants. A day has as many hours as it has at the site. Raises Refused: no such zone."""
    try:
        zone = recurrence.zone_of(zone_name)
        begins = recurrence.instant_at(_wall(span.begins), zone)
        ends = recurrence.instant_at(_wall(span.ends, is_end=True), zone)
    except OverflowError as error:
        raise Refused("invalid_value", "No calendar has such a day.") from error
    except ValueError as error:
        raise Refused("invalid_value", str(error)) from error
    return instant_text(begins), instant_text(ends)


def _wall(said: date | datetime, *, is_end: bool = False) -> datetime:
    if isinstance(said, datetime):
        return said
    return datetime.combine(said + timedelta(days=1 if is_end else 0), time())
