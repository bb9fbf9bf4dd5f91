"""The open part of the outbox in memory: which rows each open mutation read or wrote when it was last decided."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from sync_server.contract.fields import Row
from sync_server.contract.messages import Mutation
from sync_server.contract.rules.draft import Key
from sync_server.contract.rules.policy import Outcome
from sync_server.contract.rules.upcasting import upcast

DECODER: Final = msgspec.json.Decoder(Mutation)
_TOUCHES: Final = msgspec.json.Decoder(list[tuple[str, str, str, bool]])


@dataclass(frozen=True, slots=True)
class Touch:
    """How a mutation has to do with a row."""

    aggregate_id: str
    is_written: bool


Touches = dict[Key, Touch]


def touches_of(mutation: Mutation, asked: dict[Key, Row | None], outcome: Outcome) -> Touches:
    """Say which rows a decision rests on and which it changed; a missing row counts to the mutation's aggregate."""
    touches = {
        key: Touch(mutation.aggregate_id if row is None else str(row["aggregate_id"]), is_written=False)
        for key, row in asked.items()
    }
    touches.update((key, Touch(str(row["aggregate_id"]), is_written=True)) for key, row in outcome.changes.items())
    return touches


def touches_text(touches: Touches) -> str:
    """Write touches as the outbox keeps them."""
    lines = [(*key, touch.aggregate_id, touch.is_written) for key, touch in touches.items()]
    return msgspec.json.encode(lines).decode()


@dataclass(frozen=True, slots=True)
class OpenMutation:
    """A mutation that is replayed, with the commit that holds it once the server said so.

    It is in the present form, whatever version of this program made it.
    """

    n: int
    commit_seq: int | None
    mutation: Mutation
    lost_seq: int | None = None
    """Its commit in a history that the server has lost."""

    def is_in(self, row: Row) -> bool:
        """Whether a row of the server's has its effect: its last commit is that of the mutation or a later one.

        What lost_history.py found in the lost end of a history has its commit there, negative.
        """
        seq = int(row["sync_seq"] or 0)
        if seq < 0:
            return self.lost_seq is not None and -seq >= self.lost_seq
        return self.commit_seq is not None and seq >= self.commit_seq


class OpenMutations:
    """Every mutation that has its effect on the visible rows: pending, sealed and acknowledged ones."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor
        states = "state IN ('pending', 'sealed', 'acknowledged')"
        lines = cursor.execute(
            f"SELECT n, state, commit_seq, aggregate_id, touches, lost_seq FROM outbox WHERE {states}"
            " ORDER BY device_seq IS NULL, device_seq, n"
        ).fetchall()
        self.order: dict[int, int] = {line[0]: place for place, line in enumerate(lines)}
        """n → place in the order in which the server meets them: sealed ones first."""
        self.touches: dict[int, Touches] = {}
        self.by_key: dict[Key, set[int]] = {}
        self._commits = {n: (commit_seq, lost_seq) for n, _, commit_seq, _, _, lost_seq in lines}
        self._awaited = {n: aggregate_id for n, state, _, aggregate_id, *_ in lines if state != "acknowledged"}
        self._known: dict[int, OpenMutation] = {}
        for n, _, _, _, text, _ in lines:
            self._add(n, text)

    def _add(self, n: int, text: str | None) -> None:
        decoded = _TOUCHES.decode(text) if text is not None else []
        self.touches[n] = {}
        self.retouch(
            n, {(entity, row_id): Touch(aggregate_id, written) for entity, row_id, aggregate_id, written in decoded}
        )

    def get(self, n: int) -> OpenMutation:
        """Give one with its body, which is read when it is first asked for."""
        if n not in self._known:
            (body,) = self._cursor.execute("SELECT body FROM outbox WHERE n = ?", (n,)).fetchone()
            commit_seq, lost_seq = self._commits[n]
            self._known[n] = OpenMutation(n, commit_seq, upcast(DECODER.decode(body)), lost_seq)
        return self._known[n]

    def close(self, n: int) -> set[Key]:
        """Take one out of replay and give the rows that it had written."""
        touches = self.touches[n]
        self.retouch(n, {})
        del self.touches[n], self.order[n]
        self._awaited.pop(n, None)
        return {key for key, touch in touches.items() if touch.is_written}

    def retouch(self, n: int, touches: Touches) -> None:
        """Replace what one touched."""
        for key in self.touches[n]:
            self.by_key[key].discard(n)
            if not self.by_key[key]:
                del self.by_key[key]
        self.touches[n] = touches
        for key in touches:
            self.by_key.setdefault(key, set()).add(n)

    def awaited_aggregates(self) -> set[str]:
        """Ids of aggregates on which a mutation has no verdict yet."""
        return set(self._awaited.values()) | {each for n in self._awaited for each in self.written_aggregates(n)}

    def written_aggregates(self, n: int) -> set[str]:
        """Ids of the aggregates whose rows one has written."""
        return {touch.aggregate_id for touch in self.touches[n].values() if touch.is_written}

    def written_by(self, ns: Iterable[int]) -> set[Key]:
        """Rows that some have written."""
        return {key for n in ns for key, touch in self.touches[n].items() if touch.is_written}
