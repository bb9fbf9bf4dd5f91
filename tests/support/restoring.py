"""Backups of a stoppable server, and going back to one of them, quickly: copies of its database inside the cluster.

The commands of the product dump and load (tests/integration/test_backup_commands.py); here the same thing happens to
the data in a tenth of the time, so that histories may go back often.
"""

import time
from itertools import count

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.errors import ObjectInUse

from sync_server.application.history_watch import FILE
from sync_server.storage import epochs
from tests.support.postgres import SHUT
from tests.support.stoppable_server import StoppableServer

PATIENCE_S = 60.0
_numbers = count(1)


class Backups:
    """The backups of one server, newest last."""

    def __init__(self, stoppable: StoppableServer) -> None:
        self._stoppable = stoppable
        self._url = stoppable.server.owner_url
        self._live = str(conninfo_to_dict(self._url)["dbname"])
        self.names: list[str] = []

    def take(self) -> str:
        """Back up; give the backup's name. No device asks meanwhile; the server itself may look at its clocks."""
        name = f"{self._live}_backup_{next(_numbers)}"
        until = time.monotonic() + PATIENCE_S
        while not self._is_copied(name):
            assert time.monotonic() < until, "somebody is always connected"
        self.names.append(name)
        return name

    def _is_copied(self, name: str) -> bool:
        """Copy the live database, which must have no connection; PostgreSQL waits five seconds for their end."""
        self._stoppable.server.database.close()
        try:
            self._run("CREATE DATABASE {} TEMPLATE {}", name, self._live)
        except ObjectInUse:
            return False
        return True

    def restore(self, name: str, *, is_told: bool = True, is_marked: bool = True) -> None:
        """Put a backup in place of the server's data.

        Args:
            name: Which.
            is_told: By the runbook, which begins a new epoch.
            is_marked: The file with the high-water mark is there, so that the server notices by itself.
        """
        with _Pause(self._stoppable):
            self._run("DROP DATABASE {} WITH (FORCE)", self._live)
            self._run("CREATE DATABASE {} TEMPLATE {}", self._live, name)
            self._run(SHUT, self._live)
            if not is_marked:
                (self._stoppable.server.blob_folder.parent / FILE).unlink()
            if is_told:
                epochs.rotate_all(self._stoppable.server.database, reason="a test restored a backup")

    def close(self) -> None:
        """Delete all backups."""
        for name in self.names:
            self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _run(self, statement: str, *names: str) -> None:
        with psycopg.connect(make_conninfo(self._url, dbname="template1"), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


class _Pause:
    """The server stopped and nobody connected, as long as a block."""

    def __init__(self, stoppable: StoppableServer) -> None:
        self._stoppable = stoppable

    def __enter__(self) -> None:
        self._stoppable.stop()
        self._stoppable.server.database.close()

    def __exit__(self, *error: object) -> None:
        self._stoppable.server.database.close()
        self._stoppable.start()
