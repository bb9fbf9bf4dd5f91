"""The only way to the database: one pool of connections per role, one tenant per transaction.

The tenant is set by what opens a transaction and only for it; a session-wide setting would leak to the next
organization through a pooled connection. Nothing here knows any table.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Lock
from types import TracebackType
from typing import Any, Literal, LiteralString, Self, TypeVar, overload
from uuid import UUID

import psycopg
from psycopg import Connection, IsolationLevel
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import RowFactory, TupleRow, tuple_row
from psycopg_pool import ConnectionPool

from sync_server.errors import EnvironmentFailure
from sync_server.storage.catalog_check import check_catalog
from sync_server.storage.prepared import KnownStatements, StatementNames, is_passed_through
from sync_server.storage.roles import role_password
from sync_server.storage.start_check import check_role, check_version
from sync_server.storage.tenant_connection import TenantConnection, opening, settings_key, tenant_block
from sync_server.storage.translation import translated

Row = TypeVar("Row")
DatabaseRole = Literal["app_sync", "app_office", "worker", "migrator", "readonly", "backup", "authn"]
SERVING_ROLES: tuple[DatabaseRole, ...] = ("app_sync", "app_office", "worker", "authn")

TIMEOUTS_MS: dict[LiteralString, LiteralString] = {
    "statement_timeout": "10000",
    "lock_timeout": "2000",
    "idle_in_transaction_session_timeout": "15000",
}
OF_ANOTHER_PROGRAM = "The database holds tables of another program. Give the server a database of its own."
BY_KEY_ONLY: dict[LiteralString, LiteralString] = {
    "enable_seqscan": "off",
    "plan_cache_mode": "force_generic_plan",
}
"""Planning for devices: whatever they ask names its rows by key. Of a small table PostgreSQL would rather read all, and
a prepared statement goes on doing so while the table grows (D-81 in ../README.md). So the same plan serves whatever the
parameters are, and PostgreSQL would plan anew each time because it takes a list of ten for dearer than one of two."""
POOL_SIZE = 10
"""Connections per role and process; PostgreSQL's own default allows 100 in all."""
POOL_WAIT_S = 5.0
CONNECT_TIMEOUT_S = 5
RECONNECT_S = 10.0
"""How long the pool itself keeps trying to reconnect before it leaves that to the next request."""


def login_name(role: DatabaseRole) -> str:
    """Return the PostgreSQL role's name."""
    return f"cmms_{role}"


def pooled(url: str, pooler: tuple[str, int]) -> str:
    """Give the way to the same database through a PgBouncer; a URL that nobody understands stays as it is."""
    try:
        said = {name: str(value) for name, value in conninfo_to_dict(url).items() if name != "hostaddr"}
    except psycopg.ProgrammingError:
        return url  # whoever connects says what is wrong with it
    return make_conninfo(**{**said, "host": pooler[0], "port": str(pooler[1])})


