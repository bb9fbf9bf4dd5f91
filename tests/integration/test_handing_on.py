"""A technician cannot take an order: he asks the office, which decides; two real devices, a server, and no network."""

from collections.abc import Callable
from functools import partial
from uuid import uuid4

import pytest

from cmms_desktop.application.commands.handing_on import ask_to_hand_on
from cmms_desktop.application.queries.assignment_requests import AssignmentRequest, assignment_requests, handing_on
from cmms_desktop.application.queries.sync_page import sync_page
from cmms_desktop.errors import Refused
from cmms_desktop.ui.screens.sync.list_words import notice_words
from sync_server.application.planning import Step, act
from sync_server.authz.visibility import Caller
from sync_server.contract.column_types import instant_text
from sync_server.contract.rules import assigning
from tests.support.fleet import Fleet, FleetDevice
from tests.support.settling import history, open_conflicts, right_to, settle, settled_conflicts, why_on

WHY = "I have no licence for the lift."


def asked(device: FleetDevice, order_id: str, *, login: str = "", for_team: bool = False) -> None:
    """Ask, out of reach of the server."""
    device.offline()
    small = device.fleet.small
    person_id, team_id = small.people[login] if login else None, small.team_id if for_team else None
    with device.write() as write:
        ask_to_hand_on(write, order_id, person_id=person_id, team_id=team_id, reason=WHY)


def seen(device: FleetDevice, order_id: str) -> list[AssignmentRequest]:
    with device.workplace.replica.read() as reading:
        return list(assignment_requests(reading, order_id))


def has(fleet: Fleet, order_id: str) -> set[object]:
    """Who has the order, as the server says."""
    rows = fleet.organization.rows("work_order_assignment")
    live = [row for row in rows if row["deleted_at"] is None and row["work_order_id"] == order_id]
    return {row["person_id"] or row["team_id"] for row in live}


def everybody(fleet: Fleet) -> None:
    for _ in range(2):
        for device in fleet.devices:
            device.sync_well()


@pytest.fixture
def pair(fleet: Fleet) -> tuple[FleetDevice, FleetDevice]:
    return fleet.device("technician"), fleet.device("supervisor")


def test_a_request_waits_on_the_order_from_the_first_moment_and_reaches_the_supervisor(
    fleet: Fleet, pair: tuple[FleetDevice, FleetDevice]
) -> None:
    technician, supervisor = pair
    order_id = fleet.small.order_ids[0]
    asked(technician, order_id, login="technician2")
    (mine,) = seen(technician, order_id)
    assert (mine.stage, mine.to, mine.reason) == ("here", "The technician2", WHY)
    with technician.workplace.replica.read() as reading:
        assert handing_on(reading, order_id).assignment_id == "", "he asks once"
    with pytest.raises(Refused), technician.write() as write:
        ask_to_hand_on(write, order_id, reason=WHY)
    technician.sync_well()
    supervisor.sync_well()
    assert has(fleet, order_id) == {technician.person_id}
    (mine,), (theirs,) = seen(technician, order_id), seen(supervisor, order_id)
    assert (mine.stage, mine.is_mine) == ("asked", True)
    assert (theirs.author, theirs.is_mine, theirs.to, theirs.reason) == (
        "The technician",
        False,
        "The technician2",
        WHY,
    )
    (line,) = open_conflicts(supervisor).values()
    assert (line.kind, line.base.name, line.mine.name) == ("request", "The technician", "The technician2")
    assert line.asked_because == WHY
    assert (right_to(technician, line.id).why_not is None, right_to(supervisor, line.id).why_not) == (False, None)
    fleet.assert_converged()


@pytest.mark.parametrize("to", ["technician2", "team", ""])
def test_granting_takes_it_from_one_and_gives_it_to_the_other(
    fleet: Fleet, pair: tuple[FleetDevice, FleetDevice], to: str
) -> None:
    technician, supervisor = pair
    colleague = fleet.device("technician2")
    order_id = fleet.small.order_ids[0]
    if to == "team":
        fleet.office.join_team("technician2")
    asked(technician, order_id, login=to if to != "team" else "", for_team=to == "team")
    technician.sync_well()
    supervisor.sync_well()
    supervisor.offline()
    (line,) = open_conflicts(supervisor).values()
    settle(supervisor, line.id, "mine", reason="Thanks.")
    everybody(fleet)
    wanted = {"technician2": colleague.person_id, "team": fleet.small.team_id}
    assert has(fleet, order_id) == ({wanted[to]} if to else set())
    assert fleet.office.order(order_id)["status"] == ("assigned" if to else "new")
    assert technician.get("work_order", order_id) is None
    assert (colleague.get("work_order", order_id) is not None) == bool(to)
    with technician.workplace.replica.read() as reading:
        told = sync_page(reading).notices
    assert [notice_words(each, 0) for each in told] == ["1 order that you asked to hand on is not yours any more."]
    (answered,) = settled_conflicts(supervisor, order_id).values()
    assert why_on(supervisor, answered).startswith("You granted The technician's request, ")
    fleet.assert_converged()


