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
    """Whoever may enter costs at his site learns nothing of orders that he never had: there, or of another site."""
    organization = scene.organization
    far, near = organization.order(organization.site()), organization.order(scene.site)
    scene.field.sync()
    here = scene.order["site_id"]
    answers = [
        scene.field.push_one(enter(scene.field, {**scene.order, "id": order_id}, site_id=here))
        for order_id in (far["id"], near["id"], new_id())
    ]
    told = {(answer["status"], answer["code"], answer["reason"]) for answer in answers}
    assert [each[:2] for each in told] == [("rejected", "conflicting_reference")]
    assert organization.rows("work_order_cost") == []


@pytest.mark.parametrize("is_taken_away", [False, True], ids=["he has it still", "somebody else has it now"])
def test_a_cost_counts_where_it_arose_wherever_its_order_went_before_it_arrived(
    scene: Scene, is_taken_away: bool
) -> None:
    """As if it had arrived before the order moved: to a site that he may not enter, and even away from him."""
    organization = scene.organization
    scene.field.sync()
    cost = enter(scene.field, scene.order)
    organization.change("work_order", scene.order["id"], site_id=organization.site()["id"])
    if is_taken_away:
        scene.unassign()
    assert scene.field.push_one(cost)["status"] == "applied"
    assert organization.stands("work_order_cost", cost["id"])["site_id"] == scene.site["id"]
    for client in (scene.field, scene.office):
        assert_mirrors(organization, client.sync(), set(client.hello()["scopes"]))
        assert cost["id"] in client.mirror.of("work_order_cost")
    assert_index_is_right(organization)


def test_nobody_enters_a_cost_at_a_site_that_is_not_his_though_he_was_sent_there(scene: Scene) -> None:
    organization = scene.organization
    organization.change("work_order", scene.order["id"], site_id=organization.site()["id"])
    scene.field.sync()
    there = scene.field.push_one(enter(scene.field, scene.now()))
    assert (there["status"], there["code"]) == ("rejected", "not_found")


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
