"""Signing, reviewing and settling: exact bytes, the right hands, and values that are never lost."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import rfc8785

from cmms_desktop.application.commands import checklists, conflicts, parts, sign_off, visits
from cmms_desktop.application.queries.record import signatures
from cmms_desktop.errors import Refused
from sync_server.application.signatures import verify
from sync_server.contract.problems import Problem
from sync_server.contract.rules import signed_body
from sync_server.contract.rules.signed_shape import Body
from tests.support.fleet import Fleet, FleetDevice
from tests.support.history_steps import INK
from tests.support.order_work import answer, answer_all, finish, fix, item_of, refused, start, travel


@pytest.fixture
def device(fleet: Fleet) -> Iterator[FleetDevice]:
    """A technician who has synced once and has no network until his work is done; then all of it arrives."""
    made = fleet.device("technician")
    made.offline()
    yield made
    fleet.assert_converged()


@pytest.fixture
def order_id(fleet: Fleet) -> str:
    return fleet.small.order_ids[0]


# ---- signing


def require_genuine(device: FleetDevice, order_id: str, meaning: str) -> Body:
    """Check a stored statement from its bytes alone, at the server: canonical, hashed, signed by an enrolled device."""
    organization = device.fleet.organization
    rows = [
        row for row in organization.rows("signature") if (row["aggregate_id"], row["meaning"]) == (order_id, meaning)
    ]
    (row,) = rows
    body = str(row["body"]).encode()
    assert signed_body.check_body(body) == []
    assert rfc8785.dumps(json.loads(body)) == body
    assert signed_body.sha256_of(body) == row["body_sha256"]
    ((key, owner),) = organization.ask(
        "select public_key, person_id::text from device where id = %s", row["signer_device_id"]
    )
    assert owner == row["signer_id"]
    assert verify(key, str(row["signature"]), signed_body.signing_input(meaning, body))
    assert not verify(key, str(row["signature"]), signed_body.signing_input(meaning, body + b" "))
    values = [each for each in organization.rows("personal_value") if each["signature_id"] == row["id"]]
    assert values
    for each in values:
        assert signed_body.open_commitment(str(each["commitment"]), str(each["salt"]), str(each["value"]))
        assert str(each["commitment"]) in body.decode()
        assert str(each["value"]) not in body.decode()
    said = signed_body.read_body(body)
    assert not isinstance(said, Problem)
    return said


def test_the_technician_signs_exactly_what_stands(device: FleetDevice, order_id: str) -> None:
    log_id = travel(device, order_id)
    with device.write() as write:
        visits.arrive(write, log_id, fix(10))
        visits.start_work(write, log_id)
    answer_all(device, order_id)
    small = device.fleet.small
    with device.write() as write:
        parts.use_part(
            write,
            order_id,
            small.part_ids[0],
            stock_location_id=small.van_ids["technician"],
            quantity=Decimal(1),
        )
    with device.write() as write:
        signed = sign_off.sign_performed(write, device.workplace.hand, order_id, strokes=INK)
        sign_off.complete(write, order_id)
    with device.workplace.replica.read() as reading:
        (line,) = signatures(reading, (order_id,))
    assert (line.sha256, line.signer_role) == (signed.sha256, "technician")
    device.sync_well()
    body = require_genuine(device, order_id, "performed")
    assert body.order.id == order_id
    assert {item.key: item.value for item in body.checklists[0].items}["bar"] == "4.2"
    assert [part.quantity for part in body.parts] == ["-1.0000"]
    assert body.arrival is not None
    assert body.arrival.fence == "inside"
    assert device.fleet.office.order(order_id)["completed_at"] is not None


def test_signing_needs_every_mandatory_answer_and_work_in_progress(device: FleetDevice, order_id: str) -> None:
    hand = device.workplace.hand
    sign = lambda write: sign_off.sign_performed(write, hand, order_id, strokes=INK)  # noqa: E731
    refused(device, "answers_missing", sign)
    answer_all(device, order_id)
    refused(device, "illegal_transition", sign)
    start(device, order_id)
    refused(device, "invalid_value", lambda write: sign_off.sign_performed(write, hand, order_id, strokes=()))
    with pytest.raises(Refused), device.write() as write:
        sign_off.complete(write, order_id)


def test_a_signed_record_is_locked_on_the_device(device: FleetDevice, order_id: str) -> None:
    finish(device, order_id)
    item_id = str(item_of(device, order_id, "clean")["id"])
    checklist_id = str(device.rows("checklist", order_id)[0]["id"])
    refused(device, "record_locked", lambda write: checklists.complete_checklist_item(write, item_id, result="pass"))
    refused(device, "record_locked", lambda write: checklists.pass_remaining(write, checklist_id))


def test_the_customer_accepts_one_order_and_refuses_another(device: FleetDevice, order_id: str) -> None:
    other_id, hand = device.fleet.small.order_ids[1], device.workplace.hand
    for each in (order_id, other_id):
        start(device, each)
        answer_all(device, each)
    with device.write() as write:
        performed = sign_off.sign_performed(write, hand, order_id, strokes=INK)
        accepted = sign_off.customer_accepts(write, hand, order_id, printed_name="Customer on site", strokes=INK)
        sign_off.complete(write, order_id)
    with device.write() as write:
        sign_off.customer_refuses(write, hand, other_id, printed_name="Customer on site", reason="It still leaks.")
    refused(
        device,
        "reason_required",
        lambda write: sign_off.customer_refuses(write, hand, other_id, printed_name="Customer", reason=" "),
    )
    refused(
        device,
        "invalid_value",
        lambda write: sign_off.customer_accepts(write, hand, other_id, printed_name=" ", strokes=INK),
    )
    device.sync_well()
    body = require_genuine(device, order_id, "accepted")
    assert (body.role, body.previous) == ("customer", performed.sha256)
    assert accepted.sha256 != performed.sha256
    assert require_genuine(device, other_id, "refused").reason == "It still leaks."


def test_a_supervisor_approves_one_order_and_returns_another(fleet: Fleet) -> None:
    technician, supervisor = fleet.device("technician"), fleet.device("supervisor")
    first, second = fleet.small.order_ids[:2]
    for each in (first, second):
        finish(technician, each)
    technician.sync_well()
    supervisor.sync_well()
    supervisor.offline()
    hand = supervisor.workplace.hand
    refused(supervisor, "reason_required", lambda write: sign_off.return_work(write, hand, second, reason="."))
    with supervisor.write() as write:
        sign_off.approve(write, hand, first, reason="Well done.")
    with supervisor.write() as write:
        sign_off.return_work(write, hand, second, reason="The gasket leaks.")
    assert supervisor.see("work_order", first)["status"] == "closed"
    refused(supervisor, "illegal_transition", lambda write: sign_off.approve(write, hand, first))
    fleet.assert_converged()
    order = technician.see("work_order", second)
    assert (order["status"], order["status_reason"]) == ("in_progress", "The gasket leaks.")
    assert require_genuine(supervisor, first, "approved").reason == "Well done."
    assert require_genuine(supervisor, second, "reviewed").decision == "returned"


def test_nobody_approves_his_own_work(fleet: Fleet) -> None:
    supervisor = fleet.device("supervisor")
    order_id = fleet.small.order_ids[0]
    finish(supervisor, order_id)
    hand = supervisor.workplace.hand
    refused(supervisor, "own_work", lambda write: sign_off.approve(write, hand, order_id))
    fleet.assert_converged()


def test_a_technician_approves_nothing(device: FleetDevice, order_id: str) -> None:
    finish(device, order_id)
    hand = device.workplace.hand
    refused(device, "not_allowed", lambda write: sign_off.approve(write, hand, order_id))


# ---- conflicts


def conflicting(fleet: Fleet) -> tuple[FleetDevice, str, str]:
    """A technician whose title lost against the office's; back offline with the conflict before him."""
    device = fleet.device("technician")
    order_id = fleet.small.order_ids[0]
    device.offline()
    with device.write() as write:
        write.set("work_order", order_id, title="Mine")
    fleet.office.edit(order_id, title="Theirs")
    device.sync_well()
    device.offline()
    (conflict,) = device.rows("conflict", order_id)
    assert device.see("work_order", order_id)["title"] == "Theirs"
    return device, order_id, str(conflict["id"])


