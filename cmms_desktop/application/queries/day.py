"""A person's day: his orders as cards in route order, with what each still needs. Frozen rows from the replica only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cmms_desktop.application.queries.assignment_requests import NO_REQUEST
from cmms_desktop.application.queries.item_tally import ItemTally, item_tallies
from cmms_desktop.application.queries.lookups import (
    Unsettled,
    asset_label,
    hazards_of,
    location_paths,
    packed,
    text_of,
    text_or_none,
    unsettled,
)
from cmms_desktop.application.queries.taken import Taker, takers
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.column_types import instant_text
from sync_server.contract.entities.work_orders import STATES

OPEN: Final = ("new", "assigned", "in_progress", "on_hold")
DONE: Final = frozenset(STATES) - frozenset(OPEN)
UNDER_WAY: Final = frozenset({"in_progress", "on_hold"})


@dataclass(frozen=True, slots=True)
class DaySpan:
    """One day on the wall, as two instants in wire form: it begins with the first and ends before the second."""

    starts_at: str
    ends_at: str

    @classmethod
    def of(cls, now: datetime) -> "DaySpan":
        """The day of an aware datetime, in the time zone that it carries."""
        starts = now.replace(hour=0, minute=0, second=0, microsecond=0)
        ends = starts + timedelta(days=1)
        return cls(instant_text(starts.astimezone(UTC)), instant_text(ends.astimezone(UTC)))


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCard:
    """One order of the day. Instants in wire form; counts of the items that are asked."""

    id: str
    number: str
    title: str
    status: str
    priority: str
    type: str
    site: str
    location: str | None
    """Path such as "Main building, Ground floor"."""
    asset: str | None
    """Code and name, or the text that stands in for an unknown asset."""
    due_at: str | None
    scheduled_at: str | None
    route_position: int | None
    hazards: tuple[str, ...]
    conflicts: int
    """Open ones."""
    unsent: int
    parked: int
    held: int
    is_signature_stale: bool
    is_returned: bool
    return_reason: str | None
    status_reason: str | None
    answered: int
    total: int
    failed: int
    missing: int
    """Mandatory answers."""
    is_today: bool
    """In the route, under way, or due or planned until the end of the day."""
    is_done: bool
    takers: tuple[Taker, ...] = ()
    """Others who are on it."""


_COLUMNS: Final = f"""
SELECT w.id, w.number, w.title, w.status, w.priority, w.type, coalesce(s.name, ''), w.location_id, a.code, a.name,
  w.asset_text, w.due_at, w.scheduled_at, w.route_position, w.hazards, w.status_reason, w.is_signature_stale,
  w.performed_signature_id, (SELECT count(*) FROM conflict c WHERE c.aggregate_id = w.id AND c.resolution IS NULL
  AND c.deleted_at IS NULL AND {NO_REQUEST}), st.code, st.name
FROM work_order w LEFT JOIN site s ON s.id = w.site_id LEFT JOIN asset a ON a.id = w.asset_id
LEFT JOIN asset_stub st ON st.asset_id = w.asset_id AND a.id IS NULL
WHERE w.deleted_at IS NULL AND"""

_KNOWN: Final = f"({', '.join(repr(state) for state in STATES)})"
_DAY: Final = f"""{_COLUMNS} w.id IN (
  SELECT id FROM work_order WHERE status IN ('new', 'assigned', 'in_progress', 'on_hold', 'completed')
  UNION SELECT m.aggregate_id FROM member m JOIN work_order o ON o.id = m.aggregate_id
  WHERE m.scope_id = 'user:' || :me AND o.status NOT IN {_KNOWN}
  UNION SELECT aggregate_id FROM work_log WHERE person_id = :me AND deleted_at IS NULL
  AND coalesce(ended_at, started_at) >= :starts_at)
AND (w.status IN ('new', 'assigned', 'in_progress', 'on_hold') OR w.status NOT IN {_KNOWN}
  OR (w.status IN ('completed', 'closed') AND w.completed_at >= :starts_at AND w.completed_at < :ends_at))