def test_a_declined_technician_keeps_the_order_and_hears_the_word(
    fleet: Fleet, pair: tuple[FleetDevice, FleetDevice]
) -> None:
    technician, supervisor = pair
    order_id = fleet.small.order_ids[0]
    asked(technician, order_id)
    technician.sync_well()
    supervisor.sync_well()
    (line,) = open_conflicts(supervisor).values()
    settle(supervisor, line.id, "theirs", reason="Nobody else is there.")
    everybody(fleet)
    (answered,) = settled_conflicts(technician, order_id).values()
    assert why_on(technician, answered).startswith("The supervisor declined your request, ")
    assert answered.reason == "Nobody else is there."
    assert has(fleet, order_id) == {technician.person_id}
    assert [each["text"] for each in technician.rows("comment", order_id)] == [WHY]
    assert "The supervisor declined your request" in " ".join(history(technician, order_id))
    asked(technician, order_id, login="technician2")
    assert [each.stage for each in seen(technician, order_id)] == ["here"], "he may ask for something else"
    fleet.assert_converged()


def test_he_takes_it_back_before_it_was_sent_and_after(fleet: Fleet, pair: tuple[FleetDevice, FleetDevice]) -> None:
    technician, supervisor = pair
    order_id = fleet.small.order_ids[0]
    asked(technician, order_id)
    (mine,) = seen(technician, order_id)
    technician.workplace.replica.outbox.withdraw(mine.id, with_dependents=False)
    assert seen(technician, order_id) == technician.rows("comment", order_id) == []
    asked(technician, order_id)
    technician.sync_well()
    (mine,) = seen(technician, order_id)
    technician.offline()
    settle(technician, mine.id, "theirs")
    assert seen(technician, order_id) == []
    everybody(fleet)
    assert open_conflicts(supervisor) == {}
    (line,) = settled_conflicts(supervisor, order_id).values()
    assert why_on(supervisor, line).startswith("The technician took the request back")
    fleet.assert_converged()


def test_of_two_answers_the_first_counts_and_the_second_is_told(
    fleet: Fleet, pair: tuple[FleetDevice, FleetDevice]
) -> None:
    technician, supervisor = pair
    manager = fleet.device("manager")
    order_id = fleet.small.order_ids[0]
    asked(technician, order_id, login="technician2")
    everybody(fleet)
    (line,) = open_conflicts(supervisor).values()
    for device, choice in ((supervisor, "mine"), (manager, "theirs")):
        device.offline()
        settle(device, line.id, choice)  # type: ignore[arg-type]
    supervisor.sync_well()
    manager.sync_well()
    (parked,) = manager.workplace.replica.outbox.parked()
    assert parked.code == "already_exists"
    assert has(fleet, order_id) == {fleet.small.people["technician2"]}
    manager.withdraw_refused()
    fleet.assert_converged()


def away(fleet: Fleet, order_id: str) -> None:
    fleet.office.assign(order_id, login="technician2")


def done(fleet: Fleet, order_id: str) -> None:
    fleet.office.edit(order_id, status="cancelled")


@pytest.mark.parametrize(("meanwhile", "said"), [(away, assigning.GIVEN_AWAY), (done, assigning.FINISHED)])
def test_what_the_office_did_meanwhile_makes_an_open_request_void_and_says_so(
    fleet: Fleet,
    pair: tuple[FleetDevice, FleetDevice],
    meanwhile: Callable[[Fleet, str], None],
    said: str,
) -> None:
    technician, supervisor = pair
    order_id = fleet.small.order_ids[0]
    asked(technician, order_id)
    everybody(fleet)
    supervisor.sync_well()
    (line,) = open_conflicts(supervisor).values()
    supervisor.offline()
    settle(supervisor, line.id, "mine")
    meanwhile(fleet, order_id)
    supervisor.sync_well()
    parked = supervisor.workplace.replica.outbox.parked()
    assert any(said in (each.reason or "") for each in parked)
    assert fleet.office.order(order_id)["status"] == ("assigned" if said == assigning.GIVEN_AWAY else "cancelled")
    supervisor.withdraw_refused()
    everybody(fleet)
    assert open_conflicts(supervisor) == {}
    (void,) = settled_conflicts(supervisor, order_id).values()
    assert why_on(supervisor, void) == f"{said} Nothing is left to answer."
    assert seen(supervisor, order_id) == []
    assert (technician.get("work_order", order_id) is None) == (said == assigning.GIVEN_AWAY)
    fleet.assert_converged()


