"""Who sees what an order cost, and whose order a cost can be for."""

import pytest

from sync_server.contract.fields import Row
from tests.support.device_side import Client
from tests.support.scope_oracle import assert_index_is_right, assert_mirrors
from tests.support.server_side import Scene, Server, new_id


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server)


def enter(client: Client, order: Row, **values: object) -> dict[str, object]:
    named = {"work_order_id": order["id"], "site_id": order["site_id"], "kind": "travel"}
    return client.create("work_order_cost", **{**named, "amount_minor": 1250, "currency": "EUR", **values})


def test_its_author_and_the_office_of_the_site_see_a_cost_and_nobody_else_who_has_the_order(scene: Scene) -> None:
    organization = scene.organization
    colleague = organization.device(organization.person("technician", scene.site))
    organization.add(
        "work_order_assignment",
        aggregate_id=scene.order["id"],
        work_order_id=scene.order["id"],
        person_id=colleague.person_id,
    )
    elsewhere = organization.device(organization.person("supervisor", organization.site()))
    scene.field.sync()
    mutation = enter(scene.field, scene.order)
    assert scene.field.push_one(mutation)["status"] == "applied"
    seen = {}
    for name, client in {
        "author": scene.field,
        "office": scene.office,
        "colleague": colleague,
        "elsewhere": elsewhere,
    }.items():
        assert_mirrors(organization, client.sync(), set(client.hello()["scopes"]))
        seen[name] = mutation["id"] in client.mirror.of("work_order_cost")
    assert seen == {"author": True, "office": True, "colleague": False, "elsewhere": False}
    assert scene.order["id"] in colleague.mirror.of("work_order"), "he has the order itself"
    assert_index_is_right(organization)


def test_a_cost_of_an_order_elsewhere_is_refused_like_one_of_none(scene: Scene) -> None:
    """Whoever may enter costs at his site learns nothing of orders of another one."""
    organization = scene.organization
    far = organization.order(organization.site())
    scene.field.sync()
    here = scene.order["site_id"]
    answers = [
        scene.field.push_one(enter(scene.field, {**scene.order, "id": order_id}, site_id=here))
        for order_id in (far["id"], new_id())
    ]
    told = [(answer["status"], answer["code"], answer["reason"]) for answer in answers]
    assert told[0] == told[1]
    assert told[0][:2] == ("rejected", "not_found")
    assert organization.rows("work_order_cost") == []


def test_a_cost_counts_though_its_order_moved_to_another_site_of_his_before_it_arrived(scene: Scene) -> None:
    organization = scene.organization
    new_site = organization.site()
    scene.field.sync()
    waiting, unseen = enter(scene.field, scene.order), enter(scene.field, scene.order)
    organization.change("work_order", scene.order["id"], site_id=new_site["id"])
    hidden = scene.field.push_one(unseen)
    assert (hidden["status"], hidden["code"]) == ("rejected", "not_found"), "he may not enter the new one"
    who = scene.technician["id"]
    organization.add("site_access", aggregate_id=who, person_id=who, site_id=new_site["id"], role="technician")
    assert scene.field.push_one(waiting)["status"] == "applied"
    assert organization.stands("work_order_cost", waiting["id"])["site_id"] == scene.site["id"], "where it arose"


def test_amounts_that_are_none_are_refused(scene: Scene) -> None:
    scene.field.sync()
    wrong = ({"amount_minor": 0}, {"amount_minor": -5}, {"currency": "XXX"}, {"currency": "eur"}, {"kind": "bribe"})
    codes = [scene.field.push_one(enter(scene.field, scene.order, **each))["code"] for each in wrong]
    assert codes == ["invalid_value"] * len(wrong)


def test_a_wrong_cost_is_taken_back_by_its_author_and_never_changed(scene: Scene) -> None:
    organization = scene.organization
    scene.field.sync()
    mutation = enter(scene.field, scene.order)
    assert scene.field.push_one(mutation)["status"] == "applied"
    row = organization.stands("work_order_cost", mutation["id"])
    changed = scene.field.push_one(scene.field.edit("work_order_cost", row, amount_minor=1))
    assert changed["status"] == "rejected"
    back = scene.field.mutation("work_order_cost.delete", row["id"], aggregate_id=row["id"])
    assert scene.field.push_one(back)["status"] == "applied"
    stands = organization.stands("work_order_cost", mutation["id"])
    assert (stands["amount_minor"], stands["deleted_at"] is None) == (1250, False)
