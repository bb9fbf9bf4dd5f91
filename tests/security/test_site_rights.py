"""Rights end at the site: what somebody sees, or was lent to, he does not rule."""

import json
from typing import Any

import pytest

from sync_server.contract.rules.assigning import made_id
from sync_server.contract.rules.draft import level_id
from tests.support.server_side import Scene, Server, new_id


def test_a_planner_puts_nobody_into_the_team_of_another_site(server: Server) -> None:
    scene = Scene.of(server)
    planner = scene.organization.person("planner", scene.organization.site())
    device = scene.organization.device(planner)
    device.sync()
    for site_id in (scene.site["id"], None):
        team = scene.organization.add("team", name="Team", site_id=site_id)
        answer = device.post(f"/v1/office/teams/{team['id']}/members", {"person_id": planner["id"]})
        assert answer.status_code in {403, 404}
    assert scene.organization.rows("team_member") == []


def test_a_supervisor_who_is_lent_to_another_site_works_there_like_a_technician(server: Server) -> None:
    scene = Scene.of(server)
    guest = scene.organization.person("supervisor", scene.organization.site())
    lent = scene.organization.order(scene.site, guest)
    device = scene.organization.device(guest)
    device.sync()
    assert device.push_one(device.edit("work_order", lent, title="Seen"))["status"] == "applied"
    deletion = device.mutation("work_order.delete", lent["id"])
    assert device.push_one(deletion)["code"] == "not_allowed"
    assigned = device.create(
        "work_order_assignment", aggregate_id=lent["id"], work_order_id=lent["id"], person_id=guest["id"]
    )
    assert device.push_one(assigned)["status"] == "conflict", "like a technician he asks"
    assert len(scene.organization.rows("work_order_assignment")) == len([scene.order, lent])


def test_whoever_takes_the_id_that_a_grant_will_give_stops_nobody_s_other_work(server: Server) -> None:
    """It is known as soon as the request is made; tried again for ever, the grant would stand before everything."""
    scene = Scene.of(server)
    (assignment,) = scene.organization.rows("work_order_assignment")
    request = scene.field.edit("work_order_assignment", assignment, person_id=None, reason="No licence.")
    (conflict_id,) = scene.field.push_one(request)["conflicts"]
    far = scene.organization.site()
    planner, colleague = scene.organization.person("planner", far), scene.organization.person("technician", scene.site)
    elsewhere, device = scene.organization.order(far), scene.organization.device(planner)
    device.sync()
    values = {"work_order_id": elsewhere["id"], "person_id": planner["id"]}
    taken = device.create("work_order_assignment", aggregate_id=elsewhere["id"], id_=made_id(conflict_id), **values)
    assert device.push_one(taken)["status"] == "applied"
    answer = {"resolution": [None, "edited"], "resolved_value": ["null", json.dumps(colleague["id"])]}
    grant = scene.office.mutation("conflict.resolve", conflict_id, aggregate_id=scene.order["id"], set=answer)
    verdicts = scene.office.push(grant, scene.office.comment(scene.order))
    assert [verdict["code"] or verdict["status"] for verdict in verdicts] == ["already_exists", "applied"]
    assert scene.organization.stands("work_order_assignment", assignment["id"])["deleted_at"] is None


def test_a_technician_of_another_site_neither_asks_about_an_order_nor_hears_that_there_is_one(server: Server) -> None:
    scene = Scene.of(server)
    stranger = scene.organization.person("technician", scene.organization.site())
    device = scene.organization.device(stranger)
    device.sync()
    (assignment,) = scene.organization.rows("work_order_assignment")
    no_order = new_id()
    stray = {**assignment, "id": new_id(), "aggregate_id": no_order}
    said = [
        device.push_one(device.edit("work_order_assignment", row, person_id=stranger["id"]))
        for row in (assignment, stray)
    ]
    for order_id in (scene.order["id"], no_order):
        values = {"work_order_id": order_id, "person_id": stranger["id"]}
        said.append(device.push_one(device.create("work_order_assignment", aggregate_id=order_id, **values)))
    assert {(verdict["status"], verdict["code"]) for verdict in said} == {("rejected", "not_found")}
    assert len({verdict["reason"] for verdict in said}) == 1
    assert scene.organization.rows("conflict") == []


def test_a_technician_takes_nothing_out_of_the_van_of_another(server: Server) -> None:
    scene = Scene.of(server)
    far = scene.organization.site()
    colleague = scene.organization.person("technician", far)
    part = scene.organization.add("part", code=new_id(), name="Filter")
    van = scene.organization.add(
        "stock_location",
        site_id=far["id"],
        owner_id=colleague["id"],
        kind="van",
        code="V",
        name="Van",
    )
    used = scene.field.movement(van["id"], part["id"], "-1", order_id=scene.order["id"])
    assert scene.field.push_one(used)["status"] == "held"
    assert scene.organization.rows("stock_movement") == []


