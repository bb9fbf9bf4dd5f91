"""How far the server's clock is ahead of this device's, measured by one round trip."""

from datetime import datetime

from sync_server.contract.column_types import instant_of


def offset_ms(server_time: str, *, sent_at: datetime, received_at: datetime) -> int | None:
    """Give server clock minus device clock in ms, taking the middle of the round trip; None: no readable time."""
    try:
        middle = sent_at + (received_at - sent_at) / 2
        return round((instant_of(server_time) - middle).total_seconds() * 1000)
    except (ValueError, OverflowError):
        return None
