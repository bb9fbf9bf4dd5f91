"""Writes the pages about this release that are generated, for whoever changes what they tell. Touches no data."""

from pathlib import Path

import psycopg

from sync_server.authz import permission_page
from sync_server.cli.parsing import Answer
from sync_server.cli.stopping import tidy_when_stopped
from sync_server.errors import EnvironmentFailure
from sync_server.storage.embedded import start
from sync_server.storage.migrating import migrate
from sync_server.storage.schema_page.page import page
from sync_server.storage.scratch_folder import scratch_folder

ANY_SECRET = bytes(32)
"""Nobody ever signs in to a database that only a page is written of."""


def write_schema_page(file: Path) -> Answer:
    """Write SCHEMA.md of a database that is migrated for it and thrown away."""
    with tidy_when_stopped(), scratch_folder() as folder, start(folder, durable=False) as cluster:
        migrate(cluster.url(), ANY_SECRET)
        with psycopg.connect(cluster.url()) as connection:
            text = page(connection)
    return _written(file, text)


def write_permissions_page(file: Path) -> Answer:
    """Write PERMISSIONS.md."""
    return _written(file, permission_page.page())


def _written(file: Path, text: str) -> Answer:
    try:
        is_new = not file.exists() or file.read_text("utf-8") != text
        file.write_text(text, "utf-8")
    except OSError as error:
        raise EnvironmentFailure(f"{file} cannot be written: {error.strerror}.") from error
    return {"file": str(file), "changed": is_new}, f"{file} {'is written' if is_new else 'was up to date'}."
