"""When things happened, as nearly as the two clocks tell, so that lists have an order that no wrong clock turns over.

A device's time is moved by how far its clock was off when last measured. It never lies after the server met the record.
"""

from datetime import timedelta

from cmms_desktop.application.queries.lookups import received_at, text_of
from sync_server.contract.column_types import instant_of, instant_text
from sync_server.contract.fields import Row, Scalar


def happened_at(at: Scalar, offset_ms: Scalar, received: str | None) -> str:
    """Give an instant in wire form to sort by; what cannot be read is when the server met it.

    Args:
        at: By the device's clock.
        offset_ms: Server clock minus device clock; None: not measured.
        received: When the server met it; None: not yet.
    """
    try:
        right = instant_text(instant_of(text_of(at)) + timedelta(milliseconds=int(offset_ms or 0)))
    except (ValueError, OverflowError):
        right = text_of(at)
    return right if received is None else min(right, received)


def in_order(row: Row, at: str, offset: str = "offset_ms") -> tuple[str, str]:
    """Give what a row is sorted by among others of its kind: when it happened, then its id."""
    return happened_at(row[at], row.get(offset), received_at(row)), text_of(row["id"])
