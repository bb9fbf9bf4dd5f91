"""What a person is given besides his role: it counts from the next commit on, no further than it says, until taken."""

import pytest

from sync_server.application import permissions
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.rules.permission import refusal
from sync_server.errors import Refused
from tests.support.device_side import Client, Json
from tests.support.server_side import Scene, Server, new_id


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server, status="in_progress", requires_signature=False)


def give(scene: Scene, person: Row, resource: str, action: str, scope: str, site: Row | None = None) -> None:
    where = None if site is None else site["code"]
    permissions.give(
        scene.organization.database,
        scene.organization.id,
        login=str(person["id"]),
        resource=resource,
        action=action,
        scope=scope,
        site_code=None if where is None else str(where),
    )


def take(scene: Scene, person: Row, resource: str, action: str) -> int:
    asked = {"login": str(person["id"]), "resource": resource, "action": action}
    return permissions.take(scene.organization.database, scene.organization.id, **asked)


def a_part(scene: Scene) -> Row:
    return scene.organization.add("part", code=new_id(), name="Filter")


def rename(scene: Scene, client: Client, part: Row) -> Json:
    return client.push_one(client.edit("part", scene.organization.stands("part", part["id"]), name=new_id()))


def test_a_permission_counts_with_the_next_commit_and_no_longer_than_it_is_given(scene: Scene) -> None:
    part, asked = a_part(scene), refusal("part", "change")
    verdict = rename(scene, scene.field, part)
    assert (verdict["code"], verdict["reason"]) == (asked.code, asked.sentence)
    give(scene, scene.technician, "part", "change", "organization")
    assert rename(scene, scene.field, part)["status"] in {"applied", "merged"}
    assert rename(scene, scene.office, part)["code"] == "not_allowed", "it is his alone"
    assert take(scene, scene.technician, "part", "change") == 1
    assert rename(scene, scene.field, part)["code"] == "not_allowed"
    assert take(scene, scene.technician, "part", "change") == 0


def test_it_reaches_the_person_s_device_and_leaves_it(scene: Scene) -> None:
    give(scene, scene.technician, "part", "change", "organization")
    (row,) = scene.field.sync().of("person_permission").values()
    assert (row["person_id"], row["resource"], row["action"]) == (scene.technician["id"], "part", "change")
    take(scene, scene.technician, "part", "change")
    assert [row["deleted_at"] for row in scene.field.sync().of("person_permission").values()] != [None]


@pytest.mark.parametrize("scope", ["own", "team", "site"])
def test_it_reaches_no_further_than_its_scope(scene: Scene, scope: str) -> None:
    """A part belongs to no site and to nobody."""
    give(scene, scene.technician, "part", "change", scope)
    assert rename(scene, scene.field, a_part(scene))["code"] == "not_allowed"


def test_at_one_site_it_holds_at_that_site_only(scene: Scene) -> None:
    organization = scene.organization
    far = organization.site()
    both = organization.person("technician", scene.site, far)
    orders = {str(site["id"]): organization.order(site, both) for site in (scene.site, far)}
    device = organization.device(both)
    device.sync()
    give(scene, both, "work_order", "delete", "team", scene.site)
    deletions = {site: device.mutation("work_order.delete", order["id"]) for site, order in orders.items()}
    found = {site: device.push_one(deletion)["status"] for site, deletion in deletions.items()}
    assert found == {scene.site["id"]: "applied", far["id"]: "rejected"}


def test_whoever_sees_a_record_because_of_nothing_sees_it_no_more_for_a_permission(scene: Scene) -> None:
    far = scene.organization.site()
    order = scene.organization.order(far)
    give(scene, scene.technician, "work_order", "change", "organization")
    assert scene.field.push_one(scene.field.edit("work_order", order, title="Mine"))["code"] == "not_found"
    assert order["id"] not in scene.field.sync().of("work_order")


def test_who_was_given_to_sign_off_takes_the_order_where_that_leads(scene: Scene) -> None:
    organization = scene.organization
    other = organization.order(scene.site, scene.technician, status="completed", requires_signature=False)
    scene.field.sync()
    returned: dict[str, Scalar] = {"status": "in_progress", "status_reason": "Valve open"}
    assert scene.field.push_one(scene.field.edit("work_order", other, **returned))["status"] == "conflict"
    give(scene, scene.technician, "work_order", "review", "team")
    again = organization.order(scene.site, scene.technician, status="completed", requires_signature=False)
    scene.field.sync()
    assert scene.field.push_one(scene.field.edit("work_order", again, **returned))["status"] == "applied"
    assert organization.stands("work_order", again["id"])["status"] == "in_progress"
    reopened = organization.order(scene.site, scene.technician, status="closed", requires_signature=False)
    scene.field.sync()
    assert scene.field.push_one(scene.field.edit("work_order", reopened, **returned))["status"] == "conflict"


