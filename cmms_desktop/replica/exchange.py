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
    table, indexes = _statements_like(cursor, name)
    for sql in (table, *indexes.values()):
        cursor.execute(sql)


def exchange(cursor: Any, entity: str) -> bool:
    """Put the `staged_` table of an entity in the place of its own, if that is empty and nothing would be lost by it.

    Returns:
        Whether it was done. Otherwise nothing has changed.
    """
    name = SQL[entity].name
    if not _is_alike(cursor, name) or _is_in_use(cursor, entity, name):
        return False
    table, indexes = _statement(cursor, name), _indexes(cursor, name)
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
    """Whether there is a staged table in the replica, made to the letter as it would be made now.

    An update of the program may have changed a rule, a reference or the columns of an index since.
    """
    staged = f"{PREFIX}{name}"
    return (_statement(cursor, staged), _indexes(cursor, staged)) == _statements_like(cursor, name)


def _statements_like(cursor: Any, name: str) -> tuple[str, Statements]:
    """Statements of the staged table and its indexes, from those of the table that it is for."""
    staged = f"{PREFIX}{name}"
    indexes: Statements = {}
    for index, sql in _indexes(cursor, name).items():
        head, _, columns = sql.partition("(")
        indexes[f"{PREFIX}{index}"] = f"{head.partition('INDEX')[0]}INDEX {PREFIX}{index} ON {staged} ({columns}"
    return str(_statement(cursor, name)).replace(name, staged, 1), indexes


def _is_in_use(cursor: Any, entity: str, name: str) -> bool:
    """Whether a table has rows, visible or beneath, or a trigger, which would go with it."""
    found = cursor.execute(
        f"SELECT EXISTS (SELECT 1 FROM {name}) OR EXISTS (SELECT 1 FROM shadow WHERE entity = ?)"
        " OR EXISTS (SELECT 1 FROM main.sqlite_master WHERE type = 'trigger' AND tbl_name = ?)",
        (entity, name),
    ).fetchone()
    return bool(found[0])


def _statement(cursor: Any, name: str) -> str | None:
    sql = "SELECT sql FROM main.sqlite_master WHERE type = 'table' AND name = ?"
    found = cursor.execute(sql, (name,)).fetchone()
    return None if found is None else str(found[0])


def _indexes(cursor: Any, name: str) -> Statements:
    sql = (
        "SELECT name, sql FROM main.sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL"
        " ORDER BY name"
    )
    return dict(cursor.execute(sql, (name,)).fetchall())
