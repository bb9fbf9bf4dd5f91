"""Statements that PostgreSQL keeps parsed and planned, also behind a pooler that hands its connections round.

psycopg keeps a book of what is prepared on its own connection; behind PgBouncer in transaction mode each transaction
may run on another one of PostgreSQL's. So every connection of PostgreSQL carries a mark, which the first statement of a
transaction reads, and statements are named by their text, so that processes share them. Another process may have given
names since this one looked: names are given only by a transaction that has looked itself, and has the connection to
itself while it lasts. Names outlive a transaction; they hold text with places for values and say nothing of a tenant.

A PgBouncer that keeps statements by itself (`max_prepared_statements`, from 1.22 on) is left to do so: psycopg's own
way works there. Which one it is is tried out, once.
"""

import hashlib
import itertools
import secrets
from collections.abc import Sequence
from typing import Any

from psycopg import Connection
from psycopg._preparing import Key, Prepare, PrepareManager
from psycopg._queries import PostgresQuery
from psycopg.abc import PQGen
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult
from psycopg.rows import tuple_row

PREFIX = "cmms_"
AFTER = 2
"""A statement is prepared when this process has asked it so often before: what is asked once is not worth a name."""
MOST_NAMES = 250
"""Statements that one connection of PostgreSQL keeps; those beyond it are parsed each time."""
MOST_MARKS = 500
"""Connections of PostgreSQL that are remembered; one that is forgotten is asked again."""
MOST_COUNTED = 4_000
"""Texts that are counted or have a name here; beyond them all are forgotten and counted anew."""
TRIAL = "trial"
NAMES = f"select name from pg_prepared_statements where name like '{PREFIX}%'"


class StatementNames:
    """What this process knows of PostgreSQL's connections, by their marks; one for each database. Any thread.

    The names of a mark are touched only by the transaction that has the connection.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self._by_mark: dict[str, set[bytes]] = {}
        self._names: dict[Key, bytes] = {}
        self._asked: dict[Key, int] = {}
        self._origin, self._number = secrets.token_hex(8), itertools.count()

    def fresh_mark(self) -> str:
        """Give a mark that no connection has."""
        return f"{self._origin}.{next(self._number)}"

    def known_at(self, mark: str) -> set[bytes] | None:
        """Give what is prepared on the connection with a mark; None: nobody has looked."""
        return self._by_mark.get(mark)

    def learn(self, mark: str, connection: Connection[Any]) -> set[bytes]:
        """Ask a connection what is prepared there, whoever did that."""
        with connection.cursor(row_factory=tuple_row) as cursor:
            found = {str(name).encode() for (name,) in cursor.execute(NAMES, prepare=False)}
        for oldest in list(self._by_mark)[: max(0, len(self._by_mark) - MOST_MARKS + 1)]:
            self._by_mark.pop(oldest, None)  # most likely closed long ago
        self._by_mark[mark] = found
        return found

    def forget(self, mark: str) -> None:
        """Know nothing more of a connection, so that the next transaction there looks: others may have been at it."""
        self._by_mark.pop(mark, None)

    def name_of(self, key: Key) -> bytes:
        """Give the name of a statement, the same in every process: its text and the types of its parameters say it."""
        if (name := self._names.get(key)) is None:
            if len(self._names) >= MOST_COUNTED:
                self._names = {}
            query, types = key
            digest = hashlib.blake2b(query + repr(types).encode(), digest_size=16).hexdigest()
            name = self._names[key] = f"{PREFIX}{digest}".encode()
        return name

    def is_asked_often(self, key: Key) -> bool:
        """Count a statement that is not prepared; whether it has been asked often enough to be."""
        asked = self._asked.get(key, 0)
        if len(self._asked) >= MOST_COUNTED:
            self._asked = {}
        if asked < AFTER:
            self._asked[key] = asked + 1
        return asked >= AFTER


class KnownStatements(PrepareManager):
    """In place of psycopg's own book of a connection: looks into that of the connection that PostgreSQL has given.

    Between transactions nothing is named.
    """

    def __init__(self, book: StatementNames) -> None:
        """Look into a book that all connections share."""
        super().__init__()
        self._book = book
        self._there: set[bytes] | None = None
        self._mark = ""
        self._is_sure = False
        self.has_named = False
        """Whether this transaction gave a name. In a pipeline that fails PostgreSQL may never have read it."""

    def begin(self, mark: str, names: set[bytes], *, is_sure: bool) -> None:
        """Begin a transaction: what is prepared at its mark; `is_sure` when that was asked within it."""
        self._mark, self._there, self._is_sure, self.has_named = mark, names, is_sure, False

    def end(self) -> None:
        """End a transaction."""
        self._there = None

    def get(self, query: PostgresQuery, prepare: bool | None = None) -> tuple[Prepare, bytes]:
        """Say how to ask: by name, naming it first, or as it stands."""
        if self._there is None or prepare is False:
            return Prepare.NO, b""
        key = self.key(query)
        name = self._book.name_of(key)
        if name in self._there:
            return Prepare.YES, name
        is_due = len(self._there) < MOST_NAMES and (prepare or self._book.is_asked_often(key))
        if is_due and self._is_sure:
            return Prepare.SHOULD, name
        if is_due:
            self._book.forget(self._mark)
        return Prepare.NO, b""

    def maybe_add_to_cache(self, query: PostgresQuery, prep: Prepare, name: bytes) -> Key | None:
        """Note a name that was given just now; PostgreSQL keeps it even when the transaction is rolled back."""
        if prep is Prepare.SHOULD and self._there is not None:
            self._there.add(name)
            self.has_named = True
        return None

    def validate(self, key: Key, prep: Prepare, name: bytes, results: Sequence[PGresult]) -> None:
        """Nothing of what is known depends on a result."""

    def clear(self) -> bool:
        """Forget nothing: what is rolled back was data."""
        return False

    def maintain_gen(self, conn: Any) -> PQGen[None]:
        """Nothing is given up by itself."""
        yield from ()


def is_passed_through(connection: Connection[Any]) -> bool:
    """Try out whether a name arrives at PostgreSQL as it was given, and not as one of a pooler that keeps its own.

    Args:
        connection: Fresh and not in autocommit.

    Raises:
        psycopg.Error: The trial failed, which says nothing.
    """
    connection.execute(b"select 1", prepare=False)  # begins: from here on it is one and the same of PostgreSQL's
    name = f"{TRIAL}_{secrets.token_hex(8)}"
    prepared = connection.pgconn.prepare(name.encode(), b"select 1")
    if prepared.status != ExecStatus.COMMAND_OK:
        raise error_from_result(prepared)
    query = f"select count(*) from pg_prepared_statements where name = '{name}'".encode()
    (is_there,) = connection.execute(query).fetchone() or (0,)
    if is_there:
        connection.execute(f"deallocate {name}".encode())
    return bool(is_there)