@pytest.mark.parametrize(
    ("keep", "value", "title"), [("mine", None, "Mine"), ("theirs", None, "Theirs"), ("edited", "Both", "Both")]
)
def test_a_conflict_is_settled_offline_by_one_value(fleet: Fleet, keep: Any, value: str | None, title: str) -> None:
    device, order_id, conflict_id = conflicting(fleet)
    with device.write() as write:
        conflicts.settle(write, conflict_id, keep, value=value, reason="As agreed.")
    assert device.see("work_order", order_id)["title"] == title
    otherwise: Any = "theirs" if keep == "mine" else "mine"
    refused(device, "already_exists", lambda write: conflicts.settle(write, conflict_id, otherwise))
    fleet.assert_converged()
    settled = device.see("conflict", conflict_id)
    assert (settled["resolution"], settled["mine_value"], settled["theirs_value"]) == (keep, '"Mine"', '"Theirs"')
    assert (fleet.office.order(order_id)["title"], settled["reason"]) == (title, "As agreed.")


def test_settling_after_the_office_changed_it_again_is_a_conflict_again(fleet: Fleet) -> None:
    device, order_id, conflict_id = conflicting(fleet)
    with device.write() as write:
        conflicts.settle(write, conflict_id, "mine")
    fleet.office.edit(order_id, title="Newer")
    fleet.assert_converged()
    assert fleet.office.order(order_id)["title"] == "Newer"
    unsettled = [row for row in device.rows("conflict", order_id) if row["resolution"] is None]
    assert [(row["mine_value"], row["theirs_value"]) for row in unsettled] == [('"Mine"', '"Newer"')]


