"""Translation of SQLite's environment errors where they enter; every other driver error passes as it is.

A full disk may be retried once there is room; an I/O error, damage or a foreign key change must stop the store.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import exc
from sqlcipher3 import dbapi2 as driver

from cmms_desktop.errors import ReplicaUnavailable


class ReplicaDamaged(ReplicaUnavailable):
    """Reading or writing failed below SQL; nothing more may be written until the store is opened again."""


class DiskFull(ReplicaUnavailable):
    """The change was rolled back whole, because there was no room for it."""


_STOP: Final = frozenset({"SQLITE_IOERR", "SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_PROTOCOL", "SQLITE_NOLFS"})
_BLOCKED: Final = frozenset({"SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM", "SQLITE_BUSY", "SQLITE_NOMEM"})


def _translated(error: BaseException) -> ReplicaUnavailable | None:
    """Say what an extended SQLite error name (``SQLITE_IOERR_FSYNC``) means for the person, or None."""
    name = "_".join(str(getattr(error, "sqlite_errorname", "")).split("_")[:2])
    if name in _STOP:
        return ReplicaDamaged(
            "Your local store could not be read or written safely, so it was stopped. "
            "What was saved before is kept. Close the program and open it again."
        )
    if name == "SQLITE_FULL":
        return DiskFull("There is no room left on this device. The last change was not saved; free some space.")
    if name in _BLOCKED:
        return ReplicaUnavailable("Your local store cannot be read or written. Check the data folder.")
    return None


@contextmanager
def environment_errors() -> Iterator[None]:
    """Turn driver errors that are the surroundings' fault into ``ReplicaUnavailable``; let the others through."""
    try:
        yield
    except (driver.Error, exc.DBAPIError) as error:
        origin = error.orig if isinstance(error, exc.DBAPIError) else error
        unavailable = _translated(origin) if origin is not None else None
        if unavailable is None:
            raise
        raise unavailable from error


@contextmanager
def copying_errors() -> Iterator[None]:
    """The same for copying a whole store, of which the driver does not say why it failed: it is the disk."""
    try:
        yield
    except driver.OperationalError as error:
        if getattr(error, "sqlite_errorname", None) is not None:
            raise
        raise DiskFull(
            "Your local store could not be copied before it is changed. Free some space on this device."
        ) from error
