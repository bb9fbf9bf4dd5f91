"""A conflict is settled: one value stands, both stay readable, and this door lets nothing in that others keep out."""

import json

import msgspec
import pytest

from sync_server.contract.entities.decisions import RESOLUTIONS
from sync_server.contract.rules.draft import Actor, stub_id
from tests.unit.rules.scene import (
    ASSET,
    AT,
    COLLEAGUE,
    ELSEWHERE,
    ITEMS,
    LATER,
    ORDER,
    PERFORMED,
    SUPERVISOR,
    TECHNICIAN,
    asset,
    colleague,
    edit_item,
    edit_order,
    id_of,
    item,
    manager,
    mutation,
    order,
    row,
    scene,
    stub,
    supervisor,
    technician,
)

CONFLICT = id_of("f", 50)


def conflict(**values):
    named = {"target_entity": "work_order", "target_id": ORDER, "field": "title", "kind": "field"}
    return row("conflict", CONFLICT, values.pop("aggregate_id", ORDER), mutation_id=CONFLICT, **{**named, **values})


def settle(resolution, *, seen=None, chosen=None, reason=None, conflict_id=CONFLICT, aggregate_id=ORDER):
    made = mutation("conflict.resolve", conflict_id, aggregate_id)
    values = (None if seen is None else json.dumps(seen), json.dumps(chosen))
    changes = {"resolution": (None, resolution), "resolved_value": values, "reason": (None, reason)}
    return msgspec.structs.replace(made, set=changes)


def disagreement():
    """Two people wrote different titles; the second one's is kept."""
    here = scene()
    here.apply(edit_order(title=("Pump 3 leaks", "Office title")), supervisor)
    (kept,) = here.apply(edit_order(title=("Pump 3 leaks", "My title"))).conflicts
    return here, kept["id"]


def test_keeping_mine_writes_it_and_says_who_when_and_why():
    here, kept = disagreement()
    made = settle("mine", seen="Office title", chosen="My title", reason="It was pump 4", conflict_id=kept)
    assert here.apply(made, supervisor).status == "applied"
    assert here.order["title"] == "My title"
    settled = here.only("conflict")
    assert [settled[name] for name in ("resolution", "resolved_by", "resolved_at", "reason")] == [
        "mine",
        SUPERVISOR,
        LATER,
        "It was pump 4",
    ]
    assert [settled[name] for name in ("base_value", "mine_value", "theirs_value")] == [
        '"Pump 3 leaks"',
        '"My title"',
        '"Office title"',
    ]


def test_keeping_theirs_leaves_what_stands_even_when_it_moved_on():
    here, kept = disagreement()
    here.apply(edit_order(title=("Office title", "Newest title")), supervisor)
    made = settle("theirs", seen="Newest title", chosen="Office title", conflict_id=kept)
    assert here.apply(made, supervisor).status == "applied"
    assert (here.order["title"], here.only("conflict")["resolution"]) == ("Newest title", "theirs")


def test_a_third_value_can_be_written():
    here, kept = disagreement()
    here.apply(settle("edited", seen="Office title", chosen="Both titles", conflict_id=kept), supervisor)
    assert here.order["title"] == "Both titles"


def test_a_value_that_changed_while_it_was_settled_makes_a_new_conflict():
    here, kept = disagreement()
    here.apply(edit_order(title=("Office title", "Newest title")), supervisor)
    outcome = here.apply(settle("mine", seen="Office title", chosen="My title", conflict_id=kept), colleague)
    assert (outcome.status, here.order["title"]) == ("conflict", "Newest title")
    (again,) = outcome.conflicts
    assert (again["id"] != kept, again["target_entity"], again["target_id"]) == (True, "work_order", ORDER)
    assert here.rows["conflict", kept]["resolution"] == "mine"


def test_choosing_what_stood_is_a_choice_and_not_nothing():
    here, kept = disagreement()
    here.apply(edit_order(title=("Office title", "Newest title")), supervisor)
    made = settle("edited", seen="Office title", chosen="Office title", conflict_id=kept)
    outcome = here.apply(made, colleague)
    assert (outcome.status, here.order["title"]) == ("conflict", "Newest title")


def test_a_conflict_is_settled_once():
    here, kept = disagreement()
    here.apply(settle("theirs", conflict_id=kept), supervisor)
    outcome = here.apply(settle("mine", seen="Office title", chosen="My title", conflict_id=kept), technician)
    assert outcome.problem.code == "already_exists"
    assert here.order["title"] == "Office title"


