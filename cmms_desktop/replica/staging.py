"""Where the slices of a scope collect before they are merged: tables without indexes that only the merge reads.

A large scope collects in a file of its own beside the replica, `bootstrap.db`, with the same key: each slice is one
commit together with the token for the next, so that a crash costs one slice at most. A small one collects in temporary
tables of the merging connection itself, and the first one of a device in the replica (`staging_in_place`). The tables
have the same names in all places.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec

from cmms_desktop.replica import unread
from cmms_desktop.replica.apply import CUT_SHORT, AnswerCutShort
from cmms_desktop.replica.connections import unlink_store
from cmms_desktop.replica.database import ReplicaDatabase, ReplicaHandle
from cmms_desktop.replica.exchange import make_like, may_be_exchanged
from cmms_desktop.replica.incoming_rows import IncomingColumns, columns_of
from cmms_desktop.replica.rows import SQL
from sync_server.contract import codec
from sync_server.contract.version import ROWS

NAME: Final = "bootstrap.db"


class Staged(msgspec.Struct, frozen=True, kw_only=True):
    """How far a scope has come; `upto` and `nonce` are the clock's at its first slice."""

    scope: str
    epoch: str
    upto: int
    nonce: int
    token: str | None
    """Of the next slice; None: this was the last."""
    cursor: str | None
    """The whole cursor with this scope in it, once complete."""
    rows: int = 1
    """ROWS version of the columns, as far as this program knows it."""
    columns: dict[str, tuple[str, ...]]
    """Entities of which rows were staged, with the columns that were sent."""
    has_unread: bool = False
    """Whether rows of unknown entities were noted; not by a version of this program that was here before."""

    @property
    def is_complete(self) -> bool:
        """Whether the last slice has arrived."""
        return self.token is None


class OtherColumnsError(Exception):
    """A slice has other columns than those before it."""


class Slice:
    """One slice on its way into staging tables."""

    def __init__(
        self,
        cursor: Any,
        scope: str,
        before: Staged | None,
        *,
        is_temporary: bool = False,
        is_in_place: bool = False,
    ) -> None:
        """Make what is not there yet. `is_in_place`: tables are made like the real ones, to be exchanged for them."""
        self._cursor = cursor
        self._is_in_place = is_in_place
        self._scope = scope
        self._before = before
        self._create = "CREATE TEMPORARY TABLE" if is_temporary else "CREATE TABLE IF NOT EXISTS"
        self._epoch = ""
        self._rows = 1
        self._incoming: dict[str, IncomingColumns] = {}
        self._columns = dict(before.columns) if before else {}
        cursor.execute(f"{self._create} staged_scope (value)")
        cursor.execute(f"{self._create} staged_member (aggregate_id, aggregate_type)")
        self._has_unread = before is None or before.has_unread
        self._names: Mapping[str, Sequence[str]] = {}
        if self._has_unread:
            cursor.execute(f"{self._create} staged_unread ({unread.COLUMNS})")

    def take_all(self, lines: Iterable[Sequence[Any]]) -> Staged:
        """Write the lines of a slice.

        Raises:
            AnswerCutShort: there was no `end`.
            OtherColumnsError: program or server were updated since the slices before.
        """
        for kind, *parts in lines:
            if kind == codec.HEADER:
                self._take_header(parts[0])
            elif kind == codec.JOIN:
                self._take_join(*parts)
            elif kind == codec.ROWS:
                self._take_rows(*parts)
            elif kind == codec.END:
                return self._take_end(parts[0])
        raise AnswerCutShort(CUT_SHORT)

    def _take_header(self, header: dict[str, Any]) -> None:
        self._epoch = header["epoch"]
        self._rows = min(ROWS, header.get("rows", 1))
        if self._before is not None and self._before.rows != self._rows:
            raise OtherColumnsError
        self._incoming, self._names = columns_of(header), header["types"]

    def _take_join(self, _: str, aggregate_type: str, aggregate_ids: Sequence[str]) -> None:
        lines = [(aggregate_id, aggregate_type) for aggregate_id in aggregate_ids]
        self._cursor.executemany("INSERT INTO staged_member VALUES (?, ?)", lines)

    def _take_rows(self, entity: str, lines: Sequence[Sequence[Any]]) -> None:
        incoming = self._incoming.get(entity)
        if incoming is None:
            rows = unread.noted(entity, self._names.get(entity), lines) if self._has_unread else []
            self._cursor.executemany("INSERT INTO staged_unread VALUES (?, ?, ?, ?, ?)", rows)
            return
        if entity not in self._columns:
            self._make_table(entity, incoming.known)
            self._columns[entity] = tuple(incoming.known)
        names, marks = _listed(incoming.known), ", ".join("?" * len(incoming.known))
        insert = f"INSERT OR REPLACE INTO staged_{entity} ({names}) VALUES ({marks})"
        self._cursor.executemany(insert, incoming.bound(lines))

    def _make_table(self, entity: str, known: Sequence[str]) -> None:
        is_whole = len(known) == len(SQL[entity].names)
        if self._is_in_place and is_whole and may_be_exchanged(self._cursor, entity):
            make_like(self._cursor, entity)
        else:
            self._cursor.execute(f"{self._create} staged_{entity} ({_listed(known)})")

    def _take_end(self, end: dict[str, Any]) -> Staged:
        staged = Staged(
            scope=self._scope,
            epoch=self._epoch,
            upto=end["seq"],
            nonce=end["nonce"],
            token=end["token"],
            cursor=end["cursor"],
            rows=self._rows,
            columns=self._columns,
            has_unread=self._has_unread,
        )
        self._cursor.execute("DELETE FROM staged_scope")
        self._cursor.execute("INSERT INTO staged_scope VALUES (?)", (msgspec.json.encode(staged).decode(),))
        return staged


