"""What of the stock is to be reordered and where there is no more room, for the office; and what it buys.

Computed when it is asked for, from levels and from what is on its way. Stock is never refused where it is used; what
the office puts into a place that has no room for it is said to it before anything is posted.
"""

from decimal import Decimal
from typing import Final

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow
from uuid_utils.compat import uuid7

from sync_server.application import planning
from sync_server.application.access import not_found
from sync_server.application.office_lists import office_reading
from sync_server.application.planning import Changes, Step
from sync_server.authz.visibility import Caller
from sync_server.contract.codec import DECIMAL_PLACES, GUID
from sync_server.contract.messages import Verdict
from sync_server.contract.rules.draft import level_id
from sync_server.contract.rules.reading import parse_decimal
from sync_server.errors import Refused
from sync_server.storage.engine import Database

MOST: Final = 500
_LOW = """
with held as (
  select c.site_id, l.part_id, sum(l.quantity) as quantity from stock_level l
  join stock_location c on c.organization_id = %(organization)s and c.id = l.stock_location_id
  where l.organization_id = %(organization)s and l.deleted_at is null and c.deleted_at is null and c.kind <> 'van'
  group by 1, 2),
coming as (
  select o.site_id, r.part_id, sum(r.quantity) as quantity from part_request r
  join work_order o on o.organization_id = %(organization)s and o.id = r.work_order_id
  where r.organization_id = %(organization)s and r.deleted_at is null and o.deleted_at is null and r.status = 'ordered'
  group by 1, 2)
select s.id::text, s.code, p.id::text, p.code, p.name, p.unit, h.quantity, coalesce(w.quantity, 0), p.reorder_point,
  p.reorder_quantity, v.id::text, v.name
from held h
join part p on p.organization_id = %(organization)s and p.id = h.part_id and p.deleted_at is null
join site s on s.organization_id = %(organization)s and s.id = h.site_id and s.deleted_at is null
left join coming w on w.site_id = h.site_id and w.part_id = h.part_id
left join vendor v on v.organization_id = %(organization)s and v.id = p.vendor_id and v.deleted_at is null
where h.quantity + coalesce(w.quantity, 0) <= p.reorder_point
order by s.code, v.name nulls last, p.code, p.id limit %(limit)s
"""
_ROOM = """
select c.name, c.capacity, coalesce(sum(l.quantity), 0) from stock_location c
left join stock_level l on l.organization_id = %(organization)s and l.stock_location_id = c.id and l.deleted_at is null
where c.organization_id = %(organization)s and c.id = %(place)s and c.deleted_at is null
  and c.site_id = any (string_to_array(nullif(current_setting('app.site_ids', true), ''), ',')::uuid[])
group by c.name, c.capacity
"""


class LowStock(msgspec.Struct, frozen=True):
    """A part that runs low at a site, in its unit. `to_order`: a proposal; None: nobody said how much is ordered."""

    site_id: str
    site_code: str
    part_id: str
    code: str
    name: str
    unit: str
    quantity: str
    on_its_way: str
    reorder_point: str
    to_order: str | None
    vendor_id: str | None
    vendor: str | None


class Purchase(msgspec.Struct, frozen=True):
    """What was bought and where it was put. `anyway`: though there is no room for it."""

    part_id: str
    stock_location_id: str
    quantity: str
    vendor_id: str | None = None
    note: str | None = None
    anyway: bool = False


def low_stock(database: Database, caller: Caller, *, limit: int) -> list[LowStock]:
    """Give the parts that are to be reordered at the caller's sites, by site, vendor and code; at most 500."""
    with office_reading(database, caller) as connection:
        return low(connection, caller.organization_id, limit=limit)


def low(connection: Connection[TupleRow], organization_id: str, *, limit: int) -> list[LowStock]:
    """Give as `low_stock` does, with a connection that sees some sites."""
    asked = {"organization": organization_id, "limit": max(1, min(limit, MOST))}
    return [_line(row) for row in connection.execute(_LOW.encode(), asked)]


def _line(row: TupleRow) -> LowStock:
    *named, held, coming, point, at_once, vendor_id, vendor = row
    to_order = None if at_once is None else _text(proposed(point - held - coming, at_once=at_once))
    return LowStock(*(*named, _text(held), _text(coming), _text(point), to_order, vendor_id, vendor))


def proposed(missing: Decimal, *, at_once: Decimal) -> Decimal:
    """Give how much brings a stock above its point, in whole orders. `missing`: up to the point, 0 or more."""
    return at_once * (missing // at_once + 1)


def buy(database: Database, caller: Caller, purchase: Purchase, *, at: str) -> list[Verdict]:
    """Post what was bought to where it was put, with the caller's own rights.

    Raises:
        Refused: It is no quantity, the place has no room for it, or he may not.
    """
    quantity = _quantity(purchase.quantity)
    for named in (purchase.part_id, purchase.stock_location_id):
        if not GUID.fullmatch(named):
            raise not_found()
    if not purchase.anyway:
        _check_room(database, caller, purchase.stock_location_id, quantity)
    level = level_id(purchase.stock_location_id, purchase.part_id)
    values: Changes = {
        "stock_location_id": (None, purchase.stock_location_id),
        "part_id": (None, purchase.part_id),
        "kind": (None, "purchase"),
        "quantity": (None, str(quantity)),
        "moved_at": (None, at),
        "vendor_id": (None, purchase.vendor_id),
        "note": (None, purchase.note),
    }
    return planning.act(database, caller, [Step("stock_movement.create", level, str(uuid7()), values)], at=at)


def _quantity(text: str) -> Decimal:
    """Read a quantity as it will be stored: what is rounded to nothing is nothing."""
    number = parse_decimal(text)
    stored = Decimal(0) if number is None else number.quantize(DECIMAL_PLACES)
    if stored <= 0:
        raise Refused("invalid_value", "A quantity is a number such as 2.5, more than nothing.")
    return stored


def _check_room(database: Database, caller: Caller, place_id: str, quantity: Decimal) -> None:
    """Refuse what a place of his sites has no room for. What he does not see is told of by nobody."""
    with office_reading(database, caller) as connection:
        asked = {"organization": caller.organization_id, "place": place_id}
        found = connection.execute(_ROOM.encode(), asked).fetchone()
    if found is None or found[1] is None or found[2] + quantity <= found[1]:
        return
    name, capacity, held = found
    said = f"{name} has room for {_text(capacity)} and holds {_text(held)}."
    raise Refused("invalid_value", f"{said} Put it elsewhere, or say that it is there anyway.")


def _text(number: Decimal) -> str:
    return f"{number.normalize():f}"
