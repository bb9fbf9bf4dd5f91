"""Reading a meter: what a reading is against the limits, and what `meter.read` does to the meter and its history.

Pure. A reading only ever adds: it is no edit, so it neither conflicts nor waits for the office. The history itself is
the server's; a device keeps what the meter says.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, Literal, get_args

from sync_server.contract.codec import InvalidValueError, checked
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.messages import Mutation
from sync_server.contract.rules import clocks
from sync_server.contract.rules.draft import Actor, Draft
from sync_server.contract.rules.reading import is_within, limits_of, parse_decimal

READ: Final = "meter.read"
"""Type of the mutation: `value` and `note`, each with what the meter said before."""
State = Literal["normal", "outside", "warning", "critical"]
"""What a reading is against the limits of its meter."""
STATES: Final[tuple[State, ...]] = get_args(State)


def judged(meter: Mapping[str, Scalar], value: Decimal) -> State:
    """Say what a reading is: `critical`, `outside` of what is in order, `warning`, or `normal`; the gravest counts."""
    warning, critical = (_limit(meter, name) for name in ("warning_at", "critical_at"))
    is_falling = warning is not None and critical is not None and critical < warning
    if critical is not None and (value <= critical if is_falling else value >= critical):
        return "critical"
    if not is_within(value, limits_of(meter)):
        return "outside"
    if warning is not None and (value <= warning if is_falling else value >= warning):
        return "warning"
    return "normal"


def _limit(meter: Mapping[str, Scalar], name: str) -> Decimal | None:
    value = meter.get(name)
    return None if value is None else parse_decimal(str(value))


def read(mutation: Mutation, draft: Draft, *, meter: Row, actor: Actor, at: str) -> None:
    """Let the meter say its newest reading, and add that to the history.

    Raises:
        InvalidValueError: it names no number.
    """
    columns = REGISTRY["meter"].by_name
    value = checked(columns["last_value"], mutation.set.get("value", (None, None))[1])
    note = checked(columns["last_note"], mutation.set.get("note", (None, None))[1])
    if value is None:
        raise InvalidValueError("a reading needs a number")
    last: Row = {"last_value": value, "last_note": note, "last_read_by": actor.person_id}
    last |= {"last_read_at": clocks.device_at(mutation), "last_offset_ms": clocks.offset_of(mutation)}
    changed = draft.change("meter", meter, **last, updated_at=at, updated_by=actor.person_id)
    draft.readings.append(entry_of(changed, reading_id=mutation.mutation_id, at=at))


def entry_of(meter: Row, *, reading_id: str, at: str) -> Row:
    """Give the last reading of a meter as an entry of the history that the server met at an instant."""
    return {
        "id": reading_id,
        "received_on": at[:10],
        "meter_id": meter["id"],
        "value": meter["last_value"],
        "state": judged(meter, Decimal(str(meter["last_value"]))),
        "read_at": meter["last_read_at"],
        "offset_ms": meter["last_offset_ms"],
        "received_at": at,
        "read_by": meter["last_read_by"],
        "note": meter["last_note"],
        "is_late": False,
    }
