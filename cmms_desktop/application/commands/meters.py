"""Reading a meter: what was read is kept at once, and what it is against the meter's limits is known at once."""

from cmms_desktop.errors import Refused
from cmms_desktop.replica.local_write import LocalWrite
from sync_server.contract.rules.metering import READ, State, judged
from sync_server.contract.rules.reading import parse_decimal


def read_meter(write: LocalWrite, meter_id: str, value: str, *, note: str | None = None) -> State:
    """Take a reading and say what it is. However odd, it counts: a second one stands beside it.

    Args:
        value: As typed, with a decimal comma or point; in the meter's unit.

    Raises:
        Refused: it is no number, or the meter is not on this device.
    """
    number = parse_decimal(value)
    if number is None:
        raise Refused("invalid_value", "Enter the reading as a number.")
    meter = write.get("meter", meter_id)
    if meter is None:
        raise Refused("not_found", "This meter is not on this device any more.")
    write.mutate(READ, entity="meter", id=meter_id, set={"value": (meter["last_value"], number), "note": (None, note)})
    return judged(meter, number)
