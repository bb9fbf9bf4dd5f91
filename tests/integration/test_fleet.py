"""Devices, server and office together: who sees what, whose value stands, and what a bad network cannot do."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Event

import pytest

from cmms_desktop.application.commands import checklists, conflicts, parts, remarks, sign_off, visits
from cmms_desktop.errors import Refused
from cmms_desktop.sync.engine import Report
from sync_server.contract.rules.draft import level_id
from tests.support import convergence
from tests.support.fault_transport import FAULTS, Fault
from tests.support.fleet import Fleet, FleetDevice, a_fleet
from tests.support.history_steps import INK
from tests.support.order_work import answer, finish, item_of, start
from tests.support.stoppable_server import StoppableServer


def retitle(device: FleetDevice, order_id: str, title: str) -> None:
    with device.write() as write:
        write.set("work_order", order_id, title=title)


def comment(device: FleetDevice, order_id: str, text: str) -> None:
    with device.write() as write:
        remarks.add_comment(write, order_id, text)


def use(device: FleetDevice, order_id: str, quantity: int, *, location_id: str) -> None:
    part_id = device.fleet.small.part_ids[0]
    with device.write() as write:
        parts.use_part(write, order_id, part_id, stock_location_id=location_id, quantity=Decimal(quantity))


# ---- merging (invariants 13, 14, 15, 29)


def test_two_people_editing_different_fields_both_win(fleet: Fleet) -> None:
    technician, supervisor = fleet.device("technician"), fleet.device("supervisor")
    order_id = fleet.small.order_ids[0]
    retitle(technician, order_id, "Mine")
    with supervisor.write() as write:
        write.set("work_order", order_id, priority="critical")
    fleet.office.edit(order_id, estimated_minutes=90)
    fleet.assert_converged()
    order = fleet.office.order(order_id)
    assert (order["title"], order["priority"], order["estimated_minutes"]) == ("Mine", "critical", 90)
    assert technician.rows("conflict", order_id) == []


def test_two_people_editing_one_field_leave_one_value_and_one_conflict(fleet: Fleet) -> None:
    technician, supervisor = fleet.device("technician"), fleet.device("supervisor")
    order_id = fleet.small.order_ids[0]
    retitle(technician, order_id, "Technician's")
    fleet.clock.advance(hours=5)
    retitle(supervisor, order_id, "Supervisor's")
    supervisor.sync_well()
    fleet.assert_converged()
    assert fleet.office.order(order_id)["title"] == "Supervisor's"  # the first commit, whatever the clocks say
    (conflict,) = technician.rows("conflict", order_id)
    assert (conflict["base_value"], conflict["mine_value"], conflict["theirs_value"]) == (
        '"Order 1"',
        '"Technician\'s"',
        '"Supervisor\'s"',
    )


def test_texts_grow_together_line_by_line(fleet: Fleet) -> None:
    technician, supervisor = fleet.device("technician"), fleet.device("supervisor")
    order_id = fleet.small.order_ids[0]
    with technician.write() as write:
        write.set("work_order", order_id, description="From the technician.\nOrder 1 as planned.")
    with supervisor.write() as write:
        write.set("work_order", order_id, description="Order 1 as planned.\nFrom the supervisor.")
    fleet.assert_converged()
    text = str(fleet.office.order(order_id)["description"])
    assert text.splitlines() == ["From the technician.", "Order 1 as planned.", "From the supervisor."]


def test_stock_is_the_sum_of_movements_in_any_order_of_delivery(fleet: Fleet) -> None:
    technician, second, supervisor = (fleet.device(login) for login in ("technician", "technician2", "supervisor"))
    small = fleet.small
    for device, order, quantity in ((technician, 0, 3), (second, 2, 4), (supervisor, 1, 5)):
        use(device, small.order_ids[order], quantity, location_id=small.store_id)
    use(second, small.order_ids[2], 45, location_id=small.store_id)
    for device in (second, supervisor, technician):
        device.sync_well()
    fleet.assert_converged()
    level = technician.see("stock_level", level_id(small.store_id, small.part_ids[0]))
    assert Decimal(str(level["quantity"])) == 50 - 3 - 4 - 5 - 45


def test_one_person_on_two_tablets_is_two_devices_with_one_truth(fleet: Fleet) -> None:
    first, second = fleet.device("technician"), fleet.device("technician")
    order_id = fleet.small.order_ids[0]
    retitle(first, order_id, "On the first")
    with second.write() as write:
        write.set("work_order", order_id, priority="low")
    comment(second, order_id, "Written on the second.")
    fleet.assert_converged()
    assert [row["text"] for row in first.rows("comment", order_id)] == ["Written on the second."]


# ---- who holds what (invariants 5, 6, 7)


def test_an_order_given_to_somebody_else_leaves_the_device_with_all_that_is_its(fleet: Fleet) -> None:
    technician, second = fleet.device("technician"), fleet.device("technician2")
    first, other = fleet.small.order_ids[:2]
    comment(technician, first, "Before it left.")
    technician.sync_well()
    fleet.office.assign(first, login="technician2")
    technician.sync_well()
    with technician.workplace.replica.read() as reading:
        left = [
            entity
            for entity in ("work_order", "checklist", "checklist_item", "comment", "work_order_assignment")
            if reading.cursor.execute(f"SELECT 1 FROM {entity} WHERE aggregate_id = ?", (first,)).fetchone()
        ]
    assert left == []
    assert technician.get("asset", fleet.small.asset_id) is not None  # the other order still needs it
    fleet.office.assign(other, login="technician2")
    technician.sync_well()
    assert technician.get("asset", fleet.small.asset_id) is None
    second.sync_well()
    assert [row["text"] for row in second.rows("comment", first)] == ["Before it left."]
    fleet.assert_converged()


def test_a_team_shares_its_orders_with_who_is_in_it(fleet: Fleet) -> None:
    technician, second = fleet.device("technician"), fleet.device("technician2")
    shared = fleet.small.order_ids[3]
    assert technician.get("work_order", shared) is None
    for login in ("technician", "technician2"):
        fleet.office.join_team(login)
    technician.sync_well()
    comment(technician, shared, "We are two.")
    technician.sync_well()
    second.sync_well()
    assert [row["text"] for row in second.rows("comment", shared)] == ["We are two."]
    fleet.office.leave_team("technician")
    technician.sync_well()
    assert technician.get("work_order", shared) is None
    assert second.get("work_order", shared) is not None
    fleet.assert_converged()


def test_work_pending_on_an_order_that_left_is_hidden_sent_and_judged(fleet: Fleet) -> None:
    """Entries count, late and marked; changes wait for a person. Nothing of the order stays on the device."""
    technician, supervisor = fleet.device("technician"), fleet.device("supervisor")
    order_id = fleet.small.order_ids[0]
    comment(technician, order_id, "Still mine when I wrote this.")
    retitle(technician, order_id, "Too late")
    fleet.office.assign(order_id, login="technician2")
    technician.sync_well()
    assert technician.get("work_order", order_id) is None
    assert technician.waiting == 0
    assert [entry.type for entry in technician.workplace.replica.outbox.held()] == ["work_order.set"]
    supervisor.sync_well()
    (late,) = supervisor.rows("comment", order_id)
    assert (late["text"], late["is_late"]) == ("Still mine when I wrote this.", True)
    with supervisor.workplace.replica.read() as reading:
        assert reading.cursor.execute("SELECT why FROM held_mutation").fetchall() == [("access_lost",)]
    fleet.assert_converged()
    assert fleet.office.order(order_id)["title"] == "Order 1"


def test_an_order_that_leaves_while_its_work_waits_is_hidden_until_the_verdict(fleet: Fleet) -> None:
    """The pull comes before the push: the work is not shown any more, is not lost, and cannot be added to."""
    technician = fleet.device("technician")
    order_id = fleet.small.order_ids[0]
    comment(technician, order_id, "Not sent yet.")
    fleet.office.assign(order_id, login="technician2")
    technician.workplace.engine._pull(Report())
    technician.workplace.engine._fetch_scopes(Report())
    assert technician.get("work_order", order_id) is None
    assert technician.waiting == 1
    with pytest.raises(Refused):
        comment(technician, order_id, "One more.")
    technician.crash()
    assert technician.waiting == 1
    fleet.assert_converged()
    rows = fleet.organization.rows("comment")
    assert [(row["text"], row["is_late"]) for row in rows] == [("Not sent yet.", True)]


def test_an_order_that_comes_back_brings_its_pending_work_back(fleet: Fleet) -> None:
    technician = fleet.device("technician")
    order_id = fleet.small.order_ids[0]
    retitle(technician, order_id, "While it was away")
    for login in ("technician2", "technician"):
        fleet.office.assign(order_id, login=login)
        technician.workplace.engine._pull(Report())
        technician.workplace.engine._fetch_scopes(Report())
    assert technician.see("work_order", order_id)["title"] == "While it was away"
    fleet.assert_converged()
    assert fleet.office.order(order_id)["title"] == "While it was away"


def test_a_follow_up_stays_with_its_author_until_the_office_plans_it(fleet: Fleet) -> None:
    technician, second = fleet.device("technician"), fleet.device("technician2")
    order_id = fleet.small.order_ids[0]
    answer(technician, order_id, "quiet", result="fail", note="It rattles.")
    with technician.write() as write:
        made = checklists.follow_up(write, str(item_of(technician, order_id, "quiet")["id"]))
    number = technician.see("work_order", made)["number"]
    technician.sync_well()
    assert technician.see("work_order", made)["number"] == number
    fleet.office.assign(made, login="technician2")
    technician.sync_well()
    second.sync_well()
    assert technician.get("work_order", made) is None
    assert second.see("work_order", made)["number"] == number
    fleet.assert_converged()


def test_somebody_who_loses_a_site_loses_its_scopes(fleet: Fleet) -> None:
    supervisor = fleet.device("supervisor")
    (access,) = [
        row for row in fleet.organization.rows("site_access") if row["person_id"] == fleet.small.people["supervisor"]
    ]
    fleet.organization.change("site_access", access["id"], deleted_at="2026-03-02T10:00:00.000000Z")
    supervisor.sync_well()
    with supervisor.workplace.replica.read() as reading:
        scopes = {scope for (scope,) in reading.cursor.execute("SELECT DISTINCT scope_id FROM member").fetchall()}
    assert scopes == {"org:catalog"}
    assert supervisor.get("work_order", fleet.small.order_ids[0]) is None
    fleet.assert_converged()


def test_another_organization_has_nothing_of_this_one(stoppable_server: StoppableServer, fleet: Fleet) -> None:
    technician = fleet.device("technician")
    retitle(technician, fleet.small.order_ids[0], "Ours")
    fleet.assert_converged()
    with a_fleet(stoppable_server) as others:
        theirs = convergence.live_rows(others.device("manager").workplace.replica)
        ours = convergence.live_rows(fleet.device("manager").workplace.replica)
        assert ours.keys() & theirs.keys() == set()
        others.assert_converged()


# ---- verdicts (invariants 3, 11, 12, 19)


def disputed(technician: FleetDevice, supervisor: FleetDevice, order_id: str) -> str:
    """Let both change the title; the supervisor was first. Gives the conflict, which both see."""
    for device, title in ((technician, "Technician's"), (supervisor, "Supervisor's")):
        retitle(device, order_id, title)
    for device in (supervisor, technician, supervisor):
        device.sync_well()
    return str(technician.rows("conflict", order_id)[0]["id"])


def test_a_change_that_is_refused_delays_no_other_and_no_pull(fleet: Fleet) -> None:
    technician, supervisor = fleet.device("technician"), fleet.device("supervisor")
    order_id = fleet.small.order_ids[0]
    conflict_id = disputed(technician, supervisor, order_id)
    with technician.write() as write:  # both settle it; the second one is refused
        conflicts.settle(write, conflict_id, "theirs")
    with supervisor.write() as write:
        conflicts.settle(write, conflict_id, "mine")
    comment(technician, order_id, "Behind the refused one.")
    supervisor.sync_well()
    report = technician.sync_well()
    assert report.verdicts == {"rejected": 1, "applied": 1}
    (parked,) = technician.workplace.replica.outbox.parked()
    assert (parked.type, parked.code) == ("conflict.resolve", "already_exists")
    assert technician.see("conflict", conflict_id)["resolution"] == "mine"
    technician.withdraw_refused()
    fleet.assert_converged()


def test_invariant_11_a_group_counts_whole_or_not_at_all(fleet: Fleet) -> None:
    """A remark made in one step with something that is refused waits with it, here and at the server (invariant 11)."""
    technician, supervisor = fleet.device("technician"), fleet.device("supervisor")
    order_id = fleet.small.order_ids[0]
    conflict_id = disputed(technician, supervisor, order_id)
    with supervisor.write() as write:
        conflicts.settle(write, conflict_id, "mine")
    with technician.write() as write:
        remarks.add_comment(write, order_id, "We agreed on mine.")
        conflicts.settle(write, conflict_id, "edited", value="Another")
    supervisor.sync_well()
    assert technician.sync_well().verdicts == {"rejected": 2}
    assert technician.rows("comment", order_id) == fleet.organization.rows("comment") == []
    assert {entry.code for entry in technician.workplace.replica.outbox.parked()} == {"group_refused", "already_exists"}
    technician.withdraw_refused()
    fleet.assert_converged()


def test_starting_what_the_office_cancelled_keeps_the_visit_and_the_state(fleet: Fleet) -> None:
    technician = fleet.device("technician")
    order_id = fleet.small.order_ids[0]
    log_id = start(technician, order_id)
    fleet.office.edit(order_id, status="cancelled")
    with technician.write() as write:
        visits.pause_work(write, log_id, reason="Waiting.")
    fleet.assert_converged()
    assert technician.see("work_order", order_id)["status"] == "cancelled"
    assert len(technician.rows("work_log_event", order_id)) == 4


def test_work_signed_after_the_office_cancelled_is_kept_and_shown_to_the_technician(fleet: Fleet) -> None:
    technician = fleet.device("technician")
    order_id = fleet.small.order_ids[0]
    finish(technician, order_id)
    fleet.office.edit(order_id, status="cancelled")
    fleet.assert_converged()
    assert fleet.office.order(order_id)["status"] == "cancelled"
    assert {row["field"] for row in technician.rows("conflict", order_id)} == {"status"}
    parked = technician.workplace.replica.outbox.parked()
    assert (parked[0].type, parked[0].code) == ("signature.create", "illegal_transition")


def test_work_of_more_than_one_push_arrives_in_order(fleet: Fleet) -> None:
    technician = fleet.device("technician")
    order_id = fleet.small.order_ids[0]
    for number in range(620):
        comment(technician, order_id, f"C{number}")
    report = technician.sync_well()
    assert report.verdicts == {"applied": 620}
    stored = sorted(fleet.organization.rows("comment"), key=lambda row: str(row["written_at"]))
    assert [row["text"] for row in stored] == [f"C{number}" for number in range(620)]
    fleet.assert_converged()


# ---- the network (every fault, at every request of a cycle)


class Shift:
    """A technician who does a little of everything before each cycle."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.device = fleet.device("technician")
        self.other = fleet.device("supervisor")
        self.number = 0

    def work(self) -> None:
        self.number += 1
        small, number = self.fleet.small, self.number
        order_id = small.order_ids[number % 2]
        retitle(self.device, order_id, f"T{number}")
        use(self.device, order_id, 1, location_id=small.van_ids["technician"])
        with self.device.write() as write:
            remarks.add_photo(
                write,
                self.device.workplace.blobs,
                order_id,
                content=f"picture {number}".encode(),
                media_type="image/png",
            )
        self.fleet.office.edit(order_id, priority=("low", "high")[number % 2])
        self.fleet.clock.advance(minutes=11)  # each cycle begins with a hello


