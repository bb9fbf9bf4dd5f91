"""Which database a command works on: the one that was named, or the embedded one in the data folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from sync_server.config import ServerSettings
from sync_server.errors import EnvironmentFailure
from sync_server.storage.cluster_folder import SUPERUSER
from sync_server.storage.embedded import SOCKET_PORT, start
from sync_server.storage.engine import Database
from sync_server.storage.migrating import head_revision, migrate
from sync_server.storage.roles import MIGRATOR, role_password

CLUSTER_FOLDER = "postgres"
CONNECT_TIMEOUT_S = 3
THROUGH_PGBOUNCER = (
    "This needs PostgreSQL itself, and CMMS_DATABASE_URL leads to a PgBouncer. Put PostgreSQL's own address into it,"
    " and CMMS_PGBOUNCER=HOST:PORT in place of CMMS_PGBOUNCER=1."
)


@contextmanager
def owner_url(settings: ServerSettings) -> Iterator[str]:
    """Give the URL under which a database may be migrated, with the embedded one running as long as the block.

    An embedded database that another command of this installation runs already is shared with it.
    """
    folder = settings.data_folder / CLUSTER_FOLDER
    if settings.database_url is not None:
        yield _with_own_password(settings.database_url, settings.secret)
    elif (running := _running_url(folder)) is not None:
        yield running
    else:
        _let_through(settings.data_folder)
        with start(folder) as cluster:
            yield cluster.url()


@contextmanager
def direct_url(settings: ServerSettings) -> Iterator[str]:
    """As `owner_url`, for what needs sessions of its own: locks, snapshots and names outlive a transaction (D-271).

    Raises:
        EnvironmentFailure: Only the way through a PgBouncer is known.
    """
    if settings.behind_pgbouncer and settings.pooler is None and settings.database_url is not None:
        raise EnvironmentFailure(THROUGH_PGBOUNCER)
    with owner_url(settings) as url:
        yield url


@contextmanager
def ready_database(settings: ServerSettings) -> Iterator[tuple[Database, str]]:
    """Give the migrated database and its URL. An embedded one is migrated first; a named one must have been."""
    with owner_url(settings) as url:
        if settings.database_url is None:
            migrate(url, settings.secret)
        database = Database(
            url,
            settings.secret,
            behind_pgbouncer=settings.behind_pgbouncer,
            pooler=settings.pooler,
            allow_old_postgres=settings.allow_old_postgres,
        )
        with database:
            check_revision(database)
            yield database, url


def check_revision(database: Database) -> None:
    """Refuse a database with an open door, or of another release. Raises EnvironmentFailure.

    Of another release's only those doors are asked about that no release may open.
    """
    stands, needed = database.revision(), head_revision()
    database.check_start(is_own_schema=stands == needed)
    if stands != needed:
        raise EnvironmentFailure(f"The database stands at revision {stands}, not {needed}. Run migrate first.")


def _with_own_password(url: str, secret: bytes) -> str:
    """Give a URL of the migrator its password, which follows from the secret and stands nowhere (D-261)."""
    try:
        said = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        return url  # whoever connects says what is wrong with it
    if said.get("user") != MIGRATOR or "password" in said:
        return url
    return make_conninfo(url, password=role_password(secret, "migrator"))


def is_running(folder: Path) -> bool:
    """Whether another command of this installation runs its embedded database."""
    return _running_url(folder) is not None


def _running_url(folder: Path) -> str | None:
    url = f"postgresql://{SUPERUSER}@/postgres?host={quote(str(folder / 'socket'), safe='')}&port={SOCKET_PORT}"
    try:
        psycopg.connect(url, connect_timeout=CONNECT_TIMEOUT_S).close()
    except psycopg.OperationalError:
        return None
    return url


def _let_through(data_folder: Path) -> None:
    """Let the unprivileged user under whom root runs PostgreSQL reach its folder: through ours, not into it."""
    if os.geteuid() == 0:
        data_folder.chmod(0o711)
