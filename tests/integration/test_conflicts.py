"""Two people and one record: each rule of the merge policy with real devices, in both orders of arrival, after days."""

from collections.abc import Sequence

import pytest

from cmms_desktop.application.commands import visits
from sync_server.contract.fields import Scalar
from tests.support.fault_transport import Fault
from tests.support.fleet import Fleet, FleetDevice
from tests.support.order_work import answer, finish, item_of, start
from tests.support.settling import (
    history,
    open_conflicts,
    right_to,
    settle,
    settled_conflicts,
    why_on,
)


def change(device: FleetDevice, order_id: str, **fields: Scalar) -> None:
    with device.write() as write:
        write.set("work_order", order_id, **fields)


def deliver(fleet: Fleet, devices: Sequence[FleetDevice]) -> None:
    """Send after days without network, in this order, every push twice; then let everybody read."""
    fleet.clock.advance(days=3)
    for device in devices:
        device.online()
        device.sync(Fault("none"), Fault("duplicate"), Fault("drop_answer"))
        device.sync_well()
    for device in fleet.devices:
        device.sync_well()


def both(fleet: Fleet) -> tuple[FleetDevice, FleetDevice]:
    """A technician and a supervisor, both without network."""
    devices = fleet.device("technician"), fleet.device("supervisor")
    for device in devices:
        device.offline()
    return devices


# ---- descriptive fields


@pytest.mark.parametrize("first", [0, 1], ids=["technician first", "supervisor first"])
def test_invariant_13_one_value_stands_and_the_other_is_in_the_inbox(fleet: Fleet, first: int) -> None:
    pair = both(fleet)
    order_id = fleet.small.order_ids[0]
    for device in pair:
        change(device, order_id, title=f"By {device.login}")
    winner, loser = pair[first], pair[1 - first]
    deliver(fleet, (winner, loser))
    assert fleet.office.order(order_id)["title"] == f"By {winner.login}"
    for device in pair:
        line = open_conflicts(device)["title"]
        assert [line.base.raw, line.mine.raw, line.theirs.raw] == [
            "Order 1",
            f"By {loser.login}",
            f"By {winner.login}",
        ]
        assert (line.author, line.theirs_by) == (f"The {loser.login}", f"The {winner.login}")
    fleet.assert_converged()


def test_the_same_value_from_two_people_is_no_conflict(fleet: Fleet) -> None:
    technician, supervisor = both(fleet)
    order_id = fleet.small.order_ids[0]
    for device in (technician, supervisor):
        change(device, order_id, priority="critical")
    deliver(fleet, (technician, supervisor))
    assert technician.rows("conflict", order_id) == []
    fleet.assert_converged()


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_invariant_14_disjoint_fields_all_survive_without_a_conflict(fleet: Fleet, order: tuple[int, ...]) -> None:
    devices = [*both(fleet), fleet.device("manager")]
    devices[2].offline()
    order_id = fleet.small.order_ids[0]
    edits: tuple[dict[str, Scalar], ...] = (
        {"title": "Mine", "asset_text": "P-45"},
        {"priority": "critical", "description": "From the supervisor."},
        {"type": "inspection", "due_at": "2026-04-01T08:00:00.000000Z"},
    )
    for device, fields in zip(devices, edits, strict=True):
        change(device, order_id, **fields)
    deliver(fleet, [devices[n] for n in order])
    standing = fleet.office.order(order_id)
    assert all(standing[name] == value for fields in edits for name, value in fields.items())
    assert fleet.organization.rows("conflict") == []
    fleet.assert_converged()


def test_texts_that_merge_are_told_in_the_history_and_ask_nobody(fleet: Fleet) -> None:
    technician, supervisor = both(fleet)
    order_id = fleet.small.order_ids[0]
    change(technician, order_id, description="From the technician.\nOrder 1 as planned.")
    change(supervisor, order_id, description="Order 1 as planned.\nFrom the supervisor.")
    deliver(fleet, (supervisor, technician))
    for device in (technician, supervisor):
        assert open_conflicts(device) == settled_conflicts(device) == {}
        said = history(device, order_id)
        assert "What is to be done was merged from two changes" in said or any("merged from two" in s for s in said)
        assert "Both texts stand: their changes did not touch each other." in said
        assert any("From the technician." in line for line in said)
    fleet.assert_converged()


# ---- states


