"""What lies ahead and how an order stands: frozen rows, read from the replica only."""

from dataclasses import dataclass

from cmms_desktop.application.queries.assignment_requests import NO_REQUEST
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row
from sync_server.contract.rules import checklist


@dataclass(frozen=True, slots=True)
class OrderCard:
    """One order of the day. Instants in wire form; `conflicts`: open ones."""

    id: str
    number: str
    title: str
    status: str
    priority: str
    site: str
    asset: str | None
    due_at: str | None
    route_position: int | None
    conflicts: int


@dataclass(frozen=True, slots=True)
class OrderDetail:
    """An order with its live rows by entity, in wire form, and how its checklists stand."""

    order: Row
    rows: dict[str, tuple[Row, ...]]
    answered: int
    total: int
    failed: int
    missing: tuple[str, ...]
    """Prompts of the mandatory items without an answer, in order."""


_MINE = f"""
SELECT w.id, w.number, w.title, w.status, w.priority, s.name, coalesce(a.name, w.asset_text), w.due_at,
  w.route_position, (SELECT count(*) FROM conflict c WHERE c.aggregate_id = w.id AND c.resolution IS NULL
  AND c.deleted_at IS NULL AND {NO_REQUEST})
FROM work_order w JOIN member m ON m.aggregate_id = w.id AND m.scope_id = ?
LEFT JOIN site s ON s.id = w.site_id LEFT JOIN asset a ON a.id = w.asset_id
WHERE w.deleted_at IS NULL AND w.status IN ('new', 'assigned', 'in_progress', 'on_hold')
ORDER BY w.route_position IS NULL, w.route_position, w.due_at, w.number"""


def my_day(reading: Reading, person_id: str) -> tuple[OrderCard, ...]:
    """Open orders of a person in route order, those without a place in it last."""
    found = reading.cursor.execute(_MINE, (f"user:{person_id}",)).fetchall()
    return tuple(OrderCard(*values) for values in found)


def order_detail(reading: Reading, order_id: str) -> OrderDetail | None:
    """Everything of an order on this device; None: it is not here."""
    order = reading.get("work_order", order_id)
    if order is None or order["deleted_at"] is not None:
        return None
    rows = {
        name: live_rows(reading, name, order_id) for name, spec in REGISTRY.items() if "work_order" in spec.aggregates
    }
    items = rows["checklist_item"]
    progress = checklist.progress(items)
    missing = tuple(str(item["prompt"]) for item in checklist.missing(items))
    return OrderDetail(order, rows, progress.answered, progress.total, progress.failed, missing)


def live_rows(reading: Reading, entity: str, aggregate_id: str) -> tuple[Row, ...]:
    """Rows of an aggregate that are not deleted, in order of position where there is one, then age."""
    names = REGISTRY[entity].names
    order = "position, id" if "position" in names else "created_at, id"
    found = reading.cursor.execute(
        f"SELECT {', '.join(names)} FROM {entity} WHERE aggregate_id = ? AND deleted_at IS NULL ORDER BY {order}",
        (aggregate_id,),
    ).fetchall()
    return tuple(dict(zip(names, values, strict=True)) for values in found)
