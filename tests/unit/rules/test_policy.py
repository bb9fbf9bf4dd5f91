"""What a mutation comes to: creations, edits, deletions, answers at once. Refusals: test_policy_refusals.py."""

import msgspec
import pytest

from sync_server.contract.entities import REGISTRY
from sync_server.contract.rules.draft import Actor
from tests.unit.rules.scene import (
    ASSET,
    AT,
    COLLEAGUE,
    COMMENT,
    ITEMS,
    LATER,
    ORDER,
    OTHER_ORDER,
    PART,
    PLANNER,
    SITE,
    TECHNICIAN,
    VAN,
    answer_all,
    asset,
    colleague,
    create,
    edit_item,
    edit_order,
    id_of,
    item,
    level,
    manager,
    movement,
    mutation,
    order,
    planner,
    refusal,
    row,
    scene,
    stub,
    supervisor,
    technician,
)

# ---- creating


def new_comment(comment_id=COMMENT, aggregate_id=ORDER, **values):
    named = {"work_order_id": aggregate_id, "author_id": TECHNICIAN, "text": "Bearing is hot", "written_at": AT}
    return create("comment", comment_id, aggregate_id, **{**named, **values})


def test_a_new_row_gets_every_column_and_the_author_s_stamps():
    here = scene()
    assert here.apply(new_comment()).status == "applied"
    made = here.only("comment")
    assert tuple(made) == REGISTRY["comment"].names
    assert (made["text"], made["created_by"], made["updated_by"]) == ("Bearing is hot", TECHNICIAN, TECHNICIAN)
    assert (made["created_at"], made["updated_at"], made["deleted_at"]) == (LATER, LATER, None)


def test_creating_twice_creates_once():
    here = scene()
    here.apply(new_comment())
    assert refusal(here.apply(new_comment(text="Another"))) == "already_exists"
    assert here.only("comment")["text"] == "Bearing is hot"


def test_a_row_that_was_deleted_is_not_created_again():
    here = scene(order(), row("work_log", id_of("f", 9), ORDER, work_order_id=ORDER, deleted_at=AT))
    again = create("work_log", id_of("f", 9), ORDER, work_order_id=ORDER, person_id=TECHNICIAN)
    assert refusal(here.decide(again)) == "already_exists"


def test_unknown_fields_of_a_newer_client_are_passed_over():
    here = scene()
    assert here.apply(new_comment(mood="good", colour=None)).status == "applied"
    assert "mood" not in here.only("comment")


def test_a_mandatory_column_that_is_missing_refuses_the_row():
    assert refusal(scene().decide(create("comment", COMMENT, ORDER, work_order_id=ORDER))) == "invalid_value"
    assert refusal(scene().decide(new_comment(text=None))) == "invalid_value"


@pytest.mark.parametrize("name", ["id", "aggregate_id", "version", "sync_seq", "row_hash", "deleted_at", "created_by"])
def test_nobody_names_the_columns_that_the_system_writes(name):
    made = new_comment()
    named = msgspec.structs.replace(made, set={**made.set, name: (None, ORDER if name.endswith("id") else 1)})
    assert refusal(scene().decide(named)) == "invalid_value"


@pytest.mark.parametrize("text", [7, True, 1.5, ["x"], "x" * 20_001, "a\0b", "\ud800"])
def test_a_value_that_does_not_fit_its_column_refuses_the_row(text):
    assert refusal(scene().decide(new_comment(text=text))) == "invalid_value"


def test_text_is_stored_in_one_form_whatever_keyboard_wrote_it():
    here = scene()
    here.apply(new_comment(text="Zu\u0308ndung 灯 🔧"))
    assert here.only("comment")["text"] == "Z\u00fcndung 灯 🔧"


def test_a_child_of_an_order_that_is_not_there_is_refused():
    assert refusal(scene().decide(new_comment(aggregate_id=OTHER_ORDER))) == "not_found"


def test_a_child_cannot_name_another_order_than_its_own():
    made = new_comment(work_order_id=OTHER_ORDER)
    assert refusal(scene(order()).decide(made)) == "invalid_value"


def test_a_root_is_its_own_aggregate():
    assert refusal(scene().decide(create("asset", ASSET, ORDER, site_id=SITE, code="P-3", name="x"))) == "invalid_value"


