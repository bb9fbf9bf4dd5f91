"""What a role of the database does as one organization, by hand: as if one of the server's statements were wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.migrations.filling import COMMIT_SEQ


@contextmanager
def acting(owner_url: str, role: str, organization_id: UUID | str | None) -> Iterator[psycopg.Connection[Any]]:
    """One transaction of a role as one organization, inside a unit of work; rolled back at the end."""
    with psycopg.connect(make_conninfo(owner_url, user=f"cmms_{role}")) as connection:
        if organization_id is not None:
            set_locally(connection, "app.organization_id", str(organization_id))
        set_locally(connection, "app.commit_seq", str(COMMIT_SEQ))
        yield connection
        connection.rollback()


def set_locally(connection: psycopg.Connection[Any], name: str, value: str) -> None:
    connection.execute("SELECT set_config(%s, %s, true)", (name, value))


def run(connection: psycopg.Connection[Any], statement: str, *names: str, **values: Any) -> psycopg.Cursor[Any]:
    template = sql.SQL(statement)  # type: ignore[arg-type, unused-ignore]
    return connection.execute(template.format(*(sql.Identifier(name) for name in names)), values)
