"""Changes that arrive after their author lost access: the table of sync.md §5, line by line."""

import json
from typing import Any

import msgspec
import pytest

from sync_server.application.push import push
from sync_server.contract.messages import PushRequest
from tests.support.device_side import together
from tests.support.scope_oracle import assert_index_is_right, assert_mirrors
from tests.support.server_side import NOW, Scene, Server, new_id


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server)


def held(scene: Scene) -> list[dict[str, Any]]:
    return scene.organization.rows("held_mutation")


def edit(scene: Scene, **values: Any) -> dict[str, Any]:
    return scene.field.edit("work_order", scene.order, **(values or {"title": "Late"}))


def test_a_remark_from_before_is_kept_and_marked_late(scene: Scene) -> None:
    scene.unassign()
    comment = scene.field.comment(scene.order)
    assert scene.field.push_one(comment)["status"] == "applied"
    assert scene.organization.stands("comment", comment["id"])["is_late"] is True
    assert_index_is_right(scene.organization)


def test_an_edit_from_before_waits_for_a_supervisor(scene: Scene) -> None:
    scene.unassign()
    (sealed,) = scene.field.device.seal(edit(scene))
    (verdict,) = scene.field.push_sealed([sealed]).json()["verdicts"]
    assert (verdict["status"], verdict["reason"]) == ("held", "access_lost")
    assert scene.now()["title"] == "Order"
    (row,) = held(scene)
    assert row["body"].encode() == sealed
    assert (row["author_id"], row["site_id"], row["why"]) == (scene.technician["id"], scene.site["id"], "access_lost")
    assert row["mutation_id"] == verdict["mutation_id"]
    assert row["id"] in scene.field.sync().of("held_mutation")
    assert row["id"] in scene.office.sync().of("held_mutation")
    assert scene.field.mirror.of("work_order") == {}
    assert_index_is_right(scene.organization)


def test_both_kinds_wait_when_they_are_one_step(scene: Scene) -> None:
    scene.unassign()
    group = together(scene.field.comment(scene.order), edit(scene))
    assert [verdict["status"] for verdict in scene.field.push(*group)] == ["held", "held"]
    assert scene.organization.rows("comment") == []
    assert {row["mutation_id"] for row in held(scene)} == {each["mutation_id"] for each in group}


def test_an_unusable_member_refuses_a_step_that_would_wait(scene: Scene) -> None:
    scene.unassign()
    group = together(edit(scene), {**edit(scene), "aggregate_id": "no id"})
    assert [verdict["code"] for verdict in scene.field.push(*group)] == ["group_refused", "invalid_value"]
    assert held(scene) == []


@pytest.mark.parametrize("base", ["another epoch", "before", "after"])
@pytest.mark.parametrize("kind", ["comment", "edit"])
def test_everything_waits_when_the_interval_is_unknown(scene: Scene, base: str, kind: str) -> None:
    before = scene.field.mirror.seq
    scene.unassign()
    mutation = scene.field.comment(scene.order) if kind == "comment" else edit(scene)
    said = {
        "another epoch": {"epoch": new_id(), "version": 1, "seq": before},
        "before": {"epoch": scene.field.mirror.epoch, "version": 1, "seq": 1},
        "after": {"epoch": scene.field.mirror.epoch, "version": 1, "seq": before + 1_000},
    }[base]
    verdict = scene.field.push_one({**mutation, "base": said})
    assert (verdict["status"], verdict["reason"]) == ("held", "interval_unknown")


def test_who_was_never_a_member_learns_nothing(scene: Scene) -> None:
    other = scene.organization.order(scene.site, scene.supervisor)
    elsewhere = scene.organization.order(scene.organization.site())
    attempts = [scene.field.edit("work_order", order, title="Mine") for order in (other, elsewhere)]
    attempts += [scene.field.comment(order) for order in (other, elsewhere)]
    attempts += [scene.field.edit("work_order", {**other, "id": (i := new_id()), "aggregate_id": i}, title="Mine")]
    verdicts = scene.field.push(*attempts)
    assert {(verdict["status"], verdict["code"], verdict["reason"]) for verdict in verdicts} == {
        ("rejected", "not_found", verdicts[-1]["reason"])
    }
    assert held(scene) == []


def test_who_comes_back_works_as_before(scene: Scene) -> None:
    scene.unassign()
    scene.organization.add(
        "work_order_assignment",
        aggregate_id=scene.order["id"],
        work_order_id=scene.order["id"],
        person_id=scene.technician["id"],
    )
    assert scene.field.push_one(edit(scene, title="Back"))["status"] == "applied"


