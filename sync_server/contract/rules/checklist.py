"""Checklists as a whole: which items are asked, what is still missing, what *set all OK* answers (product.md §2.5).

Works on rows of `checklist_item`, of one checklist or of all those of an order; a condition refers to a key of its own
checklist. What cannot be read (a row that is missing here, a condition of a newer server) never hides an item.
Single answers are judged in answer.py; templates, and the lists issued from them, are in template.py.
"""

from collections.abc import Iterable, Mapping

import msgspec

from sync_server.contract.fields import Row, Scalar
from sync_server.contract.rules.answer import Answer, Item, choices_of, judge_answer
from sync_server.contract.rules.reading import parse_decimal
from sync_server.contract.rules.template import Condition, TemplateItem, instantiate, read_items

__all__ = [
    "Answer",
    "Condition",
    "Item",
    "Progress",
    "TemplateItem",
    "choices_of",
    "instantiate",
    "is_answered",
    "is_visible",
    "judge_answer",
    "missing",
    "passable",
    "progress",
    "read_items",
    "visible",
]


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of the items that are asked; `failed` are among `answered`."""

    answered: int
    total: int
    failed: int


def is_answered(item: Item) -> bool:
    """Whether an item has a result: every acceptable answer gives one."""
    return item.get("result") is not None


def is_visible(item: Item, items_by_key: Mapping[str, Item]) -> bool:
    """Whether an item is asked: its condition holds, and so do those of the items that it hangs on.

    Args:
        item: row of the item.
        items_by_key: key → row, of the same checklist.
    """
    passed: set[str] = set()
    while (condition := _condition_of(item)) is not None:
        other = items_by_key.get(condition.item)
        if other is None or condition.item in passed:  # a circle: no template of ours has one
            return True
        if not _says(other, condition.answers):
            return False
        passed.add(condition.item)
        item = other
    return True


def _condition_of(item: Item) -> Condition | None:
    text = item.get("condition")
    try:
        return None if text is None else msgspec.json.decode(str(text), type=Condition)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None


def _says(item: Item, answers: list[str]) -> bool:
    """Whether an item's result or value is among the answers; readings are compared as numbers."""
    if item.get("result") in answers or item.get("value") in answers:
        return True
    number = parse_decimal(str(item.get("value"))) if item.get("kind") == "number" else None
    return number is not None and number in [parse_decimal(answer) for answer in answers]


def visible(items: Iterable[Row]) -> list[Row]:
    """Give the items that are asked, by checklist (as they first come) and position; deleted ones are not."""
    checklists: dict[Scalar, list[Row]] = {}
    for item in items:
        if item.get("deleted_at") is None:
            checklists.setdefault(item.get("checklist_id"), []).append(item)
    asked: list[Row] = []
    for rows in checklists.values():
        by_key = {str(row.get("key")): row for row in rows}
        asked += sorted((row for row in rows if is_visible(row, by_key)), key=_place)
    return asked


def _place(item: Item) -> tuple[int, str]:
    return int(item.get("position") or 0), str(item.get("key"))


def missing(items: Iterable[Row]) -> list[Row]:
    """Give the mandatory items that are asked and have no answer, in their order."""
    return [item for item in visible(items) if item.get("is_mandatory", True) and not is_answered(item)]


def progress(items: Iterable[Row]) -> Progress:
    """Count the items that are asked."""
    asked = visible(items)
    failed = sum(item.get("result") == "fail" for item in asked)
    return Progress(answered=sum(is_answered(item) for item in asked), total=len(asked), failed=failed)


def passable(items: Iterable[Row]) -> list[Row]:
    """Give the items that *set all OK* answers: pass/fail, asked, without an answer; in their order."""
    return [item for item in visible(items) if item.get("kind") == "pass_fail" and not is_answered(item)]
