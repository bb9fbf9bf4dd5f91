"""A checklist as a whole: which items are asked, what is still missing, what *set all OK* answers (product.md §2.5).

Works on rows of `checklist_item`, always those of one checklist. A condition that cannot be read never hides an item.
Single answers are judged in answer.py; templates, and the lists issued from them, are in template.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import msgspec

from sync_server.contract.rules.answer import Answer, judge_answer
from sync_server.contract.rules.reading import parse_decimal
from sync_server.contract.rules.template import Condition, instantiate

if TYPE_CHECKING:
    from sync_server.contract.fields import Scalar

    Item = Mapping[str, Scalar]

__all__ = [
    "Answer",
    "Progress",
    "instantiate",
    "is_answered",
    "is_visible",
    "judge_answer",
    "missing",
    "passable",
    "progress",
    "visible",
]


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of the visible items; `failed` are among `answered`."""

    answered: int
    total: int
    failed: int


_ANSWER_COLUMN = {"pass_fail": "result", "photo": "photo_sha256"}


def is_answered(item: Item) -> bool:
    """Whether an item holds the answer that its kind asks for, or `na`."""
    if item.get("result") == "na":
        return True
    return item.get(_ANSWER_COLUMN.get(str(item.get("kind")), "value")) not in (None, "")


def is_visible(item: Item, items: Iterable[Item]) -> bool:
    """Whether an item is asked: its condition holds, and the item that the condition names is asked itself."""
    return _is_asked(item, {str(other.get("key")): other for other in items})


def _is_asked(item: Item, by_key: Mapping[str, Item]) -> bool:
    """Follow the conditions from an item to the first one without; items that depend on themselves are asked."""
    holds: dict[str, bool] = {}
    while (condition := _condition_of(item)) is not None:
        other = by_key.get(condition.item)
        if other is None:
            break
        holds[str(item.get("key"))] = _says(other, condition.answer)
        if condition.item in holds:
            before_loop = list(holds).index(condition.item)
            return all(list(holds.values())[:before_loop])
        item = other
    return all(holds.values())


def _condition_of(item: Item) -> Condition | None:
    try:
        return msgspec.json.decode(str(item.get("condition")), type=Condition)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None


def _says(item: Item, expected: str | list[str]) -> bool:
    """Whether an item's result or value is what a condition expects: one word, or one of a list."""
    wanted = [expected] if isinstance(expected, str) else expected
    said = [str(item[name]) for name in ("result", "value") if item.get(name) is not None]
    if any(text in wanted for text in said):
        return True
    number = parse_decimal(said[-1]) if said and item.get("kind") == "number" else None
    return number is not None and number in [parse_decimal(word) for word in wanted]


def visible(items: Iterable[Item]) -> list[Item]:
    """Give the items that are asked, in their order; deleted ones are not."""
    alive = [item for item in items if item.get("deleted_at") is None]
    by_key = {str(item.get("key")): item for item in alive}
    asked = [item for item in alive if _is_asked(item, by_key)]
    return sorted(asked, key=lambda item: (int(item.get("position") or 0), str(item.get("key"))))


def missing(items: Iterable[Item]) -> list[Item]:
    """Give the mandatory items that are asked and have no answer, in their order."""
    return [item for item in visible(items) if item.get("is_mandatory") and not is_answered(item)]


def progress(items: Iterable[Item]) -> Progress:
    """Count the items that are asked."""
    asked = visible(items)
    answered = [item for item in asked if is_answered(item)]
    failed = sum(item.get("result") == "fail" for item in answered)
    return Progress(answered=len(answered), total=len(asked), failed=failed)


def passable(items: Iterable[Item]) -> list[Item]:
    """Give the items that *set all OK* answers: pass/fail, asked, without an answer."""
    return [item for item in visible(items) if item.get("kind") == "pass_fail" and not is_answered(item)]
