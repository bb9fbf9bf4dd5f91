"""Time and place of an order: visits with what happened on them, and the visit that is going on. Frozen rows.

Shows the evidence as it was recorded; judges nothing again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cmms_desktop.application.queries.happened import in_order
from cmms_desktop.application.queries.lookups import person_names, received_at, rows_of, text_of, text_or_none
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.column_types import instant_of
from sync_server.contract.fields import Row, Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitEvent:
    """Something that happened, with the position as it was measured. Instants in wire form.

    `received_at` None: the server has not confirmed it yet. `fence`: inside, outside or unknown; None: not judged.
    """

    id: str
    kind: str
    device_at: str
    received_at: str | None
    offset_ms: int | None
    fence: str | None
    distance_m: float | None
    accuracy_m: float | None
    fix_age_s: float | None
    latitude: float | None
    longitude: float | None
    source: str | None
    is_mock: bool
    reason: str | None
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitLine:
    """One visit of one person. `pause_minutes`: between pauses and resumings, as the events say."""

    id: str
    person_id: str
    person: str
    travel_at: str | None
    arrived_at: str | None
    started_at: str | None
    ended_at: str | None
    travel_minutes: int | None
    work_minutes: int | None
    pause_minutes: int
    events: tuple[VisitEvent, ...]

    @property
    def arrival(self) -> VisitEvent | None:
        """The last arrival of the visit; None: nobody arrived."""
        return next((event for event in reversed(self.events) if event.kind == "arrive"), None)


def visit_lines(reading: Reading, order_id: str) -> tuple[VisitLine, ...]:
    """Visits of an order, oldest first."""
    logs = rows_of(reading, "work_log", (order_id,)).get(order_id, [])
    events = rows_of(reading, "work_log_event", (order_id,)).get(order_id, [])
    names = person_names(reading, (log["person_id"] for log in logs))
    return tuple(
        _visit(log, [event for event in events if event["work_log_id"] == log["id"]], names)
        for log in sorted(logs, key=_began)
    )


def current_visit(reading: Reading, order: Row, person_id: str) -> Row | None:
    """The work log of a person's visit that is going on, or just ended and is to be signed; None: he has to set out.

    A visit that ended before the order was sent back is over: the work begins anew.
    """
    logs = rows_of(reading, "work_log", (order["id"],)).get(text_of(order["id"]), [])
    mine = [log for log in logs if log["person_id"] == person_id]
    if not mine:
        return None
    last = max(mine, key=_began)
    if last["ended_at"] is None or order["performed_signature_id"] is not None:
        return last
    return None if text_of(last["ended_at"]) <= _sent_back_at(reading, text_of(order["id"])) else last


def _sent_back_at(reading: Reading, order_id: str) -> str:
    """Instant of the last review of an order; empty: there was none."""
    (signed_at,) = reading.cursor.execute(
        "SELECT max(signed_at) FROM signature WHERE aggregate_id = ? AND meaning = 'reviewed' AND deleted_at IS NULL",
        (order_id,),
    ).fetchone()
    return text_of(signed_at)


def _began(log: Row) -> tuple[str, str]:
    moments = (log["travel_at"], log["arrived_at"], log["started_at"], log["created_at"])
    return text_of(next((each for each in moments if each), "")), text_of(log["id"])


def _visit(log: Row, events: Sequence[Row], names: dict[str, str]) -> VisitLine:
    person_id = text_of(log["person_id"])
    lines = tuple(_event(event) for event in sorted(events, key=_when))
    return VisitLine(
        id=text_of(log["id"]),
        person_id=person_id,
        person=names.get(person_id, ""),
        travel_at=text_or_none(log["travel_at"]),
        arrived_at=text_or_none(log["arrived_at"]),
        started_at=text_or_none(log["started_at"]),
        ended_at=text_or_none(log["ended_at"]),
        travel_minutes=_whole(log["travel_minutes"]),
        work_minutes=_whole(log["work_minutes"]),
        pause_minutes=pause_minutes(lines),
        events=lines,
    )


def _when(event: Row) -> tuple[str, str]:
    return in_order(event, "device_at")


def _event(row: Row) -> VisitEvent:
    return VisitEvent(
        id=text_of(row["id"]),
        kind=text_of(row["kind"]),
        device_at=text_of(row["device_at"]),
        received_at=received_at(row),
        offset_ms=_whole(row["offset_ms"]),
        fence=text_or_none(row["fence"]),
        distance_m=_number(row["distance_m"]),
        accuracy_m=_number(row["accuracy_m"]),
        fix_age_s=_number(row["fix_age_s"]),
        latitude=_number(row["latitude"]),
        longitude=_number(row["longitude"]),
        source=text_or_none(row["source"]),
        is_mock=bool(row["is_mock"]),
        reason=text_or_none(row["reason"]),
        is_late=bool(row["is_late"]),
    )


def pause_minutes(events: Sequence[VisitEvent]) -> int:
    """Whole minutes from each pause to what came next; a pause that lasts counts nothing yet."""
    total, paused_at = 0.0, ""
    for event in events:
        if paused_at:
            total += _seconds_between(paused_at, event.device_at)
        paused_at = event.device_at if event.kind == "pause" else ""
    return round(total / 60)


def _seconds_between(since: str, until: str) -> float:
    """Seconds, never below nothing: a clock may have been set back, and a moment may be unreadable."""
    try:
        return max(0.0, (instant_of(until) - instant_of(since)).total_seconds())
    except ValueError:
        return 0.0


def _number(value: Scalar) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _whole(value: Scalar) -> int | None:
    return int(value) if isinstance(value, int | float) else None
