"""What each scope holds and why (the table of sync.md §2), and what becomes of devices when teams, sites and roles
change while they are offline with work under way.
"""

from datetime import UTC
from typing import Any

import pytest

from cmms_desktop.application.queries.sync_page import sync_page
from cmms_desktop.sync.status import SyncStatus
from cmms_desktop.ui.screens.sync.list_words import trouble_lines
from cmms_desktop.ui.text.moments import Moments
from sync_server.application.organizations import Login, set_passwords
from sync_server.authz.passwords import Passwords
from sync_server.authz.visibility import grant_of, load_actors, may_hold
from sync_server.contract.messages import MAX_SCOPES
from sync_server.contract.rules.draft import Actor, level_id, stub_id
from tests.support.fleet import Fleet
from tests.support.order_work import work_offline
from tests.support.scope_oracle import assert_index_is_right
from tests.support.server_side import NOW, Scene
from tests.support.small_site import PASSWORD


def reasons(fleet: Fleet, aggregate_id: str) -> set[tuple[str, str]]:
    """(scope, kind of reason) of an aggregate; people by their login."""
    logins = {person_id: login for login, person_id in fleet.small.people.items()}
    found = fleet.organization.ask(
        "select scope_id, reason_type from scope_reason where organization_id = %s and aggregate_id = %s",
        fleet.organization.id,
        aggregate_id,
    )
    named = {"user": logins, "review": {}, "site": {}, "assets": {}, "stock": {}, "org": {}}
    return {
        (f"{kind}:{named[kind].get(subject, 'here' if subject == fleet.small.site_id else subject)}", reason)
        for (kind, _, subject), reason in ((scope.partition(":"), reason) for scope, reason in found)
    }


# ---- the table


def test_each_kind_of_record_is_in_the_scopes_of_the_table_and_in_no_other(fleet: Fleet) -> None:
    small, catalog = fleet.small, {("org:catalog", "catalog")}
    mine, _, theirs, teams, nobodys = small.order_ids
    assert reasons(fleet, mine) == {("user:technician", "assignment"), ("review:here", "site")}
    assert reasons(fleet, theirs) == {("user:technician2", "assignment"), ("review:here", "site")}
    assert reasons(fleet, teams) == reasons(fleet, nobodys) == {("review:here", "site")}
    assert reasons(fleet, small.asset_id) == {
        ("site:here", "site"),
        ("user:technician", "work_order"),
        ("user:technician2", "work_order"),
    }
    assert reasons(fleet, stub_id(small.asset_id)) == {("assets:here", "site")}
    (location,) = fleet.organization.rows("location")
    assert reasons(fleet, str(location["id"])) == {("assets:here", "site")}
    part_id = small.part_ids[0]
    assert reasons(fleet, level_id(small.store_id, part_id)) == {("stock:here", "store")}
    assert reasons(fleet, level_id(small.van_ids["technician"], part_id)) == {("user:technician", "van")}
    for each in (part_id, small.site_id, small.team_id, small.store_id, small.people["planner"]):
        assert reasons(fleet, each) == catalog


def test_an_assignment_lends_its_asset_and_a_reassignment_takes_back_exactly_that(fleet: Fleet) -> None:
    small, device = fleet.small, fleet.device("technician")
    first, second = small.order_ids[:2]

    def lent() -> list[tuple[str]]:
        return fleet.organization.ask(
            "select reason_id::text from scope_reason where organization_id = %s and aggregate_id = %s"
            " and reason_type = 'work_order' and scope_id = %s order by reason_id",
            fleet.organization.id,
            small.asset_id,
            f"user:{small.people['technician']}",
        )

    assert lent() == [(each,) for each in sorted((first, second))]
    fleet.office.assign(first, login="technician2")
    assert lent() == [(second,)]
    device.sync_well()
    assert device.get("asset", small.asset_id)
    fleet.office.assign(second, for_team=True)
    assert lent() == []
    device.sync_well()
    assert device.get("asset", small.asset_id) is None
    assert device.get("asset_stub", stub_id(small.asset_id)), "a scan still finds it"
    level = level_id(small.van_ids["technician"], small.part_ids[0])
    assert device.get("stock_level", level), "his van's stock is his whatever his orders are"
    fleet.office.join_team("technician")
    device.sync_well()
    assert device.get("asset", small.asset_id)
    fleet.assert_converged(fresh=())


