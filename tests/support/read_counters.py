"""What PostgreSQL read for a pull: rows by its own counters, inside the pull's transaction. Never a time."""

from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application import pull as pulls
from sync_server.authz.visibility import Caller
from sync_server.storage.engine import Database

ROWS_READ = b"select relname, seq_tup_read + coalesce(idx_tup_fetch, 0) from pg_stat_xact_user_tables"


@dataclass(slots=True)
class ReadCounters:
    """Rows that the last pull read, by table; those that a table gave in vain count too."""

    by_table: dict[str, int] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """All of them."""
        return sum(self.by_table.values())


def _rows_read(connection: Connection[TupleRow]) -> Counter[str]:
    return Counter(dict(connection.execute(ROWS_READ).fetchall()))


@contextmanager
def counting_reads() -> Iterator[ReadCounters]:
    """Count what every pull and bootstrap of this process reads from now on."""
    counters = ReadCounters()
    snapshot = pulls.snapshot

    @contextmanager
    def counted(database: Database, caller: Caller) -> Iterator[Connection[TupleRow]]:
        with snapshot(database, caller) as connection:
            before = _rows_read(connection)  # of earlier transactions, until this session hands its counts over
            yield connection
            after = _rows_read(connection)
            counters.by_table = {name: rows - before[name] for name, rows in after.items() if rows > before[name]}

    def replaced(database: Database, caller: Caller) -> AbstractContextManager[Connection[TupleRow]]:
        return counted(database, caller)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pulls, "snapshot", replaced)
        yield counters
