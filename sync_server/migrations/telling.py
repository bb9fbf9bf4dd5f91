"""Lets the activity log of every organization tell each revision, in the transaction of the revision itself (D-231).

A revision that fails has no line, and one that was kept has exactly one, whoever ran it. Nothing here changes a schema.
"""

from typing import Any

import psycopg
from alembic.runtime.migration import MigrationInfo
from sqlalchemy import Connection

from sync_server.storage import activity_log
from sync_server.storage.activity_log import Entry
from sync_server.storage.roles import OWNER

_IS_KEPT = "select to_regprocedure('append_activity(json)') is not null"
"""Revisions before the one that makes the log leave no line, and neither does taking that one back."""


def tell_revision(*, connection: Connection, step: MigrationInfo) -> None:
    """Add a line to each log: from which revision, and to which. Called before the revision is committed."""
    plain: Any = connection.connection.driver_connection
    if plain.execute(_IS_KEPT).fetchone() != (True,):
        return
    organizations = _organizations(plain)
    if not organizations:
        return
    told = Entry(
        "schema.migrated",
        old={"revision": step.source_revision_ids[0] if step.source_revision_ids else None},
        new={"revision": step.destination_revision_ids[0] if step.destination_revision_ids else None},
    )
    activity_log.make_months(plain)
    activity_log.append_to_each(plain, dict.fromkeys(organizations, told))


def _organizations(connection: psycopg.Connection[Any]) -> list[str]:
    """Give the ids of all; the owner, as whom revisions run, sees none of them."""
    connection.execute("reset role")
    found = connection.execute("select id::text from organization").fetchall()
    connection.execute(f"set role {OWNER}".encode())
    return [id_ for (id_,) in found]
