"""What the server refuses or keeps for a person: it stops nothing else, is named, repaired or decided, and told."""

from collections.abc import Callable

import pytest

from cmms_desktop.application.commands import held, remarks
from cmms_desktop.application.queries.sync_page import sync_page
from cmms_desktop.errors import Refused
from cmms_desktop.replica.outbox import OutboxEntry
from cmms_desktop.ui.screens.sync.list_words import waiting_lines
from cmms_desktop.ui.text.moments import Moments
from tests.support.fleet import Fleet, FleetDevice

Step = Callable[[FleetDevice], None]


@pytest.fixture
def device(fleet: Fleet) -> FleetDevice:
    return fleet.device("technician")


def poison(device: FleetDevice, count: int = 1) -> list[str]:
    """Remarks in the name of another, each a step of its own: no server takes them. Gives their ids."""
    order_id, author = device.fleet.small.order_ids[0], device.fleet.small.people["planner"]
    made = []
    with device.write() as write:
        for number in range(count):
            write.group()
            values = {"work_order_id": order_id, "author_id": author, "text": f"Poison {number}"}
            made.append(write.create("comment", {**values, "written_at": write.now}, aggregate_id=order_id))
    return made


def remark(device: FleetDevice, text: str, *, answers: str | None = None) -> str:
    with device.write() as write:
        return remarks.add_comment(write, device.fleet.small.order_ids[0], text, answers=answers)


def parked(device: FleetDevice) -> tuple[OutboxEntry, ...]:
    return device.workplace.replica.outbox.parked()


def texts(fleet: Fleet) -> list[str]:
    return sorted(str(row["text"]) for row in fleet.organization.rows("comment"))


def waits(device: FleetDevice) -> list[str]:
    """What the Sync page says beside each waiting change."""
    with device.workplace.replica.read() as reading:
        page = sync_page(reading)
    return [line.remark for line in waiting_lines(page, Moments(), device.clock())]


@pytest.mark.parametrize(("before", "count", "after"), [(0, 1, 3), (2, 1, 2), (1, 500, 1)])
def test_invariant_19_a_poison_mutation_delays_no_independent_one_and_no_pull(
    device: FleetDevice, before: int, count: int, after: int
) -> None:
    """At the head, in the middle, and five hundred of them: one cycle brings all the others through, both ways."""
    fleet, order_id = device.fleet, device.fleet.small.order_ids[0]
    for number in range(before):
        remark(device, f"Before {number}")
    poison(device, count)
    for number in range(after):
        remark(device, f"After {number}")
    fleet.office.edit(order_id, description="News of the office.")
    report = device.sync_well()
    assert report.verdicts == {"applied": before + after, "rejected": count}
    assert device.see("work_order", order_id)["description"] == "News of the office."
    assert texts(fleet) == sorted([f"Before {n}" for n in range(before)] + [f"After {n}" for n in range(after)])
    assert [entry.set["text"][1] for entry in parked(device)] == [f"Poison {n}" for n in range(count)]
    assert device.sync_well().pushed == 0
    device.withdraw_refused()
    fleet.assert_converged()


def test_invariant_12_what_rests_on_a_refused_change_waits_for_it_by_name_and_goes_when_that_is_fixed(
    device: FleetDevice,
) -> None:
    fleet = device.fleet
    (first,) = poison(device)
    remark(device, "Something else.")
    device.sync_well()
    (refused,) = parked(device)
    answer = remark(device, "An answer to it.", answers=first)
    second = remark(device, "An answer to the answer.", answers=answer)
    assert waits(device) == ["Waits for: comment on WO-0001"] * 2
    assert device.sync_well().pushed == 0
    me = fleet.small.people["technician"]
    device.workplace.replica.outbox.resend_as_new(refused.mutation_id, set={"author_id": me})
    fleet.ledger.note(device.workplace.replica)
    assert waits(device) == ["", "", ""]
    device.sync_well()
    assert parked(device) == ()
    ids = {str(row["id"]): row["parent_id"] for row in fleet.organization.rows("comment")}
    assert (ids[second], ids[answer]) == (first, first), "an answer to an answer hangs on the first remark (D-179)"
    fleet.assert_converged()


def test_invariant_12_an_answer_sent_together_with_its_refused_question_stands_alone(device: FleetDevice) -> None:
    (first,) = poison(device)
    answer = remark(device, "An answer to it.", answers=first)
    device.sync_well()
    assert [entry.set["text"][1] for entry in parked(device)] == ["Poison 0"]
    assert texts(device.fleet) == ["An answer to it."]
    assert device.see("comment", answer)["parent_id"] is None
    device.withdraw_refused()
    device.fleet.assert_converged()


def test_withdrawing_a_refused_change_asks_for_what_rests_on_it_and_leaves_the_server_s_rows(
    device: FleetDevice,
) -> None:
    (first,) = poison(device)
    device.sync_well()
    second = remark(device, "Rests on it.", answers=first)
    (refused,) = parked(device)
    outbox = device.workplace.replica.outbox
    with pytest.raises(Refused) as rests:
        outbox.withdraw(refused.mutation_id)
    assert rests.value.code == "conflicting_reference"
    outbox.withdraw(refused.mutation_id, with_dependents=True)
    assert (device.get("comment", first), device.get("comment", second), device.waiting) == (None, None, 0)
    device.fleet.assert_converged()


