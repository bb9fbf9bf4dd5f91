"""Merging a staged scope into the live tables, in the caller's one transaction, which writes only the live file.

Unqualified names find the staging tables wherever they are: temporary, in the replica, or in the attached file. A row
that an incremental pull has brought since is newer than the staged one and stays. A table that has no row yet is
exchanged for the staged one, where that is of the same shape.
"""

from typing import Any, Final

from cmms_desktop.replica import sync_state, unread
from cmms_desktop.replica.exchange import exchange
from cmms_desktop.replica.incoming_rows import insert_into
from cmms_desktop.replica.membership import Membership
from cmms_desktop.replica.rows import SQL
from cmms_desktop.replica.settlement import Settlement, select_in
from cmms_desktop.replica.staging import Staged
from cmms_desktop.replica.tables import AGGREGATE_KEY
from sync_server.contract.rules.draft import Key

ANY_ROW: Final = ""
"""Id in a touched key that stands for every row of the entity."""


def merge(settling: Settlement, staged: Staged) -> None:
    """Make a complete staged scope part of the replica, its cursor last."""
    ScopeMerge(settling, staged).run()


class ScopeMerge:
    """One merge."""

    def __init__(self, settling: Settlement, staged: Staged) -> None:
        self._settling = settling
        self._cursor = settling.cursor
        self._staged = staged
        self._membership = Membership(settling)
        self._is_same_epoch = settling.state.epoch in {"", staged.epoch}
        self._exchanged: set[str] = set()

    @property
    def _limit(self) -> int:
        """Commit up to which a row that is not staged is gone; of another history all of them are."""
        return self._staged.upto if self._is_same_epoch else 2**62

    def run(self) -> None:
        """Membership, rows, state, then what became of mutations."""
        had_any = self._take_members()
        for entity, columns in self._staged.columns.items():
            if exchange(self._cursor, entity):
                self._exchanged.add(entity)
            else:
                self._take_shadowed(entity, columns)
                self._cursor.execute(self._insert(entity, columns))
            self._settling.store.touched.add((entity, ANY_ROW))
            self._settling.changed(key for key in tuple(self._settling.open.by_key) if key[0] == entity)
        if self._staged.has_unread:
            unread.merge_staged(self._cursor, upto=self._limit, is_same_epoch=self._is_same_epoch)
        if had_any:
            self._settling.remove(self._unnamed())
        self._settling.store.forget()
        self._cursor.execute("DELETE FROM content_sum WHERE aggregate_id IN (SELECT aggregate_id FROM staged_member)")
        self._membership.finish()
        self._store_state()
        self._settling.finish_pulled()
        self._settling.release_hidden()
        self._settling.rebase()

    def _take_members(self) -> bool:
        """Make the scope hold exactly the staged aggregates; tell whether any of them was here before."""
        scope = self._staged.scope
        gone = self._cursor.execute(
            "SELECT aggregate_id FROM member WHERE scope_id = ?"
            " AND aggregate_id NOT IN (SELECT aggregate_id FROM staged_member)",
            (scope,),
        ).fetchall()
        self._membership.leave(scope, [(aggregate_id, "left") for (aggregate_id,) in gone])
        shown = select_in(
            self._cursor, "SELECT aggregate_id FROM staged_member WHERE aggregate_id IN {}", self._settling.hidden
        )
        (had_any,) = self._cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM staged_member JOIN member USING (aggregate_id))"
        ).fetchone()
        self._cursor.execute(
            "INSERT INTO member (scope_id, aggregate_id, aggregate_type)"
            " SELECT ?, aggregate_id, aggregate_type FROM staged_member WHERE true ON CONFLICT DO NOTHING",
            (scope,),
        )
        self._membership.show({line[0] for line in shown})
        return bool(had_any or shown)

    def _insert(self, entity: str, columns: tuple[str, ...]) -> str:
        names = ", ".join(f'"{name}"' for name in columns)
        insert = insert_into(entity, columns, f"SELECT {{}} FROM staged_{entity}", names)
        unshadowed = f"id NOT IN (SELECT row_id FROM shadow WHERE entity = '{entity}')"
        newer = f" WHERE excluded.sync_seq >= {entity}.sync_seq" if self._is_same_epoch else ""
        return f"{insert} WHERE {unshadowed} {SQL[entity].on_conflict(columns)}{newer}"

    def _take_shadowed(self, entity: str, columns: tuple[str, ...]) -> None:
        ids = [row_id for name, row_id in self._settling.store.shadows if name == entity]
        names = ", ".join(f'"{name}"' for name in columns)
        by_name = SQL[entity].spec.by_name
        for line in select_in(self._cursor, f"SELECT {names} FROM staged_{entity} WHERE id IN {{}}", ids):
            found = dict(zip(columns, line, strict=True))
            key = (entity, str(found["id"]))
            before = self._settling.store.shadow(key)
            if before is None or not self._is_same_epoch or int(before["sync_seq"] or 0) <= int(found["sync_seq"]):
                row = {name: found.get(name, by_name[name].default) for name in SQL[entity].names}
                self._settling.store.set_shadow(key, SQL[entity].row(row.values()))

    def _unnamed(self) -> set[Key]:
        """Rows here of the staged aggregates that the server has no more: not staged, and not newer than the scope.

        Whole shadows are asked, too: those of an aggregate that was hidden have no visible row.
        """
        limit = self._limit
        found: set[Key] = set()
        for entity, sql in SQL.items():
            if entity in self._exchanged:
                continue  # there was nothing of it here
            staged = f"AND id NOT IN (SELECT id FROM staged_{entity})" if entity in self._staged.columns else ""
            lines = self._cursor.execute(
                f"SELECT id FROM {sql.name} WHERE {AGGREGATE_KEY[entity]} IN (SELECT aggregate_id FROM staged_member)"
                f" AND sync_seq <> 0 AND sync_seq <= ? {staged}",
                (limit,),
            ).fetchall()
            found |= {(entity, row_id) for (row_id,) in lines}
            lines = self._cursor.execute(
                "SELECT row_id AS id FROM shadow WHERE entity = ?"
                " AND server_row ->> '$.sync_seq' <> 0 AND server_row ->> '$.sync_seq' <= ?"
                f" AND aggregate_id IN (SELECT aggregate_id FROM staged_member) {staged}",
                (entity, limit),
            ).fetchall()
            found |= {(entity, row_id) for (row_id,) in lines}
        return found

    def _store_state(self) -> None:
        state = self._settling.state
        values: dict[str, Any] = {
            "cursor": self._staged.cursor,
            "epoch": self._staged.epoch,
            "bootstrap": [scope for scope in state.bootstrap if scope != self._staged.scope],
            "pulled_seq": min(state.pulled_seq, self._staged.upto) if self._is_same_epoch else self._staged.upto,
        }
        self._settling.remember(**values)
        sync_state.add_checkpoint(self._cursor, (self._staged.upto, self._staged.nonce))
