"""Badges: which word, icon and kind stand for a state. Words first; kinds and icons are names of the tokens."""

from typing import Final

from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.text.numbers import counted, distance
from cmms_desktop.ui.text.words import (
    ASSET_STATUS,
    METER_STATE,
    PHOTO_STATE,
    PRIORITY,
    REQUEST,
    RESULT,
    SERVICE_REQUEST,
    STATUS,
    TYPE,
    word,
)

_STATUS_KIND: Final = {
    "in_progress": "accent",
    "on_hold": "warning",
    "completed": "info",
    "closed": "success",
    "rejected": "danger",
}
_STATUS_ICON: Final = {status: f"state-{status.replace('_', '-')}" for status in STATUS}
_PRIORITY_KIND: Final = {"high": "danger", "critical": "danger-fill"}
_RESULT: Final = {
    "pass": ("success", "pass"),
    "flag": ("warning", "flag"),
    "fail": ("danger", "fail"),
    "na": ("neutral", "minus"),
}
_PHOTO: Final = {
    "here": ("neutral", "image"),
    "to_send": ("state-pending", "photo-waiting"),
    "sent": ("state-synced", "accepted"),
    "to_come": ("state-offline", "photo-waiting"),
    "missing": ("warning", "photo-waiting"),
}
_METER: Final = {
    "normal": ("success", "pass"),
    "warning": ("warning", "flag"),
    "outside": ("danger", "fail"),
    "critical": ("danger-fill", "fail"),
}
_ASSET: Final = {"operational": "success", "degraded": "warning", "down": "danger"}


def status_badge(status: str) -> BadgeSpec:
    """State of an order; an unknown one in its own word."""
    return BadgeSpec(_STATUS_KIND.get(status, "neutral"), _STATUS_ICON.get(status, "info"), word(STATUS, status))


def priority_badge(priority: str) -> BadgeSpec:
    """Priority of an order."""
    icon = f"priority-{priority}" if priority in PRIORITY else "info"
    return BadgeSpec(_PRIORITY_KIND.get(priority, "neutral"), icon, word(PRIORITY, priority))


def type_badge(type_: str) -> BadgeSpec:
    """Type of an order."""
    return BadgeSpec("neutral", f"type-{type_}" if type_ in TYPE else "info", word(TYPE, type_))


def result_badge(result: str) -> BadgeSpec:
    """Answer to a checklist item."""
    kind, icon = _RESULT.get(result, ("neutral", "info"))
    return BadgeSpec(kind, icon, word(RESULT, result))


def meter_badge(state: str) -> BadgeSpec:
    """What a reading is against the limits of its meter."""
    kind, icon = _METER.get(state, ("neutral", "info"))
    return BadgeSpec(kind, icon, word(METER_STATE, state))


def tally_badge(result: str, count: int) -> BadgeSpec:
    """How many items have a result: `14 pass`, `1 flag`, `1 fail`; `reading`: `4 readings`."""
    if result == "reading":
        return BadgeSpec("neutral", "reading", counted(count, "reading"))
    kind, icon = _RESULT.get(result, ("neutral", "info"))
    words = "not applicable" if result == "na" else result
    return BadgeSpec(kind, icon, f"{count} {words}")


def range_badge(count: int) -> BadgeSpec:
    """Readings outside their limits: `1 range`."""
    return BadgeSpec("danger", "out-of-range", f"{count} range")


def hazards_badge(count: int) -> BadgeSpec:
    """`2 hazards`."""
    return BadgeSpec("warning", "hazard", counted(count, "hazard"))


def shared_code_badge(noun: str = "Code") -> BadgeSpec:
    """Two records have one code; for an order its number."""
    return BadgeSpec("warning", "hazard", f"{noun} used twice")


def conflicts_badge(count: int, noun: str = "conflict") -> BadgeSpec:
    """`1 conflict`; with a noun `2 fields`."""
    return BadgeSpec("state-conflict", "conflict", counted(count, noun))