def test_nobody_makes_a_visit_in_the_name_of_another(server: Server) -> None:
    scene = Scene.of(server)
    visit = scene.field.create(
        "work_log", aggregate_id=scene.order["id"], work_order_id=scene.order["id"], person_id=scene.supervisor["id"]
    )
    assert scene.field.push_one(visit)["code"] == "not_allowed"


# ---- a site that a mutation only names


def named_site(scene: Scene, store: dict[str, Any], *, site_id: object, **values: Any) -> list[dict[str, Any]]:
    """A movement that brings a store of the own site into the unit, and an order elsewhere that names the store."""
    part = scene.organization.add("part", code=new_id(), name="Filter")
    used = scene.field.movement(store["id"], part["id"], "-1", order_id=scene.order["id"])
    made = scene.field.create(
        "work_order", number=new_id(), title="Mine", site_id=site_id, stock_location_id=store["id"], **values
    )
    return [used, made]


def test_a_store_that_is_named_in_passing_does_not_say_where_an_order_is(server: Server) -> None:
    scene = Scene.of(server)
    far = scene.organization.site()
    asset = scene.organization.add("asset", site_id=far["id"], code="FAR-1", name="Vault pump")
    values = {"site_id": scene.site["id"], "kind": "store", "code": "S", "name": "Store"}
    store = scene.organization.add("stock_location", **values)
    first, second = scene.field.push(*named_site(scene, store, site_id=far["id"], asset_id=asset["id"]))
    assert (first["status"], second.get("code")) == ("applied", "not_found")
    assert {row["site_id"] for row in scene.organization.rows("work_order")} == {scene.site["id"]}
    assert asset["id"] not in scene.field.sync().of("asset")


@pytest.mark.parametrize("verb", ["create", "delete"])
def test_a_site_that_is_named_in_passing_opens_no_team(server: Server, verb: str) -> None:
    """A team of all sites gives its orders to whoever is in it."""
    scene = Scene.of(server)
    planner = scene.organization.person("planner", scene.site)
    device = scene.organization.device(planner)
    device.sync()
    team = scene.organization.add("team", name="Team of all sites")
    values = {"aggregate_id": team["id"], "team_id": team["id"]}
    if verb == "create":
        joining = device.create("team_member", **values, person_id=planner["id"], site_id=scene.site["id"])
    else:
        member = scene.organization.add("team_member", **values, person_id=scene.technician["id"])
        named = {"site_id": [None, scene.site["id"]]}
        joining = device.mutation("team_member.delete", member["id"], aggregate_id=team["id"], set=named)
    assert device.push_one(joining)["status"] == "rejected"
    assert [row["deleted_at"] for row in scene.organization.rows("team_member")] == ([] if verb == "create" else [None])


@pytest.mark.parametrize("verb", ["set", "delete"])
def test_who_rules_one_site_rules_no_access_to_another(server: Server, verb: str) -> None:
    scene = Scene.of(server)
    organization = scene.organization
    far = organization.site()
    ruler = organization.person("technician")
    values = {"person_id": ruler["id"], "site_id": scene.site["id"], "role": "manager"}
    organization.add("site_access", aggregate_id=ruler["id"], **values)
    other = organization.person("supervisor", far)
    device = organization.device(ruler)
    device.sync()
    (access,) = [row for row in organization.rows("site_access") if row["person_id"] == other["id"]]
    named = {
        "site_id": [far["id"], scene.site["id"]],
        **({"role": ["supervisor", "customer"]} if verb == "set" else {}),
    }
    attack = device.mutation(f"site_access.{verb}", access["id"], aggregate_id=other["id"], set=named)
    assert device.push_one(attack)["status"] == "rejected"
    stands = organization.stands("site_access", access["id"])
    assert (stands["role"], stands["deleted_at"]) == ("supervisor", None)
    granted = device.create(
        "site_access", aggregate_id=other["id"], person_id=other["id"], site_id=scene.site["id"], role="supervisor"
    )
    assert device.push_one(granted)["status"] == "applied", "of his own site he decides"


# ---- moving something to a site


def test_nobody_moves_an_order_to_a_site_where_he_may_do_nothing(server: Server) -> None:
    """Or he would be lent whatever lies there: the order is his, and its asset is of its site."""
    scene = Scene.of(server)
    far = scene.organization.site()
    asset = scene.organization.add("asset", site_id=far["id"], code="FAR-1", name="Vault pump")
    order = scene.organization.order(scene.site, scene.supervisor)
    scene.office.sync()
    moving = scene.office.edit("work_order", order, site_id=far["id"], asset_id=asset["id"])
    nowhere = scene.office.edit("work_order", order, site_id=new_id(), asset_id=new_id())
    codes = [scene.office.push_one(mutation)["code"] for mutation in (moving, nowhere)]
    assert codes == ["conflicting_reference"] * 2, "as if neither were there"
    assert scene.office.push_one(scene.office.edit("work_order", order, site_id=far["id"]))["code"] == "not_found"
    address = f"/v1/office/work-orders/{order['id']}"
    body = json.dumps({"set": {"site_id": [scene.site["id"], far["id"]]}}).encode()
    assert scene.office.request("PATCH", address, content=body).status_code == 404
    assert scene.organization.stands("work_order", order["id"])["site_id"] == scene.site["id"]
    both = {"person_id": scene.supervisor["id"], "site_id": far["id"], "role": "planner"}
    scene.organization.add("site_access", aggregate_id=scene.supervisor["id"], **both)
    assert scene.office.push_one(scene.office.edit("work_order", order, site_id=far["id"]))["status"] == "applied"