def test_a_person_who_is_dismissed_hands_in_what_he_made(scene: Scene) -> None:
    scene.organization.change("person", scene.technician["id"], is_active=False)
    verdicts = scene.field.push(edit(scene), scene.field.comment(scene.order))
    assert {(verdict["status"], verdict["reason"]) for verdict in verdicts} == {("held", "revoked")}
    assert scene.now()["title"] == "Order"
    assert scene.field.sync().rows == {}


def test_a_device_revoked_during_its_push_hands_in_what_it_made(scene: Scene) -> None:
    sealed = scene.field.device.seal(edit(scene))
    request = msgspec.json.decode(scene.field.body_of(sealed), type=PushRequest)
    scene.organization.ask("update device set revoked_at = now() where id = %s", scene.field.device.id)
    answer = push(scene.organization.database, scene.organization.caller(scene.field), request)
    verdict = json.loads(bytes(answer.verdicts[0]))
    assert (verdict["status"], verdict["reason"]) == ("held", "revoked")
    assert scene.field.push_sealed(sealed).status_code == 403


@pytest.mark.parametrize("cut", ["access", "role"])
def test_who_lost_a_site_or_a_role_hands_in_what_he_made(scene: Scene, cut: str) -> None:
    scene.office.hello()
    order = scene.office.sync().of("work_order")[str(scene.order["id"])]
    for access in scene.organization.rows("site_access"):
        if access["person_id"] == scene.supervisor["id"]:
            changes = {"access": {"deleted_at": NOW}, "role": {"role": "technician"}}[cut]
            scene.organization.change("site_access", access["id"], **changes)
    scene.office.hello(outbox={"count": 2})
    mutations = [scene.office.edit("work_order", order, title="Late"), scene.office.comment(order)]
    assert {(each["status"], each["reason"]) for each in scene.office.push(*mutations)} == {("held", "access_lost")}
    assert scene.now()["title"] == "Order"
    scene.office.hello(outbox={"count": 0})
    again = scene.office.edit("work_order", order, title="Later")
    assert scene.office.push_one(again)["code"] == "not_found"
    mirror = scene.office.sync()
    sites = {f"stock:{scene.site['id']}", f"assets:{scene.site['id']}"} if cut == "role" else set()
    assert_mirrors(scene.organization, mirror, {f"user:{scene.supervisor['id']}", "org:catalog"} | sites)


@pytest.mark.parametrize("cut", ["access", "role"])
def test_what_was_made_anew_before_a_role_was_cut_waits_for_a_supervisor(scene: Scene, cut: str) -> None:
    """An order that he found, what he spent, what he asks for: nobody is asked to type it again (sync.md §5)."""
    site_id = scene.site["id"]
    client = (
        scene.organization.device(scene.organization.person("planner", scene.site)) if cut == "role" else scene.field
    )
    client.hello()
    client.sync()
    if cut == "role":
        made = [client.create("location", site_id=site_id, code="R-1", name="Roof", kind="room")]
    else:
        named = {"site_id": site_id, "priority": "high"}
        money = {"kind": "travel", "amount_minor": 1250, "currency": "EUR"}
        made = [
            client.create("work_order", number="F-1", title="Found", type="repair", status="new", **named),
            client.create("service_request", title="It leaks.", **named),
            client.create("work_order_cost", work_order_id=scene.order["id"], site_id=site_id, **money),
        ]
    for access in scene.organization.rows("site_access"):
        if access["person_id"] == client.person_id:
            changes = {"access": {"deleted_at": NOW}, "role": {"role": "technician"}}[cut]
            scene.organization.change("site_access", access["id"], **changes)
    client.hello(outbox={"count": len(made)})
    assert [(each["status"], each["reason"]) for each in client.push(*made)] == [("held", "site_lost")] * len(made)
    decider = scene.organization.device(scene.organization.person("manager", scene.site))
    for held in scene.organization.rows("held_mutation"):
        assert held["site_id"] == site_id
        decided = decider.push_one(decider.edit("held_mutation", held, decision="approved"))
        assert decided["status"] == "applied", (decided, held["body"])
    for each in made:
        assert scene.organization.stands(each["entity"], each["id"])["created_by"] == client.person_id
    client.hello(outbox={"count": 0})
    again = client.create(made[0]["entity"], **{name: new for name, (_, new) in made[0]["set"].items()})
    assert client.push_one(again)["status"] == "rejected", "made since"
