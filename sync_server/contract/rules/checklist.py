"""Checklists: what an answer is worth, which items are asked, what is still missing, and what a template means.

Rows are rows of `checklist_item` in wire form, of one checklist or of several. An item refers to others by key, inside
its own checklist only. Where a row cannot be understood (a missing key, a newer server's condition) the item is shown:
a question too many is answered or ignored, one that is hidden is lost.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation

import msgspec

from sync_server.contract.codec import DECIMAL_LIMIT, InvalidValueError, checked
from sync_server.contract.entities import REGISTRY
from sync_server.contract.entities.checklists import ITEM_KINDS, RESULTS
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.problems import Problem
from sync_server.contract.rules.status import has_reason

_COLUMNS = REGISTRY["checklist_item"].by_name
_DIGEST = re.compile(r"[0-9a-f]{64}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)")
_LONGEST_NUMBER = 40
"""Characters of a reading as a person types it; more digits than any instrument shows."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Values ready to be set on an item. `result` None: the field was emptied, the item is unanswered again."""

    result: str | None
    value: str | None
    note: str | None
    photo_sha256: str | None


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of the items that are asked: how many of `total` are answered, and how many of these failed."""

    answered: int
    total: int
    failed: int


def judge_answer(
    item: Mapping[str, Scalar],
    *,
    value: Scalar = None,
    result: str | None = None,
    note: str | None = None,
    photo: str | None = None,
) -> Answer | Problem:
    """Decide what an answer is worth. The whole answer is given each time, with the note and photo it has.

    Args:
        item: row of the item.
        value: what was typed or chosen, for number, text and choice.
        result: the button, for pass_fail; `na` (with a note) for every other kind.
        note: free text.
        photo: digest of a photo, 64 lower-case hex digits.
    """
    try:
        kept = checked(_COLUMNS["note"], (note or "").strip() or None)
    except InvalidValueError as error:
        return Problem("invalid_value", f"{error}.")
    answer = Answer(result=None, value=None, note=None if kept is None else str(kept), photo_sha256=photo or None)
    if photo and not _DIGEST.fullmatch(photo):
        return Problem("invalid_value", "The photo has no readable digest. Take it again.")
    kind = item.get("kind")
    if kind not in _JUDGES:
        return Problem("invalid_value", "This app does not know this kind of item. Update the app.")
    if kind != "pass_fail" and result == "na":
        if not has_reason(answer.note):
            return Problem("note_required", "Write down why this cannot be answered.")
        return msgspec.structs.replace(answer, result="na")
    return _JUDGES[kind](item, answer, result if kind == "pass_fail" else value)


def _judge_pass_fail(item: Mapping[str, Scalar], answer: Answer, result: Scalar) -> Answer | Problem:
    if result is None:
        return answer
    if result not in RESULTS:
        return Problem("invalid_value", "An answer is pass, flag, fail or not applicable.")
    if result in {"flag", "fail"} and not has_reason(answer.note):
        return Problem("note_required", "Write down what you found.")
    return msgspec.structs.replace(answer, result=str(result))


def _judge_number(item: Mapping[str, Scalar], answer: Answer, value: Scalar) -> Answer | Problem:
    if _is_empty(value):
        return answer
    number = _number(value)
    if number is None:
        return Problem("not_a_number", "Write a number below ten thousand million, such as 4.2.")
    judged = msgspec.structs.replace(answer, value=_number_text(number), result="pass")
    if _is_inside(number, item):
        return judged
    if not has_reason(answer.note):
        return Problem("note_required", "The reading is out of range. Write down what you found.")
    if answer.photo_sha256 is None:
        return Problem("photo_required", "The reading is out of range. Take a photo of it.")
    return msgspec.structs.replace(judged, result="fail")


def _judge_text(item: Mapping[str, Scalar], answer: Answer, value: Scalar) -> Answer | Problem:
    if _is_empty(value):
        return answer
    try:
        text = str(checked(_COLUMNS["value"], value)).strip()
    except InvalidValueError as error:
        return Problem("invalid_value", f"{error}.")
    return msgspec.structs.replace(answer, value=text, result="pass")


def _judge_choice(item: Mapping[str, Scalar], answer: Answer, value: Scalar) -> Answer | Problem:
    if _is_empty(value):
        return answer
    if value not in choices_of(item):
        return Problem("not_a_choice", "Choose one of the answers that are offered.")
    return msgspec.structs.replace(answer, value=str(value), result="pass")


def _judge_photo(item: Mapping[str, Scalar], answer: Answer, value: Scalar) -> Answer | Problem:
    if answer.photo_sha256 is None:
        return Problem("photo_required", "Take a photo.")
    return msgspec.structs.replace(answer, result="pass")


_JUDGES = {
    "pass_fail": _judge_pass_fail,
    "number": _judge_number,
    "text": _judge_text,
    "choice": _judge_choice,
    "photo": _judge_photo,
}


def _is_empty(value: Scalar) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _number(value: Scalar) -> Decimal | None:
    """Read a number: decimal comma or point, no grouping, no exponent, ASCII digits. None: it is none, or too large."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        # before str(): Python refuses to write integers of thousands of digits
        return Decimal(str(value)) if math.isfinite(value) and abs(value) < DECIMAL_LIMIT else None
    text = value.strip().replace("\u2212", "-")
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        return None
    number = Decimal(text.replace(",", "."))
    return number if abs(number) < DECIMAL_LIMIT else None


