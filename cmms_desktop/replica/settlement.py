"""An open transaction in which the server's word arrives: mutations leave replay, aggregates come out of hiding.

Whoever uses it says what became of mutations and which rows changed beneath them, and ends with `rebase`.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, Final

from cmms_desktop.replica import sync_state
from cmms_desktop.replica.actors import ACTOR_ENTITIES, Actors
from cmms_desktop.replica.rebase import Rebase
from cmms_desktop.replica.rows import RowStore
from cmms_desktop.replica.touches import OpenMutations
from sync_server.contract.rules.draft import Key
from sync_server.contract.rules.policy import Outcome

CHUNK: Final = 500
"""Values in one IN list."""
ENDED: Final = frozenset({"done", "withdrawn"})
"""States of mutations that lie in `outbox_done`."""

_COLUMNS: Final = (
    "mutation_id, group_id, type, entity, row_id, aggregate_id, state, device_seq, digest, verdict, code, reason,"
    " commit_seq, made_at, sent_at, settled_at, body, sealed"
)
_ARCHIVE: Final = f"INSERT INTO outbox_done ({_COLUMNS}) SELECT {_COLUMNS} FROM outbox WHERE n = ?"


def chunks(values: Iterable[str]) -> Iterable[list[str]]:
    """Cut values into lists that fit one statement."""
    rest = iter(values)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def select_in(cursor: Any, sql: str, values: Iterable[str], *before: object) -> list[tuple[Any, ...]]:
    """Run a SELECT that ends in `IN {}` for any number of values."""
    found: list[tuple[Any, ...]] = []
    for chunk in chunks(values):
        found += cursor.execute(sql.format(f"({', '.join('?' * len(chunk))})"), (*before, *chunk)).fetchall()
    return found


def execute_in(cursor: Any, sql: str, values: Iterable[str]) -> None:
    """Run a statement that ends in `IN {}` for any number of values."""
    for chunk in chunks(values):
        cursor.execute(sql.format(f"({', '.join('?' * len(chunk))})"), chunk)


class Settlement:
    """The open mutations of one transaction, and the rows that have to be computed again at its end."""

    def __init__(self, store: RowStore, state: sync_state.SyncState, *, now: str) -> None:
        self.store = store
        self.cursor = store.cursor
        self.state = state
        self.now = now
        self.affected: set[Key] = set()
        self.forced: set[int] = set()
        """Mutations to be replayed whatever changed."""

    @property
    def server_now(self) -> str:
        """Now as the server's clock says it, as far as it was measured: this device's may be set by years."""
        return sync_state.server_time(self.state, self.now)

    @cached_property
    def open(self) -> OpenMutations:
        """Mutations that are replayed."""
        return OpenMutations(self.cursor)

    def load_again(self) -> None:
        """Forget the loaded outbox, after mutations were added to it."""
        self.__dict__.pop("open", None)

    @cached_property
    def hidden(self) -> set[str]:
        """Ids of hidden aggregates."""
        return {line[0] for line in self.cursor.execute("SELECT aggregate_id FROM hidden_aggregate").fetchall()}

    def changed(self, keys: Iterable[Key]) -> None:
        """Note rows whose server row changed, as far as any open mutation read or wrote them.

        Who may do what is read by every decision, so a change of that concerns all.
        """
        if self.open.by_key:
            changed = set(keys)
            self.affected.update(key for key in changed if key in self.open.by_key or key in self.store.shadows)
            if any(entity in ACTOR_ENTITIES for entity, _ in changed):
                self.forced.update(self.open.order)

    def close(self, ns: Sequence[int], *, state: str) -> None:
        """Take mutations out of replay; what they had written is computed again without them."""
        for n in ns:
            if n in self.open.order:
                self.affected |= self.open.close(n)
        self.cursor.executemany(
            "UPDATE outbox SET state = ?, settled_at = ?, touches = NULL WHERE n = ?",
            [(state, self.server_now, n) for n in ns],
        )
        if state in ENDED:
            self.archive(ns)

    def archive(self, ns: Iterable[int]) -> None:
        """Put mutations that have ended aside."""
        lines = [(n,) for n in ns]
        self.cursor.executemany(_ARCHIVE, lines)
        self.cursor.executemany("DELETE FROM outbox WHERE n = ?", lines)

    def finish_pulled(self) -> None:
        """End the mutations whose commit was pulled; those on scopes still to be fetched stay in replay."""
        lines = self.cursor.execute(
            "SELECT n FROM outbox WHERE state = 'acknowledged' AND commit_seq <= ? AND device_seq IS NOT NULL",
            (self.state.pulled_seq,),
        ).fetchall()
        ns = [n for (n,) in lines if not self.state.bootstrap or self._is_covered(n)]
        if ns:
            self.close(ns, state="done")

    def _is_covered(self, n: int) -> bool:
        """Whether every aggregate that a mutation wrote is in a scope that is pulled, not one still to be fetched."""
        written = self.open.written_aggregates(n)
        sql = "SELECT scope_id, aggregate_id FROM member WHERE aggregate_id IN {}"
        lines = select_in(self.cursor, sql, written)
        return written == {aggregate_id for scope, aggregate_id in lines if scope not in self.state.bootstrap}

    def release_hidden(self) -> None:
        """Forget the hidden aggregates whose mutations all have a verdict now."""
        settled = self.hidden - self.open.awaited_aggregates() if self.hidden else set()
        if settled:
            self.affected.update(self.shadows_of(settled))
            execute_in(self.cursor, "DELETE FROM shadow WHERE aggregate_id IN {}", settled)
            execute_in(self.cursor, "DELETE FROM hidden_aggregate WHERE aggregate_id IN {}", settled)
            self.hidden.difference_update(settled)
            self.store.forget()

    def remove(self, keys: Iterable[Key]) -> None:
        """Take rows away that the server does not have any more."""
        gone = sorted(keys)
        for key in gone:
            if key in self.store.shadows:
                self.store.set_shadow(key, None)
            else:
                self.store.put(key, None)
        self.changed(gone)

    def shadows_of(self, aggregate_ids: Iterable[str]) -> list[Key]:
        """Give the keys of the shadows of some aggregates."""
        sql = "SELECT entity, row_id FROM shadow WHERE aggregate_id IN {}"
        return [(entity, row_id) for entity, row_id in select_in(self.cursor, sql, aggregate_ids)]

    def rebase(self) -> dict[int, Outcome]:
        """Compute the affected rows; the last step."""
        forced = self.forced & self.open.order.keys() if self.forced else self.forced
        if not self.affected and not forced:
            return {}
        actors = Actors(self.store, self.state)
        return Rebase(self.store, actors, self.open, hidden=self.hidden).run(self.affected, forced=forced)

    def remember(self, **values: Any) -> None:
        """Store values of the sync state, here and in the file."""
        sync_state.store(self.cursor, **values)
        self.state = sync_state.load(self.cursor)