def test_work_on_a_deleted_order_counts_and_asks_once_whether_it_comes_back():
    here = scene(order(deleted_at=AT, updated_by=PLANNER), item(0))
    outcome = here.apply(new_comment())
    assert (outcome.status, here.only("comment")["text"]) == ("conflict", "Bearing is hot")
    (asked,) = outcome.conflicts
    assert [asked[name] for name in ("target_entity", "target_id", "field", "kind", "cause")] == [
        *("work_order", ORDER, "deleted_at", "deleted", "deleted")
    ]
    assert (asked["author_id"], asked["theirs_by"], asked["theirs_at"]) == (TECHNICIAN, PLANNER, AT)
    again = here.apply(edit_item(0, result=(None, "pass")))
    assert (again.status, again.conflicts) == ("applied", ())
    assert here.rows["checklist_item", ITEMS[0]]["result"] == "pass"
    assert len(here.apply(new_comment(id_of("f", 12)), colleague).conflicts) == 1
    assert here.order["deleted_at"] == AT


def test_work_after_a_second_deletion_asks_again():
    here = scene(order(deleted_at=AT))
    here.apply(new_comment())
    here.rows["work_order", ORDER] = order(deleted_at=LATER)
    assert len(here.apply(new_comment(id_of("f", 12))).conflicts) == 1


def test_parts_used_on_a_deleted_order_are_used():
    here = scene(order(deleted_at=AT), level(VAN, PART, "5.0000"))
    assert here.apply(movement(1, "-2")).status == "conflict"
    assert here.only("stock_level")["quantity"] == "3.0000"


# ---- the state that a new order is made in


def new_order(**values):
    return create("work_order", OTHER_ORDER, number="WO-AAAAA-1", title="Leak", site_id=SITE, **values)


def test_anybody_who_may_makes_new_orders():
    here = scene()
    assert here.apply(new_order()).status == "applied"
    assert here.rows["work_order", OTHER_ORDER]["status"] == "new"


def test_a_technician_cannot_make_an_order_that_is_done():
    assert refusal(scene().decide(new_order(status="closed"))) == "illegal_transition"
    assert refusal(scene().decide(new_order(status="completed"), manager)) == "illegal_transition"
    assert refusal(scene().decide(new_order(status="assigned"))) == "not_allowed"


def test_the_office_makes_assigned_orders():
    assert scene().decide(new_order(status="assigned"), planner).status == "applied"


# ---- editing


def test_two_technicians_editing_different_fields_both_win():
    here = scene()
    here.apply(edit_order(title=("Pump 3 leaks", "Pump 3 leaks badly")))
    outcome = here.apply(edit_order(priority=("medium", "critical")), colleague)
    assert outcome.status == "merged"
    assert (here.order["title"], here.order["priority"]) == ("Pump 3 leaks badly", "critical")
    assert here.order["updated_by"] == COLLEAGUE


def test_the_second_of_two_edits_of_one_field_is_kept_as_a_conflict():
    here = scene()
    here.apply(edit_order(title=("Pump 3 leaks", "Pump 3")))
    outcome = here.apply(edit_order(title=("Pump 3 leaks", "Pump three"), priority=("medium", "low")), colleague)
    assert outcome.status == "conflict"
    assert (here.order["title"], here.order["priority"]) == ("Pump 3", "low")
    (conflict,) = outcome.conflicts
    values = [conflict[name] for name in ("base_value", "mine_value", "theirs_value")]
    assert values == ['"Pump 3 leaks"', '"Pump three"', '"Pump 3"']
    assert (conflict["field"], conflict["kind"], conflict["author_id"]) == ("title", "field", COLLEAGUE)
    assert (conflict["target_entity"], conflict["target_id"], conflict["aggregate_id"]) == ("work_order", ORDER, ORDER)


def test_a_conflict_has_the_same_id_at_every_delivery():
    made = edit_order(title=("before", "after"))
    one, other = (scene().decide(made).conflicts for _ in range(2))
    assert [conflict["id"] for conflict in one] == [conflict["id"] for conflict in other]


