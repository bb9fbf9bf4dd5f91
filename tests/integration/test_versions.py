"""Apps older and newer than the server: nobody's work is refused for it, and nothing of it is lost."""

import json
from typing import Any

import pytest

from sync_server.contract import version
from sync_server.contract.version import MUTATION
from tests.support.device_side import AT, together
from tests.support.server_side import Scene, Server


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server, is_synced=False)


def stored(scene: Scene) -> int:
    ((count,),) = scene.organization.ask(
        "select count(*) from applied_mutation where organization_id = %s", scene.organization.id
    )
    return int(count)


def of_version(v: int, mutation: dict[str, Any]) -> dict[str, Any]:
    return {**mutation, "v": v}


def test_a_remark_of_the_first_version_says_how_far_its_clock_was_off(scene: Scene) -> None:
    at = {**AT, "offset_ms": -86_400_000}
    made = of_version(1, scene.field.comment(scene.order)) | {"at": at}
    assert scene.field.push_one(made)["status"] == "applied"
    row = scene.organization.stands("comment", made["id"])
    assert (row["written_at"], row["offset_ms"]) == (AT["device"], -86_400_000)


def test_what_a_newer_app_made_waits_and_is_applied_after_the_update_of_the_server(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In front of it is applied; it and what follows is neither stored nor refused, and the chain ends before it."""
    field = scene.field
    known = field.comment(scene.order, "Known")
    newer = of_version(MUTATION + 1, field.comment(scene.order, "Newer"))
    after = field.comment(scene.order, "After")
    sealed = field.device.seal(known, newer, after)
    for _ in range(2):
        answer = field.push_sealed(sealed).json()
        assert [each["status"] for each in answer["verdicts"]] == ["applied", "retry", "retry"]
        assert answer["chain_seq"] == 1
        assert answer["resend_from"] is None
    assert stored(scene) == 1
    for module in ("application.incoming", "contract.rules.upcasting", "contract.rules.policy"):
        monkeypatch.setattr(f"sync_server.{module}.MUTATION", MUTATION + 1)
    answer = field.push_sealed(sealed).json()
    assert [each["status"] for each in answer["verdicts"]] == ["applied", "applied", "applied"]
    assert {row["text"] for row in scene.organization.rows("comment")} == {"Known", "Newer", "After"}


def test_a_step_of_which_a_part_is_newer_waits_whole(scene: Scene) -> None:
    field = scene.field
    first, second = together(field.comment(scene.order), field.comment(scene.order))
    verdicts = field.push_sealed(field.device.seal(first, of_version(MUTATION + 1, second))).json()["verdicts"]
    assert [each["status"] for each in verdicts] == ["retry", "retry"]
    assert stored(scene) == 0


@pytest.mark.parametrize(
    "form",
    [
        {"set": [["text", "A list in place of an object."]]},
        {"entity": "hologram", "type": "hologram.create"},
        {"base": None, "at": 12, "aggregate_id": 7},
    ],
    ids=["another shape", "another entity", "nothing that we know"],
)
def test_a_newer_form_that_cannot_be_read_at_all_waits_too(scene: Scene, form: dict[str, Any]) -> None:
    newer = {**of_version(MUTATION + 1, scene.field.comment(scene.order)), **form}
    assert scene.field.push_one(newer)["status"] == "retry"
    assert stored(scene) == 0


def test_a_version_that_is_no_number_is_refused_alone(scene: Scene) -> None:
    field = scene.field
    strange = {**field.comment(scene.order), "v": "two"}
    verdicts = field.push(strange, field.comment(scene.order, "Sound"))
    assert [(each["status"], each["code"]) for each in verdicts] == [("rejected", "invalid_value"), ("applied", None)]


@pytest.mark.parametrize("v", [MUTATION + 101, 2**40, 2**70])
@pytest.mark.parametrize("form", [{}, {"set": "No form that is known."}], ids=["readable", "unreadable"])
def test_invariant_19_a_version_that_no_server_will_ever_know_holds_nothing_up(
    scene: Scene, v: int, form: dict[str, Any]
) -> None:
    strange = {**of_version(v, scene.field.comment(scene.order)), **form}
    verdicts = scene.field.push(strange, scene.field.comment(scene.order, "Sound"))
    assert [(each["status"], each["code"]) for each in verdicts] == [("rejected", "invalid_value"), ("applied", None)]


def test_the_newest_version_that_a_server_may_come_to_know_waits(scene: Scene) -> None:
    assert scene.field.push_one(of_version(MUTATION + 100, scene.field.comment(scene.order)))["status"] == "retry"


@pytest.mark.parametrize("form", [{}, {"set": "A form of the future."}], ids=["readable", "unreadable"])
def test_invariant_19_what_its_author_has_taken_back_holds_nothing_up_however_new_it_is(
    scene: Scene, form: dict[str, Any]
) -> None:
    newer = {**of_version(MUTATION + 1, scene.field.comment(scene.order)), **form}
    sealed = scene.field.device.seal(newer, scene.field.comment(scene.order, "Sound"))
    withdrawn = json.dumps({"withdrawn": [newer["mutation_id"]]}).encode()
    content = scene.field.body_of(sealed)[:-1] + b"," + withdrawn[1:]
    verdicts = scene.field.request("POST", "/v1/push", content=content).json()["verdicts"]
    assert [(each["status"], each["code"]) for each in verdicts] == [("rejected", "withdrawn"), ("applied", None)]


def test_a_version_from_before_the_oldest_is_kept_on_the_device_with_a_sentence(scene: Scene) -> None:
    verdict = scene.field.push_one(of_version(0, scene.field.comment(scene.order)))
    assert (verdict["status"], verdict["code"]) == ("rejected", "unknown_type")
    assert "Update the app" in verdict["reason"]


def test_fields_that_this_version_does_not_know_are_passed_over(scene: Scene) -> None:
    made = scene.field.comment(scene.order, mood="cheerful") | {"weather": {"sun": True}}
    assert scene.field.push_one(made)["status"] == "applied"
    assert scene.organization.stands("comment", made["id"])["text"] == "A remark."
    assert scene.field.post("/v1/pull", {"cursor": None, "colour": "blue"}).status_code == 200


def test_a_device_that_is_too_old_pushes_and_gets_no_rows(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(version, "MINIMUM_PROTOCOL", 2)
    field = scene.field
    hello = {"protocol": 1, "rows": 1, "app_version": "0.1.0", "outbox": {"count": 1}, "device_time": AT["device"]}
    for path, body in (("hello", hello), ("pull", {"cursor": None}), ("pull", {"cursor": None, "protocol": 1})):
        refused = field.post(f"/v1/{path}", body)
        assert (refused.status_code, refused.json()["code"]) == (426, "contract_mismatch")
        assert "update the app" in refused.json()["detail"]
    made = field.comment(scene.order)
    assert field.push_one(made)["status"] == "applied"
    assert field.post("/v1/pull", {"cursor": None, "protocol": 2}).status_code == 200


def test_hello_says_which_versions_are_taken(scene: Scene) -> None:
    said = {"protocol": 1, "rows": 1, "app_version": "0.1.0", "outbox": {"count": 0}, "device_time": AT["device"]}
    answer = scene.field.post("/v1/hello", said).json()
    assert (answer["mutations"], answer["oldest_mutations"]) == (MUTATION, version.OLDEST_MUTATION)
    assert answer["rows"] == version.ROWS


def test_a_held_change_of_the_first_version_is_approved_in_the_present_form(scene: Scene) -> None:
    made = of_version(1, scene.field.edit("work_order", scene.now(), description="From before."))
    scene.unassign()
    assert [each["status"] for each in scene.field.push(made)] == ["held"]
    (held,) = scene.organization.rows("held_mutation")
    decision = scene.office.edit("held_mutation", held, decision="approved")
    assert scene.office.push_one(decision)["status"] in {"applied", "merged"}
    assert scene.now()["description"] == "From before."
