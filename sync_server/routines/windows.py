"""Takes orders that were finished long ago out of the scopes of people, and later out of the review.

Devices hear of it as of any other leave. No row changes: the orders stay on the server, and come back when reopened.
"""

from datetime import datetime

from sync_server.application.incoming import NIL
from sync_server.application.unit_of_work import under_the_clock
from sync_server.routines.steps import Rest, reading, rested, without_rest
from sync_server.storage import scope_windows
from sync_server.storage.engine import Database
from sync_server.storage.scope_windows import Bounds

BATCH = 100
"""Orders of one commit: the clock is held for a tenth of a second on a busy machine, so that a push hardly waits."""


def end_windows(database: Database, organization_id: str, *, at: datetime, rest: Rest = without_rest) -> int:
    """End the windows that are over at a moment, with a rest after each commit; give how many orders left a scope."""
    count, after = 0, NIL
    with reading(database, organization_id) as connection:
        bounds = scope_windows.bounds(connection, organization_id, at=at)
    while True:
        with reading(database, organization_id) as connection:
            ids = scope_windows.due(connection, organization_id, bounds, after=after, limit=BATCH)
        if not ids:
            return count
        count += rested(lambda: _end(database, organization_id, bounds, ids), rest)  # noqa: B023 - called at once
        after = ids[-1]


def _end(database: Database, organization_id: str, bounds: Bounds, ids: list[str]) -> int:
    ended: list[str] = []
    with database.transaction("worker", organization_id) as connection:

        def act(_: object) -> dict[str, list[str]]:
            ended.extend(scope_windows.end(connection, organization_id, bounds, ids=ids))
            return {"work_order": ended} if ended else {}

        under_the_clock(connection, organization_id, act)
    return len(ended)