@pytest.mark.parametrize("kind", FAULTS)
def test_no_fault_at_any_request_of_a_cycle_loses_or_doubles_anything(fleet: Fleet, kind: str) -> None:
    shift = Shift(fleet)
    for amount in (0, 1, 37, 250):
        for place in range(6):  # hello, push, pull, and up to three requests of an upload
            shift.work()
            shift.device.sync(*[Fault("none")] * place, Fault(kind, amount))
        shift.other.sync_well()
    assert len(shift.device.weather.log) >= 16, "most of the faults happened"
    fleet.assert_converged()


@pytest.mark.parametrize("kind", FAULTS)
def test_no_fault_in_a_first_sync_keeps_a_device_from_having_everything(fleet: Fleet, kind: str) -> None:
    """A supervisor has five scopes: hello, pull, then a bootstrap and a pull for each."""
    new = fleet.enrol("supervisor")
    for place in range(12):
        new.sync(*[Fault("none")] * (place % 4), Fault(kind, place * 97))
    assert new.weather.log
    fleet.assert_converged()


def test_late_and_mixed_up_messages_of_many_cycles_do_no_harm(fleet: Fleet) -> None:
    shift = Shift(fleet)
    for number in range(30):
        shift.work()
        kinds = ("hold", "drop_answer", "swap", "swap", "duplicate")
        shift.device.sync(*[Fault("none")] * (number % 4), Fault(kinds[number % 5], number))
    fleet.assert_converged()


