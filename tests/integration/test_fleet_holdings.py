"""Who holds what: orders that leave, come back and are shared, with the work that waits on them."""

import pytest

from cmms_desktop.application.commands import checklists
from cmms_desktop.errors import Refused
from cmms_desktop.sync.engine import Report
from tests.support import convergence
from tests.support.fleet import Fleet, a_fleet
from tests.support.order_work import answer, comment, item_of, retitle
from tests.support.stoppable_server import StoppableServer


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
