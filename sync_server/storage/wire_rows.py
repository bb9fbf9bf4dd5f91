"""Rows of PostgreSQL in wire form: read as JSON arrays that the database builds, written from JSON it takes apart.

No value is converted in Python on the way (D-10 in ../README.md). Every statement names the organization, besides
the row level security that would hide other rows anyway.
"""

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

import msgspec
from psycopg import Connection, Cursor, sql
from psycopg.rows import TupleRow

from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import ColumnSpec, EntitySpec, Row, Scalar

POSTGRES_TYPES = {
    "text": "text",
    "json": "text",
    "guid": "uuid",
    "integer": "integer",
    "bigint": "bigint",
    "boolean": "boolean",
    "double": "double precision",
    "decimal": "numeric",
    "instant": "timestamptz",
    "date": "date",
}
"""Wire kind → what PostgreSQL reads its JSON as; the column itself rounds and checks."""
_ROWS = msgspec.json.Decoder(list[list[Scalar]])
_TOGETHER = "select '[' || string_agg(r.cells, ',') || ']' from"
INSTANT = """to_char({0} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


def composed(text: str) -> sql.SQL:
    """Mark SQL that was put together from declared names only, never from input."""
    return sql.SQL(text)  # type: ignore[arg-type, unused-ignore]


def id_array(ids: Iterable[str]) -> str:
    """Write ids as the array that a uuid[] parameter takes; a list would be quoted one by one."""
    return f"{{{','.join(ids)}}}"


def wire_expression(column: ColumnSpec, alias: str = "t") -> str:
    """SQL that gives the wire form of a column, fit for json_build_array."""
    name = f"{alias}.{column.name}"
    return {"instant": INSTANT.format(name), "decimal": f"{name}::text"}.get(column.kind, name)


@cache
def wire_array(entity: str, alias: str = "t") -> str:
    """SQL of the JSON array of all columns of an entity, in wire order."""
    columns = ", ".join(wire_expression(column, alias) for column in REGISTRY[entity].columns)
    return f"json_build_array({columns})"


def ask_rows(
    connection: Connection[TupleRow], organization_id: str, *, entity: str, ids: Iterable[str], lock: bool
) -> Cursor[TupleRow]:
    """Ask for rows by id, deleted ones too. `lock` takes FOR NO KEY UPDATE in id order.

    They come as one text: of a row each, PostgreSQL makes a message each, and wakes whoever reads for every few.
    """
    statement = _locking(entity) if lock else _reading(entity)
    return connection.execute(statement, (organization_id, id_array(sorted(ids))))


def rows_of(entity: str, asked: Cursor[TupleRow]) -> dict[str, Row]:
    """Take the rows that were asked for, by id."""
    (found,) = asked.fetchone() or (None,)
    names = REGISTRY[entity].names
    rows = (dict(zip(names, values, strict=True)) for values in _ROWS.decode(found or "[]"))
    return {str(row["id"]): row for row in rows}


def decode_row(spec: EntitySpec, text: str) -> Row:
    """Turn the JSON array of a row into the row."""
    values: list[Scalar] = msgspec.json.decode(text, type=list[Scalar])
    return dict(zip(spec.names, values, strict=True))


@cache
def _reading(entity: str) -> sql.SQL:
    return composed(f"{_TOGETHER} ({_by_id(entity)}) r")


@cache
def _locking(entity: str) -> sql.SQL:
    return composed(f"{_TOGETHER} ({_by_id(entity)} order by t.id for no key update) r")


def _by_id(entity: str) -> str:
    return (
        f"select {wire_array(entity)}::text as cells from {entity} t"
        " where t.organization_id = %s and t.id = any(%s::uuid[])"
    )


def insert_rows(connection: Connection[TupleRow], organization_id: str, entity: str, rows: Sequence[Row]) -> int:
    """Insert rows; give how many were new. A row that somebody else inserted meanwhile is left alone."""
    made = connection.execute(_inserting(entity), (organization_id, msgspec.json.encode(rows).decode())).fetchone()
    return int(made[0]) if made else 0


def update_rows(
    connection: Connection[TupleRow], organization_id: str, entity: str, rows: Sequence[Row], *, names: Sequence[str]
) -> None:
    """Overwrite the named columns of rows that are locked by this transaction. Within a pipeline nothing is awaited."""
    narrow = [{"id": row["id"], **{name: row[name] for name in names}} for row in rows]
    ids = id_array(str(row["id"]) for row in rows)
    parameters = (msgspec.json.encode(narrow).decode(), organization_id, ids)
    connection.execute(_updating(entity, tuple(names)), parameters)


@cache
def _inserting(entity: str) -> sql.SQL:
    names, month = REGISTRY[entity].names, REGISTRY[entity].month_column
    key = "organization_id, id" if month is None else f"organization_id, id, {month}"
    return composed(
        f"with made as (insert into {entity} (organization_id, {', '.join(names)})"
        f" select %s::uuid, {', '.join('r.' + name for name in names)}"
        f" from json_populate_recordset(null::{entity}, %s::json) r on conflict ({key}) do nothing"
        " returning 1) select count(*) from made"
    )


@lru_cache(maxsize=1024)
def _updating(entity: str, names: Sequence[str]) -> sql.SQL:
    """Rows are found by the array of ids: of the JSON PostgreSQL only guesses that it has 100, and reads a table.

    Only the named columns are looked for in it (D-133): a whole row would be built of every one.
    """
    known = REGISTRY[entity].by_name
    columns = ", ".join(f"{name} {POSTGRES_TYPES[known[name].kind]}" for name in names)
    return composed(
        f"update {entity} t set {', '.join(f'{name} = r.{name}' for name in names)}"
        f" from json_to_recordset(%s::json) as r(id uuid, {columns})"
        " where t.organization_id = %s and t.id = any(%s::uuid[]) and t.id = r.id"
    )