def test_an_edit_that_arrives_twice_changes_nothing_the_second_time():
    here, made = scene(), edit_order(title=("Pump 3 leaks", "Pump 3"), priority=("medium", "low"))
    here.apply(made, at=LATER)
    before = dict(here.order)
    assert here.apply(made, at=LATER).status in {"applied", "merged"}
    assert {**here.order, "version": before["version"]} == before


def test_a_technician_s_edit_of_the_plan_is_a_request():
    outcome = scene().decide(edit_order(due_at=(None, LATER)))
    assert (outcome.status, outcome.conflicts[0]["kind"]) == ("conflict", "request")
    assert outcome.changes["work_order", ORDER]["due_at"] is None
    assert scene().decide(edit_order(due_at=(None, LATER)), supervisor).status == "applied"


def test_the_office_of_another_site_is_no_office_here():
    away = Actor(supervisor.person_id, "supervisor", {id_of("b", 2): "supervisor"})
    assert scene().decide(edit_order(due_at=(None, LATER)), away).conflicts[0]["kind"] == "request"


def test_a_fixed_and_a_derived_field_cannot_be_edited():
    for made in (
        edit_order(parent_id=(None, OTHER_ORDER)),
        edit_order(is_signature_stale=(True, False)),
        edit_order(id=(1, 2)),
    ):
        assert refusal(scene().decide(made)) == "invalid_value"


def test_an_edit_of_nothing_known_is_applied_and_changes_nothing():
    here = scene()
    assert here.apply(edit_order(mood=(None, "good"))).status == "applied"
    assert "mood" not in here.order


def test_a_row_of_another_aggregate_or_none_is_not_found():
    assert refusal(scene().decide(mutation("checklist_item.set", ITEMS[0], OTHER_ORDER))) == "not_found"
    assert refusal(scene().decide(mutation("checklist_item.set", id_of("d", 77), ORDER))) == "not_found"


@pytest.mark.parametrize("verb", ["set", "delete"])
def test_what_is_on_record_cannot_be_changed(verb):
    here = scene(order(), row("comment", COMMENT, ORDER, work_order_id=ORDER, author_id=TECHNICIAN, text="x"))
    assert refusal(here.decide(mutation(f"comment.{verb}", COMMENT, ORDER))) == "append_only"


def test_a_second_visit_is_a_second_row():
    here = scene()
    for n in (1, 2):
        here.apply(create("work_log", id_of("f", n), ORDER, work_order_id=ORDER, person_id=TECHNICIAN, started_at=AT))
    assert len([key for key in here.rows if key[0] == "work_log"]) == 2


def test_anybody_names_an_asset_and_the_office_moves_it():
    assert scene(asset(), stub()).decide(mutation("asset.set", ASSET, name=("Pump 3", "P3"))).status == "applied"
    moved = mutation("asset.set", ASSET, site_id=(SITE, id_of("b", 2)))
    assert scene(asset(), stub()).decide(moved).conflicts[0]["kind"] == "request"
    assert scene(asset(), stub()).decide(moved, supervisor).status == "applied"


# ---- deleting


def test_a_deleted_row_stays_deleted_and_the_edit_is_kept():
    here = scene()
    here.apply(mutation("checklist_item.delete", ITEMS[0], ORDER), supervisor)
    outcome = here.apply(edit_item(0, result=(None, "fail"), note=(None, "Cracked"), mood=(None, "bad")))
    assert (outcome.status, outcome.changes) == ("conflict", {})
    kept = {conflict["field"]: (conflict["kind"], conflict["mine_value"]) for conflict in outcome.conflicts}
    assert kept == {"result": ("deleted", '"fail"'), "note": ("deleted", '"Cracked"')}
    assert here.rows["checklist_item", ITEMS[0]]["deleted_at"] == LATER


def test_a_deletion_that_did_not_know_of_a_change_asks_about_it():
    here = scene()
    here.apply(edit_item(0, result=(None, "fail")))
    outcome = here.apply(mutation("checklist_item.delete", ITEMS[0], ORDER, seen=1), supervisor)
    assert (outcome.status, here.rows["checklist_item", ITEMS[0]]["deleted_at"]) == ("conflict", LATER)
    (asked,) = outcome.conflicts
    assert (asked["field"], asked["kind"], asked["author_id"]) == ("deleted_at", "deleted", TECHNICIAN)


