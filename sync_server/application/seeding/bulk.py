"""Many synthetic work orders for measurements, through the unit of work like everything else.

An order has the size and the words of the rows that the bare pipe of the benchmark moves (about 650 bytes on the wire),
so that both can be compared.
"""

import random
import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice

from sync_server.application.unit_of_work import UnitOfWork
from sync_server.contract.codec import completed
from sync_server.contract.column_types import instant_text
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row
from sync_server.storage.engine import Database

WORDS = (
    *("pump", "valve", "belt", "filter", "motor", "bearing", "coupling", "gearbox"),
    *("leak", "noise", "pressure", "drop", "replace", "inspect", "clean", "align"),
)
TITLE_WORDS, DESCRIPTION_WORDS = 5, 38
ORDERS_PER_UNIT = 2_000
"""Keeps a commit below about two seconds, well inside the statement timeout."""


def synthetic_orders(count: int, *, site_id: str, asset_ids: Sequence[str] = (), seed: int = 7) -> Iterator[Row]:
    """Give orders in wire form, the same for the same arguments; on assets in turn where there are any."""
    chance, spec = random.Random(seed), REGISTRY["work_order"]
    now = instant_text(datetime(2026, 3, 1, 8, tzinfo=UTC))
    for number in range(count):
        id_ = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        values: Row = {
            "id": id_,
            "aggregate_id": id_,
            "created_at": now,
            "updated_at": now,
            "number": f"BULK-{number:07d}",
            "title": _text(chance, TITLE_WORDS),
            "description": _text(chance, DESCRIPTION_WORDS),
            "status": chance.choice(("new", "assigned", "in_progress")),
            "priority": chance.choice(("low", "medium", "high")),
            "site_id": site_id,
            "asset_id": asset_ids[number % len(asset_ids)] if asset_ids else None,
            "due_at": now,
            "estimated_minutes": chance.randrange(600),
            "actual_minutes": chance.randrange(600),
            "cost": f"{chance.randrange(10**6) / 100:.4f}",
            "requires_signature": chance.random() < 0.5,
        }
        yield completed(spec, values)


def _text(chance: random.Random, words: int) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(words))


def load_work_orders(
    database: Database,
    organization_id: str,
    rows: Iterable[Row],
    *,
    assignee_id: str | None = None,
    orders_per_unit: int = ORDERS_PER_UNIT,
) -> int:
    """Commit orders, some thousands at a time; give how many.

    They are in `review:<site>` of their site, and with an assignee in `user:<assignee>` too.

    Raises:
        RetryLater: One of the orders is there already; the units before it stay.
    """
    loaded, remaining = 0, iter(rows)
    while unit := list(islice(remaining, orders_per_unit)):
        with database.transaction("worker", organization_id) as connection:
            work = UnitOfWork(connection, organization_id, None)
            work.put({("work_order", str(row["id"])): row for row in unit})
            if assignee_id is not None:
                work.put({("work_order_assignment", str(row["id"])): _assignment(row, assignee_id) for row in unit})
            work.finish()
        loaded += len(unit)
    return loaded


def _assignment(order: Row, assignee_id: str) -> Row:
    """Assign an order; the assignment borrows the order's id, which is unique enough within its own table."""
    audit = {name: order[name] for name in ("id", "aggregate_id", "created_at", "created_by", "updated_at")}
    return completed(
        REGISTRY["work_order_assignment"], {**audit, "work_order_id": order["id"], "person_id": assignee_id}
    )
