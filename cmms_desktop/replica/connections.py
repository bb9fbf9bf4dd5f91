"""Guarded connections to the replica's file, and the pools that make them.

Every connection of every pool passes the same checks, also one the pool makes again later.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event
from sqlcipher3 import dbapi2 as driver

from cmms_desktop.replica import open_guard
from cmms_desktop.replica.driver_errors import ReplicaDamaged
from cmms_desktop.replica.private_folders import NOT_WRITABLE, FolderNotWritable

_BUSY_S: Final = 5.0
"""Seconds to wait for SQLite's own locks; only a checkpoint beside a reader ever waits."""
_POOL_WAIT_S: Final = 30.0
"""Seconds a thread waits for a free connection before that counts as an error."""

# Told nothing, the driver searches for an adapter at every single None and bool: two thirds of the time of an insert.
driver.register_adapter(type(None), lambda value: None)
driver.register_adapter(bool, int)


def connect(path: Path, key: bytes, pragmas: open_guard.Pragmas) -> Any:
    """Open one guarded driver connection in autocommit, usable from any one thread at a time."""
    connection = driver.connect(str(path), timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        open_guard.require_cipher(connection)
        open_guard.unlock(connection, key)
        open_guard.apply_pragmas(connection, pragmas)
    except BaseException:
        connection.close()
        raise
    return connection


def engine(path: Path, key: bytes, *, pragmas: open_guard.Pragmas, size: int, begin: str) -> Engine:
    """Build a pool of at most ``size`` guarded connections whose transactions start with ``begin``."""
    engine = create_engine(
        "sqlite://",
        module=driver,
        creator=lambda: connect(path, key, pragmas),
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=0,
        pool_timeout=_POOL_WAIT_S,
        hide_parameters=True,  # an error text never carries a person's values
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        raw: Any = connection.connection.dbapi_connection
        raw.execute(begin)  # past SQLAlchemy, whose way to a statement costs more than most statements of an edit

    return engine


@contextmanager
def set_otherwise(connection: Connection, pragmas: open_guard.Pragmas) -> Iterator[Any]:
    """Lend the driver's own connection for one write with settings of its own; afterwards it has ``pragmas`` again.

    Where they cannot be set back it is closed: the next write gets a new connection, set like every other.
    """
    raw = connection.connection.dbapi_connection
    try:
        yield raw
    finally:
        try:
            open_guard.apply_pragmas(raw, pragmas)
        except BaseException:
            connection.invalidate()
            raise


def require_library() -> None:
    """Check the library itself before it may touch the file."""
    open_guard.require_sound_sqlite(driver.sqlite_version_info)
    connection = driver.connect(":memory:")
    try:
        open_guard.require_cipher(connection)
    finally:
        connection.close()


def prepare_file(path: Path, key: bytes) -> None:
    """Make a fresh store of one encrypted page, mode 0600, and look at what is really on disk.

    Raises:
        ReplicaUnavailable: the file is plaintext, missing under its WAL, or cannot be made.
    """
    open_guard.require_encrypted_file(path)
    if path.exists() and path.stat().st_size > 0:
        return
    wal = path.with_name(path.name + "-wal")
    if wal.exists() and wal.stat().st_size > 0:  # SQLite would delete it with the commits in it
        raise ReplicaDamaged("Part of your local store is missing, so it was not opened. Tell your administrator.")
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise FolderNotWritable(NOT_WRITABLE) from error
    connect(path, key, open_guard.WRITER_PRAGMAS).close()
    open_guard.require_encrypted_file(path)


def unlink_store(path: Path) -> None:
    """Delete a closed store with what SQLite keeps beside it; the empty lock file stays, others may wait on it."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
