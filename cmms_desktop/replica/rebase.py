"""Laying open mutations over the server's rows again, with the policy that the server itself uses (sync.md §6).

A plan is computed in memory and then written: rows that changed beneath open mutations, those mutations, every row
that they write, and so on until nothing is added. Rows outside that closure are not looked at.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from cmms_desktop.replica.actors import Actors
from cmms_desktop.replica.rows import RowStore
from sync_server.contract.fields import Row
from sync_server.contract.messages import Mutation
from sync_server.contract.rules.draft import Key
from sync_server.contract.rules.policy import Outcome, decide

OPEN_STATES: Final = ("pending", "sealed", "acknowledged")
"""States in which a mutation has its effect on the visible rows."""

Touches = dict[Key, bool]
"""Rows that a mutation read or wrote; true for written ones."""

DECODER: Final = msgspec.json.Decoder(Mutation)


@dataclass(frozen=True, slots=True)
class OpenMutation:
    """A mutation that is replayed, with the commit that holds it once the server said so."""

    n: int
    commit_seq: int | None
    mutation: Mutation


class RecordingRows:
    """Rows as a policy sees them, noting which it asked for."""

    __slots__ = ("_get", "asked")

    def __init__(self, rows: Any) -> None:
        self._get = rows.get
        self.asked: dict[Key, Row | None] = {}

    def get(self, entity: str, row_id: str) -> Row | None:
        """Give a row of what lies below."""
        row: Row | None = self._get(entity, row_id)
        self.asked[entity, row_id] = row
        return row


def touches_of(asked: Iterable[Key], outcome: Outcome) -> Touches:
    """Say which rows a decision rests on and which it changed."""
    return dict.fromkeys(asked, False) | dict.fromkeys(outcome.changes, True)


def keep_touches(cursor: Any, n: int, touches: Touches, *, aggregate_ids: dict[Key, str]) -> None:
    """Write down what a mutation touched."""
    cursor.executemany(
        "INSERT INTO outbox_touch (n, entity, row_id, aggregate_id, is_written) VALUES (?, ?, ?, ?, ?)",
        [(n, *key, aggregate_ids[key], is_written) for key, is_written in touches.items()],
    )


class OpenMutations:
    """The open part of the outbox, loaded once per transaction; bodies only as they are needed."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor
        lines = cursor.execute(
            "SELECT n, commit_seq FROM outbox WHERE state IN ('pending', 'sealed', 'acknowledged')"
            " ORDER BY device_seq IS NULL, device_seq, n"
        ).fetchall()
        self.order: dict[int, int] = {n: place for place, (n, _) in enumerate(lines)}
        """n → place in the order in which the server meets them: sealed ones first."""
        self._commit_seq: dict[int, int | None] = dict(lines)
        self._bodies: dict[int, OpenMutation] = {}
        self.touches: dict[int, Touches] = {n: {} for n in self.order}
        self.by_key: dict[Key, set[int]] = {}
        if lines:
            self._load_touches()

    def _load_touches(self) -> None:
        lines = self._cursor.execute("SELECT n, entity, row_id, is_written FROM outbox_touch").fetchall()
        for n, entity, row_id, is_written in lines:
            if n in self.touches:
                self.touches[n][entity, row_id] = bool(is_written)
                self.by_key.setdefault((entity, row_id), set()).add(n)

    def get(self, n: int) -> OpenMutation:
        """Give one with its body."""
        if n not in self._bodies:
            (body,) = self._cursor.execute("SELECT body FROM outbox WHERE n = ?", (n,)).fetchone()
            self._bodies[n] = OpenMutation(n, self._commit_seq[n], DECODER.decode(body))
        return self._bodies[n]

    def close(self, n: int) -> set[Key]:
        """Take one out of replay and give the rows that it had written."""
        touches = self.touches.pop(n)
        del self.order[n]
        for key in touches:
            self.by_key[key].discard(n)
        return {key for key, is_written in touches.items() if is_written}

    def retouch(self, n: int, touches: Touches) -> None:
        """Replace what one touched."""
        for key in self.touches[n]:
            self.by_key[key].discard(n)
        self.touches[n] = touches
        for key in touches:
            self.by_key.setdefault(key, set()).add(n)


@dataclass(slots=True)
class Plan:
    """What a replay comes to: values of the affected rows, and what each mutation touched and decided."""

    values: dict[Key, Row | None] = field(default_factory=dict)
    touches: dict[int, Touches] = field(default_factory=dict)
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    written: set[Key] = field(default_factory=set)
    added: set[Key] = field(default_factory=set)
    """Rows beyond the closure that a replay needs: it has to start again with them."""


