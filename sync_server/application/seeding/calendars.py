"""What is on the calendars of the people: a crew on call tonight, a training, leave. Takes nothing from chance."""

from sync_server.application.seeding.content import Content
from sync_server.application.seeding.people import Staff
from sync_server.application.seeding.profile import Profile

HOUR = 60


def add_calendars(content: Content, profile: Profile, staff: Staff) -> None:
    """Add them, as the planner wrote them down, at the first site of whom they concern."""
    planner = next(person for person in staff.people if person.role == "planner")
    at = content.at(days=-7, minutes=9 * HOUR)
    for number, team_id in enumerate(staff.team_ids):
        site_id = content.id_of("site", profile.sites[2 * number].letter)
        begins, ends = content.at(days=number, minutes=16 * HOUR), content.at(days=number + 1, minutes=7 * HOUR)
        times = {"begins_at": begins, "ends_at": ends}
        event_id = content.id_of("calendar_event", f"on call {number}")
        whose = {"team_id": team_id, "site_id": site_id}
        content.add("calendar_event", event_id, at=at, by=planner.id, kind="on_call", title="Nights", **whose, **times)
    second = staff.in_role("technician")[1]
    site_id = content.id_of("site", second.sites[0])
    for kind, title, first, last in (("training", "Work at heights", 2, 2), ("leave", "Holiday", 10, 16)):
        content.add(
            "calendar_event",
            content.id_of("calendar_event", kind),
            at=at,
            by=planner.id,
            person_id=second.id,
            site_id=site_id,
            kind=kind,
            title=title,
            begins_at=content.at(days=first),
            ends_at=content.at(days=last + 1),
        )
