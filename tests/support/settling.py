"""What people see of conflicts on a device of a fleet, and how they settle them: through the queries of the screens."""

from datetime import UTC
from typing import Literal

from cmms_desktop.application.commands import conflicts
from cmms_desktop.application.queries.history import timeline
from cmms_desktop.application.queries.inbox import ConflictLine, inbox
from cmms_desktop.application.queries.settling import SettleRight, inbox_page
from cmms_desktop.ui.text.moments import Moments
from cmms_desktop.ui.text.timeline_words import timeline_face
from cmms_desktop.ui.text.why_words import conflict_why
from sync_server.contract.fields import Scalar
from tests.support.fleet import FleetDevice

MOMENTS = Moments(UTC)


def open_conflicts(device: FleetDevice, aggregate_id: str | None = None) -> dict[str, ConflictLine]:
    """What waits in the inbox, by field."""
    with device.workplace.replica.read() as reading:
        found = inbox(reading, aggregate_id).open
    return {line.field: line for group in found for line in group.conflicts}


def settled_conflicts(device: FleetDevice, aggregate_id: str | None = None) -> dict[str, ConflictLine]:
    """What was settled, by field."""
    with device.workplace.replica.read() as reading:
        found = inbox(reading, aggregate_id).settled
    return {line.field: line for group in found for line in group.conflicts}


def right_to(device: FleetDevice, conflict_id: str) -> SettleRight:
    """Whether the person may keep the author's value."""
    with device.workplace.replica.read() as reading:
        return inbox_page(reading).rights[conflict_id]


def settle(
    device: FleetDevice,
    conflict_id: str,
    keep: Literal["mine", "theirs", "edited"],
    *,
    value: Scalar = None,
    reason: str | None = None,
) -> None:
    """Settle on the device, with or without network."""
    with device.write() as write:
        conflicts.settle(write, conflict_id, keep, value=value, reason=reason)


def why_on(device: FleetDevice, line: ConflictLine) -> str:
    """Why what stands does, as the device says it on the day of the fleet."""
    return conflict_why(line, MOMENTS, device.fleet.clock())


def history(device: FleetDevice, order_id: str) -> list[str]:
    """Everything that the history page of an order says, a line each, with the details below."""
    with device.workplace.replica.read() as reading:
        found = timeline(reading, order_id)
    assert found is not None
    faces = [timeline_face(entry, MOMENTS, device.fleet.clock()) for entry in found.entries]
    return [text for face in faces for text in (face.event, *face.details)]
