"""Writes what was settled: the batch, the orders in units of work, and what the file told about each."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from psycopg import Connection
from psycopg.rows import TupleRow
from uuid_utils.compat import uuid7

from sync_server.application.imports.drafts import OrderDraft
from sync_server.application.imports.orders import new_order_row
from sync_server.application.imports.places import DefaultSite
from sync_server.application.imports.reading import Sheet
from sync_server.application.imports.settling import Settled
from sync_server.application.unit_of_work import UnitOfWork
from sync_server.contract.fields import Row, Scalar
from sync_server.storage import activity_log
from sync_server.storage.activity_log import Entry
from sync_server.storage.import_rows import Batch, Told, add_batch, write_told

UNIT = 500
"""Orders of one unit of work, so that no statement comes near its time limit."""

Element = TypeVar("Element")


def write(
    connection: Connection[TupleRow],
    organization_id: str,
    settled: Settled,
    *,
    sheet: Sheet,
    told: Mapping[str, Told],
    default: DefaultSite,
    import_id: str,
    at: str,
) -> bool:
    """Write an import in the caller's transaction; say whether there was more to write than what the file told.

    Rows that change must be locked already: the first unit takes the clock, and after it nothing may be locked.
    """
    anew = {draft.external_id: draft.digest for draft in settled.heard}
    write_told(connection, organization_id, {id_: told[id_].saying(digest) for id_, digest in anew.items()})
    if not settled.new and not settled.changed:
        return False
    add_batch(connection, organization_id, _batch(settled, sheet, import_id=import_id, at=at))
    if default.is_new and any(place.site_id == default.id for _, place in settled.new):
        write_rows(connection, organization_id, "site", [(None, default.row(at=at))])
    for unit in in_units(settled.new):
        rows = [
            (draft, new_order_row(draft, place, row_id=str(uuid7()), import_id=import_id, at=at, by=None))
            for draft, place in unit
        ]
        _write_orders(connection, organization_id, [(draft, None, row) for draft, row in rows], import_id=import_id)
    for changes in in_units(settled.changed):
        _write_orders(connection, organization_id, changes, import_id=import_id)
    activity_log.append(connection, [_done(settled, sheet, import_id=import_id)])
    return True


def _done(settled: Settled, sheet: Sheet, *, import_id: str) -> Entry:
    told: dict[str, Scalar] = {
        "file_name": sheet.name,
        "file_sha256": sheet.sha256,
        "new_count": len(settled.plan.new),
        "changed_count": len(settled.plan.changed),
    }
    return Entry("import.done", row_id=import_id, new=told, personal=frozenset({"file_name"}))


def write_rows(
    connection: Connection[TupleRow], organization_id: str, entity: str, changes: Sequence[tuple[Row | None, Row]]
) -> list[Row]:
    """Write rows of one entity in one unit of work, each (as it stood when it was locked or None, as it will be).

    A unit before this one may have handed a natural key to such a row: what differs is laid over the row as it stands.

    Returns:
        The same rows in the same order as they stand now; others may have been written along with them.
    """
    work = UnitOfWork(connection, organization_id, None)
    work.read((entity, str(before["id"])) for before, _ in changes if before is not None)
    for before, after in changes:
        key = entity, str(after["id"])
        standing = work.loaded.setdefault(key, None) or {}
        work.put(
            {key: standing | {name: after[name] for name in after if before is None or after[name] != before[name]}}
        )
    work.finish()
    return [work.changed[entity, str(after["id"])] for _, after in changes]


def in_units(elements: Sequence[Element]) -> Iterator[Sequence[Element]]:
    """Cut into as many as one unit of work takes."""
    return (elements[start : start + UNIT] for start in range(0, len(elements), UNIT))


def _write_orders(
    connection: Connection[TupleRow],
    organization_id: str,
    changes: Sequence[tuple[OrderDraft, Row | None, Row]],
    *,
    import_id: str,
) -> None:
    written = write_rows(connection, organization_id, "work_order", [change[1:] for change in changes])
    told = {
        draft.external_id: Told(str(row["id"]), import_id, draft.digest, int(row["version"] or 0))
        for (draft, *_), row in zip(changes, written, strict=True)
    }
    write_told(connection, organization_id, told)


def _batch(settled: Settled, sheet: Sheet, *, import_id: str, at: str) -> Batch:
    plan = settled.plan
    return Batch(
        id=import_id,
        file_name=sheet.name,
        file_sha256=sheet.sha256,
        created_at=at,
        new_count=len(plan.new),
        changed_count=len(plan.changed),
        unchanged_count=len(plan.unchanged),
        rejected_count=len(plan.rejected),
    )