AND (EXISTS (SELECT 1 FROM member m WHERE m.scope_id = 'user:' || :me AND m.aggregate_id = w.id)
  OR (w.version = 0 AND w.created_by = :me))
ORDER BY w.status IN ('completed', 'closed'), w.route_position IS NULL, w.route_position, w.due_at IS NULL, w.due_at,
  w.number"""
"""Candidates come from the index of the states and from the person's own visits: closed orders may be many.

An order in a state that only a newer version knows may still have to be done.
"""


def day_cards(reading: Reading, person_id: str, today: DaySpan) -> tuple[DayCard, ...]:
    """Open orders of a person in route order, those without a place in it behind, those completed today last.

    An order that he made here and that is not at the server yet is his as well. One that is closed already counts as
    done today when he was there today.
    """
    parameters = {"me": person_id, "starts_at": today.starts_at, "ends_at": today.ends_at}
    return _cards(reading, reading.cursor.execute(_DAY, parameters).fetchall(), today, me=person_id)


def _cards(reading: Reading, lines: Sequence[Any], today: DaySpan, *, me: str) -> tuple[DayCard, ...]:
    order_ids = [line[0] for line in lines]
    tallies = item_tallies(reading, order_ids)
    paths = location_paths(reading, (line[7] for line in lines))
    waiting = unsettled(reading)
    returned = return_reasons(reading, order_ids)
    taken = takers(reading, (line[0] for line in lines if line[3] not in DONE), me=me)
    return tuple(
        _card(
            line,
            today=today,
            tally=tallies.get(line[0], ItemTally()),
            path=paths.get(line[7]),
            unsent=waiting.get(line[0], Unsettled()),
            returned=returned.get(line[0]),
            others=taken.get(line[0], ()),
        )
        for line in lines
    )


def _card(
    line: Sequence[Any],
    *,
    today: DaySpan,
    tally: ItemTally,
    path: str | None,
    unsent: Unsettled,
    returned: str | None,
    others: tuple[Taker, ...],
) -> DayCard:
    order_id, number, title, status, priority, type_, site = (text_of(cell) for cell in line[:7])
    due_at, scheduled_at, route_position = line[11], line[12], line[13]
    moments = [each for each in (due_at, scheduled_at) if each is not None]
    return DayCard(
        id=order_id,
        number=number,
        title=title,
        status=status,
        priority=priority,
        type=type_,
        site=site,
        location=path,
        asset=asset_label(line[8] or line[19], line[9] or line[20], line[10]),
        due_at=due_at,
        scheduled_at=scheduled_at,
        route_position=route_position,
        hazards=hazards_of(line[14]),
        conflicts=line[18],
        unsent=unsent.waiting,
        parked=unsent.parked,
        held=unsent.held,
        is_signature_stale=bool(line[16]),
        is_returned=returned is not None,
        return_reason=returned,
        status_reason=text_or_none(line[15]),
        answered=tally.answered,
        total=tally.total,
        failed=tally.failed,
        missing=tally.missing,
        is_today=route_position is not None
        or status in UNDER_WAY
        or any(each < today.ends_at for each in moments)
        or status not in OPEN,
        is_done=status in DONE,
        takers=others,
    )


def return_reasons(reading: Reading, order_ids: Sequence[str]) -> dict[str, str]:
    """Why orders were sent back and not signed anew, by order; the others are missing.

    A return is a review that left the order open and without a performer's signature. The reason stands in the
    review; that of the state may be a later one, of a pause.
    """
    found = reading.cursor.execute(
        "SELECT w.id, coalesce(s.reason, w.status_reason, '') FROM json_each(?) j"
        " CROSS JOIN work_order w ON w.id = j.value CROSS JOIN signature s ON s.aggregate_id = w.id"
        " WHERE w.status IN ('in_progress', 'on_hold') AND w.performed_signature_id IS NULL"
        " AND s.meaning = 'reviewed' AND s.deleted_at IS NULL ORDER BY s.signed_at, s.id",
        (packed(order_ids),),
    ).fetchall()
    return dict(found)