def test_who_was_given_to_plan_plans_where_others_ask(scene: Scene) -> None:
    due: dict[str, Scalar] = {"due_at": "2026-04-01T08:00:00.000000Z"}
    assert scene.field.push_one(scene.field.edit("work_order", scene.order, **due))["status"] == "conflict"
    give(scene, scene.technician, "work_order", "plan", "team")
    assert scene.field.push_one(scene.field.edit("work_order", scene.now(), **due))["status"] == "applied"
    assert scene.now()["due_at"] == due["due_at"]


def test_it_counts_for_the_office_s_routes_too(scene: Scene) -> None:
    body = {"person_id": scene.technician["id"]}
    path = f"/v1/office/work-orders/{scene.order['id']}/assignment"
    assert scene.field.post(path, body).status_code == 403
    give(scene, scene.technician, "work_order", "plan", "team")
    assert scene.field.post(path, body).status_code == 200


def test_an_edit_made_before_a_permission_was_taken_is_judged_when_it_comes(scene: Scene) -> None:
    """Whoever is offline hears of it later; the server knows."""
    part = a_part(scene)
    give(scene, scene.technician, "part", "change", "organization")
    scene.field.sync()
    made_offline = scene.field.edit("part", part, name="Made offline")
    take(scene, scene.technician, "part", "change")
    assert scene.field.push_one(made_offline)["code"] == "not_allowed"


@pytest.mark.parametrize("role", ["technician", "supervisor", "planner", "manager"])
def test_nobody_but_an_administrator_gives_permissions_not_even_to_himself(scene: Scene, role: str) -> None:
    person = scene.organization.person(role, scene.site)
    device = scene.organization.device(person)
    device.sync()
    for site_id in (None, scene.site["id"]):
        request = device.create(
            "person_permission",
            person_id=person["id"],
            resource="part",
            action="delete",
            scope="organization",
            site_id=site_id,
        )
        assert device.push_one(request)["reason"] == refusal("person_permission", "create").sentence
    assert scene.organization.rows("person_permission") == []


def test_an_administrator_gives_and_takes_on_a_device(scene: Scene) -> None:
    device = scene.organization.device(scene.organization.person("admin"))
    device.sync()
    given: dict[str, Scalar] = {"resource": "part", "action": "change", "scope": "organization"}
    row = device.create("person_permission", person_id=scene.technician["id"], **given)
    assert device.push_one(row)["status"] == "applied"
    part = a_part(scene)
    assert rename(scene, scene.field, part)["status"] in {"applied", "merged"}
    wider = device.mutation("person_permission.set", row["id"], set={"scope": ["organization", "site"]})
    assert device.push_one(wider)["status"] == "rejected"
    assert device.push_one(device.mutation("person_permission.delete", row["id"]))["status"] == "applied"
    assert rename(scene, scene.field, part)["code"] == "not_allowed"


@pytest.mark.parametrize(("resource", "action"), [("part", "review"), ("gauge", "change"), ("stock_level", "change")])
def test_what_is_no_permission_is_given_to_nobody(scene: Scene, resource: str, action: str) -> None:
    with pytest.raises(Refused):
        give(scene, scene.technician, resource, action, "organization")
    device = scene.organization.device(scene.organization.person("admin"))
    device.sync()
    named: dict[str, Scalar] = {"resource": resource, "action": action, "scope": "organization"}
    request = device.create("person_permission", person_id=scene.technician["id"], **named)
    assert device.push_one(request)["code"] == "invalid_value"
    stored = scene.organization.add("person_permission", person_id=scene.technician["id"], **named)
    assert stored["deleted_at"] is None
    level = scene.field.mutation("stock_level.set", new_id(), set={"quantity": ["0", "1"]})
    assert scene.field.push_one(level)["status"] == "rejected", "a row of a newer server gives nothing here"


def test_a_permission_of_another_organization_gives_nothing(server: Server, scene: Scene) -> None:
    other = Scene.of(server)
    give(other, other.technician, "part", "change", "organization")
    assert rename(scene, scene.field, a_part(scene))["code"] == "not_allowed"


def test_words_that_cannot_be_are_refused_with_a_sentence(scene: Scene) -> None:
    far = {"login": str(scene.technician["id"]), "resource": "part", "action": "change"}
    for changed in (
        {"scope": "everywhere"},
        {"scope": "site", "site_code": "nowhere"},
        {"scope": "site", "login": "x"},
    ):
        with pytest.raises(Refused) as refused:
            permissions.give(scene.organization.database, scene.organization.id, **{**far, **changed})
        assert refused.value.sentence.endswith(".")
    assert scene.organization.rows("person_permission") == []
