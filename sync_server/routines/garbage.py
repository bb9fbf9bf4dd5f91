"""Forgets what is older than the horizon: which aggregates left a scope, the numbers of commits, verdicts.

A device that was away for longer reads afresh what it cannot be told any more, and keeps what it has to send. What
people wrote is never touched.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application.unit_of_work import under_the_clock
from sync_server.routines.steps import Rest, reading, rested, without_rest
from sync_server.storage import forgetting
from sync_server.storage.engine import Database
from sync_server.storage.forgetting import Left

HORIZON = timedelta(days=400)
"""A year, and the time in which somebody finds a tablet in a drawer. One for everything, so that nothing outlives its
grounds."""
LEFT_BATCH = 500
"""Under the clock, for 0.05 s on a busy machine."""
BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Collected:
    """How much was forgotten."""

    left: int
    commits: int
    verdicts: int


def collect(database: Database, organization_id: str, *, at: datetime, rest: Rest = without_rest) -> Collected:
    """Forget what is older than 400 days at a moment, in short steps with a rest after each."""
    before = at - HORIZON
    with reading(database, organization_id) as connection:
        upto = forgetting.horizon(connection, organization_id, before)
    left = _collect_left(database, organization_id, upto, rest)

    def commits(connection: Connection[TupleRow]) -> int:
        return forgetting.forget_commits(connection, organization_id, upto=upto, limit=BATCH)

    def verdicts(connection: Connection[TupleRow]) -> int:
        return forgetting.forget_verdicts(connection, organization_id, before=before, limit=BATCH)

    return Collected(
        left, _all(database, organization_id, commits, rest), _all(database, organization_id, verdicts, rest)
    )


def _all(database: Database, organization_id: str, forget: Callable[[Connection[TupleRow]], int], rest: Rest) -> int:
    """Forget batch by batch until nothing is left."""

    def step() -> int:
        with database.transaction("worker", organization_id) as connection:
            return forget(connection)

    count = 0
    while forgotten := rested(step, rest):
        count += forgotten
    return count


def _collect_left(database: Database, organization_id: str, upto: int, rest: Rest = without_rest) -> int:
    count, after = 0, forgetting.FIRST
    while True:
        with reading(database, organization_id) as connection:
            which = forgetting.left(connection, organization_id, upto=upto, after=after, limit=LEFT_BATCH)
        if not which:
            return count
        count += rested(lambda: _forget_left(database, organization_id, which, upto), rest)  # noqa: B023 - called at once
        after = which[-1]


def _forget_left(database: Database, organization_id: str, which: list[Left], upto: int) -> int:
    counts: list[int] = []
    with database.transaction("worker", organization_id) as connection:

        def act(_: object) -> dict[str, list[str]]:
            counts.append(forgetting.forget_left(connection, organization_id, which, upto=upto))
            return {}

        under_the_clock(connection, organization_id, act)
    return sum(counts)
