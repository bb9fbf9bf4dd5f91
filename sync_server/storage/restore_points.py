"""Marks in PostgreSQL's log to which a database can be recovered: made before revisions run, used with WAL archiving.

A mark costs nothing, and nothing here decides whether the log is kept: that says who runs PostgreSQL (RUNBOOK.md).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg import Connection

from sync_server.storage.translation import translation

_WHY = {
    "42501": "this database user may not",
    "55000": "PostgreSQL keeps too little of its log (wal_level)",
}


@dataclass(frozen=True, slots=True)
class RestorePoint:
    """`name`: what `recovery_target_name` is to say; None: there is none. `missing`: why not, in some words."""

    name: str | None
    missing: str | None = None


def write_restore_point(connection: Connection[Any], revision: str) -> RestorePoint:
    """Write a mark that names the revision which a database stands at and the instant, UTC.

    Args:
        connection: In autocommit mode, so that the mark lies before whatever follows.
        revision: Goes into the name.

    Raises:
        CmmsError: The database failed otherwise than by not letting us.
    """
    name = f"cmms_{revision}_{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    try:
        connection.execute("SELECT pg_create_restore_point(%s)", (name,))
    except psycopg.Error as exc:
        if exc.sqlstate not in _WHY:
            raise translation(exc) from exc
        return RestorePoint(None, _WHY[exc.sqlstate])
    return RestorePoint(name)
