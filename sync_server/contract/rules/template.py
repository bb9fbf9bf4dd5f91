"""Checklist templates: the shape of their `items`, and the lists issued from them.

`items` is a JSON list of objects: `key`, `kind`, `prompt`, and as needed `section`, `unit`, `minimum`, `maximum`,
`choices` (list of texts), `is_mandatory` (true unless said otherwise), `condition` {"item": key, "is": answer or list
of answers}. Other names are ignored: a newer office may write them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import msgspec

from sync_server.contract.problems import Problem

if TYPE_CHECKING:
    from sync_server.contract.fields import Row, Scalar

MOST_ITEMS = 500
_PLACES = Decimal("0.0001")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class Condition(msgspec.Struct, frozen=True, rename={"answer": "is"}):
    """The item is asked only when another item has this answer, or one of these."""

    item: str
    answer: str | list[str]


class ItemDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """One item of a template, in the order of the list."""

    key: str
    kind: str
    prompt: str
    section: str | None = None
    unit: str | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    choices: list[str] | None = None
    is_mandatory: bool = True
    condition: Condition | None = None


class Issued(msgspec.Struct, frozen=True, kw_only=True):
    """New rows without common columns other than `id`; the items are in order."""

    checklist: Row
    items: list[Row]


def read_definitions(text: str) -> list[ItemDefinition] | Problem:
    """Read a template's `items`; a Problem `invalid_value` says what is wrong with them."""
    try:
        definitions = msgspec.json.decode(text, type=list[ItemDefinition])
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        return Problem("invalid_value", f"The items of this template cannot be read: {error}.")
    keys = [definition.key for definition in definitions]
    if not definitions or len(definitions) > MOST_ITEMS:
        return Problem("invalid_value", f"A template has between 1 and {MOST_ITEMS} items.")
    if len(set(keys)) != len(keys):
        return Problem("invalid_value", "Two items of this template have the same key.")
    for definition in definitions:
        fault = _fault_of(definition, set(keys))
        if fault:
            return Problem("invalid_value", f"Item {definition.key!r} of this template {fault}.")
    return definitions


def _fault_of(definition: ItemDefinition, keys: set[str]) -> str | None:
    texts = ((definition.key, 60), (definition.prompt, 1000))
    if any(not 1 <= len(text.strip()) <= most or _UNSTORABLE.search(text) for text, most in texts):
        return "has no key (up to 60 characters) or no readable prompt (up to 1,000)"
    if definition.kind == "choice" and not definition.choices:
        return "offers no choices"
    limits = [limit for limit in (definition.minimum, definition.maximum) if limit is not None]
    try:
        is_ascending = limits == sorted(limit for limit in limits if limit.quantize(_PLACES).is_finite())
    except InvalidOperation:
        is_ascending = False
    if not is_ascending:
        return "has limits that are no numbers or the wrong way round"
    condition = definition.condition
    if condition is not None and (condition.item not in keys or condition.item == definition.key):
        return "depends on an item that is not there"
    return None


def instantiate(
    template: Mapping[str, Scalar],
    *,
    work_order_id: str,
    new_id: Callable[[], str],
    position: int = 0,
    last_values: Mapping[str, str] | None = None,
) -> Issued | Problem:
    """Issue a checklist for an order from a template, which later versions of the template do not change.

    Args:
        template: row of `checklist_template`.
        work_order_id: order that the list belongs to.
        new_id: gives a new id at each call: first the list's, then one per item.
        position: place of the list among those of the order.
        last_values: key → reading of the previous visit.
    """
    definitions = read_definitions(str(template.get("items")))
    if isinstance(definitions, Problem):
        return definitions
    checklist: Row = {
        "id": new_id(),
        "work_order_id": work_order_id,
        "template_id": template["id"],
        "template_version": template["template_version"],
        "name": template["name"],
        "position": position,
    }
    last = last_values or {}
    items = [
        _item_row(definition, new_id(), place=place, last_value=last.get(definition.key))
        for place, definition in enumerate(definitions, start=1)
    ]
    return Issued(checklist=checklist, items=[{**item, "checklist_id": checklist["id"]} for item in items])


def _item_row(definition: ItemDefinition, item_id: str, *, place: int, last_value: str | None) -> Row:
    condition = definition.condition
    return {
        "id": item_id,
        "key": definition.key,
        "section": definition.section,
        "position": place,
        "kind": definition.kind,
        "prompt": definition.prompt,
        "unit": definition.unit,
        "minimum": None if definition.minimum is None else str(definition.minimum.quantize(_PLACES)),
        "maximum": None if definition.maximum is None else str(definition.maximum.quantize(_PLACES)),
        "choices": None if definition.choices is None else msgspec.json.encode(definition.choices).decode(),
        "condition": None if condition is None else msgspec.json.encode(condition).decode(),
        "is_mandatory": definition.is_mandatory,
        "last_value": last_value,
    }
