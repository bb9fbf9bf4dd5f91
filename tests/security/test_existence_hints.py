"""What somebody may not see is answered like what is not there, to the letter, by whatever way he asks."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from sync_server.contract.fields import Row
from sync_server.contract.rules.draft import level_id
from tests.support.device_side import Client
from tests.support.server_side import NOW, Scene, Server, new_id
from tests.support.small_site import purchase


@dataclass
class Far:
    """A scene, and a site beside it that nobody of it may enter: its order, its store, and what lies there."""

    scene: Scene
    site: Row
    order: Row
    store: Row
    part: Row
    level_id: str

    def device(self, role: str) -> Client:
        """A device of somebody of the near site."""
        device = self.scene.organization.device(self.scene.organization.person(role, self.scene.site))
        device.sync()
        return device


@pytest.fixture
def far(server: Server) -> Far:
    scene = Scene.of(server)
    site = scene.organization.site()
    store = scene.organization.add("stock_location", site_id=site["id"], kind="store", code="FAR", name="Far store")
    part = scene.organization.add("part", code="P-1", name="Seal", unit="pcs")
    scene.organization.commit(purchase(str(store["id"]), str(part["id"]), Decimal(2)))
    level = level_id(str(store["id"]), str(part["id"]))
    return Far(scene, site, scene.organization.order(site), store, part, level)


def told(device: Client, mutation: dict[str, Any]) -> tuple[Any, ...]:
    verdict = device.push_one(mutation)
    return verdict["status"], verdict["code"], verdict["reason"], len(verdict["conflicts"])


def of_order(far: Far, device: Client, order_id: object, **values: Any) -> dict[str, Any]:
    """A movement in an order, out of the store of the far site or where `values` say."""
    said = {"stock_location_id": far.store["id"], "part_id": far.part["id"], "kind": "usage", "quantity": "-1.0000"}
    said |= {"work_order_id": order_id, "moved_at": NOW}
    return device.create("stock_movement", aggregate_id=order_id, **{**said, **values})


@pytest.mark.parametrize("role", ["technician", "planner", "supervisor", "customer"])
def test_changing_a_movement_tells_nothing_of_the_stock_of_another_site(far: Far, role: str) -> None:
    device = far.device(role)
    for type_ in ("stock_movement.set", "stock_movement.delete", "stock_movement.count"):
        answers = {told(device, device.mutation(type_, new_id(), aggregate_id=id_)) for id_ in (far.level_id, new_id())}
        assert len(answers) == 1, answers


@pytest.mark.parametrize("role", ["technician", "planner", "supervisor", "customer"])
def test_a_movement_from_elsewhere_tells_nothing_of_orders_that_one_does_not_see(far: Far, role: str) -> None:
    device = far.device(role)
    third = far.scene.organization.site()
    place = far.scene.organization.add("stock_location", site_id=third["id"], kind="store", code="3", name="Third")
    for store in (far.store, place):
        asked = [of_order(far, device, id_, stock_location_id=store["id"]) for id_ in (far.order["id"], new_id())]
        answers = {told(device, each) for each in asked}
        assert len(answers) == 1, answers
    assert far.scene.organization.rows("held_mutation") == [], "and asks nobody to decide about them"


@pytest.mark.parametrize("role", ["technician", "planner", "supervisor"])
def test_a_movement_is_put_into_no_level_by_naming_an_order(far: Far, role: str) -> None:
    device = far.device(role)
    nowhere = new_id()
    answers = {
        told(device, of_order(far, device, far.scene.order["id"], stock_location_id=nowhere) | {"aggregate_id": id_})
        for id_ in (far.level_id, new_id())
    }
    assert len(answers) == 1, answers


def test_what_a_technician_takes_from_elsewhere_for_his_own_order_still_waits_for_somebody(far: Far) -> None:
    """The other side: honest work is held, also when it is late."""
    field = far.scene.field
    assert told(field, of_order(far, field, far.scene.order["id"]))[:3] == ("held", None, "foreign_stock")
    late = of_order(far, field, far.scene.order["id"])
    far.scene.unassign()
    assert told(field, late)[:3] == ("held", None, "foreign_stock")


def test_the_office_s_door_says_of_an_order_that_one_had_once_what_it_says_of_none(far: Far) -> None:
    """A push of his is kept for somebody to decide; here he looks at the answer, and nothing can be lost."""
    field, order_id = far.scene.field, far.scene.order["id"]
    far.scene.unassign()
    edit, assignment = {"set": {"title": ["Order", "Mine"]}}, {"person_id": field.person_id, "team_id": None}
    for method, path, body in (("PATCH", "", edit), ("POST", "/assignment", assignment)):
        doors = [f"/v1/office/work-orders/{id_}{path}" for id_ in (order_id, new_id())]
        answers = [field.request(method, door, content=json.dumps(body).encode()) for door in doors]
        assert {(answer.status_code, answer.text) for answer in answers} == {(404, answers[0].text)}
