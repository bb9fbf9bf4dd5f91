"""Brings a database from nothing, or from an earlier release, to this release's schema, and back.

Roles first, then Alembic's revisions, each in a transaction of its own, as `cmms_owner`. A second run at the same time
waits for the first and finds nothing to do. Nothing here knows any table.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, NullPool, create_engine
from sqlalchemy.exc import DBAPIError

from sync_server.errors import CmmsError, EnvironmentFailure, RetryLater
from sync_server.storage.restore_points import RestorePoint, write_restore_point
from sync_server.storage.roles import ensure_roles
from sync_server.storage.start_check import LEAST_MAJOR
from sync_server.storage.translation import translation

SCRIPTS = "sync_server:migrations"
VERSIONS = Path(__file__).parents[1] / "migrations" / "versions"
ONE_AT_A_TIME = 0x636D6D7300000001
"""Advisory lock of a database, held from the first look at the roles to the last revision: "cmms" and 1."""
WAIT_S = 900
ASK_AGAIN_S = 0.1
_alembic = Lock()
"""Alembic keeps the run that is under way in module globals: two threads would get into each other's way."""
CONNECT_TIMEOUT_S = 10
SENTENCES = {
    "42501": "This database user may not change the schema. Run migrate with the URL of a superuser or of the owner.",
    "42P07": "The database already holds tables of another program. Give migrate an empty database.",
    "42710": "The database already holds objects of another program. Give migrate an empty database.",
    "42723": "The database already holds functions of another program. Give migrate an empty database.",
}


def migrate(owner_url: str, secret: bytes, *, revision: str = "head") -> RestorePoint | None:
    """Make roles and schema, or bring them up to date. Does nothing when they are.

    Gives the restore point from before the first revision; None: none was run, or nothing was there before.

    Args:
        owner_url: libpq URL of a superuser, of the database's owner with CREATEROLE and BYPASSRLS (PostgreSQL 16 and
            newer), or of `cmms_migrator` once the roles are there. Not through a PgBouncer.
        secret: The server's 32 bytes, from which the roles' passwords follow.
        revision: Where to stop.

    Raises:
        EnvironmentFailure: Says what the administrator must change.
        RetryLater: Other sessions were in the way for too long; the revisions before stay.
    """
    with _ready(owner_url, secret) as connection:
        config = _config(connection)
        wanted = head_revision() if revision == "head" else revision
        point = _restore_point(owner_url, connection, wanted)
        command.upgrade(config, revision)
    return point


def downgrade(owner_url: str, secret: bytes, revision: str) -> RestorePoint | None:
    """Take revisions back, newest first, with all that only they could hold. `base` leaves no table.

    Gives the restore point from before, as `migrate`.

    Raises:
        EnvironmentFailure, RetryLater: As `migrate`.
    """
    with _ready(owner_url, secret) as connection:
        point = _restore_point(owner_url, connection, revision)
        command.downgrade(_config(connection), revision)
    return point


def _restore_point(owner_url: str, connection: Connection, wanted: object) -> RestorePoint | None:
    """Mark where a database that holds something stands, when it is about to stand elsewhere."""
    stands = MigrationContext.configure(connection).get_current_revision()
    connection.rollback()
    if stands is None or stands == wanted:
        return None
    with _connect(owner_url, autocommit=True) as marking:
        return write_restore_point(marking, stands)


def current_revision(owner_url: str) -> str | None:
    """Return the revision that a database stands at; None for an empty one.

    Raises:
        EnvironmentFailure: It cannot be asked.
    """
    with _translated(), _alchemy(owner_url) as connection:
        return MigrationContext.configure(connection).get_current_revision()


@cache  # every revision is read for it, and each command asks
def head_revision() -> str:
    """Return the revision that this release needs."""
    head = ScriptDirectory.from_config(_config(None)).get_current_head()
    assert head is not None
    return head


