"""What is said of parts and of the places where they lie, by command: when to reorder, and how much there is room for.

Written like any other record, so that devices have it with a sync. Nothing here moves anything.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from sync_server.application.named_rows import PART, PLACE, SITE, VENDOR, only
from sync_server.application.unit_of_work import UnitOfWork
from sync_server.contract.codec import InvalidValueError, checked
from sync_server.contract.column_types import instant_text
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Scalar
from sync_server.errors import Refused
from sync_server.storage.engine import Database


@dataclass(frozen=True, slots=True)
class Reordering:
    """When a part is to be reordered, how much at once, and from whom. None: never, or nobody said."""

    point: Decimal | None
    quantity: Decimal | None = None
    vendor_code: str | None = None


def set_reordering(database: Database, organization_id: str, part_code: str, said: Reordering) -> None:
    """Say of a part when it is to be reordered, in place of what was said before.

    Raises:
        Refused: There is no such part or vendor, or a quantity cannot be.
    """
    values: dict[str, Scalar] = {
        "reorder_point": _quantity("part", "reorder_point", said.point),
        "reorder_quantity": _quantity("part", "reorder_quantity", said.quantity),
    }
    with database.transaction("worker", organization_id) as connection:
        (part_id,) = only(connection, PART, organization_id, part_code, called=f"part {part_code}")
        vendor_id = None
        if said.vendor_code is not None:
            called = f"vendor {said.vendor_code}"
            (vendor_id,) = only(connection, VENDOR, organization_id, said.vendor_code, called=called)
        work = UnitOfWork(connection, organization_id, None)
        _change(work, "part", part_id, {**values, "vendor_id": vendor_id})


def set_capacity(
    database: Database, organization_id: str, *, site_code: str, place_code: str, capacity: Decimal | None
) -> None:
    """Say how much a stock location has room for; None: nobody knows.

    Raises:
        Refused: There is no such place, several have its code, or the quantity cannot be.
    """
    values = {"capacity": _quantity("stock_location", "capacity", capacity)}
    with database.transaction("worker", organization_id) as connection:
        (site_id,) = only(connection, SITE, organization_id, site_code, called=f"site {site_code}")
        called = f"stock location {place_code} at {site_code}"
        (place_id,) = only(connection, PLACE, organization_id, place_code, site_id, called=called)
        _change(UnitOfWork(connection, organization_id, None), "stock_location", place_id, values)


def _change(work: UnitOfWork, entity: str, row_id: str, values: dict[str, Scalar]) -> None:
    work.lock([(entity, row_id)])
    standing = work.get(entity, row_id)
    if standing is None or all(standing[name] == value for name, value in values.items()):
        return  # said again, it is no change that devices would have to hear of
    now = instant_text(datetime.now(UTC))
    work.put({(entity, row_id): {**standing, **values, "updated_at": now, "updated_by": None}})
    work.finish()


def _quantity(entity: str, column: str, quantity: Decimal | None) -> Scalar:
    try:
        return checked(REGISTRY[entity].by_name[column], None if quantity is None else str(quantity))
    except (InvalidValueError, ArithmeticError) as error:
        raise Refused("invalid_value", "A quantity is a number such as 2.5, more than nothing.") from error
