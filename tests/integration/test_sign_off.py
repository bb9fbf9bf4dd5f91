"""Signatures through a push: who may carry one, who may give one, and what it moves."""

import base64
from dataclasses import dataclass, replace
from typing import Any

import pytest

from sync_server.contract.rules import signed_body
from tests.support.device_side import Client, Json, together
from tests.support.scope_oracle import assert_index_is_right
from tests.support.server_side import NOW, Scene, Server, new_id

INK = [[(10, 10, 0), (20, 15, 16), (30, 12, 33)]]


@pytest.fixture
def scene(server: Server) -> Scene:
    """An order in progress."""
    return Scene.of(server, is_synced=False, status="in_progress")


@dataclass(frozen=True)
class Pen:
    """Who signs what. `carrier` sends it; the signer's own key signs it."""

    scene: Scene
    signer: Client
    carrier: Client
    meaning: str
    role: str

    def statement(self, **changes: Any) -> signed_body.Statement:
        said: dict[str, Any] = {
            "organization_id": self.scene.organization.id,
            "device_id": self.signer.device.id,
            "user_id": self.signer.person_id,
            "role": self.role,
            "meaning": self.meaning,
            "printed_name": "Somebody",
            "device_at": NOW,
            "offset_ms": 0,
            "order": self.scene.now(),
            "ink": INK if self.meaning in {"performed", "accepted"} else None,
        }
        return signed_body.Statement(**{**said, **changes})

    def mutation(self, *, signature: str | None = None, columns: Json | None = None, **changes: Any) -> Json:
        """A signature that is right, unless told otherwise."""
        built = signed_body.build_signed_body(self.statement(**changes), new_salt=lambda: bytes(16))
        assert isinstance(built, signed_body.SignedBody), built
        values = {
            "work_order_id": self.scene.order["id"],
            "meaning": self.meaning,
            "signer_id": self.signer.person_id,
            "signer_role": self.role,
            "signer_device_id": self.signer.device.id,
            "body": built.body.decode(),
            "body_sha256": signed_body.sha256_of(built.body),
            "signature": self.signer.device.sign(signed_body.signing_input(self.meaning, built.body)),
            "reason": changes.get("reason"),
            "signed_at": NOW,
        }
        values |= {"signature": signature} if signature is not None else {}
        made = self.carrier.create("signature", aggregate_id=self.scene.order["id"], **{**values, **(columns or {})})
        return self.signed(made)

    def signed(self, mutation: Json) -> Json:
        """Name the signer when somebody else carries it."""
        if self.signer is self.carrier:
            return mutation
        return {**mutation, "signer": {"user": self.signer.person_id, "device": self.signer.device.id}}

    def move(self, status: str, **more: Any) -> Json:
        return self.signed(self.carrier.edit("work_order", self.scene.now(), status=status, **more))


def performed(scene: Scene) -> Pen:
    return Pen(scene, scene.field, scene.field, "performed", "technician")


def approved(scene: Scene) -> Pen:
    """The supervisor approves on the technician's installation, with his own key."""
    return Pen(scene, scene.office, scene.field, "approved", "supervisor")


def complete(scene: Scene) -> None:
    pen = performed(scene)
    verdicts = scene.field.push(*together(pen.mutation(), pen.move("completed")))
    assert [verdict["status"] for verdict in verdicts] == ["applied", "applied"]


def test_work_is_signed_completed_approved_and_closed_on_one_tablet(scene: Scene) -> None:
    complete(scene)
    pen = approved(scene)
    signature = pen.mutation()
    verdicts = scene.field.push(*together(signature, pen.move("closed")))
    assert [verdict["status"] for verdict in verdicts] == ["applied", "applied"]
    order = scene.now()
    assert (order["status"], order["approved_signature_id"]) == ("closed", signature["id"])
    row = scene.organization.stands("signature", signature["id"])
    assert (row["signer_id"], row["created_by"]) == (scene.supervisor["id"], scene.supervisor["id"])
    assert_index_is_right(scene.organization)


def test_completing_without_a_signature_is_a_conflict(scene: Scene) -> None:
    assert scene.field.push_one(performed(scene).move("completed"))["status"] == "conflict"
    assert scene.now()["status"] == "in_progress"


def test_closing_without_an_approval_is_a_conflict(scene: Scene) -> None:
    complete(scene)
    assert scene.office.push_one(replace(approved(scene), carrier=scene.office).move("closed"))["status"] == "conflict"
    assert scene.now()["status"] == "completed"


