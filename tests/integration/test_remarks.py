"""Remarks on assets on a real server: about one thing, never deep, and of nobody who may not see the thing."""

import pytest

from cmms_desktop.application.commands import remarks
from sync_server.contract.fields import Row
from tests.support.device_side import Json
from tests.support.fleet import Fleet
from tests.support.server_side import NOW, Scene, Server, new_id


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server)


def lent_asset(scene: Scene) -> Row:
    """The asset of the technician's order."""
    asset = scene.organization.add("asset", site_id=scene.site["id"], code=new_id(), name="Pump")
    scene.organization.change("work_order", scene.order["id"], asset_id=asset["id"])
    scene.field.sync()
    return asset


def remark(scene: Scene, asset: Row, text: str = "Loud.", **values: object) -> Json:
    said = {"asset_id": asset["id"], "author_id": scene.field.person_id, "text": text, "written_at": NOW}
    return scene.field.create("comment", aggregate_id=asset["id"], **{**said, **values})  # type: ignore[arg-type]


def told(scene: Scene) -> dict[str, Row]:
    return {str(row["text"]): row for row in scene.organization.rows("comment")}


def test_a_remark_on_an_asset_reaches_who_holds_it_and_the_office(scene: Scene) -> None:
    asset = lent_asset(scene)
    assert scene.field.push_one(remark(scene, asset))["status"] == "applied"
    (row,) = told(scene).values()
    assert (row["asset_id"], row["work_order_id"], row["aggregate_id"]) == (asset["id"], None, asset["id"])
    for client in (scene.field, scene.office):
        assert ("comment", str(row["id"])) in client.sync().rows


def test_a_remark_is_about_exactly_one_thing_and_lies_with_it(scene: Scene) -> None:
    asset, other = lent_asset(scene), scene.order["id"]
    wrong = {
        "nothing": remark(scene, asset, asset_id=None),
        "two things": remark(scene, asset, work_order_id=other),
        "another thing": remark(scene, asset, asset_id=None, work_order_id=other),
    }
    refused = {what: scene.field.push_one(each)["code"] for what, each in wrong.items()}
    assert refused["nothing"] == refused["two things"] == "invalid_value"
    assert set(refused.values()) <= {"invalid_value", "not_found"}
    assert told(scene) == {}


def test_an_asset_that_is_not_his_is_as_good_as_none(server: Server, scene: Scene) -> None:
    lent_asset(scene)
    at_site = scene.organization.add("asset", site_id=scene.site["id"], code=new_id(), name="Other pump")
    foreign = lent_asset(Scene.of(server))
    nobodys = {"id": new_id()}
    answers = [scene.field.push_one(remark(scene, asset)) for asset in (at_site, foreign, nobodys)]
    own = {"mutation_id": "", "commit_seq": 0}
    assert {**answers[0], **own} == {**answers[1], **own} == {**answers[2], **own}
    assert answers[0]["code"] == "not_found"


def test_answers_to_answers_hang_on_the_same_remark_however_deep_somebody_goes(scene: Scene) -> None:
    asset = lent_asset(scene)
    chain = [remark(scene, asset, "0")]
    for depth in range(1, 30):
        chain.append(remark(scene, asset, str(depth), parent_id=chain[-1]["id"]))
    assert {verdict["status"] for verdict in scene.field.push(*chain)} == {"applied"}
    parents = {text: row["parent_id"] for text, row in told(scene).items()}
    assert parents.pop("0") is None
    assert set(parents.values()) == {chain[0]["id"]}


def test_who_answers_what_is_not_there_has_said_it_all_the_same(server: Server, scene: Scene) -> None:
    """A remark elsewhere, one of another organization, itself, none at all, and two that answer each other."""
    asset, other = lent_asset(scene), Scene.of(server)
    there = other.field.comment(other.order)
    other.field.sync()
    assert other.field.push_one(there)["status"] == "applied"
    on_order = scene.field.comment(scene.order)
    assert scene.field.push_one(on_order)["status"] == "applied"
    itself, first, second = new_id(), new_id(), new_id()
    said = {
        "elsewhere": remark(scene, asset, "elsewhere", parent_id=on_order["id"]),
        "foreign": remark(scene, asset, "foreign", parent_id=there["id"]),
        "nobody": remark(scene, asset, "nobody", parent_id=new_id()),
        "itself": remark(scene, asset, "itself", parent_id=itself, id_=itself),
        "first": remark(scene, asset, "first", parent_id=second, id_=first),
        "second": remark(scene, asset, "second", parent_id=first, id_=second),
    }
    verdicts = scene.field.push(*said.values())
    assert {verdict["status"] for verdict in verdicts} == {"applied"}
    parents = {text: row["parent_id"] for text, row in told(scene).items() if text in said}
    assert parents == {**dict.fromkeys(said), "second": first}


def test_invariant_15_a_remark_made_offline_stands_on_every_device_as_it_was_written(fleet: Fleet) -> None:
    technician, manager = fleet.device("technician"), fleet.device("manager")
    asset_id = fleet.small.asset_id
    technician.offline()
    with technician.write() as write:
        first = remarks.add_comment(write, asset_id, "The guard is loose.", about="asset")
        second = remarks.add_comment(write, asset_id, "And rusty.", about="asset", answers=first)
        third = remarks.add_comment(write, asset_id, "Badly.", about="asset", answers=second)
    before = {row["id"]: row["parent_id"] for row in technician.rows("comment", asset_id)}
    assert before == {first: None, second: first, third: first}
    technician.online()
    technician.sync_well()
    manager.sync_well()
    for device in (technician, manager):
        assert {row["id"]: row["parent_id"] for row in device.rows("comment", asset_id)} == before
    fleet.assert_converged()


def test_invariant_7_remarks_on_an_asset_leave_with_it(fleet: Fleet) -> None:
    technician, asset_id = fleet.device("technician"), fleet.small.asset_id
    with technician.write() as write:
        remarks.add_comment(write, asset_id, "The guard is loose.", about="asset")
    technician.sync_well()
    for order_id in fleet.small.order_ids:
        if fleet.organization.stands("work_order", order_id)["asset_id"] == asset_id:
            fleet.organization.change("work_order", order_id, asset_id=None)
    technician.sync_well()
    assert technician.rows("comment", asset_id) == []
    assert len(fleet.organization.rows("comment")) == 1
    fleet.assert_converged()


def test_the_office_lists_remarks_on_assets_of_its_sites_only(scene: Scene) -> None:
    organization, asset = scene.organization, lent_asset(scene)
    assert scene.field.push_one(remark(scene, asset))["status"] == "applied"
    assert scene.field.push_one(scene.field.comment(scene.order))["status"] == "applied"
    found = {}
    for site_id in (scene.site["id"], organization.site()["id"]):
        with organization.database.transaction("app_office", organization.id, read_only=True) as connection:
            connection.execute("select set_config('app.site_ids', %s, true)", (str(site_id),))
            found[site_id] = connection.execute("select count(*) from comment").fetchone()
    assert list(found.values()) == [(2,), (0,)]
