"""Settling is a mutation: without network, for everybody, once; nothing that lost is ever out of reach."""

import pytest

from tests.support.fault_transport import Fault
from tests.support.fleet import Fleet, FleetDevice
from tests.support.order_work import retitle
from tests.support.settling import history, open_conflicts, settle, settled_conflicts, why_on


@pytest.fixture
def people(fleet: Fleet) -> tuple[FleetDevice, FleetDevice, FleetDevice]:
    """A technician and a supervisor who gave one order two titles, and a manager; all of them see the conflict."""
    technician, supervisor, manager = (fleet.device(login) for login in ("technician", "supervisor", "manager"))
    order_id = fleet.small.order_ids[0]
    retitle(technician, order_id, "Technician's")
    retitle(supervisor, order_id, "Supervisor's")
    for device in (supervisor, technician, supervisor, manager):
        device.sync_well()
    return technician, supervisor, manager


def the_conflict(device: FleetDevice) -> str:
    return open_conflicts(device)["title"].id


def test_a_settling_without_network_shows_at_once_and_reaches_everybody(
    fleet: Fleet, people: tuple[FleetDevice, FleetDevice, FleetDevice]
) -> None:
    technician, supervisor, manager = people
    order_id = fleet.small.order_ids[0]
    supervisor.offline()
    settle(supervisor, the_conflict(supervisor), "mine", reason="I was there.")
    assert open_conflicts(supervisor) == {}
    line = settled_conflicts(supervisor)["title"]
    assert why_on(supervisor, line) == "You chose The technician's value.", "no instant of this device's clock"
    fleet.clock.advance(days=2)
    supervisor.online()
    supervisor.sync(Fault("none"), Fault("drop_answer"))
    supervisor.sync_well()
    for device in (technician, manager):
        device.sync_well()
        assert device.see("work_order", order_id)["title"] == "Technician's"
        told = settled_conflicts(device)["title"]
        assert [told.base.raw, told.mine.raw, told.theirs.raw] == ["Order 1", "Technician's", "Supervisor's"]
        assert "Supervisor's" in " ".join(history(device, order_id))
    fleet.assert_converged()


@pytest.mark.parametrize("choices", [("mine", "theirs"), ("theirs", "mine")])
def test_two_that_settle_differently_at_once_make_one_settling_and_the_second_is_told(
    fleet: Fleet, people: tuple[FleetDevice, FleetDevice, FleetDevice], choices: tuple[str, str]
) -> None:
    technician, supervisor, manager = people
    conflict_id = the_conflict(supervisor)
    for device, choice in zip((supervisor, manager), choices, strict=True):
        device.offline()
        settle(device, conflict_id, "mine" if choice == "mine" else "theirs")
    for device in (supervisor, manager):
        device.online()
        device.sync_well()
    (parked,) = manager.workplace.replica.outbox.parked()
    assert parked.code == "already_exists"
    assert str(parked.reason).startswith("Somebody settled this conflict before.")
    technician.sync_well()
    for device in people:
        assert settled_conflicts(device)["title"].resolution == choices[0]
    manager.withdraw_refused()
    fleet.assert_converged()


def test_two_that_settle_alike_at_once_have_settled_it_once_and_nobody_is_bothered(
    fleet: Fleet, people: tuple[FleetDevice, FleetDevice, FleetDevice]
) -> None:
    _, supervisor, manager = people
    conflict_id = the_conflict(supervisor)
    for device in (supervisor, manager):
        device.offline()
        settle(device, conflict_id, "mine")
    for device in (supervisor, manager):
        device.online()
        device.sync_well()
    assert manager.workplace.replica.outbox.parked() == ()
    (row,) = fleet.organization.rows("conflict")
    assert (row["resolution"], row["resolved_by"]) == ("mine", supervisor.person_id)
    fleet.assert_converged()


def test_a_settling_onto_what_has_changed_since_is_a_new_conflict(
    fleet: Fleet, people: tuple[FleetDevice, FleetDevice, FleetDevice]
) -> None:
    technician, supervisor, _ = people
    order_id = fleet.small.order_ids[0]
    supervisor.offline()
    settle(supervisor, the_conflict(supervisor), "mine")
    fleet.office.edit(order_id, title="The office's newest")
    supervisor.online()
    supervisor.sync_well()
    technician.sync_well()
    for device in (technician, supervisor):
        assert device.see("work_order", order_id)["title"] == "The office's newest"
        again = open_conflicts(device)["title"]
        assert (again.mine.raw, again.theirs.raw) == ("Technician's", "The office's newest")
        assert again.author == "The supervisor"
    fleet.assert_converged()


def leave_and_rejoin(fleet: Fleet, device: FleetDevice) -> None:
    order_id = fleet.small.order_ids[0]
    fleet.office.assign(order_id, login="technician2")
    device.sync_well()
    assert device.get("work_order", order_id) is None
    assert settled_conflicts(device) == {}, "what left has left"
    fleet.office.assign(order_id, login="technician")
    device.sync_well()


def test_losing_values_are_there_again_after_an_order_left_and_came_back(
    fleet: Fleet, people: tuple[FleetDevice, FleetDevice, FleetDevice]
) -> None:
    technician, supervisor, _ = people
    order_id = fleet.small.order_ids[0]
    settle(supervisor, the_conflict(supervisor), "mine")
    for device in (supervisor, technician):
        device.sync_well()
    before = history(technician, order_id)
    leave_and_rejoin(fleet, technician)
    assert history(technician, order_id) == before
    assert any("Supervisor's" in line for line in before)
    fleet.assert_converged()


def test_losing_values_outlive_the_commits_that_made_them(
    fleet: Fleet, people: tuple[FleetDevice, FleetDevice, FleetDevice]
) -> None:
    """After 400 days the server forgets commits; values lie in rows."""
    _, supervisor, _ = people
    order_id = fleet.small.order_ids[0]
    settle(supervisor, the_conflict(supervisor), "theirs", reason="It is the north gate.")
    fleet.assert_converged()
    fleet.clock.advance(days=401)
    fleet.organization.ask(
        "delete from org_commit c where organization_id = %s"
        " and seq < (select seq from org_clock where organization_id = c.organization_id)",
        fleet.organization.id,
    )
    newcomer = fleet.device("supervisor")
    line = settled_conflicts(newcomer)["title"]
    assert [line.base.raw, line.mine.raw, line.theirs.raw] == ["Order 1", "Technician's", "Supervisor's"]
    assert (line.resolution, line.reason) == ("theirs", "It is the north gate.")
    said = " ".join(history(newcomer, order_id))
    assert "Technician's" in said
    assert "Supervisor's" in said
    fleet.assert_converged()
