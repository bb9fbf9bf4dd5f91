"""New stores of a fleet take their schema from the first one that the migrations have made in this process.

A store takes the migrations four times as long as what they come to, and a history of six devices makes twelve. Only
empty stores within `quick_stores`, in that thread; what the migrations do is asked by tests that do not use this.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from sqlalchemy import Connection

from cmms_desktop.replica import migrate

_is_quick: ContextVar[bool] = ContextVar("quick_stores", default=False)
_made: list[str] = []
"""Statements that make what the migrations have made; empty: nobody has asked yet."""
_migrate: Final = migrate.run
SCHEMA: Final = (
    "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
    " ORDER BY type <> 'table', rowid"
)


@contextmanager
def quick_stores() -> Iterator[None]:
    """Make empty stores quickly within the block."""
    before = _is_quick.set(True)
    try:
        yield
    finally:
        _is_quick.reset(before)


def _run(connection: Connection, scripts: Any) -> None:
    """Stand in for `migrate.run`."""
    if not _is_quick.get() or connection.exec_driver_sql(SCHEMA).first() is not None:
        _migrate(connection, scripts)
        return
    if not _made:
        _migrate(connection, scripts)
        _made[:] = statements(connection)
        return
    for statement in _made:
        connection.exec_driver_sql(statement)


def statements(connection: Connection) -> list[str]:
    """Say how to make the tables, indexes and triggers of a store with the rows that it has."""
    things = connection.exec_driver_sql(SCHEMA).all()
    made = [str(sql) for _, _, sql in things]
    for table in (name for type_, name, _ in things if type_ == "table"):
        names = [line[1] for line in connection.exec_driver_sql(f"PRAGMA table_info({table})").all()]
        quoted = ", ".join(f"quote({name})" for name in names)
        rows = connection.exec_driver_sql(f"SELECT {quoted} FROM {table}").all()
        made += [f"INSERT INTO {table} VALUES ({', '.join(row)})" for row in rows]
    return made


migrate.run = _run