@pytest.mark.parametrize("seen", [1, 2])
def test_a_deletion_of_what_one_has_seen_or_changed_himself_asks_nobody(seen):
    here = scene()
    here.apply(edit_item(0, result=(None, "fail")), supervisor if seen == 1 else technician)
    outcome = here.apply(mutation("checklist_item.delete", ITEMS[0], ORDER, seen=seen), supervisor)
    assert (outcome.status, outcome.conflicts) == ("applied", ())


def test_deleting_twice_keeps_the_first_time():
    here, made = scene(), mutation("checklist_item.delete", ITEMS[0], ORDER)
    here.apply(made, at=AT)
    assert here.apply(made, at=LATER).changes == {}
    assert here.rows["checklist_item", ITEMS[0]]["deleted_at"] == AT


def results_of(here):
    return [here.rows["checklist_item", item_id]["result"] for item_id in ITEMS]


def test_all_ok_answers_every_item_with_who_and_when():
    here = scene()
    assert here.apply(answer_all(i0=(None, "pass"), i1=(None, "pass"), i2=(None, "pass"))).status == "applied"
    assert results_of(here) == ["pass"] * 3
    answered = here.rows["checklist_item", ITEMS[2]]
    assert (answered["answered_at"], answered["answered_by"]) == (AT, TECHNICIAN)


def test_all_ok_keeps_what_a_colleague_found_meanwhile():
    here = scene()
    here.apply(edit_item(1, result=(None, "fail"), note=(None, "Cracked"), answered_by=(None, COLLEAGUE)), colleague)
    outcome = here.apply(answer_all(i0=(None, "pass"), i1=(None, "pass"), i2=(None, "pass")))
    assert (outcome.status, results_of(here)) == ("conflict", ["pass", "fail", "pass"])
    (conflict,) = outcome.conflicts
    assert (conflict["target_entity"], conflict["target_id"]) == ("checklist_item", ITEMS[1])
    assert (conflict["mine_value"], conflict["theirs_value"]) == ('"pass"', '"fail"')
    assert here.rows["checklist_item", ITEMS[1]]["answered_by"] == COLLEAGUE


def test_all_ok_for_an_item_that_passed_meanwhile_leaves_it_as_it_is():
    here = scene(order(), item(0, result="pass", answered_by=COLLEAGUE, version=5))
    outcome = here.apply(answer_all(i0=(None, "pass")))
    assert (outcome.status, outcome.changes) == ("applied", {})


def test_items_that_are_gone_do_not_stop_the_others():
    here = scene(order(), item(0), item(1, deleted_at=AT), {**item(2), "aggregate_id": OTHER_ORDER})
    outcome = here.apply(answer_all(i0=(None, "pass"), i1=(None, "pass"), i2=(None, "pass")))
    assert results_of(here) == ["pass", None, None]
    (kept,) = outcome.conflicts
    assert (kept["target_id"], kept["kind"], kept["mine_value"]) == (ITEMS[1], "deleted", '"pass"')


@pytest.mark.parametrize("result", ["PASS", "", 1, True, "ok"])
def test_all_ok_with_a_word_that_is_no_result_is_refused_whole(result):
    assert refusal(scene().decide(answer_all(i0=(None, "pass"), i1=(None, result)))) == "invalid_value"


def test_a_field_sent_along_with_its_old_value_was_not_edited():
    here = scene(order(), item(0, result="fail", note="It rattles", answered_by=COLLEAGUE))
    outcome = here.apply(edit_item(0, result=(None, "pass"), note=(None, None), value=(None, None)))
    assert [conflict["field"] for conflict in outcome.conflicts] == ["result"]
    assert here.rows["checklist_item", ITEMS[0]]["note"] == "It rattles"


def test_an_answer_that_loses_leaves_the_name_of_who_answered():
    here = scene(order(), item(0, result="fail", note="Cracked", answered_by=COLLEAGUE, answered_at=AT))
    late = edit_item(0, result=(None, "pass"), answered_at=(None, LATER), answered_by=(None, TECHNICIAN))
    assert [conflict["field"] for conflict in here.apply(late).conflicts] == ["result"]
    standing = here.rows["checklist_item", ITEMS[0]]
    assert [standing[name] for name in ("result", "answered_by", "answered_at")] == ["fail", COLLEAGUE, AT]
