"""The ledger of a fleet: every mutation that anybody made, to be found again in the end, once.

A field is a chain of writes: what each accepted write replaced and what it put there must add up from the first value
to the last. A write that got lost, or that counted twice over another, breaks the sum. Creations must be there exactly
once; texts that merge must hold each accepted line once; states must have followed the edges.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from cmms_desktop.replica.transaction import Replica
from sync_server.application.holders import WAITING
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.messages import Mutation
from sync_server.contract.rules import assigning, status
from sync_server.contract.rules.attaching import ATTACHED
from tests.support.scope_oracle import Rows, all_rows
from tests.support.server_side import Organization

Clock = Callable[[], datetime]
Write = tuple[Scalar, Scalar]
Line = tuple[str, str]
"""Id and body of a mutation."""
ACCEPTED = frozenset({"applied", "merged", "conflict"})
CREATED = ("comment", "attachment", "work_order", "work_log", "work_log_event", "stock_movement", "signature")
"""Entities whose rows nobody makes but a mutation that creates them."""
CHAINED = (("work_order", "title"), ("checklist_item", "note"))
"""Fields that tests give values of their own, never the same twice."""
MERGED = (("work_order", "description"), ("work_order", "completion_note"))
"""Texts to which tests add lines of their own, marked by `TOKEN`."""
TOKEN = "#"


def waiting(cursor: Any) -> list[Line]:
    """Read what is not sealed yet. Within the write that made it, no cycle of another thread can have sealed it."""
    found: list[Line] = cursor.execute("SELECT mutation_id, body FROM outbox WHERE state = 'pending'").fetchall()
    return found


def token(number: int) -> str:
    """A line that is found again in a merged text."""
    return f"{TOKEN}{number}{TOKEN}"


@dataclass(frozen=True)
class Made:
    """A mutation, and when it counted."""

    mutation: Mutation
    status: str
    commit_seq: int
    device_seq: int


@dataclass
class Ledger:
    """What was made on devices and in the office of one organization."""

    organization: Organization
    made: dict[str, Mutation] = field(default_factory=dict)
    office: list[tuple[int, str, str, dict[str, Write]]] = field(default_factory=list)
    """(commit, mutation id, order, changes)."""
    gone: dict[str, int] = field(default_factory=dict)
    """Mutations of devices that were wiped, with their places in the chain."""

    def __post_init__(self) -> None:
        """Begin with what is there."""
        self.begin()

    def begin(self) -> None:
        """Remember how everything stands before anybody works."""
        self._first: Rows = all_rows(self.organization)

    def note(self, replica: Replica) -> None:
        """Note the mutations that a device has made since the last time, when nothing of it could be sealed yet."""
        with replica.read() as reading:
            self.take(waiting(reading.cursor))

    def take(self, lines: Iterable[Line]) -> None:
        """Take over what `waiting` gave, once it is committed."""
        for mutation_id, body in lines:
            if mutation_id not in self.made:
                self.made[mutation_id] = msgspec.json.decode(body, type=Mutation)

    def note_all(self, replica: Replica) -> None:
        """Note every mutation that a replica remembers, when nobody could watch its making."""
        with replica.read() as reading:
            for table in ("outbox", "outbox_done"):
                lines = reading.cursor.execute(f"SELECT mutation_id, body FROM {table}").fetchall()
                self.made.update((id_, msgspec.json.decode(body, type=Mutation)) for id_, body in lines)

    def note_wiped(self, replica: Replica, *, is_lost: bool) -> None:
        """Note that a device is about to go. Its mutations have to be at the server in the end, unless they are lost.

        `is_lost`: what was not sent goes with it, as with a stolen device.
        """
        for mutation_id, (state, _, device_seq) in self._told([replica]):
            if is_lost and state in {"pending", "sealed", "parked"}:
                self.made.pop(mutation_id, None)
            elif state != "withdrawn":
                self.gone[mutation_id] = device_seq

    def note_office(self, seq: int, mutation_id: str, order_id: str, changes: dict[str, Write]) -> None:
        """Note what the office wrote with a commit."""
        self.office.append((seq, mutation_id, order_id, changes))

    def forget_office(self) -> None:
        """Forget what the office wrote after the commit at which the server stands now: a restore has lost it."""
        seq = self.organization.seq()
        self.office = [each for each in self.office if each[0] <= seq]

    # ---- the judgement

    def require_nothing_lost(self, replicas: Iterable[Replica], rows: Rows, *, revoked: Iterable[Replica] = ()) -> None:
        """Every mutation with a verdict has its effect, once, and nothing else has one. `rows`: the server's now.

        `revoked`: replicas of devices that the server does not answer any more; they keep what they made.
        """
        told, kept = dict(self._told(replicas)), dict(self._told(revoked))
        stored = self._stored()
        assert self.gone.keys() <= stored.keys(), "a wiped device took mutations with it"
        told |= {id_: ("done", stored[id_][0], seq) for id_, seq in self.gone.items()}
        assert stored.keys() <= self.made.keys(), "the server has mutations that nobody made"
        assert told.keys() | kept.keys() == self.made.keys(), "devices forgot mutations, or have some that nobody made"
        self._require_same_verdicts(told, stored)
        told |= kept
        accepted = [
            Made(self.made[id_], said, seq, told[id_][2])
            for id_, (said, seq) in sorted(stored.items(), key=lambda item: (item[1][1], told[item[0]][2]))
            if said in ACCEPTED
        ]
        lost = {
            (str(row["mutation_id"]), str(row["field"]))
            for row in rows["conflict"].values()
            if row["kind"] != "merged"  # nothing of it lost
        }
        self._require_creations(rows, accepted)
        self._require_held(rows, stored)
        writes = list(self._writes(rows, accepted, lost))
        for entity, name in CHAINED:
            self._require_chain(rows, entity, name, writes)
        for entity, name in MERGED:
            self._require_lines(rows, entity, name, accepted, lost)
        self._require_paths(rows, writes)

    def require_no_half_effects(self, rows: Rows) -> None:
        """At any moment, whatever devices know: what was created has a verdict that says so, and vice versa."""
        stored = self._stored()
        assert stored.keys() <= self.made.keys(), "the server has mutations that nobody made"
        accepted = [Made(self.made[id_], said, seq, 0) for id_, (said, seq) in stored.items() if said in ACCEPTED]
        self._require_creations(rows, accepted)
        self._require_held(rows, stored)

    def _told(self, replicas: Iterable[Replica]) -> Iterable[tuple[str, tuple[str, str | None, int]]]:
        """Mutation → its state, verdict and place in the chain, as its device remembers them."""
        for replica in replicas:
            with replica.read() as reading:
                for table in ("outbox", "outbox_done"):
                    lines = reading.cursor.execute(
                        f"SELECT mutation_id, state, verdict, device_seq FROM {table}"
                    ).fetchall()
                    yield from ((each[0], (each[1], each[2], each[3] or 0)) for each in lines)

    def _stored(self) -> dict[str, tuple[str, int]]:
        lines = self.organization.ask(
            "select mutation_id::text, status, commit_seq from applied_mutation where organization_id = %s",
            self.organization.id,
        )
        return {mutation_id: (said, seq) for mutation_id, said, seq in lines}

    def _require_same_verdicts(
        self, told: dict[str, tuple[str, str | None, int]], stored: dict[str, tuple[str, int]]
    ) -> None:
        for mutation_id, (state, verdict, _) in told.items():
            if mutation_id in stored:
                said = stored[mutation_id][0]
                assert verdict == said or state == "withdrawn", f"{mutation_id}: {verdict} here, {said} at the server"
            else:
                assert state in {"withdrawn", "pending"}, f"{mutation_id} is {state} here and unknown at the server"

    def _require_creations(self, rows: Rows, accepted: list[Made]) -> None:
        created = Counter(
            (each.mutation.entity, each.mutation.id) for each in accepted if each.mutation.type.endswith(".create")
        )
        once = {count for (entity, _), count in created.items() if entity not in ATTACHED}
        assert once <= {1}, "a record was created twice"
        created.update(_remarks_of_requests(accepted))
        for entity in CREATED:
            new = rows[entity].keys() - self._first[entity].keys()
            assert new == {row_id for of, row_id in created if of == entity}, f"lost or unexplained rows of {entity}"

    def _require_held(self, rows: Rows, stored: dict[str, tuple[str, int]]) -> None:
        kept = Counter(str(row["mutation_id"]) for row in rows["held_mutation"].values())
        assert kept == Counter(id_ for id_, (said, _) in stored.items() if said == "held")

    def _writes(
        self, rows: Rows, accepted: list[Made], lost: set[tuple[str, str]]
    ) -> Iterable[tuple[int, str, str, str, Write]]:
        """(commit, entity, id, field, (old, new)) of every write that did not lose, in the order of the server."""
        writes: list[tuple[int, str, str, str, Write]] = []
        settled: set[str] = set()
        for each in accepted:
            if each.mutation.type == "conflict.resolve" and each.mutation.id in settled:
                continue  # somebody settled it alike before: nothing was written
            settled.add(each.mutation.id)
            for entity, row_id, name, pair in _targets(rows, each.mutation):
                if (each.mutation.mutation_id, name) not in lost:
                    writes.append((each.commit_seq, entity, row_id, name, pair))
        for seq, mutation_id, order_id, changes in self.office:
            writes += [
                (seq, "work_order", order_id, name, pair)
                for name, pair in changes.items()
                if (mutation_id, name) not in lost
            ]
        return sorted(writes, key=lambda write: write[0])

    def _require_chain(
        self, rows: Rows, entity: str, name: str, writes: list[tuple[int, str, str, str, Write]]
    ) -> None:
        for row_id, row in rows[entity].items():
            mine = [pair for _, of, id_, field_, pair in writes if (of, id_, field_) == (entity, row_id, name)]
            first = self._first_value(entity, row_id, name)
            gone, come = Counter(old for old, _ in mine), Counter(new for _, new in mine)
            assert gone + Counter([row[name]]) == come + Counter([first]), (
                f"{name} of {entity} {row_id}: {first!r} → {mine} does not end in {row[name]!r}"
            )

    def _first_value(self, entity: str, row_id: str, name: str) -> Scalar:
        if row_id in self._first[entity]:
            value: Scalar = self._first[entity][row_id][name]
            return value
        for mutation in self.made.values():
            if mutation.id == row_id and mutation.type == f"{entity}.create":
                return mutation.set.get(name, (None, None))[1]
        return None

    def _require_lines(
        self, rows: Rows, entity: str, name: str, accepted: list[Made], lost: set[tuple[str, str]]
    ) -> None:
        for each in accepted:
            mutation = each.mutation
            if mutation.type != f"{entity}.set" or name not in mutation.set:
                continue
            if (mutation.mutation_id, name) in lost:
                continue
            old, new = (str(value or "") for value in mutation.set[name])
            text = str(rows[entity][mutation.id][name])
            for line in set(new.splitlines()) - set(old.splitlines()):
                assert text.splitlines().count(line) == 1, f"{line!r} is not once in {name}: {text!r}"

    def _require_paths(self, rows: Rows, writes: list[tuple[int, str, str, str, Write]]) -> None:
        for order_id, row in rows["work_order"].items():
            first = self._first_value("work_order", order_id, "status") or "new"
            came = [str(pair[1]) for _, _, id_, name, pair in writes if (id_, name) == (order_id, "status")]
            history = [str(first), *came]
            assert status.is_path(history), f"order {order_id} went {history}"
            if {history[-1], row["status"]} == WAITING:  # who has it says which, whatever anybody wrote (D-199)
                people = rows["work_order_assignment"].values()
                has = any(each["work_order_id"] == order_id and each["deleted_at"] is None for each in people)
                history.append("assigned" if has else "new")
            assert history[-1] == row["status"], f"order {order_id} went {history} and is {row['status']}"


def _targets(rows: Rows, mutation: Mutation) -> Iterable[tuple[str, str, str, Write]]:
    """What a mutation sets: (entity, id, field, (old, new)); the settling of a conflict writes into its target."""
    if mutation.type.endswith(".set"):
        yield from ((mutation.entity, mutation.id, name, pair) for name, pair in mutation.set.items())
    if mutation.type == "conflict.resolve":
        conflict: Row = rows["conflict"][mutation.id]
        seen, chosen = (_decoded(text) for text in mutation.set["resolved_value"])
        yield str(conflict["target_entity"]), str(conflict["target_id"]), str(conflict["field"]), (seen, chosen)


def _decoded(text: Scalar) -> Any:
    return None if text is None else json.loads(str(text))


def _remarks_of_requests(accepted: Iterable[Made]) -> Iterable[tuple[str, str]]:
    """Why somebody asks to hand an order on is a remark on it, made with the request; the office does not ask."""
    for each in accepted:
        mutation = each.mutation
        if mutation.type == "work_order_assignment.set" and each.status == "conflict" and "reason" in mutation.set:
            yield "comment", assigning.reason_id(mutation.mutation_id)