def test_a_step_is_refused_whole(device: FleetDevice) -> None:
    fleet, order_id = device.fleet, device.fleet.small.order_ids[0]
    with device.write() as write:
        remarks.add_comment(write, order_id, "Of the same step.")
        author = {"author_id": fleet.small.people["planner"]}
        values = {"work_order_id": order_id, "text": "Poison", "written_at": write.now}
        write.create("comment", {**values, **author}, aggregate_id=order_id)
    device.sync_well()
    assert sorted(str(entry.code) for entry in parked(device)) == ["group_refused", "not_allowed"]
    assert texts(fleet) == []
    device.withdraw_refused()
    fleet.assert_converged()


def resend(device: FleetDevice) -> None:
    me = device.fleet.small.people["technician"]
    (refused,) = parked(device)
    device.workplace.replica.outbox.resend_as_new(refused.mutation_id, set={"author_id": me, "text": "Corrected"})
    device.fleet.ledger.note(device.workplace.replica)


def take_back(device: FleetDevice) -> None:
    (refused,) = parked(device)
    device.workplace.replica.outbox.withdraw(refused.mutation_id)


@pytest.mark.parametrize(("repair", "left"), [(resend, ["Corrected"]), (take_back, [])])
def test_a_refused_change_is_repaired_although_the_program_is_killed_after_every_step(
    device: FleetDevice, repair: Step, left: list[str]
) -> None:
    poison(device)
    device.crash()
    device.sync_well()
    device.crash()
    (refused,) = parked(device)
    assert (refused.code, refused.set["text"][1]) == ("not_allowed", "Poison 0")
    assert refused.reason == "Nobody writes in the name of another."
    repair(device)
    device.crash()
    assert parked(device) == ()
    device.sync_well()
    device.crash()
    assert texts(device.fleet) == left
    device.fleet.assert_converged()


# ---- held


@pytest.fixture
def held_edit(device: FleetDevice) -> str:
    """An edit that arrives after the order was given to somebody else; gives the id of what is held."""
    fleet, order_id = device.fleet, device.fleet.small.order_ids[0]
    device.offline()
    with device.write() as write:
        write.set("work_order", order_id, title="Of the technician")
    fleet.office.assign(order_id, login="technician2")
    device.online()
    assert device.sync_well().verdicts == {"held": 1}
    (row,) = fleet.organization.rows("held_mutation")
    return str(row["id"])


def decide(device: FleetDevice, held_id: str, decision: str, reason: str | None = None) -> None:
    with device.write() as write:
        held.decide_held(write, held_id, decision, reason=reason)  # type: ignore[arg-type]


def of_author(device: FleetDevice) -> tuple[list[str], list[tuple[str | None, str | None]]]:
    """States of what its author still sees, and what he was told."""
    outbox = device.workplace.replica.outbox
    return [entry.state for entry in outbox.held()], [(entry.code, entry.reason) for entry in outbox.parked()]


def test_a_held_change_is_decided_without_network_and_its_author_hears_of_it(
    device: FleetDevice, held_edit: str
) -> None:
    fleet, order_id = device.fleet, device.fleet.small.order_ids[0]
    supervisor = fleet.device("supervisor")
    supervisor.offline()
    decide(supervisor, held_edit, "approved")
    assert fleet.organization.stands("work_order", order_id)["title"] == "Order 1"
    supervisor.online()
    supervisor.sync_well()
    assert fleet.organization.stands("work_order", order_id)["title"] == "Of the technician"
    device.sync_well()
    assert of_author(device) == ([], [])


def test_a_refusal_reaches_its_author_with_the_reason_and_his_words(device: FleetDevice, held_edit: str) -> None:
    supervisor = device.fleet.device("supervisor")
    decide(supervisor, held_edit, "refused", "Done by somebody else.")
    supervisor.sync_well()
    device.sync_well()
    assert of_author(device) == ([], [("not_allowed", "Done by somebody else.")])
    (kept,) = parked(device)
    assert kept.set["title"][1] == "Of the technician"
    device.withdraw_refused()
    device.fleet.assert_converged()


def test_two_who_decide_at_once_make_one_decision_and_the_second_is_told(device: FleetDevice, held_edit: str) -> None:
    fleet, order_id = device.fleet, device.fleet.small.order_ids[0]
    supervisor, manager = fleet.device("supervisor"), fleet.device("manager")
    for each in (supervisor, manager):
        each.offline()
    decide(supervisor, held_edit, "refused", "Not now.")
    decide(manager, held_edit, "approved")
    for each in (supervisor, manager):
        each.online()
    assert supervisor.sync_well().verdicts == {"applied": 1}
    second = manager.sync_well().verdicts
    assert second == {"rejected": 1}
    assert [entry.reason for entry in parked(manager)] == ["Somebody decided about this change before."]
    row = fleet.organization.stands("held_mutation", held_edit)
    assert (row["decision"], row["reason"]) == ("refused", "Not now.")
    assert row["decided_by"] == fleet.small.people["supervisor"]
    assert fleet.organization.stands("work_order", order_id)["title"] == "Order 1"
    device.sync_well()
    assert of_author(device) == ([], [("not_allowed", "Not now.")])


def test_the_change_of_an_author_who_left_meanwhile_is_decided_all_the_same(
    device: FleetDevice, held_edit: str
) -> None:
    fleet, order_id = device.fleet, device.fleet.small.order_ids[0]
    fleet.organization.change("person", fleet.small.people["technician"], is_active=False)
    supervisor = fleet.device("supervisor")
    decide(supervisor, held_edit, "approved")
    supervisor.sync_well()
    row = fleet.organization.stands("work_order", order_id)
    assert (row["title"], row["updated_by"]) == ("Of the technician", fleet.small.people["technician"])
