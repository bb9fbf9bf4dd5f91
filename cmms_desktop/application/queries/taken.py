"""Who else is on an order: the visits of others that are going on, as far as this device knows. Frozen rows.

Nothing is written for it: a visit is the claim, and what is done on it renews it. It warns and never forbids; two
visits stay two visits.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from cmms_desktop.application.queries.lookups import packed, state_of, text_of
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.column_types import instant_of, instant_text
from sync_server.contract.fields import Scalar

LEASE: Final = timedelta(hours=12)
"""A visit counts so long after the last thing that the server heard of it: a shift, part of it without network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taker:
    """Somebody else on an order. Instants in wire form.

    `taken_at`: by the server's clock, where his device knew how far it is off. `seen_at`: when this device last asked,
    by its own clock; what happened since is not known here. `was_first`: before a visit of one's own, if there is one.
    """

    person: str
    taken_at: str
    seen_at: str
    was_first: bool


_HEARD: Final = " UNION ALL ".join(
    f"SELECT max(updated_at) AS at FROM {entity} WHERE aggregate_id = l.aggregate_id AND updated_by = l.person_id"
    for entity in ("work_log", "work_log_event", "checklist_item", "stock_movement", "comment", "attachment")
)
_GOING_ON: Final = f"""
SELECT l.aggregate_id, l.person_id, coalesce(p.name, ''),
  coalesce(l.travel_at, l.arrived_at, l.started_at, l.created_at),
  coalesce((SELECT e.offset_ms FROM work_log_event e WHERE e.aggregate_id = l.aggregate_id AND e.work_log_id = l.id
  ORDER BY e.device_at LIMIT 1), 0), (SELECT max(at) FROM ({_HEARD}))
FROM json_each(?1) j CROSS JOIN work_log l ON l.aggregate_id = j.value LEFT JOIN person p ON p.id = l.person_id
WHERE l.ended_at IS NULL AND l.deleted_at IS NULL AND (l.version > 0 OR l.person_id = ?2)"""


@dataclass(frozen=True, slots=True)
class _Visit:
    person_id: str
    person: str
    taken_at: str
    heard_at: str


def takers(reading: Reading, order_ids: Iterable[Scalar], *, me: str) -> dict[str, tuple[Taker, ...]]:
    """Others whose visit to an order is going on, by order, who took it first in front; orders of nobody are missing.

    A visit of which nothing was heard for LEASE when this device last asked does not count any more: somebody forgot
    to end it.
    """
    visits = _visits(reading, order_ids, me)
    if all(visit.person_id == me for those in visits.values() for visit in those):
        return {}
    state = state_of(reading)
    seen_at = text_of(state.last_sync_at)
    over_at = _moved(seen_at, timedelta(milliseconds=state.offset_ms or 0) - LEASE)
    found = {order_id: tuple(_others(those, me, seen_at, over_at)) for order_id, those in visits.items()}
    return {order_id: those for order_id, those in found.items() if those}


def _visits(reading: Reading, order_ids: Iterable[Scalar], me: str) -> dict[str, list[_Visit]]:
    """Visits that are going on, each order's in the order in which they began."""
    visits: dict[str, list[_Visit]] = {}
    for order_id, person_id, name, began_at, offset_ms, heard_at in reading.cursor.execute(
        _GOING_ON, (packed(order_ids), me)
    ).fetchall():
        taken_at = _moved(text_of(began_at), timedelta(milliseconds=offset_ms))
        visits.setdefault(order_id, []).append(_Visit(text_of(person_id), name, taken_at, text_of(heard_at)))
    return {order_id: sorted(those, key=_taken_at) for order_id, those in visits.items()}


def _others(visits: Iterable[_Visit], me: str, seen_at: str, over_at: str) -> Iterator[Taker]:
    mine = None
    for visit in visits:
        if visit.person_id == me:
            mine = mine or visit.taken_at
        elif visit.heard_at >= over_at:
            yield Taker(person=visit.person, taken_at=visit.taken_at, seen_at=seen_at, was_first=mine is None)


def _taken_at(visit: _Visit) -> str:
    return visit.taken_at


def _moved(at: str, span: timedelta) -> str:
    """An instant moved by a span; what cannot be read, or leaves the calendar, stays as it is."""
    try:
        return instant_text(instant_of(at) + span)
    except (ValueError, OverflowError):
        return at
