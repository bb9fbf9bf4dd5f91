"""Exchanging an empty table of the replica for a filled one of the same shape, so that no row is written twice.

The filled one is made by the statements of the table that it is for, indexes too, and called `staged_…` until then. The
schema is the same text before and after, to the byte: migrations find what they know.
"""

from typing import Any, Final

from cmms_desktop.replica.rows import SQL

PREFIX: Final = "staged_"

Statements = dict[str, str]
"""Name → statement of each index of a table."""


def may_be_exchanged(cursor: Any, entity: str) -> bool:
    """Whether it is worth making a table like an entity's own: that is empty so far."""
    return not _is_in_use(cursor, entity, SQL[entity].name)


def make_like(cursor: Any, entity: str) -> None:
    """Make an empty `staged_` table like an entity's own, with indexes like its own."""
    name = SQL[entity].name
    cursor.execute(_table(cursor, name).replace(name, f"{PREFIX}{name}", 1))
    for index, sql in _indexes(cursor, name).items():
        head, _, columns = sql.partition("(")
        cursor.execute(f"{head.partition('INDEX')[0]}INDEX {PREFIX}{index} ON {PREFIX}{name} ({columns}")


def exchange(cursor: Any, entity: str) -> bool:
    """Put the `staged_` table of an entity in the place of its own, if that is empty and nothing would be lost by it.

    Returns:
        Whether it was done. Otherwise nothing has changed.
    """
    name = SQL[entity].name
    if not _is_alike(cursor, name) or _is_in_use(cursor, entity, name):
        return False
    table, indexes = _table(cursor, name), _indexes(cursor, name)
    cursor.execute(f"DROP TABLE {name}")
    cursor.execute(f"ALTER TABLE {PREFIX}{name} RENAME TO {name}")
    cursor.execute("PRAGMA writable_schema = ON")  # SQLite renames tables, not indexes; their pages stay what they are
    try:
        cursor.execute("UPDATE sqlite_master SET sql = ? WHERE type = 'table' AND name = ?", (table, name))
        cursor.executemany(
            "UPDATE sqlite_master SET name = ?, sql = ? WHERE type = 'index' AND name = ?",
            [(index, sql, f"{PREFIX}{index}") for index, sql in indexes.items()],
        )
    finally:
        cursor.execute("PRAGMA writable_schema = RESET")  # read again by this connection; others see its new number
    return True


def drop_staged(cursor: Any) -> None:
    """Drop every `staged_` table of the replica itself."""
    found = cursor.execute(
        "SELECT name FROM main.sqlite_master WHERE type = 'table' AND substr(name, 1, ?) = ?", (len(PREFIX), PREFIX)
    ).fetchall()
    for (name,) in found:
        cursor.execute(f"DROP TABLE main.{name}")


def _is_alike(cursor: Any, name: str) -> bool:
    """Whether there is a staged table in the replica with the same columns in the same order, and the same indexes."""
    names = [f"{PREFIX}{index}" for index in _indexes(cursor, name)]
    is_same_shape = _shape(cursor, name) == _shape(cursor, f"{PREFIX}{name}")
    return is_same_shape and names == list(_indexes(cursor, f"{PREFIX}{name}"))


def _is_in_use(cursor: Any, entity: str, name: str) -> bool:
    """Whether a table has rows, visible or beneath, or a trigger, which would go with it."""
    found = cursor.execute(
        f"SELECT EXISTS (SELECT 1 FROM {name}) OR EXISTS (SELECT 1 FROM shadow WHERE entity = ?)"
        " OR EXISTS (SELECT 1 FROM main.sqlite_master WHERE type = 'trigger' AND tbl_name = ?)",
        (entity, name),
    ).fetchone()
    return bool(found[0])


def _table(cursor: Any, name: str) -> str:
    sql = "SELECT sql FROM main.sqlite_master WHERE type = 'table' AND name = ?"
    return str(cursor.execute(sql, (name,)).fetchone()[0])


def _indexes(cursor: Any, name: str) -> Statements:
    sql = (
        "SELECT name, sql FROM main.sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL"
        " ORDER BY name"
    )
    return dict(cursor.execute(sql, (name,)).fetchall())


def _shape(cursor: Any, name: str) -> list[tuple[Any, ...]]:
    """Name, type, nullability, default and place in the key of each column."""
    return [tuple(line[1:]) for line in cursor.execute(f"PRAGMA main.table_info({name})").fetchall()]
