"""Naming what one may not see is answered like naming nothing: no device learns that an id is one (invariant 28)."""

from collections.abc import Callable
from typing import Any

import pytest

from sync_server.contract.fields import Row
from sync_server.contract.rules.draft import stub_id
from sync_server.storage.translation import IN_THE_WAY
from tests.support.device_side import Json
from tests.support.scope_oracle import assert_index_is_right
from tests.support.server_side import NOW, Scene, Server, new_id

REFUSED = ("rejected", "conflicting_reference", IN_THE_WAY)
Way = Callable[[Scene, object], Json]


@pytest.fixture(scope="module")
def scene(server: Server) -> Scene:
    return Scene.of(server)


@pytest.fixture(scope="module")
def unseen(scene: Scene) -> dict[str, Row]:
    """Something of each kind at a site of the technician's organization that he may not enter."""
    organization, far = scene.organization, scene.organization.site()
    order = organization.order(far)
    inside = {"aggregate_id": order["id"], "work_order_id": order["id"]}
    return {
        "asset": organization.add("asset", site_id=far["id"], code="FAR", name="Pump"),
        "location": organization.add("location", site_id=far["id"], code="R", name="Room", kind="room"),
        "work_order": order,
        "checklist": organization.add("checklist", name="List", **inside),
        "work_log": organization.add("work_log", person_id=scene.technician["id"], **inside),
    }


def new_order(scene: Scene, **values: Any) -> Json:
    return scene.field.create("work_order", number=new_id(), title="Mine", site_id=scene.site["id"], **values)


def inside(scene: Scene, entity: str, **values: Any) -> Json:
    own = {"work_order_id": scene.order["id"]} if entity not in {"work_log_event", "checklist_item"} else {}
    return scene.field.create(entity, aggregate_id=scene.order["id"], **own, **values)


WAYS: dict[str, tuple[str, Way]] = {
    "an order of an asset": ("asset", lambda scene, id_: new_order(scene, asset_id=id_)),
    "an order in a room": ("location", lambda scene, id_: new_order(scene, location_id=id_)),
    "an order after another": ("work_order", lambda scene, id_: new_order(scene, parent_id=id_)),
    "an edit": ("asset", lambda scene, id_: scene.field.edit("work_order", scene.now(), asset_id=id_)),
    "one more asset": ("asset", lambda scene, id_: inside(scene, "work_order_asset", asset_id=id_)),
    "an event of a visit": (
        "work_log",
        lambda scene, id_: inside(scene, "work_log_event", work_log_id=id_, kind="arrive", device_at=NOW),
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_invariant_28_naming_what_is_unseen_is_answered_like_naming_nothing(
    scene: Scene, unseen: dict[str, Row], way: str
) -> None:
    kind, make = WAYS[way]
    for id_ in (unseen[kind]["id"], new_id()):
        verdict = scene.field.push_one(make(scene, id_))
        assert (verdict["status"], verdict["code"], verdict["reason"]) == REFUSED


def test_the_office_of_one_site_names_nothing_of_another(scene: Scene, unseen: dict[str, Row]) -> None:
    planner = scene.organization.device(scene.organization.person("planner", scene.site))
    answers = []
    for id_ in (unseen["asset"]["id"], new_id()):
        content = b'{"set": {"asset_id": [null, "%s"]}}' % str(id_).encode()
        answer = planner.request("PATCH", f"/v1/office/work-orders/{scene.order['id']}", content=content)
        answers.append((answer.status_code, {**answer.json(), "instance": None}))
    assert answers[0] == answers[1]
    assert (answers[0][0], answers[0][1]["code"]) == (409, "conflicting_reference")


def test_who_sees_every_site_names_whatever_there_is(scene: Scene, unseen: dict[str, Row]) -> None:
    manager = scene.organization.device(scene.organization.person("manager"))
    order = scene.organization.order(scene.site)
    manager.sync()
    assert manager.push_one(manager.edit("work_order", order, asset_id=unseen["asset"]["id"]))["status"] == "applied"
    now = scene.organization.stands("work_order", order["id"])
    refused = manager.push_one(manager.edit("work_order", now, asset_id=new_id()))
    assert (refused["status"], refused["code"], refused["reason"]) == REFUSED


def test_what_was_made_in_the_same_step_may_be_named(scene: Scene) -> None:
    asset = scene.field.create("asset", site_id=scene.site["id"], code=new_id(), name="Found here")
    order = new_order(scene, asset_id=asset["id"])
    assert {verdict["status"] for verdict in scene.field.push(asset, order)} == {"applied"}
    later = new_order(scene, asset_id=asset["id"])
    assert scene.field.push_one(later)["status"] == "applied", "he holds its label"


def test_a_label_is_enough_to_name_an_asset_by(scene: Scene) -> None:
    asset = scene.organization.add("asset", site_id=scene.site["id"], code=new_id(), name="Of nobody's order")
    shared = {name: asset[name] for name in ("site_id", "code", "name", "serial", "qr_code", "asset_type_id")}
    scene.organization.add("asset_stub", id=stub_id(str(asset["id"])), asset_id=asset["id"], **shared)
    assert asset["id"] not in scene.field.sync().of("asset")
    assert scene.field.push_one(new_order(scene, asset_id=asset["id"]))["status"] == "applied"


def test_what_was_his_once_may_be_named_when_it_is_no_more(server: Server) -> None:
    """His order lent it to him; the order was taken away while he was without network."""
    scene = Scene.of(server)
    asset = scene.organization.add("asset", site_id=scene.site["id"], code=new_id(), name="Lent")
    scene.organization.change("work_order", scene.order["id"], asset_id=asset["id"])
    scene.field.sync()
    scene.organization.change("work_order", scene.order["id"], asset_id=None)
    assert scene.field.push_one(new_order(scene, asset_id=asset["id"]))["status"] == "applied"
    assert_index_is_right(scene.organization)


def test_what_may_have_been_forgotten_is_held_whether_it_is_there_or_not(server: Server) -> None:
    scene = Scene.of(server)
    far = scene.organization.site()
    asset = scene.organization.add("asset", site_id=far["id"], code=new_id(), name="Pump")
    scene.field.hello()  # which notes what its device holds
    old = {**scene.field.edit("work_order", scene.order)["base"], "seq": 1}
    scene.organization.ask(
        "insert into scope_head (organization_id, scope_id, gc_seq) select organization_id, scope_id, 1000000"
        " from device_scope where organization_id = %s on conflict (organization_id, scope_id)"
        " do update set gc_seq = excluded.gc_seq",
        scene.organization.id,
    )
    held = []
    for id_ in (asset["id"], new_id()):
        held.append(scene.field.push_one({**new_order(scene, asset_id=id_), "base": old}))
    assert {(verdict["status"], verdict["reason"]) for verdict in held} == {("held", "interval_unknown")}
