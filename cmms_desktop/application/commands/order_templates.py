"""Making an order of a template on this device, with an offline number: the same rows as at the office."""

from functools import partial
from itertools import chain

from cmms_desktop.application.commands.checklists import next_number
from cmms_desktop.errors import Refused
from cmms_desktop.replica.local_write import LocalWrite
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row
from sync_server.contract.messages import MAX_GROUP_MUTATIONS
from sync_server.contract.rules.draft import derived_id
from sync_server.contract.rules.order_making import Making, issued_checklist, order_of, planned_parts
from sync_server.contract.rules.permission import Place, may
from sync_server.contract.rules.reading import decimal_text, parse_decimal


def make_order(write: LocalWrite, template_id: str, *, asset_id: str, due_at: str | None = None) -> str:
    """Make an order at an asset and its place. Gives its id; its number is this device's.

    Whoever may not plan parts has them in the description: the office plans them.

    Raises:
        Refused: the template is not used any more, the asset is not here, or he may not make orders there.
    """
    template, asset = write.get("work_order_template", template_id), write.get("asset", asset_id)
    if template is None or template["deleted_at"] is not None or not template["is_active"]:
        raise Refused("not_found", "This template is not used any more.")
    if asset is None or asset["deleted_at"] is not None:
        raise Refused("not_found", "This asset is not on this device.")
    parts = _parts_of(write, template_id)
    site_id = str(asset["site_id"])
    plans = may(write.actor, "work_order_part", "create", Place(site_id, is_held=True)) is None
    if not plans:
        template = {**template, "description": _with_parts(write, template["description"], parts)}
    location_id = None if asset["location_id"] is None else str(asset["location_id"])
    making = Making(next_number(write), site_id, location_id, asset_id, due_at)
    order_id = write.create("work_order", order_of(template, making))
    _fill(write, template, order_id, parts if plans else [])
    return order_id


def _fill(write: LocalWrite, template: Row, order_id: str, parts: list[Row]) -> None:
    """Make what belongs to the order; a list too long for one group goes on in others, which come after it."""
    new_id = partial(derived_id, order_id)
    checklist = write.get("checklist_template", str(template["checklist_template_id"]))
    rows = planned_parts(parts, order_id=order_id, new_id=new_id)
    if checklist is not None:
        try:
            rows = chain(rows, list(issued_checklist(checklist, order_id=order_id, new_id=new_id)))
        except ValueError as error:
            raise Refused("invalid_value", str(error)) from error
    for number, row in enumerate(rows, start=1):
        if number % MAX_GROUP_MUTATIONS == 0:
            write.group()
        write.create(row.entity, row.values, aggregate_id=row.aggregate_id, id=row.id)


def _parts_of(write: LocalWrite, template_id: str) -> list[Row]:
    names = REGISTRY["work_order_template_part"].names
    found = write.cursor.execute(
        f"SELECT {', '.join(names)} FROM work_order_template_part WHERE aggregate_id = ? AND deleted_at IS NULL"
        " ORDER BY created_at, id",
        (template_id,),
    ).fetchall()
    return [dict(zip(names, values, strict=True)) for values in found]


def _with_parts(write: LocalWrite, description: object, parts: list[Row]) -> str | None:
    """Add to a description what is needed, as words."""
    lines = [str(description)] if description else []
    for part in parts:
        known = write.get("part", str(part["part_id"])) or {}
        quantity = parse_decimal(str(part["quantity"]))
        count = "" if quantity is None else f"{decimal_text(quantity.normalize())} × "
        lines.append(f"Needs {count}{known.get('name') or 'a part that is not on this device'}")
    return "\n".join(lines) or None
