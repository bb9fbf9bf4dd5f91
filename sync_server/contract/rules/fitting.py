"""What has to fit together within one row, beyond the bounds of each column. Pure, the same on both sides.

What a row says already is not held against who changes something else in it: rows of older programs stay usable.
"""

import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from typing import Final

from sync_server.contract.codec import InvalidValueError
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Merge, Row
from sync_server.contract.rules import planned_time

LIMITED: Final = frozenset({"meter", "custom_field"})
"""Entities with a least and a greatest number that people enter."""
_SIGNS: Final[Mapping[str, tuple[Callable[[Decimal], bool], str]]] = {
    "usage": (lambda quantity: quantity < 0, "what is used leaves the stock: its quantity is below nothing"),
    "purchase": (
        lambda quantity: quantity > 0,
        "what is bought comes into the stock: its quantity is more than nothing",
    ),
    "return": (
        lambda quantity: quantity > 0,
        "what is put back comes into the stock: its quantity is more than nothing",
    ),
}
"""Kind of a movement → how its quantity has to be; any other kind only moves something."""


def check(entity: str, row: Row, before: Row | None = None) -> None:
    """Check a row that somebody makes, or has changed from `before`.

    Raises:
        InvalidValueError: What it says now cannot be.
    """
    planned_time.check(entity, row)
    for name in _titles(entity):
        if _differs(row, before, name) and _is_blank(str(row[name])):
            raise InvalidValueError(f"{name} must not be empty")
    if entity == "stock_movement":
        _check_movement(row)
    if entity in LIMITED and _differs(row, before, "minimum", "maximum"):
        _check_limits(row)
    _check_others(entity, row, before)


def _differs(row: Row, before: Row | None, *names: str) -> bool:
    return before is None or any(row[name] != before[name] for name in names)


@cache
def _titles(entity: str) -> tuple[str, ...]:
    """Columns by which people find a row in lists. A code may be empty: natural keys never refuse (product.md §6)."""
    columns = REGISTRY[entity].by_name
    titles = (columns[name] for name in ("title", "name") if name in columns)
    return tuple(each.name for each in titles if each.merge is not Merge.DERIVED and not each.nullable)


def _is_blank(text: str) -> bool:
    """Whether there is nothing to see: no more than spaces, controls and characters without a shape."""
    return all(each.isspace() or unicodedata.category(each) in {"Cc", "Cf"} for each in text)


def _check_movement(row: Row) -> None:
    quantity = Decimal(str(row["quantity"]))
    is_right, said = _SIGNS.get(str(row["kind"]), (bool, "a movement moves something"))
    if not is_right(quantity):
        raise InvalidValueError(said)


def _check_limits(row: Row) -> None:
    least, most = row["minimum"], row["maximum"]
    if least is not None and most is not None and Decimal(str(least)) > Decimal(str(most)):
        raise InvalidValueError("the least number lies above the greatest one: nothing would be in order")


def _check_others(entity: str, row: Row, before: Row | None) -> None:
    """Nothing is a part of itself. Remarks hang elsewhere (arcs.py)."""
    if any(row[name] == row["id"] and _differs(row, before, name) for name in _own_references(entity)):
        raise InvalidValueError("nothing is a part of itself")


@cache
def _own_references(entity: str) -> tuple[str, ...]:
    """Columns that name a row of the same entity; asked of every edit of a push."""
    spec = REGISTRY[entity]
    return () if spec.append_only else tuple(each.name for each in spec.columns if each.references == entity)
