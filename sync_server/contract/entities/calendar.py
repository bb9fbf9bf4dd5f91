"""What takes a person or a team away from orders for a while, or keeps them ready: planned by the office."""

from datetime import datetime

from sqlalchemy.orm import Mapped

from sync_server.contract.column_types import Guid, Text, UTCDateTime
from sync_server.contract.fields import Merge, SyncedEntity, synced

CALENDAR_KINDS = ("training", "leave", "on_call", "meeting", "other")
"""Being ill is none of them: why somebody cannot come is nobody's business."""
ABSENCES = ("training", "leave", "meeting", "other")
"""Kinds during which nobody can be at an order; who is on call can."""


class CalendarEventFields(SyncedEntity):
    """Something on the calendar of a person or of everybody in a team, never both; they alone have it on devices."""

    entity = "calendar_event"
    aggregates = ("calendar_event",)
    since = 5

    person_id: Mapped[str | None] = synced(Guid, merge=Merge.FIXED, references="person", since=5)
    """Whom it concerns. None: a team."""
    team_id: Mapped[str | None] = synced(Guid, merge=Merge.FIXED, references="team", since=5)
    """The team that it concerns, whoever is in it. None: a person."""
    site_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="site", since=5)
    """Site whose office plans it; decides who of the office may see and change it."""
    kind: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, words=CALENDAR_KINDS, since=5)
    """What sort of thing it is."""
    title: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, characters=200, since=5)
    """What it is, in one line."""
    begins_at: Mapped[datetime] = synced(UTCDateTime, merge=Merge.OFFICE_WINS, since=5)
    """When it begins, UTC."""
    ends_at: Mapped[datetime] = synced(UTCDateTime, merge=Merge.OFFICE_WINS, since=5)
    """When it is over, UTC; always after it began."""