def draft(owner_url: str, secret: bytes, name: str, *, folder: Path = VERSIONS) -> Path:
    """Write the next revision from what the model has and a migrated database has not; give its file.

    A draft: checks, policies, grants and triggers have to be added by hand. The tests in tests/migrations name them.

    Args:
        owner_url: A migrated database of the previous revision.
        secret: The server's 32 bytes.
        name: What the revision does, as verb and noun: `add_meter`.
        folder: Where the file goes.

    Raises:
        EnvironmentFailure, RetryLater: As `migrate`.
    """
    number = f"{int(head_revision()) + 1:04}"
    with _ready(owner_url, secret) as connection:
        config = _config(connection)
        config.set_main_option("version_locations", os.pathsep.join(dict.fromkeys([str(VERSIONS), str(folder)])))
        command.revision(config, name.replace("_", " "), autogenerate=True, rev_id=number, version_path=str(folder))
    return folder / f"{number}_{name}.py"


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


@contextmanager
def _ready(owner_url: str, secret: bytes) -> Iterator[Connection]:
    """Check the database, make its roles, and lend a connection for Alembic while no other run is at it."""
    with _translated(), _connect(owner_url, autocommit=True) as guard:
        _check(guard)
        guard.execute(f"SET statement_timeout = '{WAIT_S}s'".encode())
        _take_turn(guard)
        ensure_roles(guard, secret)
        with _alembic, _alchemy(owner_url) as connection:
            yield connection


def _take_turn(guard: psycopg.Connection[Any]) -> None:
    """Wait until nobody else migrates this database. Raises RetryLater after 15 minutes.

    Asked for again and again: whoever builds an index beside the writers waits for every statement that began before,
    and a statement that waits for him would be one of them.
    """
    until = time.monotonic() + WAIT_S
    while guard.execute("SELECT pg_try_advisory_lock(%s)", (ONE_AT_A_TIME,)).fetchone() != (True,):
        if time.monotonic() > until:
            raise RetryLater("Somebody else migrates this database, and has not come to an end.")
        time.sleep(ASK_AGAIN_S)


def _connect(owner_url: str, *, autocommit: bool) -> psycopg.Connection[Any]:
    try:
        return psycopg.connect(owner_url, autocommit=autocommit, connect_timeout=CONNECT_TIMEOUT_S)
    except psycopg.OperationalError as exc:
        reason = str(exc).strip().splitlines()[0]
        raise EnvironmentFailure(f"The database cannot be reached for migrating ({reason}).") from exc
    except psycopg.ProgrammingError as exc:
        raise EnvironmentFailure("The database's URL is not one that PostgreSQL understands.") from exc


@contextmanager
def _alchemy(owner_url: str) -> Iterator[Connection]:
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: _connect(owner_url, autocommit=False),  # a revision is one transaction
        poolclass=NullPool,
        hide_parameters=True,
    )
    with engine.connect() as connection:
        yield connection


def _check(connection: psycopg.Connection[Any]) -> None:
    major = connection.info.server_version // 10_000
    if major < LEAST_MAJOR:
        raise EnvironmentFailure(f"PostgreSQL {major} is too old; version {LEAST_MAJOR} is the least one supported.")
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise EnvironmentFailure(f"The database's encoding is {encoding}; it must be made with ENCODING 'UTF8'.")


@contextmanager
def _translated() -> Iterator[None]:
    """Raise the server's own exceptions in place of those of SQLAlchemy, Alembic and psycopg."""
    try:
        yield
    except DBAPIError as exc:
        raise (_sentence(exc.orig) if isinstance(exc.orig, psycopg.Error) else exc) from exc
    except psycopg.Error as exc:
        raise _sentence(exc) from exc
    except CommandError as exc:
        raise EnvironmentFailure(
            "The database stands at a revision that this release does not know. Install the release that migrated it."
        ) from exc


def _sentence(exc: psycopg.Error) -> CmmsError:
    if exc.sqlstate in SENTENCES:
        return EnvironmentFailure(SENTENCES[exc.sqlstate])
    if exc.sqlstate in {"55P03", "57014"}:
        return RetryLater("Other sessions were in the way of the migration; try again.", retry_after_s=30)
    return translation(exc)
