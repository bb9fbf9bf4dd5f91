"""Reads and writes rows of record tables, in wire form. Decides nothing: who may is asked before.

A code or number that somebody else has is marked, never refused, as it is with synced rows (natural_keys.py).
"""

from collections.abc import Iterable, Mapping
from functools import cache

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.contract.fields import ColumnSpec, Row, Scalar
from sync_server.storage.record_kinds import RecordKind
from sync_server.storage.wire_rows import composed, wire_expression

_ROW = msgspec.json.Decoder(list[Scalar])


@cache
def _columns(kind: RecordKind, *, is_whole: bool) -> tuple[ColumnSpec, ...]:
    return tuple(column for column in kind.columns.values() if is_whole or column.kind != "json")


@cache
def _array(kind: RecordKind, *, is_whole: bool = True) -> str:
    return f"json_build_array({', '.join(map(wire_expression, _columns(kind, is_whole=is_whole)))})::text"


def _row(kind: RecordKind, text: str, *, is_whole: bool = True) -> Row:
    names = [column.name for column in _columns(kind, is_whole=is_whole)]
    return dict(zip(names, _ROW.decode(text), strict=True))


def insert(connection: Connection[TupleRow], organization_id: str, kind: RecordKind, row: Row) -> None:
    """Write a new row; columns that it does not name take their default."""
    names = ["organization_id", *row]
    places = ", ".join(f"%({name})s" for name in names)
    connection.execute(
        composed(f"insert into {kind.name} ({', '.join(names)}) values ({places})"),
        {**row, "organization_id": organization_id},
    )


def change(
    connection: Connection[TupleRow], organization_id: str, kind: RecordKind, row_id: object, values: Row
) -> None:
    """Give columns of a row other values."""
    set_ = ", ".join(f"{name} = %({name})s" for name in values)
    connection.execute(
        composed(f"update {kind.name} set {set_} where organization_id = %(organization_id)s and id = %(id)s"),
        {**values, "organization_id": organization_id, "id": row_id},
    )


def locked(connection: Connection[TupleRow], organization_id: str, kind: RecordKind, row_id: object) -> Row | None:
    """Read a row, deleted or not, that nobody else changes until the transaction ends; None: there is none."""
    found = connection.execute(
        composed(
            f"select {_array(kind)} from {kind.name} t where t.organization_id = %s and t.id = %s for no key update"
        ),
        (organization_id, row_id),
    ).fetchone()
    return None if found is None else _row(kind, found[0])


def rows(
    connection: Connection[TupleRow],
    organization_id: str,
    kind: RecordKind,
    having: Mapping[str, Scalar],
    *,
    limit: int,
    skip: int = 0,
    is_whole: bool = True,
) -> list[Row]:
    """Read live rows that have these values, in the order in which they were made; whole, or without documents."""
    conditions = [f"t.{name} = %({name})s" for name in having]
    if "deleted_at" in kind.columns:
        conditions.append("t.deleted_at is null")
    found = connection.execute(
        composed(
            f"select {_array(kind, is_whole=is_whole)} from {kind.name} t where"
            f" {' and '.join(['t.organization_id = %(organization)s', *conditions])}"
            " order by t.id limit %(limit)s offset %(skip)s"
        ),
        {**having, "organization": organization_id, "limit": limit, "skip": skip},
    )
    return [_row(kind, text, is_whole=is_whole) for (text,) in found]


def hold_keys(connection: Connection[TupleRow], organization_id: str, kind: RecordKind) -> None:
    """Wait until nobody else gives or takes keys of a kind: of two that come at once one is first.

    Before any row is locked: whoever hands a key on writes into the row of who waits for it.
    """
    name = f"{organization_id}/{kind.name}"
    connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))


def settle_keys(
    connection: Connection[TupleRow], organization_id: str, kind: RecordKind, keys: Iterable[object]
) -> None:
    """Let the one who has a key keep it, or the oldest who waits for it have it; mark all others."""
    for key in sorted({str(key) for key in keys}):
        connection.execute(
            composed(
                f"with live as (select id, row_number() over (order by code_conflict, id) > 1 as waits from {kind.name}"
                f" where organization_id = %(organization)s and {kind.key} = %(key)s and deleted_at is null)"
                f" update {kind.name} t set code_conflict = live.waits from live"
                " where t.organization_id = %(organization)s and t.id = live.id and t.code_conflict <> live.waits"
            ),
            {"organization": organization_id, "key": key},
        )


def site_of(connection: Connection[TupleRow], organization_id: str, entity: str, row_id: object) -> str | None:
    """Give the site of an order or asset, also of a deleted one; None: there is none such."""
    found = connection.execute(
        composed(f"select site_id::text from {entity} where organization_id = %s and id = %s"),
        (organization_id, row_id),
    ).fetchone()
    return None if found is None else str(found[0])


def is_live(connection: Connection[TupleRow], organization_id: str, table: str, row_id: object) -> bool:
    """Whether a row of any table of the organization whose rows can be deleted is there and is not."""
    query = f"select from {table} where organization_id = %s and id = %s and deleted_at is null"
    return connection.execute(composed(query), (organization_id, row_id)).fetchone() is not None


def greatest(
    connection: Connection[TupleRow], organization_id: str, kind: RecordKind, column: str, within: str, row: Row
) -> int:
    """Give the greatest number of a column among rows that name the same record as this one; 0: there are none."""
    query = f"select coalesce(max({column}), 0) from {kind.name} where organization_id = %s and {within} = %s"
    (found,) = connection.execute(composed(query), (organization_id, row[within])).fetchone() or (0,)
    return int(found)
