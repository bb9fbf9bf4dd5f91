"""Which items are asked, what is still missing, and what *set all OK* answers."""

import json
import random

import pytest

from sync_server.contract.rules import checklist
from sync_server.contract.rules.checklist import Progress, is_visible, missing, passable, progress, visible
from sync_server.contract.rules.sign_off import answers_missing, may_perform


def asked(key, *, position=0, kind="pass_fail", when=None, **values):
    condition = None if when is None else json.dumps({"item": when[0], "is": when[1]})
    named = {"checklist_id": "c", "is_mandatory": True, "deleted_at": None, "result": None, "value": None}
    return {**named, "key": key, "position": position, "kind": kind, "condition": condition, "prompt": key, **values}


def keys(items):
    return [item["key"] for item in items]


def by_key(*items):
    return {item["key"]: item for item in items}


# ---- conditions


def test_an_item_without_a_condition_is_always_asked():
    assert is_visible(asked("a"), {})


@pytest.mark.parametrize(("result", "expected"), [("fail", True), ("pass", False), ("na", False), (None, False)])
def test_a_condition_on_a_result(result, expected):
    assert is_visible(asked("b", when=("a", "fail")), by_key(asked("a", result=result))) is expected


def test_a_condition_on_a_chosen_value():
    follow_up = asked("b", when=("a", "Oil"))
    assert is_visible(follow_up, by_key(asked("a", kind="choice", result="pass", value="Oil")))
    assert not is_visible(follow_up, by_key(asked("a", kind="choice", result="pass", value="Water")))


def test_a_condition_may_expect_one_of_several():
    follow_up = asked("b", when=("a", ["flag", "fail"]))
    assert [is_visible(follow_up, by_key(asked("a", result=word))) for word in ("pass", "flag", "fail")] == [
        False,
        True,
        True,
    ]


@pytest.mark.parametrize(("value", "expected"), [("4.20", True), ("4.2", True), ("4.21", False), (None, False)])
def test_readings_are_compared_as_numbers(value, expected):
    gauge = asked("a", kind="number", result=value and "pass", value=value)
    assert is_visible(asked("b", when=("a", "4,2")), by_key(gauge)) is expected


def test_text_that_looks_like_a_number_is_compared_as_text():
    assert not is_visible(asked("b", when=("a", "4.2")), by_key(asked("a", kind="text", value="4.20", result="pass")))


def test_an_item_is_hidden_with_the_one_that_it_hangs_on():
    items = by_key(
        asked("a", result="pass"), asked("b", when=("a", "fail"), result="fail"), asked("c", when=("b", "fail"))
    )
    assert not is_visible(items["c"], items)
    items["a"]["result"] = "fail"
    assert is_visible(items["c"], items)


def test_a_condition_on_an_item_that_is_not_here_hides_nothing():
    assert is_visible(asked("b", when=("gone", "fail")), {})
    items = [asked("a", result="pass", deleted_at="2026-03-02T08:00:00.000000Z"), asked("b", when=("a", "fail"))]
    assert keys(visible(items)) == ["b"]


@pytest.mark.parametrize(
    "condition",
    [
        *("", "{", "7", "null", "[]", "{}", "\ud800", "[" * 5_000, 7, True),
        *('{"item":"a"}', '{"is":"fail"}', '{"item":7,"is":"x"}', '{"item":"a","is":7}'),
    ],
)
def test_a_condition_that_cannot_be_read_hides_nothing(condition):
    assert is_visible(asked("b") | {"condition": condition}, by_key(asked("a", result="pass")))


def test_items_that_hang_on_themselves_or_in_a_circle_come_to_an_end():
    alone = asked("a", when=("a", "fail"), result="fail")
    assert is_visible(alone, by_key(alone))
    circle = by_key(
        *(asked(key, when=(other, "fail"), result="fail") for key, other in (("a", "b"), ("b", "c"), ("c", "a")))
    )
    assert [is_visible(item, circle) for item in circle.values()] == [True] * 3
    circle["b"]["result"] = None
    assert not is_visible(circle["a"], circle)


