"""Parts as movements: what is posted is a change, never a total."""

from decimal import Decimal

from cmms_desktop.errors import Refused
from cmms_desktop.replica.local_write import LocalWrite


def use_part(
    write: LocalWrite,
    order_id: str,
    part_id: str,
    *,
    stock_location_id: str,
    quantity: Decimal,
    note: str | None = None,
) -> str:
    """Take a part from a van or store for an order. Gives the id of the movement.

    `quantity` is positive, in the part's unit. Stock may fall below zero: then a part request is made by itself.

    Raises:
        Refused: the quantity is not positive.
    """
    if quantity <= 0:
        raise Refused("invalid_value", "The quantity must be more than nothing.")
    return _post(write, order_id, part_id, stock_location_id, kind="usage", quantity=-quantity, note=note)


def return_part(
    write: LocalWrite,
    order_id: str,
    part_id: str,
    *,
    stock_location_id: str,
    quantity: Decimal,
    note: str | None = None,
) -> str:
    """Put an unused part back. Gives the id of the movement. Raises Refused when the quantity is not positive."""
    if quantity <= 0:
        raise Refused("invalid_value", "The quantity must be more than nothing.")
    return _post(write, order_id, part_id, stock_location_id, kind="return", quantity=quantity, note=note)


def _post(
    write: LocalWrite,
    order_id: str,
    part_id: str,
    stock_location_id: str,
    *,
    kind: str,
    quantity: Decimal,
    note: str | None,
) -> str:
    return write.create(
        "stock_movement",
        {
            "stock_location_id": stock_location_id,
            "part_id": part_id,
            "work_order_id": order_id,
            "kind": kind,
            "quantity": quantity,
            "moved_at": write.now,
            "offset_ms": write.offset_ms,
            "note": note,
        },
        aggregate_id=order_id,
    )
