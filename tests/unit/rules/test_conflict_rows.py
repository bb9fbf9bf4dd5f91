"""What a conflict row says about how it came about: cause, both values, and who saved the one that stands, when."""

import msgspec
import pytest

from tests.unit.rules.scene import (
    AT,
    CHECKLIST,
    COLLEAGUE,
    ITEMS,
    LATER,
    ORDER,
    SUPERVISOR,
    TECHNICIAN,
    edit_item,
    edit_order,
    item,
    mutation,
    order,
    planner,
    scene,
    supervisor,
    technician,
)

SAVED = "2026-03-02T08:12:00.000000Z"


def test_a_value_saved_by_one_commit_is_known_with_its_author_and_instant():
    here = scene()
    here.apply(edit_order(title=("Pump 3 leaks", "Office title")), supervisor, at=SAVED)
    (kept,) = here.apply(edit_order(title=("Pump 3 leaks", "Mine"))).conflicts
    assert (kept["cause"], kept["theirs_by"], kept["theirs_at"]) == ("saved_first", SUPERVISOR, SAVED)


def test_after_two_commits_nobody_claims_to_know_who_it_was():
    here = scene()
    here.apply(edit_order(title=("Pump 3 leaks", "Office title")), supervisor, at=SAVED)
    here.apply(edit_order(priority=("medium", "high")), planner, at=SAVED)
    (kept,) = here.apply(edit_order(title=("Pump 3 leaks", "Mine"))).conflicts
    assert (kept["cause"], kept["theirs_by"], kept["theirs_at"]) == ("saved_first", None, None)


def test_one_s_own_commit_is_never_the_other_s():
    here = scene()
    here.apply(edit_order(priority=("medium", "high")), technician, at=SAVED)
    (kept,) = here.apply(edit_order(title=("Another", "Mine"))).conflicts
    assert (kept["theirs_by"], kept["theirs_at"]) == (None, None)


def test_of_all_ok_and_of_settlings_no_instant_is_claimed():
    here = scene(order(), item(0, result="fail", version=2, updated_by=COLLEAGUE, updated_at=SAVED))
    made = mutation("checklist.answer_all", CHECKLIST, ORDER)
    (kept,) = here.apply(msgspec.structs.replace(made, set={ITEMS[0]: (None, "pass")})).conflicts
    assert (kept["cause"], kept["theirs_at"]) == ("saved_first", None)


@pytest.mark.parametrize(
    ("wanted", "values", "cause"),
    [
        ("new", {}, "illegal_transition"),
        ("cancelled", {}, "not_allowed"),
        ("on_hold", {}, "reason_required"),
        ("completed", {"requires_signature": True}, "sign_off_required"),
    ],
)
def test_a_state_that_was_not_taken_says_which_rule_it_broke(wanted, values, cause):
    here = scene(order(**values))
    (kept,) = here.apply(edit_order(status=("in_progress", wanted))).conflicts
    assert (kept["kind"], kept["field"], kept["cause"]) == ("status", "status", cause)
    assert here.order["status"] == "in_progress"


def test_the_reason_of_a_state_that_was_not_taken_explains_no_other_one():
    here = scene(order(status="cancelled", status_reason="No longer needed"))
    pairs = {"status_reason": (None, "Waiting for parts"), "status": ("in_progress", "on_hold")}
    kept = {row["field"]: row for row in here.apply(edit_order(**pairs)).conflicts}
    assert (here.order["status"], here.order["status_reason"]) == ("cancelled", "No longer needed")
    assert (kept["status_reason"]["mine_value"], kept["status_reason"]["cause"]) == (
        '"Waiting for parts"',
        "illegal_transition",
    )
    assert kept["status_reason"]["kind"] == "field"


def test_a_reason_that_is_taken_away_with_a_lost_state_asks_nobody():
    here = scene(order(status="cancelled", status_reason="No longer needed"))
    pairs = {"status_reason": ("Waiting", None), "status": ("on_hold", "in_progress")}
    assert [row["field"] for row in here.apply(edit_order(**pairs)).conflicts] == ["status"]
    assert here.order["status_reason"] == "No longer needed"


def test_a_merge_of_texts_keeps_both_and_asks_nobody():
    here = scene(order(description="a\nb"))
    here.apply(edit_order(description=("a\nb", "a\nb\noffice")), supervisor, at=SAVED)
    outcome = here.apply(edit_order(description=("a\nb", "mine\na\nb")))
    assert (outcome.status, outcome.to_settle) == ("merged", ())
    assert here.order["description"] == "mine\na\nb\noffice"
    (noted,) = outcome.conflicts
    assert [noted[name] for name in ("kind", "cause", "resolution", "resolved_at", "resolved_by")] == [
        *("merged", "merged", "edited", LATER, None)
    ]
    assert [noted[name] for name in ("base_value", "mine_value", "theirs_value", "resolved_value")] == [
        '"a\\nb"',
        '"mine\\na\\nb"',
        '"a\\nb\\noffice"',
        '"mine\\na\\nb\\noffice"',
    ]
    assert (noted["author_id"], noted["theirs_by"], noted["theirs_at"]) == (TECHNICIAN, SUPERVISOR, SAVED)


def test_a_merge_beside_a_conflict_is_a_conflict():
    here = scene(order(description="a\nb"))
    here.apply(edit_order(description=("a\nb", "a\nb\noffice"), title=("Pump 3 leaks", "Office")), supervisor)
    outcome = here.apply(edit_order(description=("a\nb", "mine\na\nb"), title=("Pump 3 leaks", "Mine")))
    assert (outcome.status, [row["kind"] for row in outcome.to_settle]) == ("conflict", ["field"])
    assert {row["kind"] for row in outcome.conflicts} == {"merged", "field"}


def test_delivered_again_a_merge_is_nothing_new():
    here = scene(order(description="a\nb"))
    here.apply(edit_order(description=("a\nb", "a\nb\noffice")), supervisor)
    made = edit_order(description=("a\nb", "mine\na\nb"))
    here.apply(made)
    assert len(here.rows) == len(here.rows | {("conflict", row["id"]): row for row in here.apply(made).conflicts})


def test_an_edit_of_a_deleted_row_says_when_it_was_deleted():
    here = scene(order(), item(0, deleted_at=AT, updated_by=SUPERVISOR, updated_at=AT))
    (kept,) = here.apply(edit_item(0, note=(None, "Cracked"))).conflicts
    assert (kept["cause"], kept["theirs_by"], kept["theirs_at"]) == ("deleted", SUPERVISOR, AT)