def _number_text(number: Decimal) -> str:
    """Write a number in its one form, so that two people who read the same agree: 4,20 is 4.2 and -0 is 0."""
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


def _is_inside(number: Decimal, item: Mapping[str, Scalar]) -> bool:
    low, high = (_limit(item.get(name)) for name in ("minimum", "maximum"))
    return (low is None or number >= low) and (high is None or number <= high)


def _limit(value: Scalar) -> Decimal | None:
    try:
        limit = None if value is None else Decimal(str(value))
    except InvalidOperation:
        return None
    return limit if limit is not None and limit.is_finite() else None


def choices_of(item: Mapping[str, Scalar]) -> tuple[str, ...]:
    """Give the answers that a choice offers, in order; empty when the row holds none that can be read."""
    try:
        return msgspec.json.decode(str(item.get("choices") or "[]"), type=tuple[str, ...])
    except (msgspec.DecodeError, UnicodeEncodeError):
        return ()


class Condition(msgspec.Struct, frozen=True):
    """The item is asked only when another has this result or this value."""

    item: str
    expected: str = msgspec.field(name="is")


def _condition_of(item: Mapping[str, Scalar]) -> Condition | None:
    text = item.get("condition")
    try:
        return None if text is None else msgspec.json.decode(str(text), type=Condition)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return None


def is_visible(item: Mapping[str, Scalar], items_by_key: Mapping[str, Mapping[str, Scalar]]) -> bool:
    """Whether an item is asked: its condition holds, and so do those of the items that it hangs on.

    Args:
        item: row of the item.
        items_by_key: rows of the same checklist.
    """
    passed: set[str] = set()
    current: Mapping[str, Scalar] | None = item
    while current is not None:
        condition = _condition_of(current)
        if condition is None or condition.item in passed:  # a circle, which no template of ours has
            return True
        passed.add(condition.item)
        current = items_by_key.get(condition.item)
        if current is not None and condition.expected not in {current.get("result"), current.get("value")}:
            return False
    return True


def visible_items(items: Iterable[Row]) -> list[Row]:
    """Give the items that are asked, by checklist (in the order in which they come first) and position."""
    checklists: dict[Scalar, list[Row]] = {}
    for item in items:
        if item.get("deleted_at") is None:
            checklists.setdefault(item.get("checklist_id"), []).append(item)
    visible: list[Row] = []
    for rows in checklists.values():
        by_key = {str(row.get("key")): row for row in rows}
        visible += sorted((row for row in rows if is_visible(row, by_key)), key=_position)
    return visible


def _position(item: Row) -> int:
    return int(item.get("position") or 0)


def is_answered(item: Mapping[str, Scalar]) -> bool:
    """Whether an item has an answer."""
    return item.get("result") is not None


def missing(items: Iterable[Row]) -> list[Row]:
    """Give the mandatory items that are asked and have no answer, in order."""
    return [item for item in visible_items(items) if item.get("is_mandatory", True) and not is_answered(item)]


def progress(items: Iterable[Row]) -> Progress:
    """Count the items that are asked."""
    results = [item.get("result") for item in visible_items(items)]
    answered = [result for result in results if result is not None]
    return Progress(answered=len(answered), total=len(results), failed=answered.count("fail"))


def passable(items: Iterable[Row]) -> list[Row]:
    """Give the items that *set all OK* answers with pass: pass_fail, asked, unanswered; in order."""
    return [item for item in visible_items(items) if item.get("kind") == "pass_fail" and not is_answered(item)]


