"""Which tables hold rows of organizations, asked of PostgreSQL's catalog: what is forgotten here would stay behind.

Also months that were detached and stand alone. Not `organization` and `organization_directory`, which name the
organization itself: they are written by whoever makes or removes it.
"""

from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Composed, Identifier

TABLES = """
SELECT c.relname::text, ARRAY(
  SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS at (number, place)
  JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = at.number ORDER BY at.place)
FROM pg_class AS c
JOIN pg_attribute AS o ON o.attrelid = c.oid AND o.attname = 'organization_id' AND NOT o.attisdropped
LEFT JOIN pg_constraint AS k ON k.conrelid = c.oid AND k.contype = 'p'
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
  AND c.relname <> 'organization_directory'
ORDER BY c.relname
"""
REFERENCES = """
SELECT r.relname::text, t.relname::text, a.attname::text FROM pg_constraint AS k
JOIN pg_class AS r ON r.oid = k.conrelid JOIN pg_class AS t ON t.oid = k.confrelid
JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[cardinality(k.conkey)]
WHERE k.contype = 'f' AND k.conparentid = 0 AND k.connamespace = 'public'::regnamespace
"""


@dataclass(frozen=True, slots=True)
class TenantTable:
    """A table with rows of organizations.

    Attributes:
        name: As PostgreSQL calls it.
        key: Columns of its primary key, in order; the first is the organization.
        parents: Columns that name another row of the table itself.
    """

    name: str
    key: tuple[str, ...]
    parents: tuple[str, ...] = ()


def tenant_tables(connection: Connection[TupleRow]) -> list[TenantTable]:
    """Give all of them, each before those that its rows refer to. Raises CycleError when there is no such order."""
    keys = {name: tuple(key) for name, key in connection.execute(TABLES).fetchall()}
    references = [line for line in connection.execute(REFERENCES).fetchall() if line[0] in keys and line[1] in keys]
    order: TopologicalSorter[str] = TopologicalSorter({name: set() for name in keys})
    for child, parent, _ in references:
        if child != parent:
            order.add(parent, child)
    own: dict[str, list[str]] = {}
    for child, parent, column in references:
        if child == parent:
            own.setdefault(child, []).append(column)
    return [TenantTable(name, keys[name], tuple(own.get(name, ()))) for name in order.static_order()]


def has_rows(connection: Connection[TupleRow], table: TenantTable, organization_id: str) -> bool:
    """Whether the organization has a row there."""
    query = SQL("SELECT EXISTS (SELECT FROM {} WHERE organization_id = %s)").format(Identifier(table.name))
    (found,) = connection.execute(query, (organization_id,)).fetchone() or (False,)
    return bool(found)


def remove_rows(connection: Connection[TupleRow], table: TenantTable, organization_id: str, *, limit: int) -> int:
    """Remove rows that no other row of the table names, at most so many; give how many. 0: none is left, or a ring."""
    leaves = [
        SQL("NOT EXISTS (SELECT FROM {0} AS c WHERE c.organization_id = %(id)s AND c.{1} = t.id)").format(
            Identifier(table.name), Identifier(column)
        )
        for column in table.parents
    ]
    which = SQL(" AND ").join([SQL("t.organization_id = %(id)s"), *leaves])
    return _remove(connection, table, which, {"id": organization_id, "limit": limit})


def remove_ring(connection: Connection[TupleRow], table: TenantTable, organization_id: str) -> int:
    """Remove all rows that are left, whatever names what of them: at once, or references would lead nowhere."""
    query = SQL("DELETE FROM {} WHERE organization_id = %s").format(Identifier(table.name))
    return connection.execute(query, (organization_id,)).rowcount


def _remove(connection: Connection[TupleRow], table: TenantTable, which: Composed, values: dict[str, Any]) -> int:
    key = SQL(", ").join(map(Identifier, table.key))
    query = SQL(
        "DELETE FROM {0} WHERE organization_id = %(id)s"
        " AND ({1}) IN (SELECT {1} FROM {0} AS t WHERE {2} LIMIT %(limit)s)"
    ).format(Identifier(table.name), key, which)
    return connection.execute(query, values).rowcount
