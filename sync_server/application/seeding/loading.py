"""Writes planned demonstration data through the unit of work, one commit per unit."""

from datetime import UTC, datetime

from sync_server.application.seeding.content import Content, Unit
from sync_server.application.unit_of_work import UnitOfWork
from sync_server.contract.column_types import instant_text
from sync_server.contract.fields import Row
from sync_server.contract.rules.draft import Key, derived_id
from sync_server.contract.rules.metering import entry_of
from sync_server.storage.engine import Database

KEPT = ("version", "sync_seq", "row_hash", "created_at", "created_by")
"""What a changed row keeps of the stored one."""


def load(database: Database, content: Content) -> None:
    """Commit the units in order; those that an interrupted run has committed are left out."""
    done, seen = committed_units(database, content), set[Key]()
    for number, unit in enumerate(content.units):
        if number >= done:
            _commit(database, content.organization_id, unit, known=seen & unit.keys())
        seen |= unit.keys()


def committed_units(database: Database, content: Content) -> int:
    """How many commits the organization has seen; nobody but `load` works on one that is not complete."""
    with database.transaction("worker", content.organization_id, read_only=True) as connection:
        found = connection.execute(
            "select seq from org_clock where organization_id = %s", (content.organization_id,)
        ).fetchone()
    return found[0] if found else 0


def _commit(database: Database, organization_id: str, unit: Unit, *, known: set[Key]) -> None:
    with database.transaction("worker", organization_id) as connection:
        work = UnitOfWork(connection, organization_id, None)
        work.lock(known)
        work.put({key: _over(work.get(*key), row) if key in known else row for key, row in unit.items()})
        work.readings = _readings(unit)
        work.finish()


def _readings(unit: Unit) -> list[Row]:
    """What the history has of meters that have been read: what they say, met today."""
    at = instant_text(datetime.now(UTC))
    meters = [row for (entity, _), row in unit.items() if entity == "meter" and row["last_value"] is not None]
    return [entry_of(row, reading_id=derived_id(str(row["id"]), "reading"), at=at) for row in meters]


def _over(stored: Row | None, row: Row) -> Row:
    return row if stored is None else {**row, **{name: stored[name] for name in KEPT}}
