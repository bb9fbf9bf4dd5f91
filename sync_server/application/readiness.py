"""Whether this server can serve now. Asked every few seconds, so a check that costs connections counts for a while."""

from threading import Lock
from time import monotonic

from sync_server.errors import EnvironmentFailure
from sync_server.storage.engine import Database
from sync_server.storage.migrating import head_revision

CHECKED_FOR_S = 30.0
"""How long the check of version, roles and row level security counts."""


class Readiness:
    """Answers for one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asking = Lock()
        self._revision = head_revision()
        self._checked_at: float | None = None

    def check(self) -> None:
        """Pass when the database answers, is the writable primary, and binds its roles to their tenant.

        Raises:
            EnvironmentFailure: It does not, or cannot be reached.
        """
        with self._asking:
            if self._checked_at is None or monotonic() - self._checked_at >= CHECKED_FOR_S:
                self._checked_at = None
                self._database.check_start(is_own_schema=self._is_own_schema())
                self._checked_at = monotonic()
        with self._database.transaction("app_sync", None) as connection:
            (is_standby,) = connection.execute("select pg_is_in_recovery()").fetchone() or (True,)
        if is_standby:
            raise EnvironmentFailure("The database is a standby: nothing can be written here.")

    def _is_own_schema(self) -> bool:
        """Whether the schema is this release's, and not that of a later one whose migrations have run meanwhile."""
        with self._database.transaction("app_sync", None) as connection:
            return connection.execute("select version_num from alembic_version").fetchall() == [(self._revision,)]