class Staging(Protocol):
    """Where the slices of a large scope collect."""

    def staged(self) -> Staged | None:
        """How far it has come; None: there is nothing that counts."""
        ...

    def add(self, scope: str, lines: Iterable[Sequence[Any]], *, is_first: bool) -> Staged | None:
        """Write a slice in one commit; None: it belongs to another beginning than what was staged, which is gone."""
        ...

    def merging(self) -> AbstractContextManager[ReplicaHandle]:
        """Open the transaction in which what is complete is merged."""
        ...

    def drop(self, cursor: Any) -> None:
        """Leave nothing staged that the transaction of the merge can take away."""
        ...

    def discard(self) -> None:
        """Leave nothing staged."""
        ...


class StagingFile:
    """The staging file of a replica. Stays open until `close`, so that slices do not wait for each other's clean-up."""

    def __init__(self, live: ReplicaDatabase) -> None:
        self._live = live
        self._database: ReplicaDatabase | None = None
        self.path: Path = live.path.with_name(NAME)

    def close(self) -> None:
        """Close the file; what it holds counts when it is opened again."""
        database, self._database = self._database, None
        if database is not None:
            database.close()

    def merging(self) -> AbstractContextManager[ReplicaHandle]:
        """Open the transaction in which the file is merged; it writes the replica only."""
        return self._live.bootstrap_writer(self.path)

    def drop(self, _: Any) -> None:
        """Do nothing: the file goes when the merge is committed."""

    def discard(self) -> None:
        """Delete the file, if there is one."""
        database, self._database = self._database, None
        if database is not None:
            database.discard()
        unlink_store(self.path)

    def discard_unless(self, scopes: Collection[str]) -> None:
        """Delete what was staged of a scope that is not to be fetched any more."""
        if not self.path.exists():
            return
        was_open = self._database is not None
        staged = self.staged()
        if staged is None or staged.scope not in scopes:
            self.discard()
        elif not was_open:
            self.close()

    def staged(self) -> Staged | None:
        """How far the file has come; None: there is none, or it holds nothing that counts."""
        if not self.path.exists():
            return None
        with self._opened().reader() as handle:
            return read_staged(handle.cursor)

    def add(self, scope: str, lines: Iterable[Sequence[Any]], *, is_first: bool) -> Staged | None:
        """Write a slice in one commit; the first one starts the file again.

        Returns:
            How far the scope has come. None: the slice belongs to another beginning than the file, which is gone.
        """
        if is_first:
            self.discard()
        try:
            with self._opened().writer() as handle:
                before = read_staged(handle.cursor)
                staged = Slice(handle.cursor, scope, before).take_all(lines)
        except OtherColumnsError:
            self.discard()
            return None
        if not is_first and not is_same_beginning(before, staged):
            self.discard()
            return None
        return staged

    def _opened(self) -> ReplicaDatabase:
        if self._database is None:
            self._database = self._live.open_beside(NAME)
        return self._database


def read_staged(cursor: Any) -> Staged | None:
    """Read how far the staging tables have come; None: there are none."""
    if not cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'staged_scope'").fetchone():
        return None
    line = cursor.execute("SELECT value FROM staged_scope").fetchone()
    return None if line is None else msgspec.json.decode(line[0], type=Staged)


def is_same_beginning(before: Staged | None, after: Staged) -> bool:
    """Whether two slices are of one reading of one scope."""
    return before is not None and (before.scope, before.epoch, before.upto) == (after.scope, after.epoch, after.upto)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
