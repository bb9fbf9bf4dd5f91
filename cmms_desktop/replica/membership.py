"""Which aggregates this device holds and why, and what happens to their rows when the last reason goes.

An aggregate that leaves while its mutations have no verdict is hidden: its server rows stay beneath as shadows, so that
those mutations can still be replayed, and nothing of it is visible or writable.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from cmms_desktop.replica.rows import SQL
from cmms_desktop.replica.settlement import Settlement, execute_in, select_in
from cmms_desktop.replica.sync_state import Notice, add_notice
from cmms_desktop.replica.tables import AGGREGATE_KEY
from cmms_desktop.replica.unread import UnreadRows
from sync_server.contract.entities import AGGREGATES
from sync_server.contract.rules.draft import Key

HANDED_ON: Final = "handed_on"
"""Kind of the notice that orders left which their holder had asked to hand on."""
_ASKED: Final = (
    "SELECT DISTINCT aggregate_id FROM conflict WHERE target_entity = 'work_order_assignment' AND kind = 'request'"
    " AND resolution IS NULL AND deleted_at IS NULL AND author_id = ? AND aggregate_id IN {}"
)
_SENT: Final = (
    "SELECT DISTINCT aggregate_id FROM outbox WHERE type = 'work_order_assignment.set' AND state = 'acknowledged'"
    " AND aggregate_id IN {}"
)
_ADD: Final = "INSERT INTO member (scope_id, aggregate_id, aggregate_type) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"


class Membership:
    """The changes of one pull to the table `member`."""

    def __init__(self, settling: Settlement) -> None:
        self._settling = settling
        self._cursor = settling.cursor
        self._known: set[str] = set()
        self._left: dict[str, tuple[str, str]] = {}
        """Aggregate → its type and the reason, of those that left a scope in this pull."""

    def scopes(self) -> set[str]:
        """Give the scopes that hold anything."""
        return {scope for (scope,) in self._cursor.execute("SELECT DISTINCT scope_id FROM member").fetchall()}

    def holds(self, aggregate_ids: set[str]) -> set[str]:
        """Give those of some aggregates that are in any scope of this device."""
        if unknown := aggregate_ids - self._known:
            sql = "SELECT DISTINCT aggregate_id FROM member WHERE aggregate_id IN {}"
            self._known.update(line[0] for line in select_in(self._cursor, sql, unknown))
        return aggregate_ids & self._known

    def leave(self, scope: str, lines: Iterable[Sequence[str]]) -> None:
        """Take aggregates out of a scope; their rows are looked at when the pull ends."""
        reasons = {line[0]: line[1] for line in lines}
        sql = "SELECT aggregate_id, aggregate_type FROM member WHERE scope_id = ? AND aggregate_id IN {}"
        for aggregate_id, type_ in select_in(self._cursor, sql, reasons, scope):
            self._left[aggregate_id] = (type_, reasons[aggregate_id])
            self._known.discard(aggregate_id)
        self._cursor.executemany(
            "DELETE FROM member WHERE scope_id = ? AND aggregate_id = ?", [(scope, each) for each in reasons]
        )

    def left(self) -> dict[str, str]:
        """Aggregates that have left a scope so far, with their types."""
        return {aggregate_id: type_ for aggregate_id, (type_, _) in self._left.items()}

    def lose_scope(self, scope: str, reason: str) -> None:
        """Take every aggregate out of a scope that this device may not hold any more."""
        lines = self._cursor.execute(
            "SELECT aggregate_id, aggregate_type FROM member WHERE scope_id = ?", (scope,)
        ).fetchall()
        self._left.update((aggregate_id, (type_, reason)) for aggregate_id, type_ in lines)
        self._known.clear()
        self._cursor.execute("DELETE FROM member WHERE scope_id = ?", (scope,))

    def join(self, scope: str, aggregate_type: str, aggregate_ids: Sequence[str]) -> set[Key]:
        """Put aggregates into a scope.

        Returns:
            Keys of the server rows of theirs that are here already: those that the block does not name are gone.
        """
        ids = set(aggregate_ids)
        before = self.holds(ids) | (ids & self._left.keys()) | (ids & self._settling.hidden)
        self._cursor.executemany(_ADD, [(scope, each, aggregate_type) for each in aggregate_ids])
        self._known |= ids
        self.show(ids & self._settling.hidden)
        return set(self._keys(aggregate_type, before)) if before else set()

    def show(self, aggregate_ids: set[str]) -> None:
        """Bring aggregates out of hiding; the rebase makes their rows visible again."""
        execute_in(self._cursor, "DELETE FROM hidden_aggregate WHERE aggregate_id IN {}", aggregate_ids)
        self._settling.hidden.difference_update(aggregate_ids)
        self._settling.affected.update(self._settling.shadows_of(aggregate_ids))

    def _keys(self, aggregate_type: str, aggregate_ids: set[str]) -> Iterable[Key]:
        """Keys of the rows of aggregates: visible ones and shadows."""
        yield from self._settling.shadows_of(aggregate_ids)
        for entity in AGGREGATES.get(aggregate_type, ()):
            sql = f"SELECT id FROM {entity} WHERE {AGGREGATE_KEY[entity]} IN {{}}"
            yield from ((entity, line[0]) for line in select_in(self._cursor, sql, aggregate_ids))

    def finish(self) -> None:
        """Remove or hide what is in no scope any more."""
        self._known.clear()
        gone = self._left.keys() - self.holds(set(self._left))
        if not gone:
            return
        UnreadRows(self._cursor).forget(gone)
        self._tell_who_asked(gone)
        hidden = gone & self._settling.open.awaited_aggregates()
        for type_ in {self._left[each][0] for each in gone}:
            of_type = {each for each in gone if self._left[each][0] == type_}
            self._hide(type_, of_type & hidden)
            self._remove(type_, of_type - hidden)

    def _tell_who_asked(self, gone: set[str]) -> None:
        """Whoever asked to hand an order on hears that it went, for his request goes with it."""
        state, now = self._settling.state, self._settling.now
        asked = {line[0] for line in select_in(self._cursor, _ASKED, gone, state.person_id)}
        asked.update(line[0] for line in select_in(self._cursor, _SENT, gone))
        if asked:
            today = sum(each.count for each in state.notices if each.kind == HANDED_ON and each.at[:10] == now[:10])
            add_notice(self._cursor, Notice(now, HANDED_ON, today + len(asked)))

    def _hide(self, aggregate_type: str, aggregate_ids: set[str]) -> None:
        store = self._settling.store
        for entity, row_id in set(self._keys(aggregate_type, aggregate_ids)):
            store.hide((entity, row_id))
        self._cursor.executemany(
            "INSERT INTO hidden_aggregate (aggregate_id, aggregate_type, reason, since) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            [(each, aggregate_type, self._left[each][1], self._settling.now) for each in sorted(aggregate_ids)],
        )
        self._settling.hidden.update(aggregate_ids)

    def _remove(self, aggregate_type: str, aggregate_ids: set[str]) -> None:
        keys = set(self._keys(aggregate_type, aggregate_ids))
        self._settling.changed(keys)
        execute_in(self._cursor, "DELETE FROM shadow WHERE aggregate_id IN {}", aggregate_ids)
        for entity in AGGREGATES.get(aggregate_type, ()):
            execute_in(
                self._cursor, f"DELETE FROM {SQL[entity].name} WHERE {AGGREGATE_KEY[entity]} IN {{}}", aggregate_ids
            )
        self._settling.store.touched |= keys
        self._settling.store.forget()
