"""What imports have brought: their batches, and for each imported order what the files told about it last.

Written by one import or undoing of an organization at a time: whoever holds `has_turn` until his commit.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

WORK_ORDERS = "work_order"
"""Kind of a batch: what its rows became."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the files told about one order.

    Attributes:
        work_order_id: The order.
        import_id: The last import that wrote it.
        digest: Of what the last file said, whether or not it was written.
        version: The order's, as that import left it.
    """

    work_order_id: str
    import_id: str
    digest: str
    version: int

    def saying(self, digest: str) -> "Told":
        """The same with another digest: heard, but not written."""
        return replace(self, digest=digest)


@dataclass(frozen=True, slots=True)
class Batch:
    """One import that wrote something. Instants in wire form."""

    id: str
    file_name: str
    file_sha256: str
    created_at: str
    new_count: int
    changed_count: int
    unchanged_count: int
    rejected_count: int


def has_turn(connection: Connection[TupleRow], organization_id: str) -> bool:
    """Try to become the only one who imports, until the end of the transaction; never waits."""
    key = f"import/{organization_id}"
    found = connection.execute("select pg_try_advisory_xact_lock(hashtextextended(%s, 0))", (key,)).fetchone()
    return bool(found and found[0])


def read_told(connection: Connection[TupleRow], organization_id: str, external_ids: Iterable[str]) -> dict[str, Told]:
    """Give what was told about orders, by external id; those of which no file has told are left out."""
    found = connection.execute(
        "select external_id, work_order_id::text, import_id::text, digest, version from import_row"
        " where organization_id = %s and external_id = any(%s)",
        (organization_id, list(external_ids)),
    )
    return {external_id: Told(*columns) for external_id, *columns in found}


def write_told(connection: Connection[TupleRow], organization_id: str, told: Mapping[str, Told]) -> None:
    """Remember what was told about orders, by external id, in place of what was told before."""
    if not told:
        return
    rows = [{"external_id": external_id, **asdict(each)} for external_id, each in told.items()]
    connection.execute(
        "insert into import_row (organization_id, external_id, work_order_id, import_id, digest, version)"
        " select %s::uuid, external_id, work_order_id, import_id, digest, version"
        " from json_populate_recordset(null::import_row, %s::json)"
        " on conflict (organization_id, external_id) do update set work_order_id = excluded.work_order_id,"
        " import_id = excluded.import_id, digest = excluded.digest, version = excluded.version",
        (organization_id, msgspec.json.encode(rows).decode()),
    )


def versions_left_by(connection: Connection[TupleRow], organization_id: str, import_id: str) -> dict[str, int]:
    """Give the orders that an import was the last to write, with the version in which it left each."""
    found = connection.execute(
        "select work_order_id::text, version from import_row where organization_id = %s and import_id = %s",
        (organization_id, import_id),
    )
    return dict(found.fetchall())


def orders_made_by(connection: Connection[TupleRow], organization_id: str, import_id: str) -> set[str]:
    """Give the ids of the orders that an import made, deleted ones too."""
    found = connection.execute(
        "select id::text from work_order where organization_id = %s and import_id = %s", (organization_id, import_id)
    )
    return {row[0] for row in found}


def forget_told(connection: Connection[TupleRow], organization_id: str, work_order_ids: Iterable[str]) -> None:
    """Forget what was told about orders, so that a file which tells of them makes new ones."""
    connection.execute(
        "delete from import_row where organization_id = %s and work_order_id = any(%s::uuid[])",
        (organization_id, list(work_order_ids)),
    )


def add_batch(connection: Connection[TupleRow], organization_id: str, batch: Batch) -> None:
    """Write down an import of work orders, made by the installation's administrator."""
    connection.execute(
        "insert into import_batch (organization_id, id, kind, file_name, file_sha256, created_at, new_count,"
        " changed_count, unchanged_count, rejected_count) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            *(organization_id, batch.id, WORK_ORDERS, batch.file_name, batch.file_sha256, batch.created_at),
            *(batch.new_count, batch.changed_count, batch.unchanged_count, batch.rejected_count),
        ),
    )


@dataclass(frozen=True, slots=True)
class BatchState:
    """Whether an import still counts."""

    undone_at: datetime | None
    """UTC."""


def batch_state(connection: Connection[TupleRow], organization_id: str, import_id: str) -> BatchState | None:
    """Look an import of work orders up; None when there is no such one."""
    found = connection.execute(
        "select undone_at at time zone 'UTC' from import_batch where organization_id = %s and id = %s and kind = %s",
        (organization_id, import_id, WORK_ORDERS),
    ).fetchone()
    return BatchState(*found) if found else None


def mark_undone(connection: Connection[TupleRow], organization_id: str, import_id: str, *, at: str) -> None:
    """Remember when an import was undone."""
    connection.execute(
        "update import_batch set undone_at = %s where organization_id = %s and id = %s",
        (at, organization_id, import_id),
    )