def test_what_comes_too_late_is_held_and_approving_it_says_why_not(
    fleet: Fleet, pair: tuple[FleetDevice, FleetDevice]
) -> None:
    """He lost the order while he asked: the table of sync.md §5 holds what is not append-only."""
    technician, supervisor = pair
    order_id = fleet.small.order_ids[0]
    asked(technician, order_id, login="technician2")
    away(fleet, order_id)
    technician.sync_well()
    (held,) = fleet.organization.rows("held_mutation")
    assert held["why"] == "access_lost"
    supervisor.sync_well()
    with supervisor.write() as write:
        write.set("held_mutation", str(held["id"]), decision="approved")
    supervisor.sync_well()
    (parked,) = supervisor.workplace.replica.outbox.parked()
    assert parked.reason == assigning.GIVEN_AWAY
    supervisor.withdraw_refused()
    assert has(fleet, order_id) == {fleet.small.people["technician2"]}
    with supervisor.write() as write:
        write.set("held_mutation", str(held["id"]), decision="refused", reason="It is not yours any more.")
    everybody(fleet)
    (refused,) = technician.workplace.replica.outbox.parked()
    assert refused.reason == "It is not yours any more.", "what he asked is kept, with the answer"
    technician.withdraw_refused()
    fleet.assert_converged()


def test_a_team_s_order_is_handed_on_by_who_is_in_it(fleet: Fleet, pair: tuple[FleetDevice, FleetDevice]) -> None:
    technician, supervisor = pair
    order_id = fleet.small.order_ids[3]
    with supervisor.workplace.replica.read() as reading:
        assert handing_on(reading, order_id).assignment_id == "", "it is not his"
    fleet.office.join_team("technician")
    technician.sync_well()
    with technician.workplace.replica.read() as reading:
        assert handing_on(reading, order_id).team
    asked(technician, order_id, login="technician2")
    everybody(fleet)
    (line,) = open_conflicts(supervisor).values()
    settle(supervisor, line.id, "mine")
    everybody(fleet)
    assert has(fleet, order_id) == {fleet.small.people["technician2"]}
    assert technician.get("work_order", order_id) is None
    fleet.assert_converged()


def test_what_an_altered_app_sends_becomes_the_same_request(
    fleet: Fleet, pair: tuple[FleetDevice, FleetDevice]
) -> None:
    technician, supervisor = pair
    order_id = fleet.small.order_ids[0]
    (assignment,) = technician.rows("work_order_assignment", order_id)
    with technician.write() as write:
        write.delete("work_order_assignment", str(assignment["id"]))
    with technician.write() as write:
        write.create(
            "work_order_assignment", {"work_order_id": order_id, "person_id": fleet.small.people["technician2"]}
        )
    technician.sync_well()
    technician.sync_well()
    supervisor.sync_well()
    assert has(fleet, order_id) == {technician.person_id}
    assert sorted(each.to for each in seen(supervisor, order_id)) == ["", "The technician2"]
    for request in seen(supervisor, order_id):
        settle(supervisor, request.id, "mine")
    everybody(fleet)
    assert has(fleet, order_id) == {fleet.small.people["technician2"]}
    fleet.assert_converged()


def test_only_who_assigns_may_grant_even_past_his_own_app(fleet: Fleet, pair: tuple[FleetDevice, FleetDevice]) -> None:
    technician, _ = pair
    order_id = fleet.small.order_ids[0]
    asked(technician, order_id, login="technician2")
    technician.sync_well()
    (mine,) = seen(technician, order_id)
    grant = partial(settle, technician, mine.id, "mine")
    with pytest.raises(Refused, match="office"):
        grant()
    assert has(fleet, order_id) == {technician.person_id}
    fleet.assert_converged()