def test_a_returned_order_needs_a_new_approval(scene: Scene) -> None:
    complete(scene)
    pen = replace(approved(scene), carrier=scene.office, meaning="reviewed")
    returned = pen.mutation(reason="Valve open", decision="returned")
    verdicts = scene.office.push(*together(returned, pen.move("in_progress", status_reason="Valve open")))
    assert [verdict["status"] for verdict in verdicts] == ["applied", "applied"]
    assert (scene.now()["status"], scene.now()["status_reason"]) == ("in_progress", "Valve open")


def forged(scene: Scene) -> dict[str, Json]:
    pen = approved(scene)
    good = pen.mutation()
    bits = bytearray(base64.urlsafe_b64decode(good["set"]["signature"][1] + "=="))
    bits[5] ^= 1
    flipped = base64.urlsafe_b64encode(bytes(bits)).rstrip(b"=").decode()
    body = good["set"]["body"][1]
    other = scene.organization.order(scene.site, scene.technician)
    return {
        "a flipped bit": pen.mutation(signature=flipped),
        "no signature": pen.mutation(signature=""),
        "not even text": pen.mutation(columns={"signature": None}),
        "the carrier's key": pen.mutation(
            signature=scene.field.device.sign(signed_body.signing_input("approved", body.encode()))
        ),
        "another body": pen.mutation(columns={"body": body.replace('"Order"', '"Other"')}),
        "the same body written differently": pen.mutation(columns={"body": body.replace(",", ", ", 1)}),
        "no body": pen.mutation(columns={"body": None}),
        "a body of another kind": pen.mutation(columns={"body": '{"order":["x"],"schema":"cmms.signed-statement/1"}'}),
        "another digest": pen.mutation(columns={"body_sha256": "0" * 64}),
        "another order": pen.mutation(order=other),
        "another organization": pen.mutation(organization_id=new_id()),
        "another meaning in the row": pen.mutation(columns={"meaning": "reviewed"}),
        "no meaning": pen.mutation(columns={"meaning": None}),
        "another person in the body": pen.mutation(user_id=scene.field.person_id),
        "another device in the body": pen.mutation(device_id=scene.field.device.id),
        "another role in the row": pen.mutation(columns={"signer_role": "manager"}),
        "another reason in the row": pen.mutation(columns={"reason": "Because"}),
        "a device that is not his": {**good, "signer": {**good["signer"], "device": scene.field.device.id}},
        "a device that is not there": {**good, "signer": {**good["signer"], "device": new_id()}},
        "a person who is not there": {**good, "signer": {**good["signer"], "user": new_id()}},
        "the carrier himself": {**good, "signer": None},
    }


FORGERIES = (
    *("a flipped bit", "no signature", "not even text", "the carrier's key", "another body", "no body"),
    *("the same body written differently", "a body of another kind", "another digest", "another order"),
    *("another organization", "another meaning in the row", "no meaning", "another person in the body"),
    *("another device in the body", "another role in the row", "another reason in the row"),
    *("a device that is not his", "a device that is not there", "a person who is not there", "the carrier himself"),
)


def test_every_forgery_is_tried(scene: Scene) -> None:
    assert set(forged(scene)) == set(FORGERIES)


@pytest.mark.parametrize("kind", FORGERIES)
def test_a_forged_statement_is_refused_with_all_that_rests_on_it(scene: Scene, kind: str) -> None:
    complete(scene)
    before = scene.now()
    bad = forged(scene)[kind]
    verdicts = scene.field.push(*together(bad, approved(scene).move("closed")))
    assert {verdict["status"] for verdict in verdicts} == {"rejected"}
    assert verdicts[0]["code"] == "signature_invalid"
    assert scene.now() == before
    assert len(scene.organization.rows("signature")) == 1


def test_a_signer_without_a_signature_authorises_nothing(scene: Scene) -> None:
    complete(scene)
    alone = approved(scene).move("closed")
    elsewhere = together(approved(scene).mutation())
    assert scene.field.push_one(alone)["code"] == "signature_invalid"
    other = {**approved(scene).move("closed"), "group": new_id()}
    assert [verdict["status"] for verdict in scene.field.push(*elsewhere, other)] == ["applied", "rejected"]
    assert scene.now()["status"] == "completed"


@pytest.mark.parametrize("what", ["another field", "another state", "another entity", "a title beside the state"])
def test_a_signature_authorises_only_what_it_states(scene: Scene, what: str) -> None:
    """The technician's device carries the supervisor's approval: nothing else may ride on it."""
    complete(scene)
    pen = approved(scene)
    rider = {
        "another field": pen.signed(scene.field.edit("work_order", scene.now(), due_at=NOW)),
        "another state": pen.move("in_progress", status_reason="Again"),
        "another entity": pen.signed(
            scene.field.create(
                "work_order_assignment",
                aggregate_id=scene.order["id"],
                work_order_id=scene.order["id"],
                person_id=scene.supervisor["id"],
            )
        ),
        "a title beside the state": pen.move("closed", due_at=NOW),
    }[what]
    verdicts = scene.field.push(*together(pen.mutation(), rider))
    assert {verdict["status"] for verdict in verdicts} == {"rejected"}
    assert scene.now()["due_at"] is None
    assert scene.now()["status"] == "completed"


