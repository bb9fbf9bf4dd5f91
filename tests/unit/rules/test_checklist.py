import json
import random

import pytest

from sync_server.contract.rules.checklist import Progress, is_answered, is_visible, missing, passable, progress, visible
from tests.unit.rules.statements import an_id, an_item


def keys(items) -> list[str]:
    return [item["key"] for item in items]


def when(item: str, answer) -> str:
    return json.dumps({"item": item, "is": answer})


def asked(item, *others) -> bool:
    return is_visible(item, {other["key"]: other for other in (item, *others)})


def test_an_item_without_a_condition_is_asked():
    assert asked(an_item(1))


@pytest.mark.parametrize(
    ("other", "answer", "expected"),
    [
        (an_item(1, result="fail"), "fail", True),
        (an_item(1, result="pass"), "fail", False),
        (an_item(1), "fail", False),
        (an_item(1, result="flag"), ["flag", "fail"], True),
        (an_item(1, result="pass"), ["flag", "fail"], False),
        (an_item(1, result="pass"), [], False),
        (an_item(1, kind="choice", value="worn", result="pass"), "worn", True),
        (an_item(1, kind="number", value="4.20", result="pass"), "4.2", True),
        (an_item(1, kind="number", value="4.21", result="pass"), "4.2", False),
        (an_item(1, kind="number", value="NaN", result="pass"), "NaN ", False),
        (an_item(1, kind="text", value="Fail"), "fail", False),
    ],
)
def test_a_condition_holds_for_its_answer_only(other, answer, expected):
    assert asked(an_item(2, condition=when("item1", answer)), other) is expected


@pytest.mark.parametrize(
    "condition",
    [
        "",
        "null",
        "[]",
        "{}",
        "fail",
        '{"item":"item1"}',
        '{"is":"fail"}',
        '{"item":1,"is":"fail"}',
        "[" * 9000,
        "\ud800",
    ],
)
def test_a_condition_that_cannot_be_read_hides_nothing(condition):
    assert asked(an_item(2, condition=condition), an_item(1))


def test_a_condition_on_an_item_that_is_not_here_hides_nothing():
    assert asked(an_item(2, condition=when("gone", "fail")), an_item(1))


def test_what_hangs_on_a_hidden_item_is_hidden_with_it():
    first, second = an_item(1, result="pass"), an_item(2, condition=when("item1", "fail"), result="fail")
    third = an_item(3, condition=when("item2", "fail"))
    assert not asked(third, first, second)
    assert asked(third, {**first, "result": "fail"}, second)


def test_a_very_long_row_of_conditions_and_a_circle_end():
    row = [an_item(0, result="fail")]
    row += [an_item(n, condition=when(f"item{n - 1}", "fail"), result="fail") for n in range(1, 3000)]
    assert asked(row[-1], *row)
    circle = [an_item(n, condition=when(f"item{(n + 1) % 3}", "fail"), result="fail") for n in range(3)]
    assert visible(circle) == circle


def test_items_are_given_by_position_whatever_their_order():
    items = [an_item(n, position=n // 2) for n in range(8)]
    shuffled = random.Random(7).sample(items, len(items))
    assert keys(visible(shuffled)) == keys(items)


def test_deleted_items_are_not_asked():
    items = [an_item(1, deleted_at="2026-03-01T08:00:00.000000Z"), an_item(2)]
    assert keys(visible(items)) == ["item2"]
    assert progress(items) == Progress(answered=0, total=1, failed=0)


def test_lists_of_one_order_keep_their_keys_apart():
    other_list = {"checklist_id": an_id(99)}
    items = [
        an_item(1, result="pass"),
        an_item(2, condition=when("item1", "fail")),
        {**an_item(1, result="fail"), **other_list},
        {**an_item(2, condition=when("item1", "fail")), **other_list},
    ]
    assert [(item["checklist_id"], item["key"]) for item in visible(items)] == [
        (an_id(10), "item1"),
        (an_id(99), "item1"),
        (an_id(99), "item2"),
    ]


def test_missing_are_the_mandatory_asked_unanswered_items_in_order():
    items = [
        an_item(4),
        an_item(1, result="na"),
        an_item(2, is_mandatory=False),
        an_item(3, condition=when("item1", "fail")),
        an_item(5, result="pass"),
        an_item(6, is_mandatory=1),
        an_item(7, is_mandatory=0),
    ]
    assert keys(missing(items)) == ["item4", "item6"]


def test_progress_counts_what_is_asked():
    items = [
        an_item(1, result="pass"),
        an_item(2, result="fail"),
        an_item(3, result="na"),
        an_item(4),
        an_item(5, result="fail", condition=when("item1", "fail")),
    ]
    assert progress(items) == Progress(answered=3, total=4, failed=1)
    assert progress([]) == Progress(answered=0, total=0, failed=0)


def test_set_all_ok_touches_only_unanswered_asked_pass_fail_items():
    items = [
        an_item(1, result="flag"),
        an_item(2),
        an_item(3, kind="number"),
        an_item(4, condition=when("item1", "pass")),
        an_item(5, is_mandatory=False),
        an_item(6, kind="photo"),
    ]
    assert keys(passable(items)) == ["item2", "item5"]
    for item in passable(items):
        item["result"] = "pass"
    assert passable(items) == []


def test_rows_with_missing_columns_break_nothing_and_hide_nothing():
    bare = [{}, {"key": "a"}, {"key": "b", "kind": "pass_fail"}]
    assert len(visible(bare)) == 3
    assert progress(bare) == Progress(answered=0, total=3, failed=0)
    assert len(missing(bare)) == 3
    assert passable(bare) == [bare[2]]
    assert not is_answered({})