@pytest.mark.parametrize(("resolution", "chosen", "reason"), [("theirs", None, None), ("edited", "Both", "We talked")])
def test_settling_alike_a_second_time_is_nothing_to_do(resolution, chosen, reason):
    here, kept = disagreement()
    made = settle(resolution, seen="Office title", chosen=chosen, reason=reason, conflict_id=kept)
    here.apply(made, supervisor)
    again = settle(resolution, seen="Office title", chosen=chosen, conflict_id=kept)
    outcome = here.apply(again, colleague)
    assert (outcome.status, outcome.changes) == ("applied", {})
    assert here.only("conflict")["resolved_by"] == SUPERVISOR


def test_a_second_reason_is_not_dropped():
    here, kept = disagreement()
    here.apply(settle("theirs", conflict_id=kept), supervisor)
    outcome = here.apply(settle("theirs", reason="I saw it", conflict_id=kept), colleague)
    assert outcome.problem.code == "already_exists"


def test_an_item_of_a_checklist_is_settled_with_all_items_at_hand():
    here = scene(order(), item(0, result="fail", note="Cracked"))
    (kept,) = here.apply(edit_item(0, result=(None, "pass"))).conflicts
    assert here.apply(settle("mine", seen="fail", chosen="pass", conflict_id=kept["id"])).status == "applied"
    assert here.rows["checklist_item", ITEMS[0]]["result"] == "pass"


@pytest.mark.parametrize("gone", [None, AT], ids=["there", "deleted"])
def test_an_answer_that_stands_after_all_is_its_author_s(gone):
    here = scene(order(), item(0, result="fail", answered_by=COLLEAGUE, deleted_at=gone))
    (kept,) = here.apply(edit_item(0, result=(None, "pass"))).conflicts
    here.apply(settle("mine", seen="fail", chosen="pass", conflict_id=kept["id"]), supervisor)
    answered = here.rows["checklist_item", ITEMS[0]]
    assert [answered[name] for name in ("result", "answered_by", "answered_at")] == ["pass", TECHNICIAN, AT]


def test_an_answer_that_somebody_entered_while_settling_is_not_the_author_s():
    here = scene(order(), item(0, result="fail", answered_by=COLLEAGUE))
    (kept,) = here.apply(edit_item(0, result=(None, "pass"))).conflicts
    here.apply(settle("edited", seen="fail", chosen="flag", conflict_id=kept["id"]), supervisor)
    assert here.rows["checklist_item", ITEMS[0]]["answered_by"] == COLLEAGUE


def test_settling_signed_content_marks_the_signature_stale():
    signed = order(performed_signature_id=PERFORMED, status="completed")
    kept = conflict(target_entity="checklist_item", target_id=ITEMS[0], field="result")
    here = scene(signed, item(0, result="fail"), kept)
    here.apply(settle("mine", seen="fail", chosen="pass"), supervisor)
    assert here.order["is_signature_stale"] is True


def test_settling_the_name_of_an_asset_renames_its_stub():
    kept = conflict(target_entity="asset", target_id=ASSET, field="name", aggregate_id=ASSET)
    here = scene(asset(), stub(), kept)
    here.apply(settle("mine", seen="Pump 3", chosen="Pump 4", aggregate_id=ASSET), supervisor)
    assert here.rows["asset_stub", stub_id(ASSET)]["name"] == "Pump 4"


# ---- states


def test_a_state_is_settled_by_the_state_machine_and_takes_its_reason_along():
    here = scene(order(), conflict(field="status", kind="status"))
    made = settle("mine", seen="in_progress", chosen="on_hold", reason="Waiting for parts")
    assert here.apply(made, supervisor).status == "applied"
    assert (here.order["status"], here.order["status_reason"]) == ("on_hold", "Waiting for parts")


def test_a_state_that_is_illegal_now_stays_a_conflict():
    here = scene(order(status="closed"), conflict(field="status", kind="status"))
    outcome = here.apply(settle("mine", seen="closed", chosen="on_hold", reason="Waiting"), supervisor)
    assert (outcome.status, here.order["status"]) == ("conflict", "closed")
    assert "status" in {again["field"] for again in outcome.conflicts}


def test_settling_a_state_stamps_it():
    here = scene(
        order(status="completed", completed_at=AT, approved_signature_id=PERFORMED),
        conflict(field="status", kind="status"),
    )
    here.apply(settle("mine", seen="completed", chosen="closed", reason="Seen on site"), supervisor)
    assert (here.order["status"], here.order["closed_at"]) == ("closed", LATER)


# ---- requests


@pytest.mark.parametrize(
    ("resolution", "who"), [("mine", technician), ("edited", technician), *((each, colleague) for each in RESOLUTIONS)]
)
def test_only_the_office_answers_a_request(resolution, who):
    here = scene()
    (asked,) = here.apply(edit_order(due_at=(None, LATER))).conflicts
    outcome = here.apply(settle(resolution, seen=None, chosen=LATER, conflict_id=asked["id"]), who)
    assert (outcome.status, outcome.problem.code) == ("rejected", "not_allowed")
    assert (here.only("conflict")["resolution"], here.order["due_at"]) == (None, None)


