"""The words of the domain as people read them. A word of a newer server is shown as text: underscores become spaces."""

from collections.abc import Mapping
from typing import Final

STATUS: Final = {
    "new": "New",
    "assigned": "Assigned",
    "in_progress": "In progress",
    "on_hold": "On hold",
    "completed": "Completed",
    "closed": "Closed",
    "cancelled": "Cancelled",
    "rejected": "Rejected",
}
PRIORITY: Final = {"low": "Low", "medium": "Medium", "high": "High", "critical": "Critical"}
TYPE: Final = {
    "maintenance": "Maintenance",
    "repair": "Repair",
    "inspection": "Inspection",
    "installation": "Installation",
    "emergency": "Emergency",
}
_REPLACEABLE: Final = {"status": STATUS, "priority": PRIORITY, "type": TYPE}
_OURS: Final = {kind: dict(words) for kind, words in _REPLACEABLE.items()}
ROLE: Final = {
    "technician": "Technician",
    "supervisor": "Supervisor",
    "planner": "Planner",
    "manager": "Manager",
    "admin": "Administrator",
    "customer": "Customer",
}
MEANING: Final = {
    "performed": "Performed",
    "reviewed": "Reviewed",
    "approved": "Approved",
    "accepted": "Accepted",
    "refused": "Refused",
}
MEANING_SENTENCE: Final = {
    "performed": "I performed this work. The record below is complete and correct.",
    "reviewed": "I reviewed this work. The record below is what I saw.",
    "approved": "I approve this work. The record below is what I saw.",
    "accepted": "I accept this work as the record below describes it.",
    "refused": "I do not accept this work.",
}
RESULT: Final = {"pass": "Pass", "flag": "Flag", "fail": "Fail", "na": "Not applicable"}
FENCE: Final = {"inside": "Inside the fence", "outside": "Outside the fence", "unknown": "Position not certain"}
SOURCE: Final = {
    "nmea-file": "Recorded positions",
    "nmea-tcp": "Receiver on the network",
    "nmea-serial": "Receiver on this device",
    "manual": "Set by hand",
}
EVENT: Final = {
    "travel": "Travel started",
    "arrive": "Arrived",
    "start": "Work started",
    "pause": "Put on hold",
    "resume": "Work resumed",
    "finish": "Work finished",
    "leave": "Left",
    "manual": "Noted by hand",
}
CALENDAR: Final = {
    "training": "Training",
    "leave": "Leave",
    "on_call": "On call",
    "meeting": "Meeting",
    "other": "Other",
}
COST: Final = {"labour": "Labour", "part": "Parts", "travel": "Travel", "other": "Other"}
MOVEMENT: Final = {
    "purchase": "Bought",
    "usage": "Used",
    "adjustment": "Counted",
    "return": "Put back",
    "transfer": "Moved",
}
STOCK_PLACE: Final = {"store": "Store", "bin": "Bin", "van": "Van"}
REQUEST: Final = {"open": "Requested", "ordered": "Ordered", "received": "Received", "cancelled": "Cancelled"}
SERVICE_REQUEST: Final = {
    "new": "With the office",
    "accepted": "Accepted",
    "declined": "Declined",
    "withdrawn": "Withdrawn",
}
NEWS: Final = {
    "assigned": "Assigned to you",
    "returned": "Returned to you",
    "held_decided": "Decided about your change",
    "request_decided": "Decided about your request",
    "document_expires": "A paper expires",
    "reading_critical": "Critical reading",
}
METER_STATE: Final = {
    "normal": "In order",
    "warning": "Warning",
    "outside": "Out of limits",
    "critical": "Critical",
}
ASSET_STATUS: Final = {"operational": "Operational", "degraded": "Degraded", "down": "Down", "retired": "Retired"}
STEP: Final = {
    "travel": "Travel",
    "arrive": "Arrive",
    "start": "Start",
    "resume": "Resume",
    "finish": "Finish",
    "sign": "Review and sign",
    "sign_off": "Review",
    "none": "",
}
"""What the footer's button says."""
VISIT_STEPS: Final = ("travel", "arrive", "start", "finish")
"""The steps of a visit that the footer counts: "Next step, 1 of 4"."""
RESOLUTION: Final = {"mine": "Technician kept", "theirs": "Office kept", "edited": "New value"}
PHOTO_STATE: Final = {
    "here": "On this device",
    "to_send": "Saved on this device",
    "sent": "Sent",
    "to_come": "Not here yet",
    "missing": "Not on this device",
}
WHY_HELD: Final = {
    "access_lost": "The order is no longer yours.",
    "site_lost": "You no longer have the role at the site for this.",
    "interval_unknown": "It is not certain whether the order was still yours then.",
    "revoked": "The rights of this device were withdrawn.",
    "foreign_stock": "The part lies where you do not take parts from.",
}
"""Why the server keeps a change for a supervisor, as its author reads it."""
WHY_HELD_OF_ANOTHER: Final = {
    "access_lost": "The order was no longer the author's.",
    "site_lost": "The author no longer has the role at the site for this.",
    "interval_unknown": "It is not certain whether the order was still the author's.",
    "revoked": "The rights of the device were withdrawn.",
    "foreign_stock": "The part lies where the author does not take parts from.",
}
"""The same, as the supervisor reads it."""


def take_own(said: Mapping[tuple[str, str], str]) -> None:
    """Let people read these words from now on, wherever the program says them; all others are the program's own again.

    `said`: kind and closed word → what is read in its place. In the GUI thread only: pages read words all the time.
    """
    for kind, words in _REPLACEABLE.items():
        words.update({key: said.get((kind, key), ours) for key, ours in _OURS[kind].items()})


def word(words: dict[str, str], key: str | None) -> str:
    """The word for a key; an unknown one is shown as text, nothing for nothing."""
    if not key:
        return ""
    return words.get(key) or plain(key)


def plain(key: str) -> str:
    """A key nobody knows, readable: `waiting_for_parts` → `Waiting for parts`."""
    text = key.replace("_", " ").replace("-", " ").strip()
    return text[:1].upper() + text[1:]


def lower(text: str) -> str:
    """A word inside a sentence: its first letter small, unless the next is large too."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def joined(parts: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)