def test_an_order_that_gets_another_asset_lends_that_one(fleet: Fleet) -> None:
    small, device = fleet.small, fleet.device("technician")
    other = fleet.organization.add("asset", site_id=small.site_id, code="PUMP-2", name="Pump two")
    for order_id in small.order_ids[:2]:
        fleet.organization.change("work_order", order_id, asset_id=other["id"])
    device.sync_well()
    assert device.get("asset", small.asset_id) is None
    assert device.see("asset", str(other["id"]))["code"] == "PUMP-2"
    fleet.assert_mirrored(fresh=())


def test_further_assets_of_an_order_come_and_go_with_it_and_no_other_way(fleet: Fleet) -> None:
    """Of the order's site to whoever holds it; of another site only to who may enter that one (D-135)."""
    small, organization = fleet.small, fleet.organization
    second = Second(fleet)
    near = organization.add("asset", site_id=small.site_id, code="NEAR", name="Near")
    far = organization.add("asset", site_id=second.site["id"], code="FAR", name="Far")
    device, order_id = fleet.device("technician"), small.order_ids[0]
    named = [
        organization.add("work_order_asset", aggregate_id=order_id, work_order_id=order_id, asset_id=asset["id"])
        for asset in (near, far)
    ]
    device.sync_well()
    assert device.see("asset", near["id"])["code"] == "NEAR"
    assert device.get("asset", far["id"]) is None
    second.give_access("technician", "technician")
    device.sync_well()
    assert device.see("asset", far["id"])["code"] == "FAR"
    organization.change("work_order_asset", named[0]["id"], deleted_at=NOW)
    device.sync_well()
    assert device.get("asset", near["id"]) is None
    organization.change("asset", far["id"], site_id=small.site_id)
    fleet.office.assign(order_id, login="technician2")
    device.sync_well()
    assert device.get("asset", far["id"]) is None
    fleet.assert_mirrored(fresh=())
    assert_index_is_right(organization)


@pytest.mark.parametrize("role", ["technician", "supervisor", "manager"])
def test_a_device_holds_at_most_64_scopes_the_most_needed_first(fleet: Fleet, role: str) -> None:
    """Orders, catalogue and reviews of all sites before stock, and labels to scan last (D-23)."""
    scene = Scene.of(fleet.stoppable.server)
    organization = scene.organization
    for _ in range(39):
        organization.site()
    sites = {str(row["id"]): role for row in organization.rows("site")}
    actor = Actor(str(scene.technician["id"]), role, {} if role == "manager" else sites)
    with organization.database.transaction("app_sync", organization.id, read_only=True) as connection:
        grant = grant_of(connection, organization.id, actor)
    scopes = grant.scopes
    assert len(scopes) == len(set(scopes)) == MAX_SCOPES == 64
    assert scopes[:2] == (f"user:{actor.person_id}", "org:catalog")
    assert all(may_hold(actor, scope) for scope in scopes)
    kinds = list(dict.fromkeys(scope.partition(":")[0] for scope in scopes))
    assert kinds == (["user", "org", "stock", "assets"] if role == "technician" else ["user", "org", "review", "site"])
    first = sum(scope.startswith(("stock:", "review:")) for scope in scopes)
    assert first == 40, "the first kind is whole; it is the last one that is cut"
    assert grant.sites_left_out == (18 if role == "technician" else 40)


def test_a_person_of_too_many_sites_is_told_so_and_works_with_what_fits(fleet: Fleet) -> None:
    """More sites than a device has scopes for: nothing fails, nothing is fetched in vain, and a sentence says it."""
    organization, person_id = fleet.organization, fleet.small.people["technician"]
    sites = [str(organization.site()["id"]) for _ in range(34)]
    for site_id in sites:
        organization.add("site_access", aggregate_id=person_id, person_id=person_id, site_id=site_id, role="technician")
    device = fleet.device("technician")
    assert device.workplace.replica.state().sites_left_out == 8
    with device.workplace.replica.read() as reading:
        page = sync_page(reading)
    told = trouble_lines(SyncStatus(), page, Moments(UTC), NOW)[0].text
    assert told.startswith("You may enter more sites than fit on a device. Your orders are here. Of 8 of them ")
    with device.write() as write:
        write.set("work_order", fleet.small.order_ids[0], priority="critical")
    device.sync_well()
    assert (device.waiting, device.sync_well().bootstrapped) == (0, [])
    for row in organization.rows("site_access"):
        if row["site_id"] in sites[:20]:
            organization.change("site_access", str(row["id"]), deleted_at=NOW)
    device.reopen()
    device.sync_well()
    assert device.workplace.replica.state().sites_left_out == 0
    fleet.assert_converged()