def test_the_office_of_another_site_does_not_answer_a_request():
    here = scene()
    (asked,) = here.apply(edit_order(due_at=(None, LATER))).conflicts
    away = Actor(SUPERVISOR, "supervisor", {ELSEWHERE: "supervisor"})
    outcome = here.decide(settle("theirs", conflict_id=asked["id"]), away)
    assert (outcome.status, outcome.problem.code) == ("rejected", "not_allowed")


def test_the_office_grants_a_request():
    here = scene()
    (asked,) = here.apply(edit_order(due_at=(None, LATER))).conflicts
    assert here.apply(settle("mine", seen=None, chosen=LATER, conflict_id=asked["id"]), supervisor).status == "applied"
    assert here.order["due_at"] == LATER


@pytest.mark.parametrize("who", [technician, supervisor], ids=["its author", "the office"])
def test_a_request_is_taken_back_by_its_author_or_declined_by_the_office(who):
    here = scene()
    (asked,) = here.apply(edit_order(due_at=(None, LATER))).conflicts
    assert here.apply(settle("theirs", conflict_id=asked["id"]), who).status == "applied"
    assert (here.only("conflict")["resolution"], here.order["due_at"]) == ("theirs", None)


# ---- deleted rows


def test_an_edit_of_a_deleted_row_is_restored_with_the_row():
    here = scene(order(), item(0, deleted_at=AT))
    (kept,) = here.apply(edit_item(0, result=(None, "fail"))).conflicts
    assert here.apply(settle("mine", chosen="fail", conflict_id=kept["id"]), supervisor).status == "applied"
    restored = here.rows["checklist_item", ITEMS[0]]
    assert (restored["deleted_at"], restored["result"]) == (None, "fail")


def test_leaving_it_deleted_leaves_it_deleted():
    here = scene(order(), item(0, deleted_at=AT))
    (kept,) = here.apply(edit_item(0, result=(None, "fail"))).conflicts
    here.apply(settle("theirs", conflict_id=kept["id"]), supervisor)
    assert here.rows["checklist_item", ITEMS[0]] == item(0, deleted_at=AT)


@pytest.mark.parametrize("field", ["due_at", "title", "deleted_at"])
def test_only_the_office_brings_back_what_it_deleted(field):
    here = scene(order(deleted_at=AT), conflict(field=field, kind="deleted"))
    outcome = here.apply(settle("mine", seen=LATER, chosen=LATER), technician)
    assert (outcome.problem.code, here.order["deleted_at"]) == ("not_allowed", AT)
    assert here.rows["conflict", CONFLICT]["resolution"] is None
    assert here.apply(settle("theirs"), technician).status == "applied"


def test_a_whole_order_comes_back_as_it_was():
    here = scene(order(deleted_at=AT, status="completed", performed_signature_id=PERFORMED, version=4), item(0))
    here.apply(edit_item(0, result=(None, "fail")))
    (asked,) = [row for (entity, _), row in here.rows.items() if entity == "conflict"]
    made = settle("mine", seen=AT, chosen=None, conflict_id=asked["id"])
    assert here.apply(made, supervisor).status == "applied"
    assert (here.order["deleted_at"], here.order["status"], here.order["title"]) == (None, "completed", "Pump 3 leaks")
    assert here.rows["checklist_item", ITEMS[0]]["result"] == "fail"


def test_restoring_the_asset_restores_its_stub():
    kept = conflict(target_entity="asset", target_id=ASSET, field="deleted_at", kind="deleted", aggregate_id=ASSET)
    here = scene(asset(deleted_at=AT), stub(deleted_at=AT), kept)
    here.apply(settle("mine", seen=AT, chosen=None, aggregate_id=ASSET), supervisor)
    assert (here.rows["asset", ASSET]["deleted_at"], here.rows["asset_stub", stub_id(ASSET)]["deleted_at"]) == (
        None,
        None,
    )


def test_a_second_restoring_overwrites_nothing_that_was_written_after_the_first():
    """Two fields of one edit wait; the first restores the row, somebody writes, then the other field is settled."""
    here = scene(order(), item(0, deleted_at=AT))
    result, note = here.apply(edit_item(0, result=(None, "fail"), note=(None, "Cracked"))).conflicts
    here.apply(settle("mine", chosen="fail", conflict_id=result["id"]), supervisor)
    here.apply(edit_item(0, note=(None, "Replaced since")), colleague)
    outcome = here.apply(settle("mine", chosen="Cracked", conflict_id=note["id"]), supervisor)
    assert (outcome.status, here.rows["checklist_item", ITEMS[0]]["note"]) == ("conflict", "Replaced since")
    (again,) = outcome.conflicts
    assert (again["mine_value"], again["theirs_value"]) == ('"Cracked"', '"Replaced since"')


