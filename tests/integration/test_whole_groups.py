"""A step and a commit become visible whole, and what is on record never changes a byte, whatever the network does."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

import pytest

from cmms_desktop.application.commands import checklists, parts, remarks, sign_off, visits
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row
from sync_server.contract.rules import status
from tests.support.fault_transport import Fault
from tests.support.fleet import Fleet, FleetDevice
from tests.support.history_steps import INK
from tests.support.order_work import answer_all, finish, item_of, start
from tests.support.settling import open_conflicts

RECORDED = tuple(name for name, spec in REGISTRY.items() if spec.append_only)


def seen_of_step(device: FleetDevice, order_id: str) -> tuple[bool, ...]:
    """Whether each part of the step below is visible."""
    item = item_of(device, order_id, "quiet")
    return (
        item["result"] == "fail",
        bool(device.rows("comment", order_id)),
        bool(device.rows("stock_movement", order_id)),
        device.see("work_order", order_id)["asset_text"] == "P-45",
    )


def test_invariant_11_a_step_becomes_visible_whole_wherever_the_answer_is_cut(fleet: Fleet) -> None:
    technician, supervisor = fleet.device("technician"), fleet.device("supervisor")
    small, order_id = fleet.small, fleet.small.order_ids[0]
    with technician.write() as write:
        item_id = str(item_of(technician, order_id, "quiet")["id"])
        checklists.complete_checklist_item(write, item_id, result="fail", note="It rattles.")
        remarks.add_comment(write, order_id, "Bearing is worn.")
        parts.use_part(
            write, order_id, small.part_ids[0], stock_location_id=small.van_ids["technician"], quantity=Decimal(1)
        )
        write.set("work_order", order_id, asset_text="P-45")
    technician.sync_well()
    seen = []
    for amount in (0, 1, 40, 90, 200, 400, 600, 800, 1000, 1200, 1400, 1600, 2000):
        supervisor.sync(Fault("truncate", amount))
        seen.append(seen_of_step(supervisor, order_id))
    assert {each for each in seen if any(each)} <= {(True,) * 4}, "all of it, or nothing"
    supervisor.sync_well()
    assert seen_of_step(supervisor, order_id) == (True,) * 4
    fleet.assert_converged()


def test_invariant_11_an_order_that_moves_is_never_there_in_pieces(fleet: Fleet) -> None:
    """Reassigned in one commit: whoever gets it has all of its rows, however often the answer is cut."""
    second = fleet.device("technician2")
    order_id = fleet.small.order_ids[0]
    items = len([row for row in fleet.organization.rows("checklist_item") if row["aggregate_id"] == order_id])
    fleet.office.assign(order_id, login="technician2")
    for amount in range(0, 4000, 300):
        second.sync(Fault("truncate", amount))
        if second.get("work_order", order_id) is not None:
            assert len(second.rows("checklist_item", order_id)) == items
            assert len(second.rows("work_order_assignment", order_id)) == 1
    second.sync_well()
    assert second.get("work_order", order_id) is not None
    fleet.assert_converged()


@pytest.mark.parametrize("seed", range(3))
def test_invariant_16_states_follow_the_edges_whoever_comes_first(fleet: Fleet, seed: int) -> None:
    """Three people take one order three ways; the states that the server went through are a path."""
    technician, supervisor, manager = (fleet.device(login) for login in ("technician", "supervisor", "manager"))
    order_id = fleet.small.order_ids[0]
    devices = [technician, supervisor, manager]
    for device in devices:
        device.offline()
    log_id = start(technician, order_id)
    with technician.write() as write:
        visits.pause_work(write, log_id, reason="A seal is missing.")
    start(supervisor, order_id)
    with manager.write() as write:
        write.set("work_order", order_id, status="cancelled", status_reason="Sold.")
    history = ["assigned"]
    for device in devices[seed:] + devices[:seed]:
        device.online()
        device.sync(Fault("none"), Fault("duplicate"))
        device.sync_well()
        history.append(str(fleet.office.order(order_id)["status"]))
    assert is_reachable(history), history
    fleet.assert_converged()  # the ledger follows each single step
    assert set(open_conflicts(supervisor)) & {"status", "status_reason"}, "whoever did not get his way is asked"


def is_reachable(history: list[str]) -> bool:
    """Whether each state can be reached from the one before by some edges: a push may take several steps."""
    return all(new in reachable(current) for current, new in pairwise(history))


def reachable(state: str) -> set[str]:
    found, fresh = {state}, {state}
    while fresh:
        fresh = {new for each in fresh for new in status.STATES if status.is_edge(each, new)} - found
        found |= fresh
    return found


def recorded(fleet: Fleet) -> dict[tuple[str, str], Row]:
    """Append-only rows at the server, without the stamp of who read them last: there is none."""
    return {(entity, str(row["id"])): row for entity in RECORDED for row in fleet.organization.rows(entity)}


def days(fleet: Fleet, technician: FleetDevice, supervisor: FleetDevice) -> Iterator[None]:
    """What may happen to an order whose record is long written."""
    order_id = fleet.small.order_ids[0]
    with supervisor.write() as write:
        sign_off.return_work(write, supervisor.workplace.hand, order_id, reason="Look again.")
    yield
    fleet.office.assign(order_id, login="technician2")
    yield
    fleet.office.assign(order_id, login="technician")
    yield
    fleet.office.delete("work_order", order_id)
    yield
    with technician.workplace.replica.read() as reading:
        assert reading.get("work_order", order_id) is not None


def test_invariant_18_what_is_on_record_never_changes_a_byte(fleet: Fleet) -> None:
    """Returned, given away, taken back, deleted: every signature, event, movement, remark and photo stays as it is."""
    technician, supervisor = fleet.device("technician"), fleet.device("supervisor")
    order_id, small = fleet.small.order_ids[0], fleet.small
    with technician.write() as write:
        remarks.add_comment(write, order_id, "Before.")
        parts.use_part(
            write, order_id, small.part_ids[0], stock_location_id=small.van_ids["technician"], quantity=Decimal(1)
        )
    finish(technician, order_id)
    with technician.write() as write:
        sign_off.customer_accepts(write, technician.workplace.hand, order_id, printed_name="Customer", strokes=INK)
    for device in (technician, supervisor):
        device.sync_well()
    before = recorded(fleet)
    assert {entity for entity, _ in before} >= {"signature", "work_log_event", "stock_movement", "comment"}
    for _ in days(fleet, technician, supervisor):
        for device in (technician, supervisor):
            device.sync(Fault("none"), Fault("duplicate"))
            device.sync_well()
        after = recorded(fleet)
        assert {key: after[key] for key in before} == before
    fleet.assert_converged()


def test_an_issued_checklist_keeps_the_template_that_it_was_issued_with(fleet: Fleet) -> None:
    """The office writes a second version and takes the first one away while the technician answers without network."""
    technician = fleet.device("technician")
    order_id = fleet.small.order_ids[0]
    organization = fleet.organization
    first = organization.add("checklist_template", code="T", template_version=1, name="Old", items="[]")
    (issued,) = technician.rows("checklist", order_id)
    organization.commit([])
    technician.sync_well()
    before = [(row["key"], row["prompt"], row["minimum"]) for row in technician.rows("checklist_item", order_id)]
    technician.offline()
    answer_all(technician, order_id)
    organization.add("checklist_template", code="T", template_version=2, name="New", items='[{"key":"x"}]')
    fleet.office.delete("checklist_template", str(first["id"]))
    fleet.clock.advance(days=2)
    technician.online()
    technician.sync_well()
    (after,) = technician.rows("checklist", order_id)
    assert (after["template_id"], after["template_version"]) == (issued["template_id"], issued["template_version"])
    items = technician.rows("checklist_item", order_id)
    assert [(row["key"], row["prompt"], row["minimum"]) for row in items] == before
    assert fleet.organization.rows("conflict") == []
    fleet.assert_converged()