class Database:
    """Pools to one database, opened when first used; a context manager that closes them."""

    def __init__(
        self,
        url: str,
        secret: bytes,
        *,
        behind_pgbouncer: bool = False,
        pooler: tuple[str, int] | None = None,
        allow_old_postgres: bool = False,
    ) -> None:
        """Remember how to connect.

        Args:
            url: libpq URL; a user and password in it are replaced by each role's own.
            secret: The server's 32 bytes.
            behind_pgbouncer: Time limits are set per transaction, because start-up options do not pass.
            pooler: Host and port of that PgBouncer, when `url` leads past it.
            allow_old_postgres: Warn of an old PostgreSQL at `check_start` instead of refusing it.
        """
        self._url = url if pooler is None else pooled(url, pooler)
        self._secret = secret
        self._behind_pgbouncer = behind_pgbouncer
        self._allow_old_postgres = allow_old_postgres
        self._names = StatementNames()
        self._is_passed_through: bool | None = None
        self._pools: dict[DatabaseRole, ConnectionPool[TenantConnection[Any]]] = {}
        self._opening = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @overload
    def transaction(
        self,
        role: DatabaseRole,
        organization_id: UUID | str | None,
        *,
        isolation: IsolationLevel | None = None,
        read_only: bool = False,
    ) -> AbstractContextManager[Connection[TupleRow]]: ...

    @overload
    def transaction(
        self,
        role: DatabaseRole,
        organization_id: UUID | str | None,
        *,
        isolation: IsolationLevel | None = None,
        read_only: bool = False,
        row_factory: RowFactory[Row],
    ) -> AbstractContextManager[Connection[Row]]: ...

    @contextmanager
    def transaction(
        self,
        role: DatabaseRole,
        organization_id: UUID | str | None,
        *,
        isolation: IsolationLevel | None = None,
        read_only: bool = False,
        row_factory: RowFactory[Any] = tuple_row,
    ) -> Iterator[Connection[Any]]:
        """Run the block in one transaction as one organization: commit once at its end, or roll back.

        Inside, `connection.transaction()` makes a savepoint; `commit` and `rollback` are refused.
        When the connection is lost while committing, nobody knows the outcome: RetryLater is raised,
        and the repeated request must find its own traces.

        Args:
            role: Whose rights the block has.
            organization_id: The tenant; None sees no tenant's rows (before sign-in).
            isolation: READ COMMITTED when None.
            read_only: Writing inside is then a Bug.
            row_factory: Shape of fetched rows.

        Raises:
            RetryLater: Busy, deadlocked or unreachable; nothing was kept, or nobody knows.
            Refused: A constraint said no (`conflicting_reference`, `invalid_value`).
            EnvironmentFailure: An administrator is needed.
            Bug: Any other complaint of the database.
        """
        pool = self._pool(role)
        settings = settings_key(_settings_of(role)) if self._behind_pgbouncer else ()
        text = opening(isolation, read_only=read_only, settings=settings)
        with translated(), _purging(pool), pool.connection() as connection:
            connection.row_factory = row_factory
            tenant = str(organization_id or "")
            with tenant_block(connection, text, tenant=tenant, names=self._names) as opened:
                yield opened

    def check_start(self, *, is_own_schema: bool = True) -> None:
        """Refuse to serve on an old PostgreSQL, with a role that sees past its tenant, or where a door stands open.

        Args:
            is_own_schema: As for `catalog_check.open_doors`.

        Raises:
            EnvironmentFailure: Says what the administrator must change.
        """
        for role in SERVING_ROLES:
            with translated(), self._checked_connection(role) as connection:
                if role == SERVING_ROLES[0]:
                    check_version(connection, allow_old=self._allow_old_postgres)
                check_role(connection)
                if role == SERVING_ROLES[-1]:
                    check_catalog(connection, is_own_schema=is_own_schema)

    def revision(self) -> str:
        """Return the revision that the database stands at, "none" for one that nobody migrated. Nothing is checked.

        Raises:
            EnvironmentFailure: It cannot be reached, and why is said at once, as a pool would not; or it is of another
                program.
            RetryLater: Somebody has locked it, such as a migration that is under way.
        """
        with translated(), self._checked_connection(SERVING_ROLES[0]) as connection, connection.transaction():
            for name, milliseconds in TIMEOUTS_MS.items():  # start-up options do not pass a PgBouncer
                connection.execute("select set_config(%s, %s, true)", (name, milliseconds))
            try:
                (is_there,) = connection.execute("select to_regclass('alembic_version') is not null").fetchone() or (0,)
                found = connection.execute("select version_num from alembic_version").fetchone() if is_there else None
            except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedColumn) as exc:
                raise EnvironmentFailure(OF_ANOTHER_PROGRAM) from exc
        return "none" if found is None else str(found[0])

    def close(self) -> None:
        """Close every pool; a later transaction opens its pool anew."""
        with self._opening:
            pools, self._pools = self._pools, {}
        for pool in pools.values():
            pool.close()

    def _checked_connection(self, role: DatabaseRole) -> Connection[TupleRow]:
        """Connect outside the pool, which would hide the reason of a failure behind its time-out."""
        try:
            return psycopg.connect(self._conninfo(role), autocommit=True)
        except psycopg.OperationalError as exc:
            reason = str(exc).strip().splitlines()[0]
            raise EnvironmentFailure(
                f"The database cannot be used as {login_name(role)} ({reason}). It must run, and the migrate "
                "command must have been run with this server's secret key."
            ) from exc

    def _pool(self, role: DatabaseRole) -> ConnectionPool[TenantConnection[Any]]:
        with self._opening:
            if role not in self._pools:
                self._pools[role] = ConnectionPool(
                    self._conninfo(role),
                    connection_class=TenantConnection,
                    kwargs={"autocommit": True},
                    configure=self._keep_names if self._are_names_kept(role) else None,
                    min_size=0,
                    max_size=POOL_SIZE,
                    timeout=POOL_WAIT_S,
                    reconnect_timeout=RECONNECT_S,
                    name=login_name(role),
                    open=True,
                )
            return self._pools[role]

    def _are_names_kept(self, role: DatabaseRole) -> bool:
        """Whether PostgreSQL keeps the names that are given here; otherwise a pooler does, each connection's own."""
        if self._behind_pgbouncer and self._is_passed_through is None:
            with translated(), psycopg.connect(self._conninfo(role)) as connection:
                self._is_passed_through = is_passed_through(connection)
        return self._is_passed_through is not False

    def _keep_names(self, connection: TenantConnection[Any]) -> None:
        connection._prepared = KnownStatements(self._names)

    def _conninfo(self, role: DatabaseRole) -> str:
        settings = {} if self._behind_pgbouncer else _settings_of(role)
        return make_conninfo(
            self._url,
            user=login_name(role),
            password=role_password(self._secret, role),
            application_name=login_name(role),
            connect_timeout=CONNECT_TIMEOUT_S,
            options=" ".join(f"-c {name}={value}" for name, value in settings.items()),
        )


@contextmanager
def _purging(pool: ConnectionPool[TenantConnection[Any]]) -> Iterator[None]:
    """After a lost connection look at the idle ones too, so that a restart costs one request, not one each."""
    try:
        yield
    except psycopg.OperationalError as exc:
        if exc.sqlstate is None or exc.sqlstate.startswith(("08", "57P")):
            pool.check()
        raise


def _settings_of(role: DatabaseRole) -> dict[LiteralString, LiteralString]:
    return {**TIMEOUTS_MS, **(BY_KEY_ONLY if role == "app_sync" else {})}