def test_a_request_to_the_office_leaves_the_value_and_is_granted_by_the_supervisor(fleet: Fleet) -> None:
    device, supervisor = fleet.device("technician"), fleet.device("supervisor")
    order_id, due_at = fleet.small.order_ids[0], "2026-04-01T08:00:00.000000Z"
    with device.write() as write:
        write.set("work_order", order_id, due_at=due_at)
    assert device.see("work_order", order_id)["due_at"] is None
    device.sync_well()
    supervisor.sync_well()
    (request,) = supervisor.rows("conflict", order_id)
    assert request["kind"] == "request"
    with supervisor.write() as write:
        conflicts.settle(write, str(request["id"]), "mine")
    fleet.assert_converged()
    assert device.see("work_order", order_id)["due_at"] == due_at


def test_an_edit_of_something_deleted_is_kept_and_restores_it_when_it_wins(fleet: Fleet) -> None:
    technician, supervisor = fleet.device("technician"), fleet.device("supervisor")
    order_id = fleet.small.order_ids[0]
    item_id = str(item_of(technician, order_id, "seen")["id"])
    technician.offline()
    answer(technician, order_id, "seen", value="A crack.")
    with supervisor.write() as write:
        write.delete("checklist_item", item_id)
    supervisor.sync_well()
    technician.sync_well()
    supervisor.sync_well()
    assert (technician.get("checklist_item", item_id), supervisor.get("checklist_item", item_id)) == (None, None)
    found = {row["field"]: row for row in supervisor.rows("conflict", order_id)}
    assert (found["value"]["kind"], found["value"]["mine_value"]) == ("deleted", '"A crack."')
    with supervisor.write() as write:
        conflicts.settle(write, str(found["value"]["id"]), "mine")
    fleet.assert_converged()
    assert technician.see("checklist_item", item_id)["value"] == "A crack."


def test_a_conflict_that_is_not_here_cannot_be_settled(device: FleetDevice, order_id: str) -> None:
    refused(device, "not_found", lambda write: conflicts.settle(write, order_id, "mine"))
