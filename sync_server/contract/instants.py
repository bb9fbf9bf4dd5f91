"""Instants in the wire form. Loads nothing, so that whoever reads one early in a start need not wait for a database."""

from datetime import UTC, datetime

INSTANT_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
"""Wire form of an instant: UTC, always six digits, so that text order is time order."""


def instant_text(value: datetime) -> str:
    """Write an aware datetime in the wire form. Raises ValueError for a naive one."""
    if value.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return value.astimezone(UTC).strftime(INSTANT_FORMAT)


def instant_of(text: str) -> datetime:
    """Read the wire form of an instant. Raises ValueError for any other text."""
    return datetime.strptime(text, INSTANT_FORMAT).replace(tzinfo=UTC)