def test_a_second_cycle_asks_for_nothing_and_changes_nothing(fleet: Fleet) -> None:
    shift = Shift(fleet)
    shift.work()
    shift.device.sync_well()
    before = convergence.live_rows(shift.device.workplace.replica)
    report = shift.device.sync_well()
    assert (report.pushed, report.pulled_rows, report.bootstrapped, report.blobs_sent) == (0, 0, [], 0)
    assert convergence.live_rows(shift.device.workplace.replica) == before
    fleet.assert_converged()


def test_people_go_on_working_while_a_cycle_runs(fleet: Fleet) -> None:
    """Commands and the conversation share one store from two threads."""
    device = fleet.device("technician")
    first, second = fleet.small.order_ids[:2]
    is_over = Event()

    def converse() -> int:
        cycles = 0
        while not is_over.is_set():
            device.sync_well()
            cycles += 1
        return cycles

    with ThreadPoolExecutor(1) as threads:
        cycles = threads.submit(converse)
        for number in range(120):
            retitle(device, (first, second)[number % 2], f"T{number}")
            comment(device, first, f"C{number}")
            assert device.see("work_order", (first, second)[number % 2])["title"] == f"T{number}"
        is_over.set()
        assert cycles.result(timeout=60) > 1
    fleet.ledger.note_all(device.workplace.replica)
    fleet.assert_converged()
    assert len(fleet.organization.rows("comment")) == 120


