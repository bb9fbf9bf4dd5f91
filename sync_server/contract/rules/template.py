"""Checklist templates: the shape of their `items`, and the lists issued from them.

`items` is a JSON list of objects: `key`, `kind`, `prompt`, and as needed `section`, `unit`, `minimum`, `maximum`,
`choices` (list of texts), `is_mandatory` (true unless said otherwise), `condition` {"item": key of an earlier item,
"is": result or value, or a list of them}. Other names are ignored: a newer office may write them.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from sync_server.contract.codec import InvalidValueError, checked
from sync_server.contract.entities import REGISTRY
from sync_server.contract.entities.checklists import ITEM_KINDS, RESULTS
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.rules.reading import parse_decimal

MOST_ITEMS = 500

_COLUMNS = REGISTRY["checklist_item"].by_name


class Condition(msgspec.Struct, frozen=True, rename={"answer": "is"}):
    """The item is asked only when another item has this result or value, or one of these."""

    item: str
    answer: str | list[str]

    @property
    def answers(self) -> list[str]:
        """The results and values that are expected."""
        return [self.answer] if isinstance(self.answer, str) else self.answer


class TemplateItem(msgspec.Struct, frozen=True, kw_only=True):
    """One item of a template, in the order of the list."""

    key: str
    kind: str
    prompt: str
    section: str | None = None
    unit: str | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    choices: list[str] | None = None
    condition: Condition | None = None
    is_mandatory: bool = True


def read_items(text: str) -> list[TemplateItem]:
    """Read a template's `items`.

    Raises:
        ValueError: the list cannot be read, or an item makes no sense; the message is a sentence for the author.
    """
    try:
        items = msgspec.json.decode(text, type=list[TemplateItem])
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise ValueError(f"The items of this template cannot be read: {error}.") from error
    if not 1 <= len(items) <= MOST_ITEMS:
        raise ValueError(f"A template has between 1 and {MOST_ITEMS} items.")
    earlier: dict[str, TemplateItem] = {}
    for number, item in enumerate(items, start=1):
        fault = "its key is taken by an earlier one" if item.key in earlier else _fault_of(item, earlier)
        if fault is not None:
            raise ValueError(f"Item {number} of this template cannot be used: {fault}.")
        earlier[item.key] = item
    return items


def _fault_of(item: TemplateItem, earlier: Mapping[str, TemplateItem]) -> str | None:
    """Say what is wrong with an item; None: nothing."""
    if not item.key.strip() or not item.prompt.strip():
        return "it has no key or no prompt"
    if item.kind not in ITEM_KINDS:
        return f"its kind is none of {', '.join(ITEM_KINDS)}"
    if item.kind != "number" and (item.unit, item.minimum, item.maximum) != (None, None, None):
        return "only a number has a unit and limits"
    choices = item.choices or []
    if (item.kind == "choice") != bool(choices) or len(set(choices)) < len(choices):
        return "a choice, and nothing else, offers answers, each once"
    if any(not choice or choice != choice.strip() for choice in choices):
        return "an answer that it offers is empty or has blanks around it"
    try:
        values = _values_of(item)
    except InvalidValueError as error:
        return str(error)
    except ArithmeticError:
        return "a limit is too large"
    low, high = (parse_decimal(str(values[name])) for name in ("minimum", "maximum"))
    if low is not None and high is not None and low > high:
        return "its minimum is above its maximum"
    return _fault_of_condition(item.condition, earlier)


def _fault_of_condition(condition: Condition | None, earlier: Mapping[str, TemplateItem]) -> str | None:
    if condition is None:
        return None
    asked = earlier.get(condition.item)
    if asked is None:
        return "its condition names no earlier item"
    if not condition.answers or not all(_can_answer(asked, answer) for answer in condition.answers):
        return "its condition can never be met"
    return None


def _can_answer(asked: TemplateItem, answer: str) -> bool:
    if answer in RESULTS or answer in (asked.choices or []):
        return True
    return parse_decimal(answer) is not None if asked.kind == "number" else asked.kind == "text" and bool(answer)


def _values_of(item: TemplateItem) -> Row:
    """Give the columns of an issued item that come from its template. Raises InvalidValueError."""
    condition = item.condition
    values = {
        "key": item.key,
        "section": item.section,
        "kind": item.kind,
        "prompt": item.prompt,
        "unit": item.unit,
        "minimum": None if item.minimum is None else str(item.minimum),
        "maximum": None if item.maximum is None else str(item.maximum),
        "choices": None if not item.choices else msgspec.json.encode(item.choices).decode(),
        "condition": None if condition is None else msgspec.json.encode(condition).decode(),
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
    """Issue a checklist for an order from a template, which later versions of the template do not change.

    Args:
        template: row of `checklist_template`.
        work_order_id: order that the list belongs to.
        checklist_id: id that the caller gives to the list.
        item_ids: ids that he gives to its items, one for each of `read_items`, in order.
        position: place of the list among those of the order.
        last_values: key → reading of the previous visit, up to 200 characters.

    Returns:
        Values of the checklist, and of its items in order, without common columns.

    Raises:
        ValueError: the items cannot be read, or there are more or fewer ids than items.
    """
    items = read_items(str(template.get("items")))
    if len(item_ids) != len(items):
        raise ValueError(f"A template of {len(items)} items cannot be issued with {len(item_ids)} ids.")
    checklist: Row = {
        "work_order_id": work_order_id,
        "template_id": template["id"],
        "template_version": template["template_version"],
        "name": template["name"],
        "position": position,
    }
    last = last_values or {}
    return checklist, [
        {"checklist_id": checklist_id, **_values_of(item), "position": place, "last_value": last.get(item.key)}
        for place, item in enumerate(items, start=1)
    ]
