"""How far the server's clock is ahead of this device's, measured by one round trip."""

from datetime import datetime, timedelta
from typing import Final

from sync_server.contract.column_types import instant_of, instant_text

SET_MS: Final = 60_000
"""A difference between two measurements from which on somebody has set the clock."""


def offset_ms(server_time: str, *, sent_at: datetime, received_at: datetime) -> int | None:
    """Give server clock minus device clock in ms, taking the middle of the round trip; None: no readable time."""
    try:
        middle = sent_at + (received_at - sent_at) / 2
        return round((instant_of(server_time) - middle).total_seconds() * 1000)
    except (ValueError, OverflowError):
        return None


def on_the_new_clock(at: str | None, *, before_ms: int | None, now_ms: int | None) -> str | None:
    """Give an instant that this device's clock told before it was set, as it would tell it now.

    Small changes are the measurement's own; what was not measured, or cannot be read, stays as it is.

    Args:
        at: In wire form; None: never.
        before_ms: Offset when it was told.
        now_ms: Offset as just measured.
    """
    if at is None or before_ms is None or now_ms is None or abs(now_ms - before_ms) < SET_MS:
        return at
    try:
        return instant_text(instant_of(at) + timedelta(milliseconds=before_ms - now_ms))
    except (ValueError, OverflowError):
        return at
