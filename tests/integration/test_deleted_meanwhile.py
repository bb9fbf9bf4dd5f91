"""Deleted by one, worked on by another: the record stays deleted, the work is kept, and both may be brought back."""

from decimal import Decimal

import pytest

from cmms_desktop.application.commands import parts, remarks
from cmms_desktop.errors import Refused
from sync_server.contract.fields import Scalar
from sync_server.contract.rules.draft import level_id
from tests.support.fault_transport import Fault
from tests.support.fleet import Fleet, FleetDevice
from tests.support.order_work import answer, item_of, start
from tests.support.settling import history, open_conflicts, right_to, settle, settled_conflicts, why_on


@pytest.fixture
def technician(fleet: Fleet) -> FleetDevice:
    return fleet.device("technician")


@pytest.fixture
def supervisor(fleet: Fleet) -> FleetDevice:
    return fleet.device("supervisor")


@pytest.fixture
def order_id(fleet: Fleet) -> str:
    return fleet.small.order_ids[0]


def deliver(*devices: FleetDevice) -> None:
    """Send after days, every push twice, and read once more."""
    devices[0].fleet.clock.advance(days=3)
    for device in devices:
        device.online()
        device.sync(Fault("none"), Fault("duplicate"))
        device.sync_well()
    for device in devices:
        device.sync_well()


def edit(device: FleetDevice, entity: str, row_id: str, **fields: Scalar) -> None:
    with device.write() as write:
        write.set(entity, row_id, **fields)


def live_items(device: FleetDevice, order_id: str) -> set[str]:
    return {str(row["id"]) for row in device.rows("checklist_item", order_id)}


def test_an_edit_of_a_deleted_item_is_kept_and_restored_with_it_without_network(
    fleet: Fleet, technician: FleetDevice, supervisor: FleetDevice, order_id: str
) -> None:
    item_id = str(item_of(technician, order_id, "seen")["id"])
    technician.offline()
    answer(technician, order_id, "seen", value="A crack.", note="At the weld.")
    fleet.office.delete("checklist_item", item_id, order_id)
    deliver(technician, supervisor)
    assert item_id not in live_items(technician, order_id)
    kept = open_conflicts(supervisor)
    assert {name for name, line in kept.items() if line.kind == "deleted"} >= {"value", "note", "result"}
    assert why_on(supervisor, kept["value"]).startswith("The checklist item stays deleted until somebody restores it")
    assert right_to(technician, kept["value"].id).why_not is not None
    supervisor.offline()
    for name in ("value", "note", "result"):
        settle(supervisor, kept[name].id, "mine", reason="It is still needed.")
    assert item_of(supervisor, order_id, "seen")["value"] == "A crack.", "restored at once, without network"
    deliver(supervisor, technician)
    restored = item_of(technician, order_id, "seen")
    assert (restored["value"], restored["note"], restored["result"]) == ("A crack.", "At the weld.", "pass")
    assert restored["answered_by"] == technician.person_id, "restored by the supervisor, answered by the technician"
    fleet.assert_converged()


def test_a_day_of_work_on_a_deleted_order_comes_back_with_the_order(
    fleet: Fleet, technician: FleetDevice, supervisor: FleetDevice, order_id: str
) -> None:
    technician.offline()
    start(technician, order_id)
    answer(technician, order_id, "seen", value="Nothing unusual.")
    small = fleet.small
    with technician.write() as write:
        remarks.add_comment(write, order_id, "The gate was locked.")
        parts.use_part(
            write,
            order_id,
            small.part_ids[0],
            stock_location_id=small.van_ids["technician"],
            quantity=Decimal(2),
        )
    fleet.office.delete("work_order", order_id)
    deliver(technician, supervisor)
    assert technician.rows("work_order", order_id) == []
    level = technician.see("stock_level", level_id(small.van_ids["technician"], small.part_ids[0]))
    assert Decimal(str(level["quantity"])) == 3, "parts that were used are used"
    kept = open_conflicts(supervisor)
    assert {(line.kind, line.entity) for line in kept.values()} == {("deleted", "work_order")}
    assert set(kept) >= {"deleted_at", "status"}
    for name in sorted(kept):
        settle(supervisor, kept[name].id, "mine")
    deliver(supervisor, technician)
    order = technician.see("work_order", order_id)
    assert (order["status"], item_of(technician, order_id, "seen")["value"]) == ("in_progress", "Nothing unusual.")
    assert [row["text"] for row in technician.rows("comment", order_id)] == ["The gate was locked."]
    assert "Work was done on this order, which was deleted" in history(supervisor, order_id)
    fleet.assert_converged()


