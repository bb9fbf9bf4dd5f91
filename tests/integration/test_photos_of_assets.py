"""Photos of assets and of remarks on a real server: offline, in two lanes, of one thing, readable with it."""

import pytest

from cmms_desktop.application.commands import remarks
from cmms_desktop.application.queries.remarks import PhotoLine, photo_lines
from sync_server.contract.fields import Row
from tests.integration.test_remarks import lent_asset, remark
from tests.support.blob_requests import content, download, upload
from tests.support.device_side import Json
from tests.support.fleet import Fleet, FleetDevice
from tests.support.server_side import NOW, Scene, Server, new_id

PHOTO = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server)


def photo(scene: Scene, asset: Row, sha256: str = "0" * 64, **values: object) -> Json:
    said = {"asset_id": asset["id"], "author_id": scene.field.person_id, "sha256": sha256, "taken_at": NOW}
    said |= {"media_type": "image/png", "size_bytes": 9}
    return scene.field.create("attachment", aggregate_id=asset["id"], **{**said, **values})  # type: ignore[arg-type]


def lines_of(device: FleetDevice, about_id: str) -> tuple[PhotoLine, ...]:
    with device.workplace.replica.read() as reading:
        return photo_lines(reading, about_id)


def test_invariant_15_photos_of_an_asset_and_of_a_remark_made_offline_reach_others_text_first(fleet: Fleet) -> None:
    technician, manager = fleet.device("technician"), fleet.device("manager")
    asset_id, blobs = fleet.small.asset_id, technician.workplace.blobs
    technician.offline()
    with technician.write() as write:
        remarked = remarks.add_comment(write, asset_id, "The guard is loose.", about="asset")
        kinds = {"media_type": "image/png", "about": "asset"}
        label = remarks.add_photo(write, blobs, asset_id, content=PHOTO, **kinds)  # type: ignore[arg-type]
        guard = remarks.add_photo(write, blobs, asset_id, content=PHOTO[::-1], comment_id=remarked, **kinds)  # type: ignore[arg-type]
    before = {line.sha256: line.comment_id for line in lines_of(technician, asset_id)}
    assert before == {label: None, guard: remarked}
    technician.workplace.transfer.may_go_on = lambda: False
    technician.online()
    technician.sync_well()
    manager.sync_well()
    assert {line.sha256: line.comment_id for line in lines_of(manager, asset_id)} == before
    assert {line.state for line in lines_of(manager, asset_id)} == {"to_come"}
    technician.workplace.transfer.may_go_on = lambda: True
    assert technician.sync_well().blobs_sent == 2
    manager.workplace.transfer.ask_again()
    assert manager.sync_well().blobs_received == 2
    assert (manager.workplace.blobs.read(label), manager.workplace.blobs.read(guard)) == (PHOTO, PHOTO[::-1])
    fleet.assert_converged()


def test_invariant_7_photos_of_an_asset_leave_with_it_and_their_files_too(fleet: Fleet) -> None:
    author, other, asset_id = fleet.device("manager"), fleet.device("technician"), fleet.small.asset_id
    with author.write() as write:
        sha256 = remarks.add_photo(
            write, author.workplace.blobs, asset_id, content=PHOTO, media_type="image/png", about="asset"
        )
    author.sync_well()
    other.sync_well()
    assert other.workplace.blobs.has(sha256)
    for order_id in fleet.small.order_ids:
        if fleet.organization.stands("work_order", order_id)["asset_id"] == asset_id:
            fleet.organization.change("work_order", order_id, asset_id=None)
    other.sync_well()
    assert other.rows("attachment", asset_id) == []
    assert not other.workplace.blobs.has(sha256)
    fleet.assert_converged()


def test_the_bytes_are_read_with_the_right_to_the_asset_and_no_longer(server: Server, scene: Scene) -> None:
    asset, (data, sha256) = lent_asset(scene), content(5_000)
    upload(scene.field, data)
    assert scene.field.push_one(photo(scene, asset, sha256))["status"] == "applied"
    colleague = scene.organization.device(scene.organization.person("technician", scene.site))
    foreign = Scene.of(server).office
    assert download(scene.office, sha256) == (200, data)
    refused = download(colleague, "f" * 64)
    assert refused[0] == 404
    assert download(colleague, sha256) == download(foreign, sha256) == refused
    order = scene.organization.order(scene.site, asset_id=asset["id"])
    given = {"work_order_id": order["id"], "person_id": colleague.person_id}
    assignment = scene.organization.add("work_order_assignment", aggregate_id=order["id"], **given)
    assert download(colleague, sha256) == (200, data)
    scene.organization.change("work_order_assignment", assignment["id"], deleted_at=NOW)
    assert download(colleague, sha256) == refused


def test_a_photo_is_of_exactly_one_thing_and_lies_with_it(scene: Scene) -> None:
    asset, other = lent_asset(scene), scene.order["id"]
    wrong = {
        "nothing": photo(scene, asset, asset_id=None),
        "two things": photo(scene, asset, work_order_id=other),
        "another thing": photo(scene, asset, asset_id=None, work_order_id=other),
    }
    refused = {what: scene.field.push_one(each)["code"] for what, each in wrong.items()}
    assert refused["nothing"] == refused["two things"] == "invalid_value"
    assert set(refused.values()) <= {"invalid_value", "not_found"}
    assert scene.organization.rows("attachment") == []


def test_an_asset_that_is_not_his_is_as_good_as_none(server: Server, scene: Scene) -> None:
    lent_asset(scene)
    at_site = scene.organization.add("asset", site_id=scene.site["id"], code=new_id(), name="Other pump")
    foreign = lent_asset(Scene.of(server))
    answers = [scene.field.push_one(photo(scene, asset)) for asset in (at_site, foreign, {"id": new_id()})]
    own = {"mutation_id": "", "commit_seq": 0}
    assert {**answers[0], **own} == {**answers[1], **own} == {**answers[2], **own}
    assert answers[0]["code"] == "not_found"


def test_a_photo_of_a_remark_that_is_not_there_stands_for_itself(server: Server, scene: Scene) -> None:
    """A remark on the thing, one elsewhere, one of another organization, and none at all: the answers are the same."""
    asset, other = lent_asset(scene), Scene.of(server)
    there = other.field.comment(other.order)
    other.field.sync()
    assert other.field.push_one(there)["status"] == "applied"
    here, on_order = remark(scene, asset), scene.field.comment(scene.order)
    assert {each["status"] for each in scene.field.push(here, on_order)} == {"applied"}
    named = {"here": here["id"], "elsewhere": on_order["id"], "foreign": there["id"], "nobody": new_id()}
    for what, comment_id in named.items():
        verdict = scene.field.push_one(photo(scene, asset, caption=what, comment_id=comment_id))
        assert (verdict["status"], verdict["code"], verdict["reason"]) == ("applied", None, None), what
    found = {row["caption"]: row["comment_id"] for row in scene.organization.rows("attachment")}
    assert found == {**dict.fromkeys(named), "here": here["id"]}


def test_the_office_lists_photos_of_assets_of_its_sites_only(scene: Scene) -> None:
    organization, asset = scene.organization, lent_asset(scene)
    assert scene.field.push_one(photo(scene, asset))["status"] == "applied"
    found = {}
    for site_id in (scene.site["id"], organization.site()["id"]):
        with organization.database.transaction("app_office", organization.id, read_only=True) as connection:
            connection.execute("select set_config('app.site_ids', %s, true)", (str(site_id),))
            found[site_id] = connection.execute("select count(*) from attachment").fetchone()
    assert list(found.values()) == [(1,), (0,)]