def test_everybody_works_at_once(fleet: Fleet) -> None:
    """Three devices push and pull, the office plans, all at the same time, against one clock of the organization."""
    devices = [fleet.device(login) for login in ("technician", "technician2", "supervisor")]
    shared, unplanned, van_orders = fleet.small.order_ids[3], fleet.small.order_ids[4], fleet.small.order_ids[:3]
    for login in ("technician", "technician2"):
        fleet.office.join_team(login)
    for device in devices:
        device.sync_well()

    def work(device: FleetDevice) -> None:
        for number in range(12):
            retitle(device, shared, f"{device.login} {number}")
            comment(device, shared, f"{device.login} {number}")
            use(device, shared, 1, location_id=fleet.small.store_id)
            device.sync()  # a busy server is asked again in the next round

    def plan() -> None:
        for number in range(12):
            fleet.office.assign(unplanned, login=("technician", "technician2")[number % 2])
            fleet.office.edit(van_orders[number % 3], priority=("low", "high")[number % 2])

    with ThreadPoolExecutor(4) as threads:
        for each in [*(threads.submit(work, device) for device in devices), threads.submit(plan)]:
            each.result(timeout=60)
    fleet.assert_converged()
    assert len(fleet.organization.rows("comment")) == 36
    level = devices[0].see("stock_level", level_id(fleet.small.store_id, fleet.small.part_ids[0]))
    assert Decimal(str(level["quantity"])) == 50 - 36


def test_invariant_18_signatures_never_change_a_byte_on_their_way(fleet: Fleet) -> None:
    """Invariant 18: what the technician's replica kept is what the server keeps and the supervisor reads."""
    technician, supervisor = fleet.device("technician"), fleet.device("supervisor")
    order_id = fleet.small.order_ids[0]
    finish(technician, order_id)
    (before,) = technician.rows("signature", order_id)
    with technician.write() as write:
        sign_off.customer_accepts(write, technician.workplace.hand, order_id, printed_name="Ж, 名 & <b>", strokes=INK)
    for kind in ("truncate", "drop_answer", "swap"):
        technician.sync(Fault("none"), Fault(kind, 55))
    fleet.assert_converged()
    here, there = (
        {row["id"]: (row["body"], row["signature"]) for row in rows}
        for rows in (supervisor.rows("signature", order_id), fleet.organization.rows("signature"))
    )
    assert here == there
    assert here[before["id"]] == (before["body"], before["signature"])
