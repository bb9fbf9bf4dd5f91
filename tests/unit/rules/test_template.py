import json

import pytest

from sync_server.contract.codec import completed
from sync_server.contract.entities import REGISTRY
from sync_server.contract.rules.checklist import visible
from sync_server.contract.rules.template import MOST_ITEMS, instantiate, read_items

FIRST = {"key": "leak", "kind": "pass_fail", "prompt": "No leak"}
DEFINED = [
    FIRST,
    {
        "key": "pressure",
        "kind": "number",
        "prompt": "Pressure",
        "section": "Pump",
        "unit": "bar",
        "minimum": "2",
        "maximum": 4.5,
        "is_mandatory": False,
        "from_a_newer_office": True,
    },
    {
        "key": "seal",
        "kind": "choice",
        "prompt": "Seal",
        "choices": ["good", "worn"],
        "condition": {"item": "leak", "is": "fail"},
    },
]


def a_template(*items) -> dict[str, object]:
    return {"id": "template-1", "template_version": 7, "name": "Pump", "items": json.dumps(items or DEFINED)}


def issued(template=None, ids=("i1", "i2", "i3"), **changes):
    return instantiate(
        template or a_template(), work_order_id="order-1", checklist_id="list-1", item_ids=ids, **changes
    )


def test_an_issued_list_keeps_the_version_of_its_template():
    checklist, _ = issued(position=2)
    assert checklist == {
        "work_order_id": "order-1",
        "template_id": "template-1",
        "template_version": 7,
        "name": "Pump",
        "position": 2,
    }


def test_items_are_issued_in_order_in_wire_form_without_answers():
    _, items = issued(last_values={"pressure": "3.1", "gone": "x"})
    assert [item["key"] for item in items] == ["leak", "pressure", "seal"]
    assert [item["position"] for item in items] == sorted(item["position"] for item in items)
    assert {item["checklist_id"] for item in items} == {"list-1"}
    reading = items[1]
    assert (reading["minimum"], reading["maximum"], reading["unit"]) == ("2.0000", "4.5000", "bar")
    assert (reading["is_mandatory"], reading["last_value"], reading["section"]) == (False, "3.1", "Pump")
    assert items[2]["choices"] == '["good","worn"]'
    assert json.loads(items[2]["condition"]) == {"item": "leak", "is": "fail"}
    spec = REGISTRY["checklist_item"]
    for item in items:
        assert set(item) <= set(spec.names)
        assert not {"result", "value", "note", "photo_sha256", "answered_at"} & {k for k, v in item.items() if v}
    assert [item["key"] for item in visible([completed(spec, item) for item in items])] == ["leak", "pressure"]


def test_two_issues_share_nothing_that_changes():
    first, second = issued()[1], issued()[1]
    first[0]["result"] = "fail"
    assert "result" not in second[0] or second[0]["result"] is None


@pytest.mark.parametrize("ids", [(), ("i1",), ("i1", "i2", "i3", "i4")])
def test_each_item_needs_its_id(ids):
    with pytest.raises(ValueError, match="3 items"):
        issued(ids=ids)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "{}",
        "[]",
        "[1]",
        "[{}]",
        '[{"key":"a"}]',
        "[" * 100_000,
        "\ud800",
        '{"key":"a","kind":"text"}',
        "None",
    ],
)
def test_a_template_that_cannot_be_read_is_said(text):
    with pytest.raises(ValueError, match="template"):
        read_items(text)


@pytest.mark.parametrize(
    "item",
    [
        {"key": "", "kind": "text", "prompt": "p"},
        {"key": "a", "kind": "text", "prompt": "  "},
        {"key": "a", "kind": "sketch", "prompt": "p"},
        {"key": "a" * 61, "kind": "text", "prompt": "p"},
        {"key": "a", "kind": "text", "prompt": "p" * 1001},
        {"key": "a", "kind": "text", "prompt": "a\0b"},
        {"key": "a", "kind": "text", "prompt": "p", "unit": "bar"},
        {"key": "a", "kind": "number", "prompt": "p", "minimum": "NaN"},
        {"key": "a", "kind": "number", "prompt": "p", "maximum": "sNaN"},
        {"key": "a", "kind": "number", "prompt": "p", "maximum": "Infinity"},
        {"key": "a", "kind": "number", "prompt": "p", "maximum": "1e999999"},
        {"key": "a", "kind": "number", "prompt": "p", "minimum": "5", "maximum": "4.9"},
        {"key": "a", "kind": "choice", "prompt": "p"},
        {"key": "a", "kind": "choice", "prompt": "p", "choices": []},
        {"key": "a", "kind": "choice", "prompt": "p", "choices": ["x", "x"]},
        {"key": "a", "kind": "choice", "prompt": "p", "choices": ["x", ""]},
        {"key": "a", "kind": "text", "prompt": "p", "choices": ["x"]},
        {"key": "leak", "kind": "text", "prompt": "p"},
        {"key": "a", "kind": "text", "prompt": "p", "condition": {"item": "a", "is": "x"}},
        {"key": "a", "kind": "text", "prompt": "p", "condition": {"item": "gone", "is": "x"}},
        {"key": "a", "kind": "text", "prompt": "p", "condition": {"item": "leak", "is": "broken"}},
        {"key": "a", "kind": "text", "prompt": "p", "condition": {"item": "leak", "is": []}},
    ],
)
def test_an_item_that_makes_no_sense_is_said_with_its_place(item):
    with pytest.raises(ValueError, match="Item 2"):
        read_items(json.dumps([FIRST, item]))


def test_a_template_has_a_bounded_number_of_items():
    items = [{"key": f"k{n}", "kind": "text", "prompt": "p"} for n in range(MOST_ITEMS + 1)]
    assert len(read_items(json.dumps(items[:-1]))) == MOST_ITEMS
    with pytest.raises(ValueError, match=str(MOST_ITEMS)):
        read_items(json.dumps(items))


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ({"kind": "number"}, "4,2"),
        ({"kind": "text"}, "yes"),
        ({"kind": "choice", "choices": ["x", "y"]}, ["x", "y"]),
        ({"kind": "photo"}, "na"),
    ],
)
def test_a_condition_may_ask_for_any_possible_answer(asked, answer):
    items = [{"key": "a", "prompt": "p", **asked}, {**FIRST, "condition": {"item": "a", "is": answer}}]
    assert read_items(json.dumps(items))[1].condition is not None
