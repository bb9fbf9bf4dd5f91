"""Runs revisions on the connection that storage/migrating.py lends.

Every statement runs as `cmms_owner`, who owns the tables and whom row level security binds like anybody else: a
back-fill has to `RESET ROLE` first (see script.py.mako), or it would find no rows. A revision that has to wait for a
lock gives up soon, because everybody who comes after it waits with it.
"""

from collections.abc import Collection, Mapping
from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationContext, MigrationInfo
from sqlalchemy import text

from sync_server.migrations.comparison import is_compared, written_type
from sync_server.migrations.telling import tell_revision
from sync_server.storage.roles import OWNER
from sync_server.storage.tables import metadata

LOCK_TIMEOUT = "4s"
STATEMENT_TIMEOUT = "15min"


def run() -> None:
    """Run what Alembic was asked for, each revision in its own transaction."""
    connection = context.config.attributes["connection"]
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.execute(text(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'"))
    connection.execute(text(f"SET ROLE {OWNER}"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transaction_per_migration=True,
        include_object=is_compared,
        render_item=written_type,
        compare_server_default=True,
        on_version_apply=_applied,
    )
    with context.begin_transaction():
        context.run_migrations()


def _applied(ctx: MigrationContext, step: MigrationInfo, heads: Collection[Any], run_args: Mapping[str, Any]) -> None:
    """Called by Alembic, by these names, at the end of each revision and inside of its transaction."""
    assert ctx.connection is not None
    tell_revision(connection=ctx.connection, step=step)


run()
