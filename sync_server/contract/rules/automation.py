"""What an organization lets happen by itself: on an event, where its conditions hold, one action.

Rules are data of closed words, never code. Pure: says which there may be and whether conditions hold; what an action
writes is the server's business, because no device runs any.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from sync_server.contract.entities.work_orders import PRIORITIES, TYPES
from sync_server.contract.fields import Scalar

EVENTS: Final = ("order_created", "order_completed", "order_returned", "reading_critical")
"""`reading_critical`: a reading is, and the one before it was not."""
ACTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "add_tag": EVENTS,
    "set_priority": ("order_created", "order_returned"),
    "make_order": EVENTS,
}
"""Action → events on which it may be taken. What was signed is not given another priority."""
_ORDER_FIELDS: Final = ("type", "priority", "site_id", "asset_id")
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "order_created": _ORDER_FIELDS,
    "order_completed": _ORDER_FIELDS,
    "order_returned": _ORDER_FIELDS,
    "reading_critical": ("site_id", "asset_id", "meter"),
}
"""Event → what conditions may ask about; `meter` is its name, the others are columns of the order or the asset."""
WORDS: Final[Mapping[str, tuple[str, ...]]] = {"type": TYPES, "priority": PRIORITIES}
TESTS: Final = ("one_of", "none_of")
MOST_CONDITIONS: Final = 8
MOST_VALUES: Final = 20
LONGEST_VALUE: Final = 200
LONGEST_TEXT: Final = 65_536


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What has to be so.

    Attributes:
        field: One of the fields of the event.
        test: `one_of`: the field is one of the values; `none_of`: it is none of them, or there is none.
        values: At least one.
    """

    field: str
    test: str
    values: tuple[str, ...]


def check(event: str, action: str, conditions: Sequence[Condition]) -> None:
    """Check that there may be such a rule. Raises ValueError with a sentence."""
    if event not in EVENTS:
        raise ValueError("There is no such event.")
    if event not in ACTIONS.get(action, ()):
        raise ValueError("Nothing of that sort can be done on this event.")
    if len(conditions) > MOST_CONDITIONS:
        raise ValueError(f"A rule has at most {MOST_CONDITIONS} conditions.")
    for each in conditions:
        _check_condition(event, each)


def _check_condition(event: str, condition: Condition) -> None:
    if condition.field not in FIELDS[event] or condition.test not in TESTS:
        raise ValueError("One of the conditions asks for something that this event does not tell.")
    if not 1 <= len(condition.values) <= MOST_VALUES or not all(
        1 <= len(value) <= LONGEST_VALUE for value in condition.values
    ):
        raise ValueError(f"A condition has 1 to {MOST_VALUES} values of at most {LONGEST_VALUE} characters.")
    words = WORDS.get(condition.field)
    if words is not None and not set(condition.values) <= set(words):
        raise ValueError(f"The {condition.field} of an order is one of {', '.join(words)}.")


def read_conditions(text: str, *, event: str, action: str) -> tuple[Condition, ...]:
    """Read conditions as they are stored. Raises ValueError with a sentence when there may be none such."""
    try:
        if len(text) > LONGEST_TEXT:
            raise ValueError("too long")
        found = msgspec.json.decode(text, type=tuple[Condition, ...])
    except (ValueError, RecursionError) as error:
        raise ValueError("Its conditions cannot be read.") from error
    check(event, action, found)
    return found


def written_conditions(conditions: Iterable[Condition]) -> str:
    """Give conditions as they are stored."""
    return msgspec.json.encode(tuple(conditions)).decode()


def hold(conditions: Iterable[Condition], facts: Mapping[str, Scalar]) -> bool:
    """Whether all of them hold; of what is not known none is one of anything."""
    return all((facts.get(each.field) in each.values) == (each.test == "one_of") for each in conditions)
