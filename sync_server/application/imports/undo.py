"""Takes an import back: the orders it made are deleted, but for those that somebody has worked on since.

Deleted is soft, as everywhere: devices that hold such an order learn of it by their next pull. What the import changed
in orders that were there before stays.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application.imports.file_text import printable
from sync_server.application.imports.settling import is_untouched, stored_orders
from sync_server.application.imports.turns import wait_for_turn
from sync_server.application.imports.writing import in_units, write_rows
from sync_server.contract.codec import GUID
from sync_server.contract.column_types import instant_text
from sync_server.contract.entities import AGGREGATES
from sync_server.contract.fields import Row
from sync_server.errors import Refused
from sync_server.storage import activity_log
from sync_server.storage.activity_log import Entry
from sync_server.storage.engine import Database
from sync_server.storage.import_rows import batch_state, forget_told, mark_undone, orders_made_by, versions_left_by

OF_ORDERS = tuple(entity for entity in AGGREGATES["work_order"] if entity != "work_order")
CHANGED = "somebody has changed it"
CHANGED_BY_FILE = "a later import has changed it"
WORKED_ON = "somebody has worked on it"
FOLLOWED = "another order follows it up"


@dataclass(frozen=True, slots=True)
class Kept:
    """An order that stays, and why; the reason completes a sentence."""

    number: str
    reason: str


@dataclass(frozen=True, slots=True)
class Undone:
    """What became of the orders of an import."""

    deleted_count: int
    kept: tuple[Kept, ...]
    """In the order of their numbers."""
    changed_count: int
    """Orders that it changed and did not make: they stay as they are."""


def undo_import(database: Database, organization_id: str, import_id: str) -> Undone:
    """Delete the orders of an import that nobody has touched, all of them or none.

    A later import of the same file makes new ones in their place.

    Raises:
        Refused: There is no such import, or it was undone before.
        RetryLater: Another import does not end, or the database is busy; nothing was written.
    """
    at = instant_text(datetime.now(UTC))
    with database.transaction("worker", organization_id) as connection:
        wait_for_turn(connection, organization_id)
        _check(connection, organization_id, import_id)
        made = orders_made_by(connection, organization_id, import_id)
        versions = versions_left_by(connection, organization_id, import_id)
        orders = stored_orders(connection, organization_id, made, lock=True)
        standing = {row_id: order for row_id, order in orders.items() if order["deleted_at"] is None}
        kept = _reasons(connection, organization_id, standing, versions)
        gone = [order for row_id, order in standing.items() if row_id not in kept]
        for unit in in_units(gone):
            changes = [(order, {**order, "deleted_at": at, "updated_at": at, "updated_by": None}) for order in unit]
            write_rows(connection, organization_id, "work_order", changes)
        forget_told(connection, organization_id, orders.keys() - kept.keys())
        mark_undone(connection, organization_id, import_id, at=at)
        counts: Row = {"deleted_count": len(gone), "kept_count": len(kept)}
        activity_log.append(connection, [Entry("import.undone", row_id=import_id, new=counts)])
    numbered = sorted((str(standing[row_id]["number"]), reason) for row_id, reason in kept.items())
    return Undone(len(gone), tuple(Kept(*each) for each in numbered), len(versions.keys() - made))


def _check(connection: Connection[TupleRow], organization_id: str, import_id: str) -> None:
    state = batch_state(connection, organization_id, import_id) if GUID.fullmatch(import_id) else None
    if state is None:
        raise Refused("not_found", f"This organization has no import with the id {printable(import_id)}.")
    if state.undone_at is not None:
        raise Refused("bad_request", f"This import was undone before, at {state.undone_at:%Y-%m-%d %H:%M} UTC.")


def _reasons(
    connection: Connection[TupleRow], organization_id: str, orders: dict[str, Row], versions: dict[str, int]
) -> dict[str, str]:
    """Say of the orders that must stay why, by id."""
    asked = {"organization": organization_id, "ids": sorted(orders)}
    rows = " union ".join(
        f"select aggregate_id::text from {entity} where organization_id = %(organization)s"
        " and aggregate_id = any(%(ids)s::uuid[])"
        for entity in OF_ORDERS
    )
    followed = (
        "select parent_id::text from work_order where organization_id = %(organization)s"
        " and parent_id = any(%(ids)s::uuid[]) and deleted_at is null"
    )
    reasons: dict[str, str] = {}
    reasons |= dict.fromkeys((row_id for (row_id,) in connection.execute(followed.encode(), asked)), FOLLOWED)
    reasons |= dict.fromkeys((row_id for (row_id,) in connection.execute(rows.encode(), asked)), WORKED_ON)
    for row_id, order in orders.items():
        if row_id not in versions:
            reasons[row_id] = CHANGED_BY_FILE
        elif not is_untouched(order, versions[row_id]):
            reasons.setdefault(row_id, CHANGED)
    return reasons
