"""Documents and relations of assets in words: until when something is valid, and what one asset is to another."""

from datetime import date
from typing import Final

from cmms_desktop.application.queries.asset_details import AssetDocument, AssetRelation, Specification
from cmms_desktop.ui.text.moments import date_words
from cmms_desktop.ui.text.numbers import counted
from cmms_desktop.ui.text.words import plain

SOON_DAYS: Final = 30
"""Days before its last one from which on a paper says how many are left."""
DOCUMENT: Final = {
    "manual": "Manual",
    "drawing": "Drawing",
    "certificate": "Certificate",
    "permit": "Permit",
    "warranty": "Warranty",
    "inspection": "Inspection report",
    "other": "Document",
}
RELATION: Final[dict[str, tuple[str, str]]] = {
    "feeds": ("Feeds", "Fed by"),
    "protects": ("Protects", "Protected by"),
    "controls": ("Controls", "Controlled by"),
    "backs_up": ("Backs up", "Backed up by"),
    "connected_to": ("Connected to", "Connected to"),
    "replaces": ("Replaces", "Replaced by"),
}
"""Told from its own side, and from the other asset's."""


def specification_pair(line: Specification) -> tuple[str, str]:
    """`Flow` over `120 m³/h`."""
    return line.name, " ".join(part for part in (line.value, line.unit) if part)


def document_pair(line: AssetDocument, today: date) -> tuple[str, str]:
    """`Certificate` over `Pressure vessel, C-117. Valid until 12 Mar 2026, 9 days left. Cabinet 4`."""
    named = ", ".join(part for part in (line.title, line.reference) if part)
    parts = (named, validity(line.expires_on, today), line.kept_at or "")
    return DOCUMENT.get(line.kind, plain(line.kind)), ". ".join(part for part in parts if part)


def validity(expires_on: str | None, today: date) -> str:
    """Until when a paper is valid; that it is not any more. Nothing for one that does not expire."""
    if expires_on is None:
        return ""
    try:
        left = (date.fromisoformat(expires_on) - today).days
    except ValueError:
        return f"Valid until {expires_on}"
    if left < 0:
        return f"Expired {date_words(expires_on)}"
    until = f"Valid until {date_words(expires_on)}"
    if left > SOON_DAYS:
        return until
    return f"{until}, {counted(left, 'day')} left" if left else f"{until}, today is its last day"


def relation_pair(line: AssetRelation) -> tuple[str, str]:
    """`Feeds` over `N-VALVE-003 Valve N3`."""
    here, there = RELATION.get(line.kind, (plain(line.kind), plain(line.kind)))
    name = line.name or "Asset that is not on this device"
    return there if line.is_told_there else here, f"{name}. {line.note}" if line.note else name