class TemplateItem(msgspec.Struct, frozen=True, kw_only=True):
    """One item as a template defines it: {"key": "oil", "kind": "number", "prompt": "Oil level", "maximum": "6"}."""

    key: str
    kind: str
    prompt: str
    section: str | None = None
    unit: str | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    choices: tuple[str, ...] = ()
    condition: Condition | None = None
    is_mandatory: bool = True


def read_items(text: str) -> list[TemplateItem]:
    """Read the items of a template.

    Raises:
        ValueError: the text is no list of items, or an item makes no sense; the message is a sentence for the author.
    """
    try:
        items = msgspec.json.decode(text, type=list[TemplateItem])
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise ValueError(f"The items cannot be read: {error}.") from error
    earlier: dict[str, TemplateItem] = {}
    for number, item in enumerate(items, start=1):
        fault = "another item has this key" if item.key in earlier else _fault(item, earlier)
        if fault is not None:
            raise ValueError(f"Item {number} ({item.key[:60]}): {fault}.")
        earlier[item.key] = item
    return items


def _fault(item: TemplateItem, earlier: Mapping[str, TemplateItem]) -> str | None:
    """Say what is wrong with an item, None: nothing."""
    if not item.key.strip() or not item.prompt.strip():
        return "the key and the prompt must not be empty"
    if item.kind not in ITEM_KINDS:
        return f"the kind must be one of {', '.join(ITEM_KINDS)}"
    if item.kind != "number" and (item.unit, item.minimum, item.maximum) != (None, None, None):
        return "only a number has a unit and limits"
    if (item.kind == "choice") != bool(item.choices) or len(set(item.choices)) < len(item.choices):
        return "a choice, and nothing else, offers answers, each once"
    if any(not choice.strip() for choice in item.choices):
        return "an answer that is offered must not be empty"
    try:
        values = _values(item)
    except InvalidValueError as error:
        return str(error)
    low, high = _limit(values["minimum"]), _limit(values["maximum"])
    if low is not None and high is not None and low > high:
        return "the minimum is above the maximum"
    return _fault_of_condition(item.condition, earlier)


def _fault_of_condition(condition: Condition | None, earlier: Mapping[str, TemplateItem]) -> str | None:
    if condition is None:
        return None
    asked = earlier.get(condition.item)
    if asked is None:
        return "the condition must name an item before this one"
    is_possible = condition.expected in RESULTS or {
        "number": _is_number_text(condition.expected),
        "text": bool(condition.expected.strip()),
        "choice": condition.expected in asked.choices,
    }.get(asked.kind, False)
    return None if is_possible else "the condition can never be met"


def _is_number_text(text: str) -> bool:
    number = _number(text)
    return number is not None and _number_text(number) == text


def _values(item: TemplateItem) -> Row:
    """Give the columns of an item's row that come from the template. Raises InvalidValueError."""
    condition = None if item.condition is None else msgspec.json.encode(item.condition).decode()
    values = {
        "key": item.key,
        "section": item.section,
        "kind": item.kind,
        "prompt": item.prompt,
        "unit": item.unit,
        "minimum": None if item.minimum is None else str(item.minimum),
        "maximum": None if item.maximum is None else str(item.maximum),
        "choices": msgspec.json.encode(item.choices).decode() if item.choices else None,
        "condition": condition,
        "is_mandatory": item.is_mandatory,
    }
    return {name: checked(_COLUMNS[name], value) for name, value in values.items()}


def instantiate(
    template: Mapping[str, Scalar],
    *,
    work_order_id: str,
    checklist_id: str,
    item_ids: Sequence[str],
    position: int = 0,
    last_values: Mapping[str, str] | None = None,
) -> tuple[Row, list[Row]]:
    """Issue a template for an order: values of the checklist, and of its items, without the common columns.

    Args:
        template: row of the template.
        work_order_id: the order.
        checklist_id: id that the caller gives to the checklist.
        item_ids: ids that he gives to the items; the n-th values belong to the n-th id.
        position: place of the checklist on the order, from 0.
        last_values: key → what was read at the previous visit.

    Raises:
        ValueError: the template's items cannot be read, or there is not one id for each.
    """
    items = read_items(str(template["items"]))
    if len(item_ids) != len(items):
        raise ValueError(f"The template has {len(items)} items, but {len(item_ids)} ids were given.")
    checklist: Row = {
        "work_order_id": work_order_id,
        "template_id": template["id"],
        "template_version": template["template_version"],
        "name": template["name"],
        "position": position,
    }
    last = last_values or {}
    return checklist, [
        {**_values(item), "checklist_id": checklist_id, "position": place, "last_value": last.get(item.key)}
        for place, item in enumerate(items)
    ]
