"""Calendars of people and teams, as an administrator or the office keeps them."""

from datetime import UTC, datetime

import msgspec

from sync_server.application import calendars
from sync_server.application.calendars import Planned, Span
from sync_server.application.maintenance import recurrence
from sync_server.application.office_lists import whole_office_reading
from sync_server.cli.administration import Answer, known_organization
from sync_server.cli.databases import ready_database
from sync_server.cli.parsing import lines_of, one_line
from sync_server.config import ServerSettings
from sync_server.contract.column_types import instant_of


def add(slug: str, title: str, span: Span, *, site_code: str, kind: str, login: str | None, team: str | None) -> Answer:
    """Put an event on a calendar."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        event_id = calendars.plan_by_name(
            database,
            known_organization(database, slug),
            span,
            site_code=site_code,
            kind=kind,
            title=title,
            login=login,
            team=team,
        )
    return {"event": event_id}, f"{one_line(title)} is on the calendar of {login or team}."


def list_all(slug: str) -> Answer:
    """Tell what is not over, one a line."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        organization_id = known_organization(database, slug)
        with whole_office_reading(database, organization_id) as connection:
            found = calendars.listed(connection, organization_id, now=datetime.now(UTC), limit=calendars.MOST)
    lines = [_line(each) for each in found]
    return {"events": [msgspec.to_builtins(each) for each in found]}, lines_of(lines) or "Nothing is planned."


def cancel(event_id: str, slug: str) -> Answer:
    """Take an event off its calendar."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        calendars.cancel_by_id(database, known_organization(database, slug), event_id)
    return {"event": event_id}, "It is off the calendar."


def _line(event: Planned) -> str:
    begins, ends = (_local(at, event.time_zone) for at in (event.begins_at, event.ends_at))
    orders = f"; {event.orders} orders planned meanwhile" if event.orders else ""
    kind = event.kind.replace("_", " ")
    return f"{event.id}  {begins} to {ends}  {event.site_code}  {event.whose}: {kind}, {event.title}{orders}"


def _local(at: str, zone_name: str) -> str:
    """Give an instant as the site's clock shows it; in UTC where nobody knows its zone."""
    try:
        return f"{recurrence.wall_clock(instant_of(at), recurrence.zone_of(zone_name)):%Y-%m-%d %H:%M}"
    except ValueError:
        return at
