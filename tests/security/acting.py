"""What a role of the database does as one organization, by hand: as if one of the server's statements were wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from sync_server.storage.tables import ABOVE_TENANTS, metadata
from tests.migrations.filling import COMMIT_SEQ, WORDS
from tests.support.postgres import SHUT

SERVING = ("app_sync", "app_office", "authn", "worker", "readonly")
TENANT_TABLES = sorted(set(metadata.tables) - {"organization_directory"} - ABOVE_TENANTS)


@contextmanager
def acting(owner_url: str, role: str, organization_id: UUID | str | None) -> Iterator[psycopg.Connection[Any]]:
    """One transaction of a role as one organization, inside a unit of work; rolled back at the end.

    That a role's transactions are read only is a precaution and no wall: whoever attacks as it turns that off.
    """
    attacker = make_conninfo(owner_url, user=f"cmms_{role}", options="-c default_transaction_read_only=off")
    with psycopg.connect(attacker) as connection:
        if organization_id is not None:
            set_locally(connection, "app.organization_id", str(organization_id))
        set_locally(connection, "app.commit_seq", str(COMMIT_SEQ))
        set_locally(connection, "app.search", f"'{WORDS}'")  # without a question the office sees no words at all
        yield connection
        connection.rollback()


@contextmanager
def lending_temporary_things(owner_url: str) -> Iterator[None]:
    """Give everybody more than the server's database does, for an attack that begins with a temporary thing."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        name = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("GRANT TEMPORARY ON DATABASE {} TO PUBLIC").format(name))
        try:
            yield
        finally:
            connection.execute(sql.SQL(SHUT).format(name))


def set_locally(connection: psycopg.Connection[Any], name: str, value: str) -> None:
    connection.execute("SELECT set_config(%s, %s, true)", (name, value))


def run(connection: psycopg.Connection[Any], statement: str, *names: str, **values: Any) -> psycopg.Cursor[Any]:
    template = sql.SQL(statement)  # type: ignore[arg-type, unused-ignore]
    return connection.execute(template.format(*(sql.Identifier(name) for name in names)), values)


def columns_with(owner_url: str, role: str, table: str, privilege: str) -> list[str]:
    """Columns of a table on which a role has this privilege, in order."""
    with psycopg.connect(owner_url) as connection:
        rows = connection.execute(
            "SELECT attname::text FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
            " AND has_column_privilege(%s, attrelid, attnum, %s) ORDER BY attnum",
            (f"public.{table}", f"cmms_{role}", privilege),
        ).fetchall()
    return [name for (name,) in rows]


def tables_with(owner_url: str, role: str, privilege: str) -> list[str]:
    """Tables of organizations on which a role has this privilege, whole."""
    with psycopg.connect(owner_url) as connection:
        rows = connection.execute(
            "SELECT name FROM unnest(%s::text[]) AS name WHERE has_table_privilege(%s, 'public.' || name, %s)",
            (TENANT_TABLES, f"cmms_{role}", privilege),
        ).fetchall()
    return sorted(name for (name,) in rows)
