"""One import or undoing of an organization at a time. The next one waits here; the database would soon give up."""

import time

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.errors import RetryLater
from sync_server.storage.import_rows import has_turn

WAIT_S = 60.0
PAUSE_S = 0.1


def wait_for_turn(connection: Connection[TupleRow], organization_id: str) -> None:
    """Wait until the turn is ours, until the transaction ends. Raises RetryLater when that takes too long."""
    deadline = time.monotonic() + WAIT_S
    while not has_turn(connection, organization_id):
        if time.monotonic() > deadline:
            raise RetryLater("Another import of this organization is running; try again when it has ended.")
        time.sleep(PAUSE_S)