def test_a_value_chosen_for_a_row_that_was_deleted_meanwhile_is_kept_for_restoring():
    here = scene(order(), item(0, result="fail"))
    (kept,) = here.apply(edit_item(0, result=(None, "pass"))).conflicts
    here.apply(mutation("checklist_item.delete", ITEMS[0], ORDER, seen=9), supervisor)
    outcome = here.apply(settle("mine", seen="fail", chosen="pass", conflict_id=kept["id"]), supervisor)
    assert here.rows["checklist_item", ITEMS[0]]["result"] == "fail"
    (again,) = outcome.conflicts
    assert (again["kind"], again["mine_value"]) == ("deleted", '"pass"')


def test_a_row_deleted_again_after_its_restoring_stays_deleted():
    here = scene(order(), item(0, deleted_at=AT))
    (kept,) = here.apply(edit_item(0, result=(None, "fail"))).conflicts
    here.apply(settle("mine", chosen="fail", conflict_id=kept["id"]), supervisor)
    here.apply(mutation("checklist_item.delete", ITEMS[0], ORDER, seen=9), supervisor)
    assert here.rows["checklist_item", ITEMS[0]]["deleted_at"] == LATER
    again = here.apply(settle("mine", chosen="fail", conflict_id=kept["id"]), supervisor)
    assert (again.status, again.changes) == ("applied", {})


def test_what_was_made_under_a_deleted_order_can_be_left_at_that():
    orphan = conflict(target_entity="comment", target_id=id_of("f", 70), field="text", kind="deleted")
    assert scene(order(deleted_at=AT), orphan).decide(settle("theirs"), supervisor).status == "applied"
    outcome = scene(order(deleted_at=AT), orphan).decide(settle("mine", chosen="x"), supervisor)
    assert outcome.problem.code == "not_found"


# ---- the door is no other door


@pytest.mark.parametrize(
    "field", ["parent_id", "is_signature_stale", "performed_signature_id", "version", "deleted_at"]
)
def test_settling_writes_no_field_that_an_edit_could_not(field):
    outcome = scene(order(), conflict(field=field)).decide(settle("mine", chosen="x"), manager)
    assert outcome.problem.code == "invalid_value"


def test_settling_reaches_no_row_of_another_aggregate():
    person = row("person", id_of("a", 9), name="x", role="technician")
    kept = conflict(target_entity="person", target_id=id_of("a", 9), field="role")
    outcome = scene(order(), person, kept).decide(settle("mine", seen="technician", chosen="admin"), manager)
    assert outcome.problem.code == "not_found"


@pytest.mark.parametrize("values", [{"target_entity": "gadget"}, {"field": "mood"}, {"target_id": id_of("c", 99)}])
def test_a_target_that_is_not_known_here_is_not_found(values):
    assert scene(order(), conflict(**values)).decide(settle("mine", chosen="x")).problem.code == "not_found"


def test_a_chosen_value_that_does_not_fit_is_refused():
    for chosen in (None, 7, "x" * 201):
        assert scene(order(), conflict()).decide(settle("mine", chosen=chosen)).problem.code == "invalid_value"


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"resolution": (None, "mine")},
        {"resolution": (None, "whatever"), "resolved_value": (None, '"x"')},
        {"resolution": (None, None), "resolved_value": (None, '"x"')},
        {"resolution": (None, "mine"), "resolved_value": (None, "{")},
        {"resolution": (None, "mine"), "resolved_value": (None, "[1]")},
        {"resolution": (None, "mine"), "resolved_value": ("{", '"x"')},
        {"resolution": (None, "mine"), "resolved_value": (None, "[" * 5_000 + "]" * 5_000)},
        {"resolution": (None, "mine"), "resolved_value": (None, 7)},
        {"resolution": (None, "theirs"), "resolved_value": (None, "not json")},
        {"resolution": (None, "theirs"), "reason": (None, "x" * 1_001)},
    ],
)
def test_a_settling_that_cannot_be_read_is_refused(changes):
    made = msgspec.structs.replace(mutation("conflict.resolve", CONFLICT, ORDER), set=changes)
    assert scene(order(), conflict()).decide(made, supervisor).problem.code == "invalid_value"


def test_a_conflict_of_another_order_is_not_found():
    outcome = scene(order(), conflict()).decide(settle("theirs", aggregate_id=id_of("c", 77)))
    assert outcome.problem.code == "not_found"
