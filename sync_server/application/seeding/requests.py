"""What the sites have asked the office for: one request waits, one was declined. Takes nothing from chance."""

from sync_server.application.seeding.content import Content
from sync_server.application.seeding.people import Staff

WAITING = ("Handrail of the stairs is loose", "Seen on the way to the plant room. It still holds.", "high")
DECLINED = ("Paint on the door is chipped", "The door is exchanged next month.")


def add_requests(content: Content, staff: Staff, asset_ids: dict[str, list[str]]) -> None:
    """Add them, as the planner wrote them down, at the first asset of each site."""
    planner = next(person for person in staff.people if person.role == "planner")
    for letter, ids in asset_ids.items():
        place = {"site_id": content.id_of("site", letter), "asset_id": ids[0]}
        title, description, urgency = WAITING
        content.add(
            "service_request",
            content.id_of("service_request", f"{letter}/waiting"),
            at=content.at(days=-1, minutes=15 * 60),
            by=planner.id,
            **place,
            title=title,
            description=description,
            urgency=urgency,
        )
        title, reason = DECLINED
        content.add(
            "service_request",
            content.id_of("service_request", f"{letter}/declined"),
            at=content.at(days=-9, minutes=10 * 60),
            by=planner.id,
            **place,
            title=title,
            urgency="low",
            status="declined",
            reason=reason,
            decided_by=planner.id,
            decided_at=content.at(days=-8, minutes=9 * 60),
        )
