"""Planned maintenance, as an administrator or the office keeps it."""

import dataclasses
from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from sync_server.application.maintenance import schedules
from sync_server.application.maintenance.office import told
from sync_server.application.maintenance.reading import Schedule
from sync_server.application.maintenance.schedules import ByCalendar, ByMeter, Place
from sync_server.cli.administration import Answer, known_organization
from sync_server.cli.databases import ready_database
from sync_server.cli.parsing import lines_of, one_line
from sync_server.config import ServerSettings
from sync_server.routines.maintenance import counted, make_orders
from sync_server.storage import routine_runs


def add(name: str, slug: str, place: Place, when: ByCalendar | ByMeter) -> Answer:
    """Add a schedule, and say when it comes first."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        organization_id = known_organization(database, slug)
        schedule_id = schedules.add(database, organization_id, name, place, when, at=datetime.now(UTC))
        (added,) = [each for each in schedules.listed(database, organization_id) if each.id == schedule_id]
    return {"schedule": msgspec.to_builtins(told(added))}, one_line(f"{added.name} is there: {_next(added)}.")


def list_all(slug: str) -> Answer:
    """List schedules, one a line."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        found = schedules.listed(database, known_organization(database, slug))
    lines = [_line(each) for each in found]
    answer: dict[str, object] = {"schedules": [msgspec.to_builtins(told(each)) for each in found]}
    return answer, lines_of(lines) or f"{slug} has no schedules."


def switch(action: str, name: str, slug: str) -> Answer:
    """Pause, resume or remove a schedule."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        organization_id = known_organization(database, slug)
        if action == "pause":
            schedules.pause(database, organization_id, name)
        elif action == "resume":
            schedules.resume(database, organization_id, name, at=datetime.now(UTC))
        else:
            schedules.remove(database, organization_id, name)
    said = {"pause": "makes no orders until it is resumed", "resume": "makes orders again", "remove": "is deleted"}
    return {"organization": slug, "schedule": name, "done": action}, f"{name} {said[action]}."


def run(slug: str | None, *, at: datetime) -> Answer:
    """Make the orders that are due, and say of which schedules none could be made."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        if slug is None:
            with database.transaction("worker", None, read_only=True) as connection:
                organizations = routine_runs.organizations(connection)
        else:
            organizations = [known_organization(database, slug)]
        told_of = {each: make_orders(database, each, at=at) for each in organizations}
    every = [made for told_ in told_of.values() for made in told_]
    lines = [
        f"{made.schedule}: {', '.join(made.numbers)}" if made.numbers else f"{made.schedule}: none. {made.held_back}"
        for made in every
    ]
    answer: dict[str, object] = {
        "organizations": {each: [dataclasses.asdict(made) for made in made_] for each, made_ in told_of.items()},
        **counted(every),
    }
    return answer, lines_of(lines) or "Nothing is due."


def _line(schedule: Schedule) -> str:
    about = schedule.site_code if schedule.asset_code is None else f"{schedule.asset_code} at {schedule.site_code}"
    state = "" if schedule.is_active else "; paused"
    held = "" if schedule.held_back is None else f"; none made: {schedule.held_back}"
    return f"{schedule.name}  {schedule.template}, {about}; {_when(schedule)}; {_next(schedule)}{state}{held}"


def _when(schedule: Schedule) -> str:
    if schedule.rule is not None:
        ahead = f", {schedule.lead_days} days ahead" if schedule.lead_days > 1 else ""
        return f"{schedule.rule}{ahead}"
    every = Decimal(schedule.every_units or 0)
    return f"every {every.normalize():f} {schedule.unit} of {schedule.meter}"


def _next(schedule: Schedule) -> str:
    if schedule.next_due_value is not None:
        return f"next at {schedule.next_due_value.normalize():f} {schedule.unit}"
    if schedule.next_local is None:
        return "nothing comes any more"
    return f"next {schedule.next_local.replace('T', ' ')} ({schedule.time_zone})"