def test_a_chain_of_a_thousand_conditions_is_followed():
    items = [
        asked("0", result="fail"),
        *(asked(str(n), when=(str(n - 1), "fail"), result="fail") for n in range(1, 1000)),
    ]
    table = by_key(*items)
    assert is_visible(items[-1], table)
    table["0"]["result"] = "pass"
    assert not is_visible(items[-1], table)


# ---- lists


def test_items_come_by_position_whatever_order_they_are_read_in():
    items = [asked(f"k{n}", position=n) for n in range(12)]
    shuffled = items.copy()
    random.Random(7).shuffle(shuffled)
    assert keys(visible(shuffled)) == keys(items)
    assert keys(missing(shuffled)) == keys(items)


def test_two_checklists_of_an_order_keep_their_keys_apart():
    first = [asked("a", result="fail"), asked("b", position=1, when=("a", "fail"))]
    second = [asked("a", checklist_id="d", result="pass"), asked("b", position=1, when=("a", "fail"), checklist_id="d")]
    assert [(item["checklist_id"], item["key"]) for item in visible([*first, *second])] == [
        ("c", "a"),
        ("c", "b"),
        ("d", "a"),
    ]
    assert keys(missing([*second, *first])) == ["b"]


def test_missing_are_the_mandatory_ones_that_are_asked_and_unanswered():
    items = [
        asked("answered", result="pass"),
        asked("not applicable", result="na", position=1),
        asked("optional", is_mandatory=False, position=2),
        asked("hidden", when=("answered", "fail"), position=3),
        asked("deleted", deleted_at="2026-03-02T08:00:00.000000Z", position=4),
        asked("empty", position=5),
        asked("value alone is no answer", kind="number", value="4", position=6),
    ]
    assert keys(missing(items)) == ["empty", "value alone is no answer"]


def test_booleans_of_sqlite_count():
    assert keys(missing([asked("a", is_mandatory=1), asked("b", is_mandatory=0)])) == ["a"]


def test_answering_can_bring_new_items_up():
    items = [asked("a"), asked("b", position=1, when=("a", "fail"))]
    assert keys(missing(items)) == ["a"]
    items[0]["result"] = "fail"
    assert keys(missing(items)) == ["b"]


def test_progress_counts_what_is_asked():
    items = [
        asked("a", result="fail"),
        asked("b", result="na"),
        asked("c", when=("a", "pass"), result="fail"),
        asked("d", is_mandatory=False),
    ]
    assert progress(items) == Progress(answered=2, total=3, failed=1)
    assert progress([]) == Progress(answered=0, total=0, failed=0)


def test_all_ok_answers_the_open_pass_fail_items_and_nothing_else():
    items = [
        asked("open", position=2),
        asked("failed", result="fail"),
        asked("gauge", kind="number"),
        asked("hidden", when=("failed", "pass")),
        asked("optional", is_mandatory=False, position=1),
    ]
    assert keys(passable(items)) == ["optional", "open"]


def test_rows_without_the_columns_that_matter_are_no_crash():
    assert missing([{}]) == [{}]
    assert progress([{}, {"position": None, "key": None}]).total == 2
    assert passable([{"kind": "pass_fail"}]) == [{"kind": "pass_fail"}]


def test_the_rules_have_one_front_door():
    assert all(hasattr(checklist, name) for name in checklist.__all__)


# ---- before signing


def test_nobody_signs_for_work_with_answers_missing():
    items = [asked("Oil level"), asked("Filter", position=1)]
    problem = may_perform(role_at_site="technician", is_assigned=True, status="in_progress", items=items)
    assert (problem.code, problem.sentence) == (
        "answers_missing",
        "2 mandatory answers are missing, first: Oil level.",
    )
    items[0]["result"] = items[1]["result"] = "pass"
    assert may_perform(role_at_site="technician", is_assigned=True, status="in_progress", items=items) is None


def test_rights_and_state_come_before_missing_answers():
    items = [asked("a")]
    assert may_perform(role_at_site=None, is_assigned=True, status="in_progress", items=items).code == "not_allowed"
    refused = may_perform(role_at_site="technician", is_assigned=True, status="on_hold", items=items)
    assert refused.code == "illegal_transition"


def test_one_missing_answer_is_named_in_the_singular():
    assert answers_missing([asked("Oil level")]).sentence == "1 mandatory answer is missing, first: Oil level."
    assert answers_missing([]) is None