class Rebase:
    """One rebase inside an open transaction."""

    def __init__(self, store: RowStore, actors: Actors, open_: OpenMutations, *, hidden: set[str]) -> None:
        self._store = store
        self._actors = actors
        self._open = open_
        self._hidden = hidden
        self._bases: dict[Key, Row | None] = {}

    def run(self, affected: set[Key], *, forced: Iterable[int] = ()) -> dict[int, Outcome]:
        """Make the affected rows what the server's rows and the open mutations come to.

        Args:
            affected: Keys of rows whose server row changed, or that a mutation which left replay had written.
            forced: Mutations to replay in any case, such as new ones.

        Returns:
            What each replayed mutation came to; a rejected one stays in the outbox without visible effect.
        """
        affected = set(affected)
        while True:
            members = self._closure(affected, set(forced))
            plan = self._replay(members, affected)
            if not plan.added:
                break
            affected |= plan.added
        self._write(plan, affected)
        return plan.outcomes

    def _closure(self, affected: set[Key], forced: set[int]) -> list[int]:
        """Give the mutations that rest on affected rows, in order, and add to `affected` the rows they write."""
        members: set[int] = set()
        found = forced | {n for key in affected for n in self._open.by_key.get(key, ())}
        while found:
            members |= found
            keys = {
                key
                for n in found
                for key, is_written in self._open.touches[n].items()
                if self._is_live(key, is_written)
            }
            fresh = keys - affected
            affected |= fresh
            found = {n for key in fresh for n in self._open.by_key.get(key, ())} - members
        return sorted(members, key=self._open.order.__getitem__)

    def _is_live(self, key: Key, is_written: bool) -> bool:
        return is_written or key in self._store.shadows

    def _base(self, key: Key) -> Row | None:
        """The server's row of a key."""
        if key not in self._bases:
            self._bases[key] = self._store.shadow(key) if key in self._store.shadows else self._store.get(*key)
        return self._bases[key]

    def _replay(self, members: Iterable[int], affected: set[Key]) -> Plan:
        plan = Plan()
        for n in members:
            entry = self._open.get(n)
            rows = RecordingRows(_PlanRows(self, plan, entry, affected))
            mutation = entry.mutation
            actor = self._actors.get(mutation.signer.user if mutation.signer else mutation.user)
            outcome = decide(mutation, rows, actor=actor, at=mutation.at.device)
            changes = {key: row for key, row in outcome.changes.items() if not self._holds(entry, key)}
            outcome = Outcome(outcome.status, changes, outcome.conflicts, outcome.problem)
            plan.outcomes[n], plan.touches[n] = outcome, touches_of(rows.asked, outcome)
            plan.values |= changes
            plan.written |= changes.keys()
            for key in changes.keys() - affected:
                affected.add(key)
                if key in self._store.shadows or self._open.by_key.get(key, set()) - set(plan.outcomes):
                    plan.added.add(key)
            if plan.added:
                break
        return plan

    def _holds(self, entry: OpenMutation, key: Key) -> bool:
        """Whether the server's row already has the effect: its last commit is that of the mutation or a later one."""
        base = self._base(key)
        return entry.commit_seq is not None and base is not None and int(base["sync_seq"] or 0) >= entry.commit_seq

    def _write(self, plan: Plan, affected: set[Key]) -> None:
        for key in sorted(affected):
            base = self._base(key)
            final = plan.values.get(key, base)
            row = final or base
            aggregate_id = "" if row is None else str(row["aggregate_id"])
            is_hidden = aggregate_id in self._hidden
            if key in plan.written and key not in self._store.shadows:
                self._store.keep_shadow(key, base, aggregate_id=aggregate_id)
            elif key not in plan.written and not is_hidden and key in self._store.shadows:
                self._store.drop_shadow(key)
            self._store.put(key, None if is_hidden else final)
        for n, touches in plan.touches.items():
            self._keep_touches(n, touches, plan)

    def _keep_touches(self, n: int, touches: Touches, plan: Plan) -> None:
        if touches == self._open.touches[n]:
            return
        own = self._open.get(n).mutation.aggregate_id
        ids = {key: str((plan.values.get(key) or self._base(key) or {}).get("aggregate_id", own)) for key in touches}
        self._store.cursor.execute("DELETE FROM outbox_touch WHERE n = ?", (n,))
        keep_touches(self._store.cursor, n, touches, aggregate_ids=ids)
        self._open.retouch(n, touches)


class _PlanRows:
    """Rows beneath one replayed mutation."""

    __slots__ = ("_affected", "_entry", "_plan", "_rebase")

    def __init__(self, rebase: Rebase, plan: Plan, entry: OpenMutation, affected: set[Key]) -> None:
        self._rebase = rebase
        self._plan = plan
        self._entry = entry
        self._affected = affected

    def get(self, entity: str, row_id: str) -> Row | None:
        """Give a row as the replay has it so far; a creation that the server's row already holds is done again."""
        key = (entity, row_id)
        mutation = self._entry.mutation
        rebase = self._rebase
        if key in self._plan.values:
            return self._plan.values[key]
        if key not in self._affected and rebase._is_live(key, is_written=False):
            self._plan.added.add(key)
        if (
            key == (mutation.entity, mutation.id)
            and mutation.type.endswith(".create")
            and rebase._holds(self._entry, key)
        ):
            return None
        return rebase._base(key)
