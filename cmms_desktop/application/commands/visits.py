"""Travel, arrive, start, pause, resume, leave: one work log per visit, every step an event with its evidence."""

from datetime import datetime, timedelta

from cmms_desktop.application.positions import Position, fence_of_site
from cmms_desktop.errors import Refused
from cmms_desktop.replica.local_write import LocalWrite
from sync_server.contract.column_types import instant_of, instant_text
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.rules.geofence import Fence, judge
from sync_server.contract.rules.status import has_reason


def start_travel(write: LocalWrite, order_id: str) -> str:
    """Set out for an order. Gives the id of the work log, the visit that begins."""
    log_id = write.create(
        "work_log", {"work_order_id": order_id, "person_id": write.actor.person_id, "travel_at": write.now}
    )
    _note(write, log_id, "travel")
    return log_id


def arrive(write: LocalWrite, log_id: str, position: Position | None, *, reason: str | None = None) -> str:
    """Record the arrival with its evidence, judged against the site's fence. Gives inside, outside or unknown.

    Never stands in the way of work: outside the fence, without a fix or by hand it only asks for a reason.

    Raises:
        Refused: `reason_required`, or `invalid_value` for a position that is not on this planet.
    """
    log = _log(write, log_id)
    evidence = _evidence(write, log, position)
    if not has_reason(reason) and (evidence["fence"] != "inside" or evidence["source"] == "manual"):
        raise Refused("reason_required", "You are not known to be at the site. Say why you start here.")
    _note(write, log_id, "arrive", reason=reason, **evidence)
    write.set("work_log", log_id, arrived_at=write.now, travel_minutes=_minutes(log["travel_at"], write.now))
    return str(evidence["fence"])


def _evidence(write: LocalWrite, log: Row, position: Position | None) -> dict[str, Scalar]:
    if position is None:
        return {"fence": "unknown", "source": None}
    measured: dict[str, Scalar] = {
        "latitude": position.latitude,
        "longitude": position.longitude,
        "accuracy_m": position.accuracy_m,
        "fix_age_s": max(position.age_s, 0.0),
        "source": position.source,
        "is_mock": position.is_mock,
    }
    fence = _fence(write, str(log["work_order_id"]))
    if fence is None:
        return {**measured, "fence": "unknown"}
    try:
        verdict = judge(
            fence,
            latitude=position.latitude,
            longitude=position.longitude,
            accuracy_m=position.accuracy_m,
            age_s=position.age_s,
        )
    except ValueError as error:
        raise Refused("invalid_value", f"This position cannot be: {error}.") from error
    return {**measured, "fence": verdict.fence, "distance_m": verdict.distance_m}


def _fence(write: LocalWrite, order_id: str) -> Fence | None:
    order = write.get("work_order", order_id)
    return fence_of_site(write.get("site", str(order["site_id"])) if order else None)


def start_work(write: LocalWrite, log_id: str) -> None:
    """Begin to work: the order is in progress."""
    log = _log(write, log_id)
    _note(write, log_id, "start")
    write.set("work_log", log_id, started_at=write.now)
    write.set("work_order", str(log["work_order_id"]), status="in_progress")


def pause_work(write: LocalWrite, log_id: str, *, reason: str) -> None:
    """Put the order on hold. Raises Refused without a reason."""
    if not has_reason(reason):
        raise Refused("reason_required", "Say why the order is on hold.")
    log = _log(write, log_id)
    _note(write, log_id, "pause", reason=reason)
    write.set("work_order", str(log["work_order_id"]), status="on_hold", status_reason=reason)


def resume_work(write: LocalWrite, log_id: str) -> None:
    """Go on working after a pause."""
    log = _log(write, log_id)
    _note(write, log_id, "resume")
    write.set("work_order", str(log["work_order_id"]), status="in_progress")


def leave(write: LocalWrite, log_id: str) -> None:
    """End the visit."""
    log = _log(write, log_id)
    _note(write, log_id, "leave")
    until = _moved(write.now, write.offset_ms, since=_offset_at_start(write, log_id))
    write.set("work_log", log_id, ended_at=write.now, work_minutes=_minutes(log["started_at"], until))


def _note(write: LocalWrite, log_id: str, kind: str, **values: Scalar) -> None:
    write.create(
        "work_log_event",
        {"work_log_id": log_id, "kind": kind, "device_at": write.now, "offset_ms": write.offset_ms, **values},
    )


def _log(write: LocalWrite, log_id: str) -> Row:
    log = write.get("work_log", log_id)
    if log is None:
        raise Refused("not_found", "This visit is not on this device.")
    return log


def _offset_at_start(write: LocalWrite, log_id: str) -> int | None:
    """How far the clock was off when work began, as far as that was known then."""
    sql = "SELECT offset_ms FROM work_log_event WHERE work_log_id = ? AND kind = 'start' ORDER BY rowid LIMIT 1"
    found = write.cursor.execute(sql, (log_id,)).fetchone()
    return None if found is None else found[0]


def _moved(now: str, offset_ms: int | None, *, since: int | None) -> str:
    """What the clock would say now, had nobody set it since; what was not measured is taken for right."""
    if offset_ms is None or since is None:
        return now
    try:
        return instant_text(instant_of(now) + timedelta(milliseconds=offset_ms - since))
    except OverflowError:
        return now


def _minutes(since: Scalar, until: str) -> int | None:
    """Whole minutes between two instants; None when the first is missing. A clock set back counts as no time."""
    if since is None:
        return None
    began: datetime = instant_of(str(since))
    return max(0, round((instant_of(until) - began).total_seconds() / 60))
