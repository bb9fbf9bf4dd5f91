"""What becomes of a held mutation when a supervisor decides, and that its author hears of it."""

from typing import Any

import pytest

from tests.support.device_side import together
from tests.support.scope_oracle import assert_index_is_right
from tests.support.server_side import NOW, Scene, Server


@pytest.fixture
def scene(server: Server) -> Scene:
    """An order whose technician edited the title after it was taken from him: the edit is held."""
    made = Scene.of(server)
    made.unassign()
    assert made.field.push_one(made.field.edit("work_order", made.order, title="Late"))["status"] == "held"
    return made


def the_held(scene: Scene) -> dict[str, Any]:
    (row,) = scene.organization.rows("held_mutation")
    return row


def decide(scene: Scene, decision: str, **more: Any) -> dict[str, Any]:
    return scene.office.push_one(scene.office.edit("held_mutation", the_held(scene), decision=decision, **more))


def test_an_approved_mutation_is_applied_under_its_author_s_name(scene: Scene) -> None:
    verdict = decide(scene, "approved")
    assert verdict["status"] == "applied"
    assert (scene.now()["title"], scene.now()["updated_by"]) == ("Late", scene.technician["id"])
    row = the_held(scene)
    assert (row["decision"], row["decided_by"]) == ("approved", scene.supervisor["id"])
    assert row["outcome_seq"] == verdict["commit_seq"] == scene.now()["sync_seq"]
    assert scene.field.sync().of("held_mutation")[row["id"]]["decision"] == "approved"
    assert_index_is_right(scene.organization)


def test_a_refused_mutation_leaves_the_record_and_says_why(scene: Scene) -> None:
    assert decide(scene, "refused", reason="Done by somebody else.")["status"] == "applied"
    assert scene.now()["title"] == "Order"
    told = scene.field.sync().of("held_mutation")[the_held(scene)["id"]]
    assert (told["decision"], told["reason"], told["outcome_seq"]) == ("refused", "Done by somebody else.", None)


def test_an_approved_edit_that_meets_another_becomes_a_conflict(scene: Scene) -> None:
    scene.organization.change("work_order", scene.order["id"], title="Office")
    assert decide(scene, "approved")["status"] == "conflict"
    assert scene.now()["title"] == "Office"
    (conflict,) = scene.organization.rows("conflict")
    assert (conflict["mine_value"], conflict["theirs_value"]) == ('"Late"', '"Office"')
    assert conflict["author_id"] == scene.technician["id"]


def test_a_held_settling_can_be_approved(server: Server) -> None:
    """What it settles is named by the conflict alone, and the conflict by what is held alone."""
    scene = Scene.of(server)
    checklist = scene.inside("checklist", name="List")
    item = scene.inside("checklist_item", checklist_id=checklist["id"], key="a", kind="pass_fail", prompt="Ok?")
    scene.organization.change("checklist_item", item["id"], result="fail")
    assert scene.field.push_one(scene.field.edit("checklist_item", item, result="pass"))["status"] == "conflict"
    (conflict,) = scene.organization.rows("conflict")
    dismissed = scene.organization.person("supervisor", scene.site)
    leaving = scene.organization.device(dismissed)
    leaving.sync()
    scene.organization.change("person", dismissed["id"], is_active=False)
    chosen = {"resolution": [None, "mine"], "resolved_value": [conflict["theirs_value"], conflict["mine_value"]]}
    settling = leaving.mutation("conflict.resolve", conflict["id"], aggregate_id=scene.order["id"], set=chosen)
    assert leaving.push_one(settling)["status"] == "held"
    assert decide(scene, "approved")["status"] == "applied"
    settled = scene.organization.stands("conflict", conflict["id"])
    assert scene.organization.stands("checklist_item", item["id"])["result"] == "pass"
    assert (settled["resolution"], settled["resolved_by"]) == ("mine", dismissed["id"])


def test_a_held_decision_is_no_decision_and_leaves_what_it_is_about_to_decide(scene: Scene) -> None:
    held = the_held(scene)
    dismissed = scene.organization.person("supervisor", scene.site)
    leaving = scene.organization.device(dismissed)
    leaving.sync()
    scene.organization.change("person", dismissed["id"], is_active=False)
    assert leaving.push_one(leaving.edit("held_mutation", held, decision="approved"))["status"] == "held"
    (of_his,) = [row for row in scene.organization.rows("held_mutation") if row["id"] != held["id"]]
    manager = scene.organization.device(scene.organization.person("manager"))
    manager.sync()
    verdict = manager.push_one(manager.edit("held_mutation", of_his, decision="approved"))
    assert (verdict["status"], verdict["code"]) == ("rejected", "not_allowed")
    assert (scene.organization.stands("held_mutation", held["id"])["decision"], scene.now()["title"]) == (None, "Order")
    assert manager.push_one(manager.edit("held_mutation", of_his, decision="refused"))["status"] == "applied"
    assert manager.push_one(manager.edit("held_mutation", held, decision="approved"))["status"] == "applied"
    assert scene.now()["title"] == "Late"


