"""Tags on a server and on devices without network: put on twice they are there once, and a word twice is no clash."""

import json

import pytest

from cmms_desktop.application.commands.tags import put_tag_on, take_tag_off
from cmms_desktop.application.queries.tags import tag_choice, tags_of
from sync_server.contract.rules.attaching import attached_id
from tests.support.device_side import Json
from tests.support.fleet import Fleet, FleetDevice
from tests.support.server_side import Scene, Server, new_id


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server)


def words_on(device: FleetDevice, about_id: str) -> tuple[str, ...]:
    with device.workplace.replica.read() as reading:
        return tags_of(reading, (about_id,)).get(about_id, ())


def put_on(scene: Scene, tag_id: object, **values: object) -> Json:
    order_id = scene.order["id"]
    said = {"work_order_id": order_id, "tag_id": str(tag_id), **values}
    row_id = attached_id("entity_tag", str(order_id), str(tag_id))
    return scene.field.create("entity_tag", aggregate_id=order_id, id_=row_id, **said)  # type: ignore[arg-type]


def test_two_devices_that_put_the_same_tag_on_have_put_it_on_once(fleet: Fleet) -> None:
    technician, manager = fleet.device("technician"), fleet.device("manager")
    order_id, asset_id = fleet.small.order_ids[0], fleet.small.asset_id
    with manager.write() as write:
        put_tag_on(write, order_id, "Leak", about="work_order")
    for device in (manager, technician):
        device.sync_well()
        device.offline()
    for device in (manager, technician):
        with device.write() as write:
            put_tag_on(write, asset_id, " Leak ", about="asset")
    for device in (manager, technician):
        device.online()
        device.sync_well()
    assert len(fleet.organization.rows("tag")) == 1
    assert len([row for row in fleet.organization.rows("entity_tag") if row["asset_id"] == asset_id]) == 1
    assert words_on(manager, asset_id) == words_on(technician, asset_id) == ("Leak",)
    fleet.assert_converged()


def test_one_word_made_by_two_devices_is_two_tags_of_which_lists_see_one(fleet: Fleet) -> None:
    technician, manager = fleet.device("technician"), fleet.device("manager")
    order_id = fleet.small.order_ids[0]
    for device in (manager, technician):
        device.offline()
        with device.write() as write:
            put_tag_on(write, order_id, "Leak", about="work_order")
    for device in (manager, technician, manager):
        device.online()
        device.sync_well()
    assert sorted(bool(row["code_conflict"]) for row in fleet.organization.rows("tag")) == [False, True]
    for device in (manager, technician):
        assert words_on(device, order_id) == ("Leak",)
    with technician.write() as write:
        take_tag_off(write, order_id, "Leak")
    for device in (technician, manager):
        device.sync_well()
        assert words_on(device, order_id) == ()
    fleet.assert_converged()


def test_what_was_taken_off_can_be_put_on_again(fleet: Fleet) -> None:
    technician, order_id = fleet.device("technician"), fleet.small.order_ids[0]
    for expected in (("Leak",), (), ("Leak",)):
        with technician.write() as write:
            if expected:
                put_tag_on(write, order_id, "Leak", about="work_order")
            else:
                take_tag_off(write, order_id, "Leak")
        assert words_on(technician, order_id) == expected
        technician.sync_well()
    (row,) = fleet.organization.rows("entity_tag")
    assert row["deleted_at"] is None
    fleet.assert_converged()


def test_a_tag_that_the_office_deletes_is_on_nothing_and_comes_back_where_it_was(fleet: Fleet) -> None:
    technician, order_id = fleet.device("technician"), fleet.small.order_ids[0]
    with technician.write() as write:
        put_tag_on(write, order_id, "Leak", about="work_order")
    technician.sync_well()
    (tag,) = fleet.organization.rows("tag")
    for deleted_at, expected in (("2026-03-02T09:00:00.000000Z", ()), (None, ("Leak",))):
        fleet.organization.change("tag", tag["id"], deleted_at=deleted_at)
        technician.sync_well()
        assert words_on(technician, order_id) == expected
        with technician.workplace.replica.read() as reading:
            choice = tag_choice(reading, "work_order", order_id)
        assert (choice.on, choice.offered) == (expected, ())
    fleet.assert_converged()


