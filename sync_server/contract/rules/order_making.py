"""Making an order of a template: the same rows wherever it is made, on a device, at the office, at night. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sync_server.contract.fields import Row, Scalar
from sync_server.contract.rules.template import instantiate, read_items

COPIED = ("title", "description", "type", "priority", "hazards", "estimated_minutes", "requires_signature")
"""What an order takes from its template as it stands."""


@dataclass(frozen=True, slots=True)
class Making:
    """Where an order is made, on what, and until when; `number`: what people will call it."""

    number: str
    site_id: str
    location_id: str | None = None
    asset_id: str | None = None
    due_at: str | None = None


@dataclass(frozen=True, slots=True)
class MadeRow:
    """A row of an order, to be created after it and after those that it refers to."""

    entity: str
    id: str
    aggregate_id: str
    values: Row


def order_of(template: Mapping[str, Scalar], making: Making) -> Row:
    """Give what the order itself says, without common columns."""
    values: Row = {name: template[name] for name in COPIED}
    values |= {
        "number": making.number,
        "site_id": making.site_id,
        "location_id": making.location_id,
        "asset_id": making.asset_id,
        "due_at": making.due_at,
    }
    return values


def planned_parts(parts: Sequence[Row], *, order_id: str, new_id: Callable[[str], str]) -> Iterator[MadeRow]:
    """Give the parts that the office plans for it."""
    for part in parts:
        values: Row = {"work_order_id": order_id, "part_id": part["part_id"], "quantity": part["quantity"]}
        yield MadeRow("work_order_part", new_id(f"part {part['id']}"), order_id, values)


def issued_checklist(
    template: Mapping[str, Scalar], *, order_id: str, new_id: Callable[[str], str]
) -> Iterator[MadeRow]:
    """Give the checklist with its items.

    Raises:
        ValueError: its items cannot be read; the message is a sentence.
    """
    checklist_id = new_id("checklist")
    count = len(read_items(str(template.get("items"))))
    ids = [new_id(f"item {place}") for place in range(1, count + 1)]
    checklist, items = instantiate(template, work_order_id=order_id, checklist_id=checklist_id, item_ids=ids)
    yield MadeRow("checklist", checklist_id, order_id, checklist)
    for item_id, item in zip(ids, items, strict=True):
        yield MadeRow("checklist_item", item_id, order_id, item)