@pytest.mark.parametrize("why", ["its site", "its group"])
def test_an_approval_that_was_refused_leaves_no_commit_in_the_decision_after_it(server: Server, why: str) -> None:
    """In the same unit: the author's device would wait for what was never carried out."""
    scene = Scene.of(server)
    far = scene.organization.site()
    scene.unassign()
    wanted = {"site_id": far["id"]} if why == "its site" else {"title": "Late"}
    assert scene.field.push_one(scene.field.edit("work_order", scene.order, **wanted))["status"] == "held"
    approving = [scene.office.edit("held_mutation", the_held(scene), decision="approved")]
    if why == "its group":
        approving = together(*approving, scene.office.edit("work_order", scene.order, title="x" * 500))
    refusing = scene.office.edit("held_mutation", the_held(scene), decision="refused")
    *approved, refused = scene.office.push(*approving, refusing)
    assert {verdict["status"] for verdict in approved} == {"rejected"}
    assert refused["status"] == "applied"
    row = the_held(scene)
    assert (row["decision"], row["outcome_seq"], scene.now()["title"]) == ("refused", None, "Order")


def test_a_second_decision_applies_nothing_again(scene: Scene) -> None:
    decide(scene, "approved")
    scene.organization.change("work_order", scene.order["id"], title="Office")
    decide(scene, "approved")
    assert scene.now()["title"] == "Office"


def test_an_approval_that_cannot_be_carried_out_is_refused_and_decides_nothing(scene: Scene) -> None:
    row = the_held(scene)
    broken = row["body"].replace('"Late"', '"' + "x" * 500 + '"')
    scene.organization.change("held_mutation", row["id"], body=broken)
    verdict = decide(scene, "approved")
    assert (verdict["status"], verdict["code"]) == ("rejected", "invalid_value")
    assert the_held(scene)["decision"] is None


def test_an_author_decides_nothing_about_his_own_change(server: Server) -> None:
    scene = Scene.of(server)
    elsewhere = scene.organization.site()
    guest = scene.organization.person("supervisor", elsewhere)
    lent = scene.organization.order(scene.site, guest)
    device = scene.organization.device(guest)
    device.sync()
    for row in scene.organization.rows("work_order_assignment"):
        if row["person_id"] == guest["id"]:
            scene.organization.change("work_order_assignment", row["id"], deleted_at=NOW)
    assert device.push_one(device.edit("work_order", lent, title="Late"))["status"] == "held"
    device.sync()
    (row,) = scene.organization.rows("held_mutation")
    verdict = device.push_one(device.edit("held_mutation", row, decision="approved"))
    assert (verdict["status"], verdict["code"]) == ("rejected", "not_found")
    assert scene.organization.stands("work_order", lent["id"])["title"] == "Order"


def test_what_moved_to_another_site_is_decided_by_those_who_may_change_it_there(scene: Scene) -> None:
    scene.organization.change("work_order", scene.order["id"], site_id=scene.organization.site()["id"])
    assert decide(scene, "approved")["status"] == "rejected"
    assert (scene.now()["title"], the_held(scene)["decision"]) == ("Order", None)
    manager = scene.organization.device(scene.organization.person("manager"))
    manager.sync()
    verdict = manager.push_one(manager.edit("held_mutation", the_held(scene), decision="approved"))
    assert (verdict["status"], scene.now()["title"]) == ("merged", "Late")


def test_a_dismissed_person_cannot_have_his_own_choice_of_site_decide(server: Server) -> None:
    """He may name any record and any site in what is held; whoever decides needs the rights where it really is."""
    scene = Scene.of(server)
    elsewhere = scene.organization.site()
    order = scene.organization.order(elsewhere)
    scene.organization.change("person", scene.technician["id"], is_active=False)
    forged = scene.field.edit("work_order", order, title="Mine", site_id=scene.site["id"])
    assert scene.field.push_one(forged)["status"] == "held"
    (row,) = scene.organization.rows("held_mutation")
    assert row["site_id"] == elsewhere["id"]
    verdict = scene.office.push_one(scene.office.edit("held_mutation", row, decision="approved"))
    assert (verdict["status"], verdict["code"]) == ("rejected", "not_found")
    assert scene.organization.stands("work_order", order["id"])["title"] == "Order"
