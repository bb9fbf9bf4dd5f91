"""Devices, server and office together: whose value stands, what a verdict does, and everybody at once."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Event

from cmms_desktop.application.commands import conflicts, remarks, sign_off, visits
from sync_server.contract.rules.draft import level_id
from tests.support.fault_transport import Fault
from tests.support.fleet import Fleet, FleetDevice
from tests.support.history_steps import INK
from tests.support.order_work import comment, finish, retitle, start, use

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
