"""A program and a server of different versions: what is sent, what waits, and what a person is told."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from cmms_desktop.errors import ContractMismatch, ServerBusy
from sync_server.contract.column_types import instant_of
from sync_server.contract.version import MUTATION
from tests.support.outbox_steps import comment
from tests.support.replicas import uid
from tests.unit.sync.wire import Wire, problem


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    made = Wire(tmp_path)
    made.field.add_order(1)
    made.engine.sync()
    made.new_asked()
    yield made
    made.close()


def retitle(wire: Wire, title: str) -> None:
    with wire.field.replica.write() as write:
        write.set("work_order", uid(1), title=title)


def greet_again(wire: Wire) -> None:
    wire.pass_time(minutes=11)


def test_a_server_that_is_older_is_pulled_from_and_gets_nothing_that_it_could_not_read(wire: Wire) -> None:
    retitle(wire, "Mine")
    wire.takes = MUTATION - 1
    wire.server.change("work_order", uid(1), priority="high")
    greet_again(wire)
    for _ in range(2):
        with pytest.raises(ContractMismatch, match="Your changes are kept and sent when it was updated"):
            wire.engine.sync()
    assert {"push", "sync"}.isdisjoint(wire.new_asked())
    row = wire.field.replica.get("work_order", uid(1))
    assert row is not None
    assert (row["title"], row["priority"]) == ("Mine", "high")
    assert wire.server.rows["work_order", uid(1)]["title"] == "Check the pump"
    wire.takes = MUTATION
    greet_again(wire)
    assert wire.engine.sync().verdicts == {"merged": 1}
    wire.field.assert_converged()


def test_an_older_server_bothers_nobody_who_has_nothing_to_send(wire: Wire) -> None:
    wire.takes = MUTATION - 1
    greet_again(wire)
    assert wire.engine.sync().pushed == 0


def test_what_an_older_program_has_sealed_reaches_an_older_server(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made before the update of the program, sent after it; what was made since waits behind it."""
    with monkeypatch.context() as before:
        before.setattr("cmms_desktop.replica.local_write.MUTATION", MUTATION - 1)
        before.setattr("sync_server.contract.rules.policy.MUTATION", MUTATION - 1)
        retitle(wire, "Old")
    retitle(wire, "New")
    wire.takes = MUTATION - 1
    greet_again(wire)
    with pytest.raises(ContractMismatch):
        wire.engine.sync()
    assert wire.server.rows["work_order", uid(1)]["title"] == "Old"
    assert wire.field.replica.outbox.state().count == 1
    wire.takes = MUTATION
    greet_again(wire)
    wire.engine.sync()
    assert wire.server.rows["work_order", uid(1)]["title"] == "New"
    wire.field.assert_converged()


def test_work_of_an_older_program_is_replayed_in_the_present_form(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """Invariant 15: what it shows while it waits is what the server will make of it."""
    wire.field.replica.remember(offset_ms=-340)
    with monkeypatch.context() as before:
        before.setattr("cmms_desktop.replica.local_write.MUTATION", 1)
        before.setattr("sync_server.contract.rules.policy.MUTATION", 1)
        with wire.field.replica.write() as write:
            remark = write.create("comment", comment("Made before the update.", uid(1)))
    wire.server.change("work_order", uid(1), title="Newer")
    wire.field.pull()
    visible = wire.field.replica.get("comment", remark)
    wire.engine.sync()
    there = wire.server.rows["comment", remark]
    assert visible is not None
    assert visible["text"] == there["text"]
    assert there["offset_ms"] == -340
    wire.field.assert_converged()


def test_a_program_that_is_found_too_old_by_a_pull_still_sends_its_work(wire: Wire) -> None:
    """The server was updated since the last hello: its refusal of the pull stops no push."""
    retitle(wire, "Mine")
    wire.once("sync", lambda request: problem("contract_mismatch", 426, detail="Update the app."))
    with pytest.raises(ContractMismatch, match="Update the app"):
        wire.engine.sync()
    assert wire.new_asked() == ["sync", "push"]
    assert wire.server.rows["work_order", uid(1)]["title"] == "Mine"


def test_a_clock_that_was_set_moves_the_time_of_the_last_sync_with_it(wire: Wire) -> None:
    """It is compared with the offset of now, by what counts as taken: both have to be of one clock."""
    before = wire.field.replica.state()
    assert before.last_sync_at is not None
    wire.pass_time(days=365)
    wire.once("pull", lambda request: problem("busy", 503, retry_after_s=1))
    with pytest.raises(ServerBusy):
        wire.engine.sync()
    after = wire.field.replica.state()
    assert after.last_sync_at is not None
    assert (after.offset_ms or 0) - (before.offset_ms or 0) == -365 * 86_400_000
    assert instant_of(after.last_sync_at) - instant_of(before.last_sync_at) == timedelta(days=365)