def waiting_badge(count: int) -> BadgeSpec:
    """`3 waiting`: on this device, on their way; nothing to do."""
    return BadgeSpec("state-pending", "waiting", f"{count} waiting")


def refused_badge(count: int = 1) -> BadgeSpec:
    """`Refused`, `2 refused`."""
    return BadgeSpec("state-failed", "refused", "Refused" if count == 1 else f"{count} refused")


def held_badge() -> BadgeSpec:
    """A change that a supervisor decides about."""
    return BadgeSpec("state-pending", "held", "With supervisor")


def returned_badge() -> BadgeSpec:
    """Work that a supervisor sent back."""
    return BadgeSpec("warning", "return", "Returned")


def stale_badge() -> BadgeSpec:
    """Signed content was edited after the signature."""
    return BadgeSpec("warning", "stale-signature", "Changed after signing")


def taken_badge(person: str, time: str) -> BadgeSpec:
    """Somebody else is on the order: `Taken by Technician 2, 08:10`."""
    return BadgeSpec("warning", "travel", f"Taken by {person or 'somebody'}, {time}")


def unsigned_badge() -> BadgeSpec:
    """Work that nobody signed."""
    return BadgeSpec("warning", "sign", "Not signed")


def fence_badge(fence: str, distance_m: float | None = None) -> BadgeSpec:
    """Where somebody arrived; `distance_m` from the middle of the site."""
    if fence == "inside":
        return BadgeSpec("success", "arrive", "Inside the fence")
    if fence == "outside":
        return BadgeSpec("warning", "fence", "Outside" if distance_m is None else f"Outside, {distance(distance_m)}")
    return BadgeSpec("warning", "fence", "Position not certain")


def refusal_badge() -> BadgeSpec:
    """The customer refused the work."""
    return BadgeSpec("danger", "refused", "Customer refused")


def photos_badge(count: int) -> BadgeSpec:
    """Photos of others that have not reached this device."""
    return BadgeSpec("info", "photo-waiting", f"{counted(count, 'photo')} on the way")


def lost_photos_badge(count: int) -> BadgeSpec:
    """Photos of others of which something arrived that cannot be used."""
    return BadgeSpec("warning", "photo-waiting", f"{counted(count, 'photo')} missing")


def missing_badge(count: int) -> BadgeSpec:
    """Mandatory answers that are missing: `3 missing`."""
    return BadgeSpec("warning", "finish", f"{count} missing")


def ready_badge(lacking: int) -> BadgeSpec:
    """Whether an order can be done without a network."""
    if lacking == 0:
        return BadgeSpec("success", "accepted", "Ready offline")
    return BadgeSpec("warning", "offline", f"{lacking} not here")


def photo_badge(state: str) -> BadgeSpec:
    """Where a photo is."""
    kind, icon = _PHOTO.get(state, ("neutral", "image"))
    return BadgeSpec(kind, icon, word(PHOTO_STATE, state))


def request_badge(status: str) -> BadgeSpec:
    """A part that somebody has to bring."""
    kind = {"open": "warning", "ordered": "info", "received": "success"}.get(status, "neutral")
    return BadgeSpec(kind, "parts", word(REQUEST, status))


def service_request_badge(status: str) -> BadgeSpec:
    """What became of a request to the office."""
    kind, icon = {
        "new": ("state-pending", "held"),
        "accepted": ("success", "accepted"),
        "declined": ("warning", "refused"),
        "withdrawn": ("neutral", "minus"),
    }.get(status, ("neutral", "info"))
    return BadgeSpec(kind, icon, word(SERVICE_REQUEST, status))


def asset_badge(status: str) -> BadgeSpec:
    """How an asset stands."""
    icon = {"operational": "accepted", "degraded": "hazard", "down": "refused"}.get(status, "info")
    return BadgeSpec(_ASSET.get(status, "neutral"), icon, word(ASSET_STATUS, status))


def late_badge() -> BadgeSpec:
    """Arrived after its author had lost access."""
    return BadgeSpec("info", "clock", "Arrived late")
