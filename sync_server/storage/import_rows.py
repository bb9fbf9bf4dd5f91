"""What earlier imports told about orders: by external id, with the version in which they left each order."""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One order as the last import left it. `digest` is the draft's."""

    external_id: str
    work_order_id: str
    digest: str
    version: int


def serialise(connection: Connection[TupleRow], organization_id: str) -> None:
    """Let one import of an organization run at a time, until the transaction ends."""
    connection.execute("select pg_advisory_xact_lock(hashtextextended('import:' || %s, 0))", (organization_id,))


def of_organization(connection: Connection[TupleRow], organization_id: str) -> dict[str, ImportRow]:
    """Give everything by external id."""
    return _read(connection, "organization_id = %s", (organization_id,))


def of_import(connection: Connection[TupleRow], organization_id: str, import_id: str) -> dict[str, ImportRow]:
    """Give what one import was the last to write, by external id."""
    return _read(connection, "organization_id = %s and import_id = %s", (organization_id, import_id))


def _read(connection: Connection[TupleRow], condition: str, values: tuple[str, ...]) -> dict[str, ImportRow]:
    found = connection.execute(
        f"select external_id, work_order_id::text, digest, version from import_row where {condition}".encode(), values
    )
    return {row[0]: ImportRow(*row) for row in found}


def write(connection: Connection[TupleRow], organization_id: str, import_id: str, rows: Iterable[ImportRow]) -> None:
    """Write or overwrite rows as an import's."""
    connection.execute(
        "insert into import_row as i (organization_id, import_id, external_id, work_order_id, digest, version)"
        " select %s::uuid, %s::uuid, external_id, work_order_id, digest, version"
        " from json_populate_recordset(null::import_row, %s::json) on conflict (organization_id, external_id)"
        " do update set import_id = excluded.import_id, work_order_id = excluded.work_order_id,"
        " digest = excluded.digest, version = excluded.version",
        (organization_id, import_id, msgspec.json.encode(list(rows)).decode()),
    )


def forget(connection: Connection[TupleRow], organization_id: str, external_ids: Iterable[str]) -> None:
    """Drop rows, so that a later import brings their orders again."""
    connection.execute(
        "delete from import_row where organization_id = %s and external_id = any(%s)",
        (organization_id, sorted(external_ids)),
    )
