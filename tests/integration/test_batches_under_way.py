"""Two batches of one device under way, each met by every fault of a network: everything counts once, in order."""

from threading import Event
from typing import Any

import pytest

from cmms_desktop.application.commands import costs
from cmms_desktop.replica import sealing
from cmms_desktop.sync import engine
from sync_server.application import push
from sync_server.contract.messages import MAX_GROUP_MUTATIONS
from sync_server.errors import RetryLater
from tests.support.fault_transport import FAULTS, Fault
from tests.support.fleet import Fleet, FleetDevice
from tests.support.order_work import comment, retitle
from tests.support.server_side import new_id

IN_A_BATCH = 3
BATCHES = 5
WITHIN_S = 60.0


@pytest.fixture
def device(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> FleetDevice:
    """A technician's device whose batches are small and go without a pull."""
    monkeypatch.setattr(sealing, "MAX_PUSH_MUTATIONS", IN_A_BATCH)
    monkeypatch.setattr(engine, "AT_ONCE", 0)
    return fleet.device("technician")


def work(device: FleetDevice, name: str) -> None:
    """Make a title that is written over again and again, so that order counts, with remarks between."""
    order_id = device.fleet.small.order_ids[0]
    for number in range(IN_A_BATCH * BATCHES // 2):
        retitle(device, order_id, f"{name} {number}")
        comment(device, order_id, f"{name} {number}")
    device.fleet.clock.advance(minutes=11)  # each cycle begins with a hello


@pytest.mark.parametrize("kind", FAULTS)
def test_no_fault_at_any_batch_loses_doubles_or_turns_round_anything(
    fleet: Fleet, device: FleetDevice, kind: str
) -> None:
    order_id = fleet.small.order_ids[0]
    said = [str(row["text"]) for row in device.rows("comment", order_id)]
    for place in range(BATCHES):
        work(device, f"{kind} {place}")
        said += [f"{kind} {place} {number}" for number in range(IN_A_BATCH * BATCHES // 2)]
        device.sync(*[Fault("none")] * (place + 1), Fault(kind, 97 * place))
    assert device.weather.log, "nothing happened"
    fleet.assert_converged()
    assert [row["text"] for row in device.rows("comment", order_id)] == said
    assert device.see("work_order", order_id)["title"] == said[-1]


def test_a_session_that_ends_under_two_batches_is_renewed_once(fleet: Fleet, device: FleetDevice) -> None:
    """Both are refused; were both to use the refresh token, the person would have to sign in again."""
    device.sync_well()
    work(device, "Late")
    device.workplace.transport.access_token = "over"
    report = device.sync_well()
    assert (report.pushed, device.waiting) == (2 * (IN_A_BATCH * BATCHES // 2), 0)
    fleet.assert_converged()


def test_a_batch_that_is_overtaken_is_not_sent_again(device: FleetDevice, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a slow line the second one, which is small, arrives first: only that was in vain."""
    device.sync_well()
    for number in range(IN_A_BATCH + 1):
        comment(device, device.fleet.small.order_ids[0], f"Overtaken {number}")
    push, has_overtaken, sent = device.workplace.transport.push, Event(), list[int]()
    first = device.workplace.replica.state().chain_seq + 1

    def with_a_slow_first(request: Any) -> Any:
        sent.append(request.seal.from_seq)
        if request.seal.from_seq == first:
            assert has_overtaken.wait(WITHIN_S)
        answer = push(request)
        has_overtaken.set()
        return answer

    monkeypatch.setattr(device.workplace.transport, "push", with_a_slow_first)
    report = device.sync_well()
    assert report.verdicts == {"applied": IN_A_BATCH + 1}
    assert sorted(sent) == [first, first + IN_A_BATCH, first + IN_A_BATCH]
    device.fleet.assert_converged()


def test_invariant_12_what_rests_on_a_refused_change_of_the_batch_before_goes_again_with_it(
    device: FleetDevice,
) -> None:
    """An order names an asset that nobody knows: what is under way then is refused for it, what comes later waits."""
    fleet, outbox = device.fleet, device.workplace.replica.outbox
    site_id = device.see("work_order", fleet.small.order_ids[0])["site_id"]
    said = [f"On the way {number}" for number in range(2 * IN_A_BATCH)]
    with device.write() as write:
        values = {"number": "WO-F-1", "title": "Found on the way.", "type": "repair", "priority": "high"}
        made = write.create("work_order", {**values, "status": "new", "site_id": site_id, "asset_id": new_id()})
    with device.write() as write:
        costs.add_cost(write, made, kind="travel", amount="12.50", currency="EUR")
    for text in said:
        comment(device, made, text)
    device.sync_well()
    assert {entry.code for entry in outbox.parked()} == {"conflicting_reference", "not_found"}
    assert (len(outbox.parked()), device.waiting) == (2 * IN_A_BATCH, 2)
    outbox.resend_as_new(outbox.parked()[0].mutation_id, set={"asset_id": None})
    fleet.ledger.note(device.workplace.replica)
    device.sync_well()
    assert (outbox.parked(), device.waiting) == ((), 0)
    assert sorted(str(row["text"]) for row in fleet.organization.rows("comment") if row["aggregate_id"] == made) == said
    assert [row["work_order_id"] for row in fleet.organization.rows("work_order_cost")] == [made]
    fleet.assert_converged()


@pytest.mark.expects_warnings
def test_what_the_database_has_no_time_for_goes_in_small_batches(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large one that runs into the time limit each time would stand before everything for good."""
    device, apply = fleet.device("technician"), push.apply_unit
    device.sync_well()
    for number in range(3 * MAX_GROUP_MUTATIONS):
        comment(device, fleet.small.order_ids[0], f"number {number}")

    def slow(connection: Any, caller: Any, groups: Any, **named: Any) -> Any:
        if len(groups) > MAX_GROUP_MUTATIONS:
            raise RetryLater("Not in time.")
        return apply(connection, caller, groups, **named)

    monkeypatch.setattr(push, "apply_unit", slow)
    pushed = [device.sync_well().pushed for _ in range(engine.STUCK + 1)]
    assert pushed == [0] * engine.STUCK + [3 * MAX_GROUP_MUTATIONS]
    comment(device, fleet.small.order_ids[0], "the last one")
    assert (device.sync_well().pushed, device.waiting) == (1, 0)
    fleet.assert_converged()