# ---- teams, sites and roles change while people are away


class Second:
    """A second site with a supervisor of its own, in the organization of a fleet."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet, organization = fleet, fleet.organization
        self.site = organization.site()
        person = organization.person("supervisor", self.site)
        fleet.small.people["supervisor2"] = str(person["id"])
        login = Login(str(person["id"]), "supervisor2", PASSWORD)
        set_passwords(organization.database, organization.id, logins=[login], passwords=Passwords(cheap=True))
        fleet.ledger.begin()

    def give_access(self, login: str, role: str) -> None:
        """Let somebody enter this site too."""
        person_id = self.fleet.small.people[login]
        self.fleet.organization.add(
            "site_access", aggregate_id=person_id, person_id=person_id, site_id=self.site["id"], role=role
        )


def held_whys(fleet: Fleet) -> list[Any]:
    return sorted(row["why"] for row in fleet.organization.rows("held_mutation"))


def test_joining_and_leaving_a_team_moves_its_orders_while_people_are_away(fleet: Fleet) -> None:
    order_id, device = fleet.small.order_ids[3], fleet.device("technician")
    fleet.office.join_team("technician")
    device.sync_well()
    assert device.see("work_order", order_id)
    work_offline(device, order_id)
    fleet.office.leave_team("technician")
    fleet.office.join_team("technician2")
    second = fleet.device("technician2")
    assert second.see("work_order", order_id)
    device.online()
    assert device.sync_well().verdicts == {"applied": 1, "held": 1}
    assert device.get("work_order", order_id) is None
    assert held_whys(fleet) == ["access_lost"]
    fleet.office.join_team("technician")
    fleet.assert_converged(fresh=())
    assert device.see("work_order", order_id)


def test_who_joins_a_team_and_is_assigned_by_name_stays_when_one_of_both_ends(fleet: Fleet) -> None:
    order_id, device = fleet.small.order_ids[3], fleet.device("technician")
    fleet.office.join_team("technician")
    fleet.organization.add(
        "work_order_assignment",
        aggregate_id=order_id,
        work_order_id=order_id,
        person_id=fleet.small.people["technician"],
    )
    fleet.ledger.begin()
    device.sync_well()
    fleet.office.leave_team("technician")
    device.sync_well()
    assert device.see("work_order", order_id)
    fleet.assert_converged(fresh=())


def test_an_order_that_moves_to_another_site_changes_supervisors_and_keeps_its_technician(fleet: Fleet) -> None:
    second, order_id = Second(fleet), fleet.small.order_ids[0]
    here, there, technician = fleet.device("supervisor"), fleet.device("supervisor2"), fleet.device("technician")
    work_offline(here, order_id)
    work_offline(technician, order_id)
    fleet.organization.change("work_order", order_id, site_id=second.site["id"])
    for device in (here, technician):
        device.online()
    assert technician.sync_well().verdicts == {"applied": 1, "merged": 1}
    assert here.sync_well().verdicts == {"applied": 1, "held": 1}
    there.sync_well()
    assert (here.get("work_order", order_id), technician.get("work_order", order_id) is None) == (None, False)
    assert there.see("work_order", order_id)["completion_note"] == "Noted without a network."
    fleet.assert_converged(fresh=())


def test_an_asset_that_moves_to_another_site_changes_scopes_with_its_label(fleet: Fleet) -> None:
    second, asset_id = Second(fleet), fleet.small.asset_id
    here, there, technician = fleet.device("supervisor"), fleet.device("supervisor2"), fleet.device("technician")
    asset, stub = (
        fleet.organization.stands("asset", asset_id),
        fleet.organization.stands("asset_stub", stub_id(asset_id)),
    )
    moved = {"site_id": second.site["id"]}
    fleet.organization.commit([("asset", {**asset, **moved}), ("asset_stub", {**stub, **moved})])
    for device in (here, there, technician):
        device.sync_well()
    assert here.get("asset", asset_id) is None
    assert there.see("asset", asset_id)
    assert technician.get("asset", asset_id) is None, "an order lends what lies at its own site"
    assert technician.get("asset_stub", stub_id(asset_id)) is None
    second.give_access("technician", "technician")
    technician.sync_well()
    assert technician.see("asset", asset_id), "or where he may enter himself"
    assert technician.see("asset_stub", stub_id(asset_id))
    fleet.assert_converged(fresh=())


def test_a_technician_becomes_supervisor_and_technician_again_with_work_under_way(fleet: Fleet) -> None:
    device, foreign = fleet.device("technician"), fleet.small.order_ids[2]
    own = fleet.small.order_ids[0]
    work_offline(device, own)
    fleet.office.give_role("technician", "supervisor")
    device.online()
    assert device.sync_well().verdicts == {"applied": 2}
    assert device.see("work_order", foreign)
    work_offline(device, foreign)
    fleet.office.give_role("technician", "technician")
    device.online()
    assert device.sync_well().verdicts == {"held": 2}
    assert held_whys(fleet) == ["access_lost", "access_lost"]
    assert device.get("work_order", foreign) is None
    assert device.see("work_order", own)
    fleet.assert_converged(fresh=())


def test_access_to_a_site_taken_with_work_under_way_and_given_back(fleet: Fleet) -> None:
    """A technician keeps the orders that are assigned to him; a supervisor loses the site with all its orders."""
    technician, supervisor = fleet.device("technician"), fleet.device("supervisor")
    own, foreign = fleet.small.order_ids[0], fleet.small.order_ids[2]
    work_offline(technician, own)
    work_offline(supervisor, foreign)
    for login in ("technician", "supervisor"):
        fleet.organization.change("site_access", fleet.office.access_of(login)["id"], deleted_at=NOW)
    for device in (technician, supervisor):
        device.online()
    assert technician.sync_well().verdicts == {"applied": 2}
    assert supervisor.sync_well().verdicts == {"held": 2}
    assert technician.see("work_order", own)
    assert technician.get("asset_stub", stub_id(fleet.small.asset_id)) is None
    assert supervisor.get("work_order", foreign) is None
    fleet.assert_mirrored(fresh=())
    for login in ("technician", "supervisor"):
        fleet.organization.change("site_access", fleet.office.access_of(login)["id"], deleted_at=None)
    for device in (technician, supervisor):
        device.sync_well()
    assert supervisor.see("work_order", foreign)
    assert technician.see("asset_stub", stub_id(fleet.small.asset_id))
    fleet.assert_converged(fresh=())


def test_roles_differ_from_site_to_site(fleet: Fleet) -> None:
    second, device = Second(fleet), fleet.device("technician")
    there = fleet.organization.order(second.site)
    fleet.ledger.begin()
    second.give_access("technician", "supervisor")
    device.sync_well()
    assert device.see("work_order", str(there["id"])), "he supervises there"
    assert device.get("work_order", fleet.small.order_ids[2]) is None, "and is a technician here"
    fleet.assert_converged(fresh=())


@pytest.mark.parametrize("roles", [("technician", "supervisor"), ("supervisor", "technician")])
def test_of_two_accesses_to_one_site_the_greater_counts_whichever_came_first(fleet: Fleet, roles: list[str]) -> None:
    """Two in the office may give one at the same moment; devices and server must not choose by chance."""
    second, device = Second(fleet), fleet.device("technician")
    there = fleet.organization.order(second.site)
    fleet.ledger.begin()
    for role in roles:
        second.give_access("technician", role)
    device.sync_well()
    assert device.see("work_order", str(there["id"]))
    assert device.workplace.replica.actor().role_at(second.site["id"]) == "supervisor"
    with fleet.organization.database.transaction("app_sync", fleet.organization.id) as connection:
        actors = load_actors(connection, fleet.organization.id, [fleet.small.people["technician"]])
    assert [actor.role_at(second.site["id"]) for actor in actors.values()] == ["supervisor"]
    fleet.assert_converged(fresh=())