def test_a_statement_is_recorded_once(scene: Scene) -> None:
    """An approval from before a return does not close the order a second time."""
    complete(scene)
    pen = approved(scene)
    first = pen.mutation()
    assert scene.field.push(*together(first, pen.move("closed")))[1]["status"] == "applied"
    manager = scene.organization.device(scene.organization.person("manager"))
    manager.sync()
    reopen = manager.edit("work_order", scene.now(), status="in_progress", status_reason="Leaks")
    assert manager.push_one(reopen)["status"] == "applied"
    complete(scene)
    replayed = {**first, "mutation_id": new_id(), "id": new_id(), "group": new_id()}
    replayed["aggregate_id"] = scene.order["id"]
    verdicts = scene.field.push(*together(replayed, pen.move("closed")))
    assert [verdict["status"] for verdict in verdicts] == ["rejected", "rejected"]
    assert scene.now()["status"] == "completed"


def test_nobody_approves_his_own_work(scene: Scene) -> None:
    scene.organization.add(
        "work_order_assignment",
        aggregate_id=scene.order["id"],
        work_order_id=scene.order["id"],
        person_id=scene.supervisor["id"],
    )
    own = replace(performed(scene), signer=scene.office, carrier=scene.office, role="supervisor")
    assert scene.office.push(*together(own.mutation(), own.move("completed")))[1]["status"] == "applied"
    pen = replace(approved(scene), carrier=scene.office)
    assert scene.office.push(*together(pen.mutation(), pen.move("closed")))[0]["code"] == "own_work"
    assert scene.now()["status"] == "completed"


def test_only_completed_work_is_approved(scene: Scene) -> None:
    pen = approved(scene)
    verdicts = scene.field.push(*together(pen.mutation(), pen.move("closed")))
    assert [verdict["code"] for verdict in verdicts] == ["illegal_transition", "group_refused"]
    assert scene.now()["approved_signature_id"] is None


def test_a_technician_approves_nothing(scene: Scene) -> None:
    other = scene.organization.person("technician", scene.site)
    scene.organization.add(
        "work_order_assignment",
        aggregate_id=scene.order["id"],
        work_order_id=scene.order["id"],
        person_id=other["id"],
    )
    complete(scene)
    device = scene.organization.device(other)
    device.sync()
    for role, code in (("technician", "not_allowed"), ("supervisor", "signature_invalid")):
        pen = Pen(scene, device, device, "approved", role)
        assert device.push_one(pen.mutation())["code"] == code
    assert scene.now()["approved_signature_id"] is None


@pytest.mark.parametrize("where", ["assigned", "not assigned"])
def test_a_supervisor_of_another_site_approves_nothing_here(scene: Scene, where: str) -> None:
    stranger = scene.organization.person("supervisor", scene.organization.site())
    if where == "assigned":
        scene.organization.add(
            "work_order_assignment",
            aggregate_id=scene.order["id"],
            work_order_id=scene.order["id"],
            person_id=stranger["id"],
        )
    complete(scene)
    pen = replace(approved(scene), signer=scene.organization.device(stranger))
    verdicts = scene.field.push(*together(pen.mutation(), pen.move("closed")))
    assert {verdict["status"] for verdict in verdicts} == {"rejected"}
    assert scene.now()["status"] == "completed"


def test_a_revoked_device_signs_nothing(scene: Scene) -> None:
    complete(scene)
    scene.organization.ask("update device set revoked_at = now() where id = %s", scene.office.device.id)
    pen = approved(scene)
    assert scene.field.push(*together(pen.mutation(), pen.move("closed")))[0]["code"] == "signature_invalid"


def test_a_customer_accepts_or_refuses_with_a_reason(scene: Scene) -> None:
    pen = replace(performed(scene), meaning="accepted", role="customer")
    assert scene.field.push_one(pen.mutation())["status"] == "applied"
    refuses = replace(pen, meaning="refused")
    assert scene.field.push_one(refuses.mutation(reason="Still leaks"))["status"] == "applied"
    assert len(scene.organization.rows("signature")) == 2


def test_signed_content_that_changes_makes_the_signature_stale(scene: Scene) -> None:
    complete(scene)
    assert scene.now()["is_signature_stale"] is False
    edit = scene.office.edit("work_order", scene.now(), completion_note="Something else")
    assert scene.office.push_one(edit)["status"] == "applied"
    assert scene.now()["is_signature_stale"] is True
