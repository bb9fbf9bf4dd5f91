"""How routines work: long reads in one snapshot without locks, and writes in short steps that give way."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TypeVar

from psycopg import Connection, IsolationLevel
from psycopg.rows import TupleRow

from sync_server.errors import RetryLater
from sync_server.storage.engine import Database

TRIES = 10
"""Each waits up to 2 s for the clock of a busy organization (`lock_timeout`)."""
READING_MS = 120_000
"""The longest question of a routine: it reads whole tables of a large organization, and nobody waits for it."""

Answer = TypeVar("Answer")

Rest = Callable[[float], object]
"""Called between two steps with the seconds that the first one took: whoever waits for the clock has it as long."""


@contextmanager
def reading(database: Database, organization_id: str) -> Iterator[Connection[TupleRow]]:
    """Read as one moment shows it, for as long as it takes. Locks nothing that a writer needs."""
    with database.transaction(
        "worker", organization_id, isolation=IsolationLevel.REPEATABLE_READ, read_only=True
    ) as connection:
        connection.execute("select set_config('statement_timeout', %s, true)", (str(READING_MS),))
        yield connection


def without_rest(_: float) -> None:
    """Go on at once: for whoever keeps nobody waiting."""


def rested(step: Callable[[], Answer], rest: Rest) -> Answer:
    """Run one step as `in_steps` does, and rest after it."""
    began = monotonic()
    answer = in_steps(step)
    rest(monotonic() - began)
    return answer


def in_steps(step: Callable[[], Answer]) -> Answer:
    """Run one step, again when somebody was faster or the clock was busy. Raises RetryLater when it always is."""
    for _ in range(TRIES - 1):
        try:
            return step()
        except RetryLater:
            continue
    return step()
