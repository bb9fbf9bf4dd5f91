"""Two people on one order: each knows of the other, nothing is overwritten, and no clock decides who was first."""

from cmms_desktop.application.commands import visits
from cmms_desktop.application.queries.taken import Taker, takers
from tests.support.fleet import Fleet, FleetDevice
from tests.support.order_work import answer, start, travel


def others(device: FleetDevice, order_id: str) -> list[Taker]:
    with device.workplace.replica.read() as reading:
        return list(takers(reading, (order_id,), me=device.person_id).get(order_id, ()))


def two_of_a_team(fleet: Fleet) -> tuple[FleetDevice, FleetDevice, str]:
    """Two technicians, days apart by their own clocks, who hold the same order."""
    for login in ("technician", "technician2"):
        fleet.office.join_team(login)
    return fleet.device("technician"), fleet.device("technician2"), fleet.small.order_ids[3]


def test_a_taken_order_is_told_to_the_others_and_given_back_when_the_visit_ends(fleet: Fleet) -> None:
    first, second, order_id = two_of_a_team(fleet)
    log_id = travel(first, order_id)
    first.sync_well()
    assert others(second, order_id) == []
    second.sync_well()
    (taker,) = others(second, order_id)
    assert (taker.person, taker.was_first) == ("The technician", True)
    assert taker.seen_at == second.workplace.replica.state().last_sync_at
    assert others(first, order_id) == []
    with first.write() as write:
        visits.leave(write, log_id)
    first.sync_well()
    second.sync_well()
    assert others(second, order_id) == []
    fleet.assert_converged()


def test_two_who_take_an_order_offline_make_two_visits_and_both_are_told(fleet: Fleet) -> None:
    first, second, order_id = two_of_a_team(fleet)
    first.offline()
    second.offline()
    logs = [start(first, order_id)]
    fleet.clock.advance(minutes=20)
    logs.append(start(second, order_id))
    answer(first, order_id, "bar", value="4.2")
    answer(second, order_id, "seen", value="Nothing unusual.")
    for device in (second, first, second):
        device.sync_well()
    for device in (first, second):
        assert sorted(str(row["id"]) for row in device.rows("work_log", order_id)) == sorted(logs)
    assert [(each.person, each.was_first) for each in others(first, order_id)] == [("The technician2", False)]
    assert [(each.person, each.was_first) for each in others(second, order_id)] == [("The technician", True)]
    fleet.assert_converged()


def test_nobody_is_locked_out_of_an_order_that_is_taken(fleet: Fleet) -> None:
    first, second, order_id = two_of_a_team(fleet)
    travel(first, order_id)
    first.sync_well()
    second.sync_well()
    assert others(second, order_id)
    log_id = start(second, order_id)
    report = second.sync_well()
    assert set(report.verdicts) <= {"applied", "merged"}
    assert second.see("work_log", log_id)["person_id"] == second.person_id
    fleet.assert_converged()