def test_a_state_that_is_not_legal_any_more_stays_out_and_is_explained(fleet: Fleet) -> None:
    technician, supervisor = fleet.device("technician"), fleet.device("supervisor")
    order_id = fleet.small.order_ids[0]
    log_id = start(technician, order_id)
    technician.sync_well()
    technician.offline()
    with technician.write() as write:
        visits.pause_work(write, log_id, reason="A seal is missing.")
    fleet.office.edit(order_id, status="cancelled", status_reason="The building is closed.")
    deliver(fleet, (technician,))
    standing = fleet.office.order(order_id)
    assert (standing["status"], standing["status_reason"]) == ("cancelled", "The building is closed.")
    for device in (technician, supervisor):
        found = open_conflicts(device)
        assert found["status"].kind == "status"
        assert why_on(device, found["status"]) == "The state stays cancelled: from there it cannot become on hold."
        assert found["status_reason"].mine.raw == "A seal is missing."
    fleet.assert_converged()


# ---- planning


@pytest.mark.parametrize(("keep", "due_at"), [("mine", "2026-04-02T08:00:00.000000Z"), ("theirs", None)])
def test_a_technicians_request_is_granted_or_declined_and_he_is_told(
    fleet: Fleet, keep: str, due_at: str | None
) -> None:
    technician, supervisor = both(fleet)
    order_id = fleet.small.order_ids[0]
    change(technician, order_id, due_at="2026-04-02T08:00:00.000000Z")
    assert technician.see("work_order", order_id)["due_at"] is None, "the office plans"
    deliver(fleet, (technician,))
    (line,) = open_conflicts(supervisor).values()
    assert (line.kind, line.author, line.field) == ("request", "The technician", "due_at")
    assert right_to(technician, line.id).why_not is not None
    assert right_to(supervisor, line.id).why_not is None
    supervisor.offline()
    settle(supervisor, line.id, "mine" if keep == "mine" else "theirs", reason="We talked.")
    deliver(fleet, (supervisor,))
    assert technician.see("work_order", order_id)["due_at"] == due_at
    answered = settled_conflicts(technician)["due_at"]
    said = {"mine": "The supervisor granted your request, ", "theirs": "The supervisor declined your request, "}
    assert why_on(technician, answered).startswith(said[keep])
    assert answered.reason == "We talked."
    fleet.assert_converged()


def test_the_office_is_asked_even_when_it_has_planned_anew_meanwhile(fleet: Fleet) -> None:
    technician, supervisor = both(fleet)
    order_id = fleet.small.order_ids[0]
    change(technician, order_id, due_at="2026-04-02T08:00:00.000000Z")
    fleet.office.edit(order_id, due_at="2026-04-09T08:00:00.000000Z")
    deliver(fleet, (technician,))
    assert fleet.office.order(order_id)["due_at"] == "2026-04-09T08:00:00.000000Z"
    line = open_conflicts(supervisor)["due_at"]
    assert why_on(technician, line) == (
        "The office's value stays: planning is decided there, and this is now a request."
    )
    fleet.assert_converged()


# ---- answers and signatures


def test_each_answer_is_a_register_of_its_own(fleet: Fleet) -> None:
    technician, supervisor = both(fleet)
    order_id = fleet.small.order_ids[0]
    answer(technician, order_id, "quiet", result="pass")
    answer(technician, order_id, "seen", value="Nothing unusual.")
    answer(supervisor, order_id, "quiet", result="fail", note="It rattles.")
    answer(supervisor, order_id, "colour", value="dark")
    deliver(fleet, (supervisor, technician))
    quiet = item_of(technician, order_id, "quiet")
    assert (quiet["result"], quiet["note"], quiet["answered_by"]) == ("fail", "It rattles.", supervisor.person_id)
    assert item_of(supervisor, order_id, "seen")["value"] == "Nothing unusual."
    assert set(open_conflicts(technician)) == {"result"}
    fleet.assert_converged()


@pytest.mark.parametrize("first", ["signature", "answer"])
def test_an_answer_that_the_signature_did_not_know_makes_it_stale_in_any_order(fleet: Fleet, first: str) -> None:
    technician, supervisor = both(fleet)
    order_id = fleet.small.order_ids[0]
    finish(technician, order_id)
    answer(supervisor, order_id, "seen", value="A crack.", note="Look again.")
    deliver(fleet, (technician, supervisor) if first == "signature" else (supervisor, technician))
    standing = fleet.office.order(order_id)
    assert standing["performed_signature_id"] is not None
    found = open_conflicts(supervisor)
    assert set(found) >= {"value"}
    is_stale = standing["is_signature_stale"]
    assert (is_stale, item_of(technician, order_id, "seen")["value"]) == (
        (True, "Nothing unusual.") if first == "signature" else (False, "A crack.")
    )
    fleet.assert_converged()
