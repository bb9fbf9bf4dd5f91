"""What a mutation says of time: its device's clock, and how far that one was off. For audit columns only.

A device may say anything. What no column can hold is not known; nobody's work is refused for the state of his clock.
"""

from sync_server.contract.column_types import INSTANT_FORMAT, instant_of
from sync_server.contract.messages import Mutation

MOST_MS = 2**63
"""Offsets beyond it are no measurement."""


def device_at(mutation: Mutation) -> str | None:
    """When a mutation was made, by its device, in wire form; None: it says nothing that is an instant."""
    try:
        return instant_of(mutation.at.device).strftime(INSTANT_FORMAT)
    except ValueError:
        return None


def offset_of(mutation: Mutation) -> int | None:
    """Server clock minus device clock in ms, as the device had last measured it; None: it never did."""
    offset_ms = mutation.at.offset_ms
    return offset_ms if offset_ms is not None and abs(offset_ms) < MOST_MS else None