def test_invariant_2_a_tag_that_is_sent_again_and_again_is_there_once(scene: Scene) -> None:
    tag = scene.organization.add("tag", name="Leak")
    scene.field.sync()
    assert [scene.field.push_one(put_on(scene, tag["id"]))["status"] for _ in range(3)] == ["applied"] * 3
    (row,) = scene.organization.rows("entity_tag")
    assert row["version"] == 1, "what was there already was written by nobody"


def test_no_tag_and_one_of_another_organization_are_refused_alike(server: Server, scene: Scene) -> None:
    foreign = Scene.of(server).organization.add("tag", name="Secret")
    scene.field.sync()
    answers = [scene.field.push_one(put_on(scene, tag_id)) for tag_id in (foreign["id"], new_id())]
    own = {"mutation_id": "", "commit_seq": 0}
    assert {**answers[0], **own} == {**answers[1], **own}
    assert answers[0]["status"] == "rejected"
    assert scene.organization.rows("entity_tag") == []


def test_a_row_that_would_put_a_tag_on_twice_or_on_two_things_is_refused(scene: Scene) -> None:
    tag = scene.organization.add("tag", name="Leak")
    asset = scene.organization.add("asset", site_id=scene.site["id"], code=new_id(), name="Pump")
    scene.field.sync()
    wrong = (
        {**put_on(scene, tag["id"]), "id": new_id()},
        put_on(scene, tag["id"], asset_id=asset["id"]),
        put_on(scene, tag["id"], work_order_id=None),
    )
    assert [scene.field.push_one(each)["code"] for each in wrong] == ["invalid_value"] * 3
    assert scene.organization.rows("entity_tag") == []


@pytest.mark.parametrize("word", ["W" * 61, "a\x00b", "\ud800"])
def test_a_word_that_cannot_be_one_is_refused_whole(scene: Scene, word: str) -> None:
    made = scene.field.create("tag", name=word)
    if word.isascii():
        assert scene.field.push_one(made)["code"] == "invalid_value"
    else:
        with pytest.raises((AssertionError, UnicodeEncodeError)):
            scene.field.push_one(made)
    assert scene.organization.rows("tag") == []


@pytest.mark.parametrize("how", ["the order left", "he was dismissed"])
def test_a_word_that_is_held_is_decided_by_somebody(fleet: Fleet, how: str) -> None:
    """A tag belongs to no site: whoever supervises what it was put on, or a site of its author, decides about it."""
    technician, supervisor = fleet.device("technician"), fleet.device("supervisor")
    order_id = fleet.small.order_ids[0]
    technician.offline()
    with technician.write() as write:
        put_tag_on(write, order_id, "noisy", about="work_order")
        if how == "he was dismissed":
            write.group()
            write.create("tag", {"name": "alone"})
    if how == "the order left":
        fleet.office.assign(order_id, login="technician2")
    else:
        fleet.organization.change("person", technician.person_id, is_active=False)
    technician.online()
    technician.sync()
    supervisor.sync_well()
    held = {json.loads(str(row["body"]))["type"]: str(row["id"]) for row in fleet.organization.rows("held_mutation")}
    for row in sorted(fleet.organization.rows("held_mutation"), key=lambda row: "entity_tag" in str(row["body"])):
        with supervisor.write() as write:
            write.set("held_mutation", str(row["id"]), decision="approved")
        supervisor.sync_well()
    assert supervisor.workplace.replica.outbox.parked() == ()
    assert held.keys() == {"tag.create", "entity_tag.create"}
    words = {str(row["name"]) for row in fleet.organization.rows("tag")}
    assert words == ({"noisy"} if how == "the order left" else {"noisy", "alone"})
    assert [row["work_order_id"] for row in fleet.organization.rows("entity_tag")] == [order_id]
