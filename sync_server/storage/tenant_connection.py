"""A connection whose transactions begin as one tenant, in one wait for PostgreSQL, and end where their block ends.

Knows no pool and no role; what is prepared where is the business of `prepared`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache

import psycopg
from psycopg import Connection, IsolationLevel
from psycopg.rows import Row, tuple_row
from psycopg.sql import Literal

from sync_server.storage.prepared import KnownStatements, StatementNames
from sync_server.storage.translation import is_changed_shape

STALE = (psycopg.errors.InvalidSqlStatementName, psycopg.errors.DuplicatePreparedStatement)
"""What is prepared on a connection is not what this process believes: somebody has cleared it. It is looked at again,
and not cleared, which would only make other processes believe in what is not there."""


class TenantConnection(Connection[Row]):
    """A connection in autocommit, so that nothing begins by itself."""

    is_in_block = False

    def commit(self) -> None:
        """Commit; refused within a block of `tenant_block`, at whose end it happens by itself."""
        self._require_end_of_block()
        super().commit()

    def rollback(self) -> None:
        """Roll back; refused within a block, which an exception ends."""
        self._require_end_of_block()
        super().rollback()

    def _require_end_of_block(self) -> None:
        if self.is_in_block:
            raise psycopg.ProgrammingError("a transaction ends where its block ends")


@lru_cache(maxsize=64)
def opening(isolation: IsolationLevel | None, *, read_only: bool, settings: tuple[tuple[str, str], ...]) -> str:
    """Compose what opens a transaction, with places for the tenant and for a mark.

    The tenant and the settings are told for this transaction only. The mark stays with PostgreSQL's connection and says
    nothing of a tenant.
    """
    level = (isolation or IsolationLevel.READ_COMMITTED).name.replace("_", " ")
    told = "".join(f", set_config('{name}', '{value}', true)" for name, value in settings)
    return (
        f"BEGIN ISOLATION LEVEL {level} READ {'ONLY' if read_only else 'WRITE'};"
        " SELECT coalesce(nullif(current_setting('cmms.mark', true), ''), set_config('cmms.mark', {mark}, false)),"
        " set_config('app.organization_id', {tenant}, true)" + told
    )


def settings_key(settings: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Settings in a form that can be kept."""
    return tuple(settings.items())


@contextmanager
def tenant_block(
    connection: TenantConnection[Row], text: str, *, tenant: str, names: StatementNames
) -> Iterator[TenantConnection[Row]]:
    """Run the block in a transaction that `text`, an `opening`, begins; whoever lends the connection ends it."""
    mark = _begin(connection, text, tenant=tenant, names=names)
    connection.is_in_block = True
    try:
        yield connection
    except BaseException as error:
        if isinstance(error, STALE) or _has_named(connection):  # what a failed pipeline brought there nobody knows
            names.forget(mark)
        if isinstance(error, psycopg.Error) and is_changed_shape(error):
            names.forget(mark)
            _clear(connection)
        raise
    finally:
        connection.is_in_block = False
        if isinstance(connection._prepared, KnownStatements):
            connection._prepared.end()


def _begin(connection: TenantConnection[Row], text: str, *, tenant: str, names: StatementNames) -> str:
    fresh = names.fresh_mark()
    statement = text.format(tenant=Literal(tenant).as_string(connection), mark=f"'{fresh}'")
    with connection.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(statement.encode(), prepare=False)
        cursor.nextset()
        (mark, *_) = cursor.fetchone() or (fresh,)
    if isinstance(connection._prepared, KnownStatements):
        known = None if mark == fresh else names.known_at(mark)
        found = names.learn(mark, connection) if known is None else known
        connection._prepared.begin(mark, found, is_sure=known is None)
    return str(mark)


def _has_named(connection: TenantConnection[Row]) -> bool:
    return isinstance(connection._prepared, KnownStatements) and connection._prepared.has_named


def _clear(connection: TenantConnection[Row]) -> None:
    """Give up what is prepared on the very connection of PostgreSQL that was had: both in one message."""
    connection.is_in_block = False
    connection.execute("ROLLBACK; DEALLOCATE ALL", prepare=False)