@pytest.mark.parametrize("first", ["edit", "deletion"])
def test_whoever_arrives_first_the_deletion_stands_and_the_edit_is_asked_about(
    fleet: Fleet, technician: FleetDevice, supervisor: FleetDevice, order_id: str, first: str
) -> None:
    """The supervisor deletes without having seen what the technician wrote."""
    item_id = str(item_of(technician, order_id, "quiet")["id"])
    for device in (technician, supervisor):
        device.offline()
    answer(technician, order_id, "quiet", result="fail", note="It rattles.")
    with supervisor.write() as write:
        write.delete("checklist_item", item_id)
    deliver(*((technician, supervisor) if first == "edit" else (supervisor, technician)))
    assert item_id not in live_items(supervisor, order_id)
    (asked, *_) = open_conflicts(supervisor).values()
    assert (asked.kind, asked.author) == ("deleted", "The technician")
    for line in open_conflicts(supervisor).values():
        settle(supervisor, line.id, "mine")
    deliver(supervisor, technician)
    back = item_of(technician, order_id, "quiet")
    assert (back["result"], back["note"]) == ("fail", "It rattles.")
    fleet.assert_converged()


def test_two_that_delete_the_same_have_deleted_it(
    fleet: Fleet, technician: FleetDevice, supervisor: FleetDevice, order_id: str
) -> None:
    manager = fleet.device("manager")
    item_id = str(item_of(technician, order_id, "quiet")["id"])
    for device in (manager, supervisor):
        device.offline()
        with device.write() as write:
            write.delete("checklist_item", item_id)
    deliver(supervisor, manager)
    assert fleet.organization.rows("conflict") == []
    fleet.assert_converged()


def test_restored_by_one_and_deleted_again_by_another_it_is_deleted_and_can_come_back_again(
    fleet: Fleet, technician: FleetDevice, supervisor: FleetDevice, order_id: str
) -> None:
    technician.offline()
    with technician.write() as write:
        remarks.add_comment(write, order_id, "First.")
    fleet.office.delete("work_order", order_id)
    deliver(technician, supervisor)
    settle(supervisor, open_conflicts(supervisor)["deleted_at"].id, "mine")
    deliver(supervisor, technician)
    technician.offline()
    with technician.write() as write:
        remarks.add_comment(write, order_id, "Second.")
    fleet.office.delete("work_order", order_id)
    deliver(technician, supervisor)
    again = open_conflicts(supervisor)["deleted_at"]
    assert settled_conflicts(supervisor)["deleted_at"].id != again.id
    settle(supervisor, again.id, "theirs", reason="It was a duplicate.")
    deliver(supervisor, technician)
    assert technician.rows("work_order", order_id) == []
    assert open_conflicts(supervisor) == {}
    assert {str(row["text"]) for row in fleet.organization.rows("comment")} == {"First.", "Second."}
    fleet.assert_converged()


def test_a_technician_restores_nothing_that_the_office_deleted(
    fleet: Fleet, technician: FleetDevice, supervisor: FleetDevice, order_id: str
) -> None:
    technician.offline()
    edit(technician, "work_order", order_id, title="While it was deleted")
    fleet.office.delete("work_order", order_id)
    deliver(technician, supervisor)
    with pytest.raises(Refused, match="Only the office"):
        settle(technician, open_conflicts(technician)["title"].id, "mine")
    fleet.assert_converged()
