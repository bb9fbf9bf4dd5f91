"""How far the checklists of many orders are, in one statement: counts only, by the rules of rules/checklist.py."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from cmms_desktop.application.queries.lookups import rows_of
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.rules import checklist

COUNTED: Final = (
    *("id", "aggregate_id", "checklist_id", "key", "position", "kind", "condition", "is_mandatory", "result", "value"),
    *("minimum", "maximum", "deleted_at"),
)
"""Columns that visibility, answers and limits rest on: fewer cells, a third of the time."""


@dataclass(frozen=True, slots=True)
class ItemTally:
    """Counts of the items that are asked; `missing`: mandatory ones without an answer."""

    answered: int = 0
    total: int = 0
    failed: int = 0
    missing: int = 0


def item_tallies(reading: Reading, order_ids: Iterable[Scalar]) -> dict[str, ItemTally]:
    """Count the items of some orders, by order; an order without items is missing."""
    return {order_id: _tally(items) for order_id, items in counted_items(reading, order_ids).items()}


def counted_items(reading: Reading, order_ids: Iterable[Scalar]) -> dict[str, list[Row]]:
    """Items of some orders with the columns of `COUNTED`, by order."""
    return rows_of(reading, "checklist_item", order_ids, names=COUNTED)


def _tally(items: Sequence[Row]) -> ItemTally:
    asked = checklist.visible(items)
    open_ = [item for item in asked if not checklist.is_answered(item)]
    return ItemTally(
        answered=len(asked) - len(open_),
        total=len(asked),
        failed=sum(item["result"] == "fail" for item in asked),
        missing=sum(bool(item["is_mandatory"]) for item in open_),
    )