def test_work_that_waits_when_the_order_goes_is_not_lost(fleet: Fleet, pair: tuple[FleetDevice, FleetDevice]) -> None:
    technician, supervisor = pair
    order_id = fleet.small.order_ids[0]
    asked(technician, order_id, login="technician2")
    technician.sync_well()
    supervisor.sync_well()
    technician.offline()
    with technician.write() as write:
        comment = write.create(
            "comment",
            {
                "work_order_id": order_id,
                "author_id": technician.person_id,
                "text": "Key is at the gate.",
                "written_at": write.now,
            },
        )
    (line,) = open_conflicts(supervisor).values()
    settle(supervisor, line.id, "mine")
    supervisor.sync_well()
    everybody(fleet)
    kept = fleet.organization.stands("comment", comment)
    assert (kept["text"], kept["is_late"]) == ("Key is at the gate.", True)
    assert technician.get("work_order", order_id) is None
    fleet.assert_converged()


def add(fleet: Fleet, order_id: str, login: str) -> None:
    """Give an order to one more, as a planner's own program may."""
    values = {"work_order_id": (None, order_id), "person_id": (None, fleet.small.people[login])}
    planner = Caller(fleet.organization.id, fleet.small.people["planner"], str(uuid4()))
    steps = [Step("work_order_assignment.create", order_id, str(uuid4()), values)]
    act(fleet.organization.database, planner, steps, at=instant_text(fleet.clock()))


def test_an_order_that_somebody_got_while_another_gives_it_back_is_not_new(
    fleet: Fleet, pair: tuple[FleetDevice, FleetDevice]
) -> None:
    """Granted out of reach of the server, where nobody is left, while the office gives it to one more."""
    technician, supervisor = pair
    order_id = fleet.small.order_ids[0]
    asked(technician, order_id)
    everybody(fleet)
    (line,) = open_conflicts(supervisor).values()
    supervisor.offline()
    settle(supervisor, line.id, "mine")
    assert supervisor.see("work_order", order_id)["status"] == "new"
    add(fleet, order_id, "technician2")
    everybody(fleet)
    assert has(fleet, order_id) == {fleet.small.people["technician2"]}
    assert fleet.office.order(order_id)["status"] == supervisor.see("work_order", order_id)["status"] == "assigned"
    fleet.assert_converged()


@pytest.mark.parametrize("number_of_holders", [1, 2])
def test_an_order_that_all_have_given_back_is_new_whoever_granted_it(
    fleet: Fleet, pair: tuple[FleetDevice, FleetDevice], number_of_holders: int
) -> None:
    """Each grants one of two without knowing of the other: on neither device nobody is left."""
    technician, supervisor = pair
    colleague, manager = fleet.device("technician2"), fleet.device("manager")
    order_id = fleet.small.order_ids[0]
    add(fleet, order_id, "technician2")
    everybody(fleet)
    for device in (technician, colleague)[:number_of_holders]:
        asked(device, order_id)
        device.sync_well()
    everybody(fleet)
    with supervisor.workplace.replica.read() as reading:
        requests = assignment_requests(reading, order_id)
    for device, request in zip((supervisor, manager), requests, strict=False):
        device.offline()
        settle(device, request.id, "mine")
        assert device.see("work_order", order_id)["status"] == "assigned"
    everybody(fleet)
    assert len(has(fleet, order_id)) == 2 - number_of_holders
    assert supervisor.see("work_order", order_id)["status"] == ("new" if number_of_holders == 2 else "assigned")
    fleet.assert_converged()


def test_an_order_that_became_new_while_somebody_was_to_get_it_is_assigned(
    fleet: Fleet, pair: tuple[FleetDevice, FleetDevice]
) -> None:
    """A manager gives it to one more out of reach, where it is assigned still."""
    technician, supervisor = pair
    manager = fleet.device("manager")
    order_id = fleet.small.order_ids[0]
    asked(technician, order_id)
    everybody(fleet)
    manager.offline()
    given = {"work_order_id": order_id, "person_id": fleet.small.people["technician2"]}
    with manager.write() as write:
        write.create("work_order_assignment", given)
    (line,) = open_conflicts(supervisor).values()
    settle(supervisor, line.id, "mine")
    supervisor.sync_well()
    assert fleet.office.order(order_id)["status"] == "new"
    everybody(fleet)
    assert has(fleet, order_id) == {fleet.small.people["technician2"]}
    assert fleet.office.order(order_id)["status"] == manager.see("work_order", order_id)["status"] == "assigned"
    fleet.assert_converged()
