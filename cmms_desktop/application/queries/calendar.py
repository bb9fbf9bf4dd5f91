"""What is on a person's calendar: his own events and those of his teams. Frozen rows from the replica only."""

from dataclasses import dataclass
from typing import Final

from cmms_desktop.application.queries.lookups import text_of, text_or_none
from cmms_desktop.replica.transaction import Reading


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """An event; instants in wire form. `team`: whose it is; None: the person's own."""

    id: str
    kind: str
    title: str
    begins_at: str
    ends_at: str
    team: str | None


_EVENTS: Final = """
SELECT e.id, e.kind, e.title, e.begins_at, e.ends_at, t.name FROM calendar_event e
LEFT JOIN team t ON t.id = e.team_id
WHERE e.deleted_at IS NULL AND e.ends_at > :after AND e.begins_at < :before AND (e.person_id = :me
  OR EXISTS (SELECT 1 FROM member m WHERE m.scope_id = 'user:' || :me AND m.aggregate_id = e.id))
ORDER BY e.begins_at, e.id"""


def calendar_events(reading: Reading, person_id: str, *, after: str, before: str) -> tuple[CalendarEvent, ...]:
    """Events that are not over at `after` and begin before `before` (wire instants), what begins first first."""
    parameters = {"me": person_id, "after": after, "before": before}
    found = reading.cursor.execute(_EVENTS, parameters).fetchall()
    return tuple(_event(*line) for line in found)


def _event(*line: object) -> CalendarEvent:
    event_id, kind, title, begins_at, ends_at = (text_of(cell) for cell in line[:5])
    return CalendarEvent(event_id, kind, title, begins_at, ends_at, text_or_none(line[5]))
