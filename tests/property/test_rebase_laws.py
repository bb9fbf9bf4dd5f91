"""One device against a server, with lost, cut and repeated messages: what it shows is always the server's rows with
its own open mutations laid over them, in order, by the server's own policy (sync.md §12, invariants 9, 10, 11, 14, 15).
"""

import itertools
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cmms_desktop.errors import ContractMismatch, Refused
from cmms_desktop.replica.apply import AnswerCutShort
from cmms_desktop.replica.local_write import LocalWrite
from cmms_desktop.replica.transaction import Replica
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.messages import Mutation, Verdict
from sync_server.contract.rules.draft import Actor, Key, level_id
from sync_server.contract.rules.policy import decide
from tests.support.fake_server import FakeServer
from tests.support.replicas import SCOPE, TECHNICIAN, Field, everything, row, sign, uid

ORDERS = tuple(uid(n) for n in (1, 2))
ITEMS = {order: tuple(uid(100 * n + k) for k in (1, 2)) for n, order in enumerate(ORDERS, start=1)}
VAN, PART = uid(900), uid(901)
LEVEL = level_id(VAN, PART)
orders = st.sampled_from(ORDERS)
AT = "2026-03-02T09:30:00.000000Z"
TEXTS = ("", "one\ntwo\nthree", "one\n2\nthree", "one\ntwo\nthree\nfour", "zero\none\ntwo\nthree", "else")
FIELDS: dict[str, tuple[Any, ...]] = {
    "priority": ("low", "medium", "high", "critical"),
    "asset_text": (None, "P-5", "P-10"),
    "completion_note": TEXTS,
    "due_at": (None, "2026-04-01T08:00:00.000000Z"),
    "status": ("in_progress", "on_hold", "assigned", "completed"),
}
changes = st.sampled_from(sorted(FIELDS)).flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(FIELDS[name])))
Change = tuple[str, Any]
"""A field of an order and its new value."""


class Rows:
    """Rows in a dict, as a policy reads them."""

    def __init__(self, rows: dict[Key, Row]) -> None:
        self.rows = rows

    def get(self, entity: str, row_id: str) -> Row | None:
        return self.rows.get((entity, row_id))


