"""Taking an import back: its orders are deleted, but for those that somebody has worked on since."""

from dataclasses import dataclass
from datetime import UTC, datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application.unit_of_work import UnitOfWork
from sync_server.contract.codec import GUID
from sync_server.contract.column_types import instant_text
from sync_server.contract.fields import Row
from sync_server.contract.rules.draft import Key
from sync_server.errors import Refused
from sync_server.storage import import_rows
from sync_server.storage.engine import Database
from sync_server.storage.import_rows import ImportRow


@dataclass(frozen=True, slots=True)
class Undone:
    """How many orders were deleted, and the numbers of those that stay because somebody touched them."""

    deleted: int
    kept: tuple[str, ...]


def undo_import(database: Database, organization_id: str, import_id: str) -> Undone:
    """Delete the orders of an import. A later import of the same file brings them again.

    Orders that the import changed but did not make stay as they are.

    Raises:
        Refused: There is no such import, or it was undone before.
    """
    with database.transaction("worker", organization_id) as connection:
        import_rows.serialise(connection, organization_id)
        _close_batch(connection, organization_id, import_id)
        left = import_rows.of_import(connection, organization_id, import_id)
        work = UnitOfWork(connection, organization_id, None)
        work.lock([("work_order", row.work_order_id) for row in left.values()])
        made = {row.work_order_id: row for row in left.values() if _is_made(work, row, import_id)}
        busy = _with_children(connection, organization_id, list(made))
        gone = [row for row in made.values() if row.work_order_id not in busy and _is_untouched(work, row)]
        _delete(connection, work, gone)
        import_rows.forget(connection, organization_id, [row.external_id for row in gone])
    deleted = {row.work_order_id for row in gone}
    kept = [str((work.loaded["work_order", id_] or {}).get("number")) for id_ in made if id_ not in deleted]
    return Undone(len(gone), tuple(sorted(kept)))


def _close_batch(connection: Connection[TupleRow], organization_id: str, import_id: str) -> None:
    found = None
    if GUID.fullmatch(import_id):
        found = connection.execute(
            "select undone_at from import_batch where organization_id = %s and id = %s for no key update",
            (organization_id, import_id),
        ).fetchone()
    if found is None:
        raise Refused("not_found", f"There is no import {import_id[:60]} in this organization.")
    if found[0] is not None:
        raise Refused("bad_request", f"This import was undone before, at {found[0]:%Y-%m-%d %H:%M} UTC.")
    connection.execute(
        "update import_batch set undone_at = clock_timestamp() where organization_id = %s and id = %s",
        (organization_id, import_id),
    )


def _is_made(work: UnitOfWork, row: ImportRow, import_id: str) -> bool:
    order = work.get("work_order", row.work_order_id)
    return order is not None and order["import_id"] == import_id and order["deleted_at"] is None


def _is_untouched(work: UnitOfWork, row: ImportRow) -> bool:
    order = work.get("work_order", row.work_order_id)
    return order is not None and order["version"] == row.version


def _with_children(connection: Connection[TupleRow], organization_id: str, order_ids: list[str]) -> set[str]:
    """Orders that somebody assigned, commented or visited."""
    tables = ("work_order_assignment", "comment", "work_log", "attachment", "checklist", "stock_movement")
    parts = " union ".join(
        f"select aggregate_id::text from {table} where organization_id = %(organization)s"
        " and aggregate_id = any(%(ids)s::uuid[]) and deleted_at is null"
        for table in tables
    )
    return {row[0] for row in connection.execute(parts.encode(), {"organization": organization_id, "ids": order_ids})}


def _delete(connection: Connection[TupleRow], work: UnitOfWork, gone: list[ImportRow]) -> None:
    if not gone:
        return
    at = instant_text(datetime.now(UTC))
    deleted: dict[Key, Row] = {}
    for row in gone:
        order = work.get("work_order", row.work_order_id)
        if order is not None:
            deleted["work_order", row.work_order_id] = {**order, "deleted_at": at, "updated_at": at}
    work.put(deleted)
    work.finish()
