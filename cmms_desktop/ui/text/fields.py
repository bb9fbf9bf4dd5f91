"""Fields and values in words, for conflicts, refusals and waiting changes. Unknown fields keep their own name."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from cmms_desktop.application.queries.values import FieldValue, referred
from cmms_desktop.ui.text import words
from cmms_desktop.ui.text.moments import Moments, date_words, duration
from cmms_desktop.ui.text.numbers import number, with_unit
from sync_server.contract.entities import REGISTRY
from sync_server.contract.rules.assigning import ASSIGNMENT, HOLDERS

EMPTY: Final = "Empty"
NOBODY: Final = "Nobody yet"
LABELS: Final[dict[str, str]] = {
    "title": "Title",
    "description": "Fault description",
    "status": "State",
    "status_reason": "Reason of the state",
    "number": "Number",
    "priority": "Priority",
    "type": "Type",
    "site_id": "Site",
    "location_id": "Location",
    "asset_id": "Asset",
    "asset_text": "Asset as read",
    "hazards": "Hazards",
    "due_at": "Due",
    "scheduled_at": "Planned for",
    "route_position": "Place in the route",
    "estimated_minutes": "Planned time",
    "actual_minutes": "Time taken",
    "cost": "Cost",
    "completion_note": "Completion note",
    "requires_signature": "Signature needed",
    "result": "Answer",
    "value": "Value",
    **dict.fromkeys(("text_value", "number_value", "date_value", "choice_value", "flag_value"), "Value"),
    "note": "Note",
    "photo_sha256": "Photo",
    "travel_at": "Travel started",
    "arrived_at": "Arrived",
    "started_at": "Work started",
    "ended_at": "Visit ended",
    "travel_minutes": "Travel time",
    "work_minutes": "Work time",
    "break_minutes": "Break",
    "name": "Name",
    "code": "Code",
    "serial": "Serial",
    "registration_number": "Registration number",
    "qr_code": "Label",
    "health_score": "Health",
    "manufacturer": "Manufacturer",
    "model": "Model",
    "installed_on": "Installed",
    "warranty_until": "Warranty until",
    "notes": "Notes",
    "quantity": "Quantity",
    "part_id": "Part",
    "stock_location_id": "Taken from",
    "person_id": "Person",
    "team_id": "Team",
    "reason": "Reason",
    "caption": "Caption",
    "text": "Text",
    "decision": "Decision",
    "unit": "Unit",
    "minimum": "Lowest in order",
    "maximum": "Highest in order",
    "warning_at": "Warning from",
    "critical_at": "Critical from",
    "resolution": "Settled with",
    "vendor_id": "Bought from",
    "reorder_point": "Reordered at",
    "reorder_quantity": "Ordered at once",
    "capacity": "Room for",
    "begins_at": "Begins",
    "ends_at": "Ends",
}
_WORDS: Final[dict[tuple[str, str], dict[str, str]]] = {
    ("work_order", "status"): words.STATUS,
    ("work_order", "priority"): words.PRIORITY,
    ("work_order", "type"): words.TYPE,
    ("checklist_item", "result"): words.RESULT,
    ("asset", "status"): words.ASSET_STATUS,
    ("part_request", "status"): words.REQUEST,
    ("stock_movement", "kind"): words.MOVEMENT,
    ("work_log_event", "kind"): words.EVENT,
    ("work_log_event", "fence"): words.FENCE,
    ("calendar_event", "kind"): words.CALENDAR,
    ("person", "role"): words.ROLE,
    ("site_access", "role"): words.ROLE,
    ("signature", "meaning"): words.MEANING,
    ("conflict", "resolution"): words.RESOLUTION,
}


def field_label(entity: str, field: str) -> str:
    """What a field is called on the screen."""
    if (entity, field) == ("asset", "status"):
        return "Condition"
    if entity == ASSIGNMENT and field in HOLDERS:
        return "Assigned to"
    return LABELS.get(field) or words.plain(field.removesuffix("_id").removesuffix("_at"))


def value_words(value: FieldValue, moments: Moments, now: datetime, *, unit: str | None = None) -> str:
    """A value as a person reads it: words for words, names for references, times for instants."""
    raw = value.raw
    if raw is None or raw == "":
        return NOBODY if value.entity == ASSIGNMENT else EMPTY
    known: Mapping[str, str] | None = _WORDS.get((value.entity, value.field))
    if known is not None:
        return words.word(dict(known), str(raw))
    entity = referred(value.entity, value.field)
    if entity is not None:
        return value.name or f"{words.plain(entity)} that is not on this device"
    return _by_kind(value, moments, now, unit)


def _by_kind(value: FieldValue, moments: Moments, now: datetime, unit: str | None) -> str:
    spec = REGISTRY.get(value.entity)
    column = spec.by_name.get(value.field) if spec else None
    kind, text = column.kind if column else "", str(value.raw)
    if kind == "boolean":
        return "Yes" if value.raw else "No"
    if kind == "instant":
        return moments.when(text, now)
    if kind == "date":
        return date_words(text)
    if kind == "decimal" or (value.entity, value.field) == ("checklist_item", "value"):
        return with_unit(text, unit)
    if value.field.endswith("_minutes") and isinstance(value.raw, int):
        return duration(value.raw)
    return "Photo" if value.field.endswith("sha256") else text if kind == "text" else number(text)
