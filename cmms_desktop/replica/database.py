"""The one door to the replica's file: an encrypted store with one writer and two readers.

Opening runs the guard of ``open_guard`` on every connection the pools ever make. This module knows no tables and
runs no migrations.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from sqlalchemy import Connection

from cmms_desktop.errors import Bug, ReplicaUnavailable
from cmms_desktop.replica import open_guard
from cmms_desktop.replica.connections import connect, engine, prepare_file, require_library, set_otherwise, unlink_store
from cmms_desktop.replica.driver_errors import DiskFull, ReplicaDamaged, copying_errors, environment_errors
from cmms_desktop.replica.instance_lock import InstanceLock
from cmms_desktop.replica.private_folders import make_private_folder, sync_names

READERS: Final = 2
_BULK_CACHE_KIB: Final = 32_768
"""Page cache while a bootstrap is merged, given back afterwards."""


@dataclass(frozen=True, slots=True)
class ReplicaHandle:
    """One open transaction: the same driver connection, seen by SQLAlchemy and raw.

    Both end with the context manager that gave them; neither may commit or roll back.
    """

    connection: Connection
    cursor: Any


class ReplicaDatabase:
    """An open replica. Threads may share it; writes queue up behind one lock."""

    def __init__(self, path: Path, key: bytes, lock: InstanceLock, *, pragmas: open_guard.Pragmas) -> None:
        """Use ``open``; this only wires what it prepared."""
        self.path = path
        self._key = key
        self._instance = lock
        self._writing = threading.RLock()
        self._write_is_open = False
        self._is_closed = False
        self._stopped: ReplicaUnavailable | None = None
        self._kept: Connection | None = None
        self._beside: ReplicaDatabase | None = None
        self.changes = 0
        """Another number after every transaction that may have changed a row."""
        self._pragmas = pragmas
        self._writer = engine(path, key, pragmas=pragmas, size=1, begin="BEGIN IMMEDIATE")
        self._reader = engine(path, key, pragmas=open_guard.READER_PRAGMAS, size=READERS, begin="BEGIN")

    @classmethod
    def open(cls, path: Path, key: bytes, *, pragmas: open_guard.Pragmas | None = None) -> ReplicaDatabase:
        """Open the store at ``path``, or make an empty encrypted one, after every check of the guard.

        Args:
            path: The file; its folder is made if missing.
            key: 32 random bytes, unwrapped by ``credentials``.
            pragmas: Of the writer; None: those of a store that loses nothing.

        Raises:
            ReplicaUnavailable: a check failed (its subclass says which); nothing on disk was changed.
        """
        open_guard.require_key(key)
        require_library()
        make_private_folder(path.parent)
        with ExitStack() as undo, environment_errors():
            lock = InstanceLock.acquire(path)
            undo.callback(lock.release)
            prepare_file(path, key)
            database = cls(path, key, lock, pragmas=pragmas or open_guard.WRITER_PRAGMAS)
            database._writer_connection()
            undo.callback(database.close)
            sync_names(path)
            undo.pop_all()
        return database

    @contextmanager
    def writer(self) -> Iterator[ReplicaHandle]:
        """Hold the one writer in ``BEGIN IMMEDIATE``; leaving commits durably, an exception rolls back whole.

        Raises:
            Bug: this thread already writes (one commit, at the edge), or the store is closed.
            ReplicaUnavailable: no room, or the store was stopped by an earlier failure.
        """
        with self._exclusive() as connection, _transaction(connection) as handle:
            yield handle

    @contextmanager
    def reader(self) -> Iterator[ReplicaHandle]:
        """Hold one of the readers in a snapshot; it sees one commit whole and can write nothing.

        Raises:
            ReplicaUnavailable: the store cannot be read, or was stopped by an earlier failure.
        """
        self.require_running()
        with self._stopping(), self._reader.connect() as connection, _transaction(connection) as handle:
            yield handle

    @contextmanager
    def schema_writer(self) -> Iterator[ReplicaHandle]:
        """Write with ``foreign_keys`` off from before ``BEGIN``, for table rebuilds; checked again before commit.

        Raises:
            Bug: the change would leave a reference without its row.
        """
        with self._exclusive() as connection, set_otherwise(connection, self._pragmas) as raw:
            raw.execute("PRAGMA foreign_keys = OFF")
            with _transaction(connection) as handle:
                yield handle
                if dangling := handle.cursor.execute("PRAGMA foreign_key_check").fetchall():
                    raise Bug(f"A change of the local store left {len(dangling)} references without their rows.")

    @contextmanager
    def bootstrap_writer(self, source: Path) -> Iterator[ReplicaHandle]:
        """Write with the store ``source`` (same key) attached as ``bootstrap`` and a large page cache.

        It may be open, as long as ``open_beside`` gave it.

        Only the live file may be written: a transaction over two WAL files is not atomic.

        Raises:
            Bug: ``source`` is missing.
        """
        if not source.is_file():
            raise Bug("The downloaded part of the local store is missing.")
        if self._beside is None or self._beside._is_closed or self._beside.path != source:
            open_guard.require_encrypted_file(source)
        with self._exclusive() as connection, set_otherwise(connection, self._pragmas) as raw:
            raw.execute("ATTACH DATABASE ? AS bootstrap KEY ?", (str(source), open_guard.key_literal(self._key)))
            raw.execute(f"PRAGMA cache_size = -{_BULK_CACHE_KIB}")
            try:
                with _transaction(connection) as handle:
                    yield handle
            finally:
                raw.execute("DETACH DATABASE bootstrap")

    @contextmanager
    def download_writer(self) -> Iterator[ReplicaHandle]:
        """Write what can be downloaded again: a power cut takes it, unless an ordinary commit has come after it.

        Nothing is moved out of the WAL by it. The store is as it always is before anybody else may write.
        """
        with self._exclusive() as connection, set_otherwise(connection, self._pragmas) as raw:
            open_guard.apply_pragmas(raw, open_guard.DOWNLOAD_PRAGMAS)
            with _transaction(connection) as handle:
                yield handle

    def move_log(self) -> None:
        """Move what no reader needs there out of the WAL, so that no edit has to. Writers go on; no room: it stays."""
        self.require_running()
        with suppress(DiskFull), self._stopping(), self._reader.connect() as connection, _raw(connection) as raw:
            raw.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def open_beside(self, name: str) -> ReplicaDatabase:
        """Open a store for downloads in the same folder with the same key, such as ``bootstrap.db``.

        Its commits survive this process, but a power cut may take the last ones.
        """
        if Path(name).name != name or name == self.path.name:
            raise Bug("A second store needs a plain file name of its own.")
        path = self.path.with_name(name)
        self._beside = ReplicaDatabase.open(path, self._key, pragmas=open_guard.DOWNLOAD_PRAGMAS)
        return self._beside

    def back_up_to(self, target: Path) -> None:
        """Copy the whole committed store, encrypted with the same key, to ``target``; it replaces an older copy.

        A crash on the way leaves the older copy as it was.
        """
        partial = target.with_name(target.name + ".partial")
        unlink_store(partial)
        with self._exclusive() as connection, _raw(connection) as raw:
            os.close(os.open(partial, os.O_RDWR | os.O_CREAT, 0o600))
            copy = connect(partial, self._key, open_guard.WRITER_PRAGMAS)
            try:
                with copying_errors():
                    raw.backup(copy)
                    copy.close()  # also moves the copy's WAL into its file, synced
            except BaseException:
                copy.close()
                unlink_store(partial)  # it may have taken the last room
                raise
            open_guard.require_encrypted_file(partial)
            partial.replace(target)

    def discard(self) -> None:
        """Close the store and delete its files. For a merged bootstrap and for a wipe; there is no way back."""
        self._close(delete=True)

    def close(self) -> None:
        """Move the WAL into the file, close every connection and let another window in. A second call does nothing."""
        self._close(delete=False)

    def _close(self, *, delete: bool) -> None:
        with self._writing:
            if self._is_closed:
                return
            self._is_closed = True
            if delete:
                with suppress(OSError):  # Windows: not before it is closed
                    unlink_store(self.path)  # or closing would first move the whole WAL into the file
            try:
                self._reader.dispose()
                if self._stopped is None and not delete:
                    with environment_errors(), _raw(self._writer_connection()) as raw:
                        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                if self._kept is not None:
                    self._kept.close()
                self._writer.dispose()
                if delete:
                    unlink_store(self.path)
                self._instance.release()

    def __enter__(self) -> ReplicaDatabase:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def require_running(self) -> None:
        """Raise Bug once it is closed, ReplicaDamaged after an earlier failure."""
        if self._is_closed:
            raise Bug("The local store was used after it was closed.")
        if self._stopped is not None:
            raise ReplicaDamaged(self._stopped.sentence) from self._stopped

    @contextmanager
    def _stopping(self) -> Iterator[None]:
        """Translate environment errors; after damage or an I/O error refuse everything that follows."""
        try:
            with environment_errors():
                yield
        except ReplicaDamaged as error:
            self._stopped = self._stopped or error
            raise

    def _writer_connection(self) -> Connection:
        """Keep the one connection between writes: checking it out of the pool costs more than a small write's SQL."""
        if self._kept is None or self._kept.invalidated:
            self._kept = self._writer.connect()
        return self._kept

    @contextmanager
    def _exclusive(self) -> Iterator[Connection]:
        with self._writing:
            if self._write_is_open:
                raise Bug("A write was started inside another write.")
            self.require_running()
            self._write_is_open = True
            try:
                with self._stopping():
                    connection = self._writer_connection()
                    rows_before = _rows_changed(connection)
                    yield connection
                    self.changes += rows_before != _rows_changed(connection)
            except BaseException:
                self.changes += 1
                raise
            finally:
                self._write_is_open = False


def _rows_changed(connection: Connection) -> int:
    """Rows that the driver's connection has changed since it was made."""
    raw: Any = connection.connection.dbapi_connection
    return int(raw.total_changes)


@contextmanager
def _raw(connection: Connection) -> Iterator[Any]:
    """Lend the driver's own connection, for statements that must not run inside a transaction or be logged."""
    yield connection.connection.dbapi_connection


@contextmanager
def _transaction(connection: Connection) -> Iterator[ReplicaHandle]:
    with connection.begin():
        raw: Any = connection.connection.dbapi_connection
        cursor = raw.cursor()
        try:
            yield ReplicaHandle(connection, cursor)
        finally:
            cursor.close()
