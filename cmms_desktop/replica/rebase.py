"""Laying open mutations over the server's rows again, with the policy that the server itself uses (sync.md §6).

A plan is computed in memory and then written: rows that changed beneath open mutations, those mutations, every row
that they write, and so on until nothing is added. Rows outside that closure are not looked at.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from cmms_desktop.replica.actors import Actors
from cmms_desktop.replica.rows import RowStore, difference, whole
from cmms_desktop.replica.touches import OpenMutation, OpenMutations, Touches, touches_of, touches_text
from sync_server.contract.fields import Row
from sync_server.contract.rules.draft import Key, Rows
from sync_server.contract.rules.policy import Outcome, decide


class RecordingRows:
    """Rows as a policy sees them, noting which it asked for."""

    __slots__ = ("_get", "asked")

    def __init__(self, rows: Rows) -> None:
        self._get = rows.get
        self.asked: dict[Key, Row | None] = {}

    def get(self, entity: str, row_id: str) -> Row | None:
        """Give a row of what lies below."""
        row: Row | None = self._get(entity, row_id)
        self.asked[entity, row_id] = row
        return row


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
            keys = {key for n in found for key in self._open.touches[n] if key in self._store.shadows}
            fresh = (keys | self._open.written_by(found)) - affected
            affected |= fresh
            found = {n for key in fresh for n in self._open.by_key.get(key, ())} - members
        return sorted(members, key=self._open.order.__getitem__)

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
            plan.outcomes[n], plan.touches[n] = outcome, touches_of(mutation, rows.asked, outcome)
            plan.values |= changes
            plan.written.update(changes)
            affected.update(changes)
            if plan.added:
                break
        return plan

    def _holds(self, entry: OpenMutation, key: Key) -> bool:
        """Whether the server's row already has the effect of a mutation."""
        base = self._base(key)
        return base is not None and entry.is_in(base)

    def _write(self, plan: Plan, affected: set[Key]) -> None:
        for key in sorted(affected):
            self._write_row(key, plan)
        for n, touches in plan.touches.items():
            if touches != self._open.touches[n]:
                sql = "UPDATE outbox SET touches = ? WHERE n = ?"
                self._store.cursor.execute(sql, (touches_text(touches), n))
                self._open.retouch(n, touches)

    def _write_row(self, key: Key, plan: Plan) -> None:
        base = self._base(key)
        final = plan.values.get(key, base)
        row = final or base
        aggregate_id = "" if row is None else str(row["aggregate_id"])
        is_hidden = aggregate_id in self._hidden
        if is_hidden:
            self._store.keep_shadow(key, whole(base), aggregate_id=aggregate_id)
        elif key in plan.written and final is not None:
            self._store.keep_shadow(key, difference(base, final), aggregate_id=aggregate_id)
        elif key in self._store.shadows:
            self._store.drop_shadow(key)
        self._store.put(key, None if is_hidden else final)


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
        if key not in self._affected and key in rebase._store.shadows:
            self._plan.added.add(key)
        if (
            key == (mutation.entity, mutation.id)
            and mutation.type.endswith(".create")
            and rebase._holds(self._entry, key)
        ):
            return None
        return rebase._base(key)