def test_a_request_to_move_is_granted_only_by_who_may_write_where_it_goes(server: Server) -> None:
    scene = Scene.of(server)
    far = scene.organization.site()
    asking = scene.field.edit("work_order", scene.order, site_id=far["id"])
    assert scene.field.push_one(asking)["status"] == "conflict"
    scene.office.sync()
    (request,) = scene.office.mirror.of("conflict").values()
    chosen = {"resolution": [None, "mine"], "resolved_value": [request["theirs_value"], request["mine_value"]]}
    granting = scene.office.mutation(
        "conflict.resolve", request["id"], aggregate_id=scene.order["id"], set=chosen, base=asking["base"]
    )
    assert scene.office.push_one(granting)["code"] == "not_found"
    assert scene.now()["site_id"] == scene.site["id"]
    assert scene.organization.stands("conflict", request["id"])["resolution"] is None


def test_a_held_move_is_approved_only_by_who_may_write_where_it_goes(server: Server) -> None:
    scene = Scene.of(server)
    far = scene.organization.site()
    guest = scene.organization.person("supervisor", scene.site)
    device = scene.organization.device(guest)
    device.sync()
    scene.organization.change("person", guest["id"], is_active=False)
    assert device.push_one(device.edit("work_order", scene.order, site_id=far["id"]))["status"] == "held"
    (held,) = scene.organization.rows("held_mutation")
    scene.office.sync()
    assert scene.office.push_one(scene.office.edit("held_mutation", held, decision="approved"))["code"] == "not_found"
    assert scene.now()["site_id"] == scene.site["id"]


# ---- what he does not see, and what is not there


@pytest.mark.parametrize("role", ["technician", "supervisor", "planner", "customer"])
def test_what_is_put_into_something_unseen_is_refused_like_what_is_put_into_nothing(server: Server, role: str) -> None:
    """Else whoever guesses an id learns whether there is such an order at another site."""
    scene = Scene.of(server)
    device = scene.organization.device(scene.organization.person(role, scene.organization.site()))
    device.sync()
    nobodys = {**scene.order, "id": new_id()}
    unseen, nothing = device.push(device.comment(scene.order), device.comment(nobodys))
    assert (unseen["code"], unseen["reason"]) == (nothing["code"], nothing["reason"])
    assert unseen["code"] == "not_found"


@pytest.mark.parametrize("role", ["technician", "supervisor", "planner", "manager"])
def test_what_nobody_writes_is_refused_alike_whether_it_is_there_or_not(server: Server, role: str) -> None:
    scene = Scene.of(server)
    part = scene.organization.add("part", code=new_id(), name="Filter")
    place = {"stock_location_id": _store(scene), "part_id": part["id"]}
    level = scene.organization.add("stock_level", id=level_id(*map(str, place.values())), quantity="0.0000", **place)
    device = scene.organization.device(scene.organization.person(role, scene.organization.site()))
    device.sync()
    nobodys = {**level, **dict.fromkeys(("id", "aggregate_id"), new_id())}
    unseen, nothing = (
        device.push_one(device.edit("stock_level", each, quantity="9.0000")) for each in (level, nobodys)
    )
    assert (unseen["code"], unseen["reason"]) == (nothing["code"], nothing["reason"])
    assert scene.organization.stands("stock_level", level["id"])["quantity"] == "0.0000"


@pytest.mark.parametrize("role", ["technician", "supervisor", "customer"])
def test_a_movement_of_no_level_tells_nothing_of_the_levels_of_others(server: Server, role: str) -> None:
    scene = Scene.of(server)
    part = scene.organization.add("part", code=new_id(), name="Filter")
    place = {"stock_location_id": _store(scene), "part_id": part["id"]}
    level_of = level_id(*map(str, place.values()))
    scene.organization.add("stock_level", id=level_of, quantity="0.0000", **place)
    own = scene.organization.site()
    store = scene.organization.add("stock_location", site_id=own["id"], kind="store", code="O", name="Own")
    device = scene.organization.device(scene.organization.person(role, own))
    device.sync()
    unseen, nothing = (
        device.push_one({**device.movement(store["id"], part["id"], "-1"), "aggregate_id": aggregate_id})
        for aggregate_id in (level_of, new_id())
    )
    answers = [(each["status"], each["code"], each["reason"]) for each in (unseen, nothing)]
    assert answers[0] == answers[1]
    assert unseen["status"] == "rejected"


def _store(scene: Scene) -> object:
    return scene.organization.add("stock_location", site_id=scene.site["id"], kind="store", code="ST", name="Store")[
        "id"
    ]
