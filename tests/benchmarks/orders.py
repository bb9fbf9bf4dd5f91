"""The floor's rows as real work orders, loaded through the unit of work like everything else.

Every value of a floor row that has a place in our schema is kept. Three differ, and why:
- `status` is `new` and `created_by` the technician: orders that he reported himself are in his scope without a row of
  assignment each, so that both sides move the same number of rows (`assigned` gives them one each instead).
- `asset_id` and `site_id` point at rows that exist; the floor's random asset id is kept in `asset_text`, its random
  assignee in `external_id`, so that what does not compress stays about the same.
- `meter_reading` has no column on an order.

`open_orders` makes a day of them: that many are assigned and in route order, all the others were closed last month.
"""

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from sync_server.application.seeding.bulk import load_work_orders
from sync_server.application.unit_of_work import UnitOfWork
from sync_server.contract.codec import completed
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row
from sync_server.storage.engine import Database

SEED = 7
ASSETS = 500
MADE_AT = "2026-02-01T08:00:00.000000Z"


def floor_orders(
    floor: ModuleType,
    count: int,
    *,
    site_id: str,
    asset_ids: list[str],
    author_id: str | None,
    open_orders: int | None = None,
) -> Iterator[Row]:
    """Give the floor's first rows as orders in wire form; without an author they keep the floor's states."""
    chance, organization = random.Random(SEED), str(uuid.UUID(int=SEED))
    spec = REGISTRY["work_order"]
    for number in range(count):
        given: dict[str, Any] = dict(zip(floor.COLUMNS, floor.make_row(chance, organization, number), strict=True))
        values: Row = {name: value for name, value in given.items() if name in spec.by_name and name != "row_hash"}
        values |= {name: _instant(given[name]) for name in ("due_at", "created_at", "updated_at")}
        values |= {"version": 0, "sync_seq": 0, "site_id": site_id, "asset_id": asset_ids[number % len(asset_ids)]}
        values |= {"asset_text": given["asset_id"], "external_id": given["assigned_to"]}
        values["cost"] = f"{given['cost_cents'] / 100:.4f}"
        if author_id is not None:
            values |= {"status": "new", "created_by": author_id}
        if open_orders is not None:
            values |= _as_of_a_day(number, open_orders)
        yield completed(spec, values)


def _as_of_a_day(number: int, open_orders: int) -> Row:
    """An order of the day in its place of the route, or one of last month."""
    if number < open_orders:
        return {"status": "assigned", "route_position": number + 1}
    return {"status": "closed", "completed_at": MADE_AT, "closed_at": MADE_AT}


def _instant(text: str) -> str:
    """The floor writes whole seconds; the wire has six digits."""
    return text.replace("Z", ".000000Z")


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose the orders are."""

    organization_id: str
    site_id: str
    technician_id: str


def load_orders(
    database: Database,
    floor: ModuleType,
    holder: Holder,
    *,
    count: int,
    assigned: bool,
    open_orders: int | None = None,
) -> None:
    """Commit the assets and then the orders, all in the technician's scope; see `Wishes`."""
    asset_ids = _load_assets(database, holder)
    author_id = None if assigned else holder.technician_id
    orders = floor_orders(
        floor, count, site_id=holder.site_id, asset_ids=asset_ids, author_id=author_id, open_orders=open_orders
    )
    assignee_id = holder.technician_id if assigned else None
    load_work_orders(database, holder.organization_id, orders, assignee_id=assignee_id)


def _load_assets(database: Database, holder: Holder) -> list[str]:
    spec, ids = REGISTRY["asset"], [str(uuid.UUID(int=number + 1, version=4)) for number in range(ASSETS)]
    made: Row = {"created_at": MADE_AT, "updated_at": MADE_AT, "site_id": holder.site_id}
    with database.transaction("worker", holder.organization_id) as connection:
        work = UnitOfWork(connection, holder.organization_id, None)
        for id_ in ids:
            named: Row = {"id": id_, "aggregate_id": id_, "code": f"A-{id_[:13]}", "name": "Pump"}
            work.put({("asset", id_): completed(spec, made | named)})
        work.finish()
    return ids