class OneDevice(RuleBasedStateMachine):
    """`view` is what the server has told the device, kept apart from the replica."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="rebase-"))
        self.field = Field(self.folder)
        self.view: dict[Key, Row] = {}
        self.gone: dict[Key, Row] = {}
        self.made = itertools.count(1)
        self.seen_seq: dict[Key, int] = {}

    @initialize()
    def fill(self) -> None:
        server = self.field.server
        server.join(SCOPE, VAN, "stock_location")
        server.join(SCOPE, LEVEL, "stock_level")
        changes: dict[Key, Row] = {
            ("stock_location", VAN): row("stock_location", VAN, kind="van", code="V1", name="Van", site_id=uid(950)),
            ("stock_level", LEVEL): row("stock_level", LEVEL, stock_location_id=VAN, part_id=PART, quantity="2.0000"),
        }
        server.commit(changes)
        for number, order in enumerate(ORDERS, start=1):
            self.field.add_order(number, requires_signature=False)
            for item in ITEMS[order]:
                values: Row = {"checklist_id": order, "key": item[-3:], "kind": "pass_fail", "prompt": "Tight?"}
                server.commit({("checklist_item", item): row("checklist_item", item, order, **values)})
        self.take_pull()

    def teardown(self) -> None:
        self.field.replica.close()
        shutil.rmtree(self.folder)

    @property
    def replica(self) -> Replica:
        return self.field.replica

    @property
    def server(self) -> FakeServer:
        return self.field.server

    # ---- the person on the device

    def edit(self, change: Callable[[LocalWrite], object]) -> None:
        try:
            with self.replica.write() as write:
                change(write)
        except Refused:
            pass

    @rule(order=orders, change=changes)
    def edit_order(self, order: str, change: Change) -> None:
        name, value = change
        self.edit(lambda write: write.set("work_order", order, status_reason="Because.", **{name: value}))

    @rule(order=orders, first=changes, second=changes)
    def edit_order_twice_in_one_step(self, order: str, first: Change, second: Change) -> None:
        def both(write: LocalWrite) -> None:
            write.set("work_order", order, **dict([first]))
            write.create("comment", self.comment(order))
            write.set("work_order", order, **dict([second]))

        self.edit(both)

    @rule(order=orders, place=st.integers(0, 1), result=st.sampled_from(["pass", "fail", None]))
    def answer(self, order: str, place: int, result: str | None) -> None:
        self.edit(lambda write: write.set("checklist_item", ITEMS[order][place], result=result, answered_at=AT))

    @rule(order=orders, quantity=st.sampled_from(["-1.0000", "-3.0000", "1.0000"]))
    def use_part(self, order: str, quantity: str) -> None:
        values: dict[str, Scalar] = {
            "stock_location_id": VAN,
            "part_id": PART,
            "work_order_id": order,
            "kind": "usage",
            "quantity": quantity,
            "moved_at": AT,
        }
        self.edit(lambda write: write.create("stock_movement", values))

    @rule(order=orders)
    def remark(self, order: str) -> None:
        self.edit(lambda write: write.create("comment", self.comment(order)))

    def comment(self, order: str) -> dict[str, str]:
        return {"work_order_id": order, "author_id": TECHNICIAN, "text": f"No. {next(self.made)}", "written_at": AT}

    @rule(order=orders)
    def follow_up_with_a_remark_on_it(self, order: str) -> None:
        def make(write: LocalWrite) -> None:
            values = {"number": f"WO-X-{next(self.made)}", "title": "More", "site_id": uid(950), "parent_id": order}
            made = write.create("work_order", values)
            write.group()
            write.create("comment", self.comment(made))

        self.edit(make)

    @rule(order=orders)
    def visit_and_take_it_back(self, order: str) -> None:
        def visit(write: LocalWrite) -> None:
            log = write.create("work_log", {"work_order_id": order, "person_id": TECHNICIAN, "travel_at": AT})
            write.delete("work_log", log)

        self.edit(visit)

    @rule(order=orders)
    def a_step_that_fails_half_way(self, order: str) -> None:
        before = everything(self.replica)
        waiting = self.replica.outbox.waiting()

        def half(write: LocalWrite) -> None:
            write.set("work_order", order, priority="critical", asset_text="P-77")
            write.create("comment", self.comment(order))
            write.set("work_order", order, status="new")

        self.edit(half)
        assert everything(self.replica) == before
        assert self.replica.outbox.waiting() == waiting

    @rule()
    def start_the_program_again(self) -> None:
        self.field.restart()

    @precondition(lambda self: self.replica.outbox.parked())
    @rule(again=st.booleans())
    def settle_a_refused_change(self, again: bool) -> None:
        (entry, *_) = self.replica.outbox.parked()
        try:
            if again:
                self.replica.outbox.resend_as_new(entry.mutation_id)
            else:
                self.replica.outbox.withdraw(entry.mutation_id, with_dependents=True)
        except Refused:
            pass

    # ---- the office

    @rule(order=orders, change=changes)
    def office_edits(self, order: str, change: Change) -> None:
        self.server.change("work_order", order, **dict([change]))

    @rule(order=orders, place=st.integers(0, 1))
    def office_deletes_an_item(self, order: str, place: int) -> None:
        self.server.change("checklist_item", ITEMS[order][place], deleted_at=AT)

    @rule(quantity=st.sampled_from(["0.0000", "9.0000"]))
    def office_counts_the_van(self, quantity: str) -> None:
        self.server.change("stock_level", LEVEL, quantity=quantity)

    @rule(order=orders)
    def office_takes_the_order_away(self, order: str) -> None:
        if self.server.scopes[SCOPE][order].live:
            self.server.leave(SCOPE, order)

    @rule(order=orders)
    def office_gives_the_order_back(self, order: str) -> None:
        if not self.server.scopes[SCOPE][order].live:
            self.server.join(SCOPE, order, "work_order")

    @rule(types=st.sets(st.sampled_from(["work_order.set", "comment.create", "work_order.create"]), min_size=1))
    def server_refuses(self, types: set[str]) -> None:
        self.server.refuse, self.server.hold = types, set()

    @rule(types=st.sets(st.sampled_from(["work_order.set", "comment.create", "stock_movement.create"]), min_size=1))
    def server_holds(self, types: set[str]) -> None:
        self.server.refuse, self.server.hold = set(), types

    # ---- the line between them

    @rule(limit=st.sampled_from([1, 2, 500]), fate=st.sampled_from(["arrives", "answer lost", "lost", "half answered"]))
    def push(self, limit: int, fate: str) -> None:
        batch = self.replica.outbox.seal_next(sign, limit=limit)
        if batch is None or fate == "lost":
            return
        answers = self.server.push(each.sealed for each in batch.mutations)
        if fate == "answer lost":
            return
        if fate == "half answered":
            groups = {each.group_id for each in batch.mutations[1:]}
            keep = [each.group_id not in groups for each in batch.mutations]
            answers = [one if kept else self.retry(one) for one, kept in zip(answers, keep, strict=True)]
        self.replica.outbox.record_verdicts(answers)
        self.forget_settled_aggregates()

    def retry(self, verdict: Verdict) -> Verdict:
        return Verdict(mutation_id=verdict.mutation_id, status="retry")

    @rule()
    def pull(self) -> None:
        self.take_pull()

    @rule(cut=st.floats(0, 0.99))
    def pull_that_breaks_off(self, cut: float) -> None:
        since = self.replica.state().cursor
        lines = self.server.pull(since)
        before = everything(self.replica)
        with pytest.raises(AnswerCutShort):
            self.replica.apply_pull(lines[: int(cut * len(lines))], since=since)
        assert everything(self.replica) == before
        assert self.replica.state().cursor == since

    @rule()
    def pull_that_arrives_twice(self) -> None:
        since = self.replica.state().cursor
        lines = self.server.pull(since)
        self.take_pull()
        if self.replica.state().cursor != since:
            with pytest.raises(ContractMismatch):
                self.replica.apply_pull(lines, since=since)

    def take_pull(self) -> None:
        self.field.pull()
        known = self.view | self.gone
        self.view = self.field.expected()
        here = {line["aggregate_id"] for line in self.view.values()}
        waiting = self.awaited()
        self.gone = {
            key: one
            for key, one in known.items()
            if one["aggregate_id"] not in here and one["aggregate_id"] in waiting and not self.is_held_now(one)
        }

    def is_held_now(self, one: Row) -> bool:
        line = self.server.scopes[SCOPE].get(str(one["aggregate_id"]))
        return line is not None and line.live

    def forget_settled_aggregates(self) -> None:
        waiting = self.awaited()
        self.gone = {key: one for key, one in self.gone.items() if one["aggregate_id"] in waiting}

    def awaited(self) -> set[str]:
        """Aggregates on which something waits for an answer, as the replica's own notes of touched rows say."""
        with self.replica.read() as reading:
            lines = reading.cursor.execute(
                "SELECT aggregate_id, touches FROM outbox WHERE state IN ('pending', 'sealed')"
            ).fetchall()
        named = {aggregate_id for aggregate_id, _ in lines}
        written = (touch for _, text in lines for touch in msgspec.json.decode(text))
        return named | {aggregate_id for _, _, aggregate_id, is_written in written if is_written}

    # ---- the laws

    def replayed(self) -> dict[Key, Row]:
        """The server's rows as the device was told them, with the open mutations over them."""
        rows = self.view | self.gone
        with self.replica.read() as reading:
            bodies = reading.cursor.execute(
                "SELECT body FROM outbox WHERE state IN ('pending', 'sealed', 'acknowledged')"
                " ORDER BY device_seq IS NULL, device_seq, n"
            ).fetchall()
        for (body,) in bodies:
            mutation = msgspec.json.decode(body, type=Mutation)
            actor = Actor(mutation.user, "technician")
            rows |= decide(mutation, Rows(rows), actor=actor, at=mutation.at.device).changes
        hidden = {one["aggregate_id"] for one in self.gone.values()}
        return {key: one for key, one in rows.items() if one["aggregate_id"] not in hidden}

    @invariant()
    def what_is_visible_is_the_replay(self) -> None:
        """Invariants 10, 11, 14 and 15: nothing else, nothing less, not even a column."""
        visible = {key: one for key, one in everything(self.replica).items() if one["deleted_at"] is None}
        assert visible == {key: one for key, one in self.replayed().items() if one["deleted_at"] is None}

    @invariant()
    def server_state_never_goes_back(self) -> None:
        """Invariant 9."""
        now = {key: int(one["sync_seq"] or 0) for key, one in everything(self.replica).items()}
        assert all(seq >= self.seen_seq.get(key, 0) for key, seq in now.items())
        self.seen_seq = {**{key: seq for key, seq in self.seen_seq.items() if key in now}, **now}

    @invariant()
    def nothing_entered_is_dropped(self) -> None:
        """Every mutation is open, settled by the server, or in front of the person."""
        with self.replica.read() as reading:
            states = {state for (state,) in reading.cursor.execute("SELECT state FROM outbox").fetchall()}
            ended = {state for (state,) in reading.cursor.execute("SELECT state FROM outbox_done").fetchall()}
        assert states <= {"pending", "sealed", "acknowledged", "parked", "held"}
        assert ended <= {"done", "withdrawn"}

    @rule()
    def faults_stop_and_it_converges(self) -> None:
        """Invariant 4, as far as one device shows it."""
        self.server.refuse, self.server.hold = set(), set()
        while answers := self.field.push():
            assert all(answer.status != "retry" for answer in answers)
        self.forget_settled_aggregates()
        self.take_pull()
        assert self.replica.outbox.acknowledged() == ()
        assert all(entry.blocked_by is not None for entry in self.replica.outbox.waiting())
        if not self.replica.outbox.waiting():
            self.field.assert_converged()


OneDevice.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestOneDevice = pytest.mark.slow(OneDevice.TestCase)
