"""Templates: what they may say, and the lists issued from them."""

import json

import pytest

from sync_server.contract.codec import checked
from sync_server.contract.entities import REGISTRY
from sync_server.contract.rules.checklist import is_visible
from sync_server.contract.rules.template import MOST_ITEMS, instantiate, read_items
from tests.unit.rules.scene import CHECKLIST, ITEMS, ORDER, create, id_of, order, scene


def defined(key="oil", kind="pass_fail", prompt="Oil?", **more):
    return {"key": key, "kind": kind, "prompt": prompt, **more}


def text_of(*items):
    return json.dumps(items, ensure_ascii=False)


GOOD = text_of(
    defined("oil", section="Engine"),
    defined("pressure", "number", "Pressure", unit="bar", minimum="2", maximum=4.5),
    defined("colour", "choice", "Colour of the oil", choices=["clear", "black"], is_mandatory=False),
    defined("why", "text", "Why?", condition={"item": "oil", "is": ["flag", "fail"]}),
    defined("picture", "photo", "Photo", condition={"item": "colour", "is": "black"}),
    defined("again", "text", "Say more", condition={"item": "pressure", "is": "4,5"}, colour="newer field"),
)
TEMPLATE = {"id": id_of("f", 1), "template_version": 7, "name": "Monthly", "items": GOOD}


def fault_of(*items) -> str:
    with pytest.raises(ValueError, match=r"\.$") as caught:
        read_items(text_of(*items))
    return str(caught.value)


def test_a_template_is_read_in_order_with_its_defaults():
    items = read_items(GOOD)
    assert [item.key for item in items] == ["oil", "pressure", "colour", "why", "picture", "again"]
    assert [item.is_mandatory for item in items] == [True, True, False, True, True, True]
    assert items[3].condition.answers == ["flag", "fail"]


@pytest.mark.parametrize(
    "text", ["", "{}", "null", "7", '"x"', "[", "[7]", "[null]", "[{}]", "[" * 100_000, '["\\ud800"]']
)
def test_what_is_no_list_of_items_is_refused_with_a_sentence(text):
    with pytest.raises(ValueError, match="cannot be read") as caught:
        read_items(text)
    assert str(caught.value).endswith(".")


def test_an_empty_list_and_a_list_without_end_are_refused():
    assert "between 1" in fault_of()
    assert "between 1" in fault_of(*(defined(str(n)) for n in range(MOST_ITEMS + 1)))


@pytest.mark.parametrize(
    ("item", "word"),
    [
        (defined(key=" "), "no key"),
        (defined(prompt=""), "no key or no prompt"),
        (defined(kind="barcode"), "kind"),
        (defined(key="x" * 61), "key"),
        (defined(prompt="x" * 1001), "prompt"),
        (defined(prompt="a\0b"), "prompt"),
        (defined(unit="bar"), "only a number"),
        (defined(minimum="1"), "only a number"),
        (defined(kind="number", minimum="5", maximum="4"), "above"),
        (defined(kind="number", minimum="NaN"), "minimum"),
        (defined(kind="number", maximum="-Infinity"), "maximum"),
        (defined(kind="number", maximum="1e10"), "maximum"),
        (defined(kind="number", unit="x" * 41), "unit"),
        (defined(kind="choice"), "choice"),
        (defined(kind="choice", choices=[]), "choice"),
        (defined(kind="choice", choices=["a", "a"]), "each once"),
        (defined(kind="choice", choices=["a", " "]), "empty"),
        (defined(kind="choice", choices=["a", "b "]), "blanks"),
        (defined(kind="text", choices=["a"]), "choice"),
        (defined(condition={"item": "oil", "is": "fail"}), "earlier"),
        (defined(condition={"item": "later", "is": "fail"}), "earlier"),
    ],
)
def test_an_item_that_makes_no_sense_is_named_by_its_number(item, word):
    fault = fault_of(defined("first"), item, defined("later"))
    assert fault.startswith("Item 2 ")
    assert word in fault


def test_a_limit_with_an_exponent_out_of_this_world_is_refused():
    for limit in ('"1e999999999"', "1e999999999", "-1e999999999"):
        with pytest.raises(ValueError, match="Item 1"):
            read_items(text_of(defined(kind="number", minimum=0)).replace('"minimum": 0', f'"minimum": {limit}'))


def test_two_items_cannot_have_one_key():
    assert "taken" in fault_of(defined("a"), defined("a"))


@pytest.mark.parametrize(
    ("kind", "more", "answer", "is_fine"),
    [
        ("pass_fail", {}, "fail", True),
        ("pass_fail", {}, "4", False),
        ("number", {}, "4.2", True),
        ("number", {}, "fail", True),
        ("number", {}, "four", False),
        ("choice", {"choices": ["a"]}, "a", True),
        ("choice", {"choices": ["a"]}, "b", False),
        ("text", {}, "yes", True),
        ("text", {}, "", False),
        ("photo", {}, "x", False),
        ("photo", {}, [], False),
        ("photo", {}, ["na", "pass"], True),
        ("photo", {}, ["na", "x"], False),
    ],
)
def test_a_condition_that_can_never_be_met_is_refused(kind, more, answer, is_fine):
    items = [defined("a", kind, **more), defined("b", condition={"item": "a", "is": answer})]
    if is_fine:
        assert len(read_items(text_of(*items))) == 2
    else:
        assert "never be met" in fault_of(*items)


# ---- issuing


def issue(**changes):
    named = {"work_order_id": ORDER, "checklist_id": CHECKLIST, "item_ids": [id_of("d", n) for n in range(6)]}
    return instantiate(TEMPLATE, **{**named, **changes})


def test_an_issued_list_names_its_template_and_version():
    checklist, _ = issue(position=2)
    assert checklist == {
        "work_order_id": ORDER,
        "template_id": id_of("f", 1),
        "template_version": 7,
        "name": "Monthly",
        "position": 2,
    }


def test_issued_items_carry_everything_and_stand_in_order():
    _, items = issue(last_values={"pressure": "3.9", "gone": "1"})
    assert [item["position"] for item in items] == [1, 2, 3, 4, 5, 6]
    assert {item["checklist_id"] for item in items} == {CHECKLIST}
    pressure = items[1]
    assert [pressure[name] for name in ("unit", "minimum", "maximum", "last_value")] == [
        "bar",
        "2.0000",
        "4.5000",
        "3.9",
    ]
    assert json.loads(items[2]["choices"]) == ["clear", "black"]
    assert [items[0][name] for name in ("section", "minimum", "choices", "condition", "last_value")] == [
        "Engine",
        None,
        None,
        None,
        None,
    ]


def test_issued_conditions_work():
    _, items = issue()
    table = {item["key"]: item for item in items}
    assert not is_visible(table["why"], table)
    table["oil"]["result"] = "flag"
    assert is_visible(table["why"], table)


def test_issued_values_fit_the_columns_exactly_and_are_no_common_columns():
    checklist, items = issue(last_values={"oil": "pass"})
    for entity, rows in (("checklist", [checklist]), ("checklist_item", items)):
        spec = REGISTRY[entity]
        for values in rows:
            assert {name: checked(spec.by_name[name], value) for name, value in values.items()} == values
            assert not {"id", "aggregate_id", "version", "created_at"} & values.keys()


def test_issued_values_can_be_sent_as_creations():
    here = scene(order())
    checklist, items = issue(item_ids=[*ITEMS, *(id_of("d", n) for n in (7, 8, 9))])
    assert here.apply(create("checklist", CHECKLIST, ORDER, **checklist)).status == "applied"
    for item_id, values in zip([*ITEMS, *(id_of("d", n) for n in (7, 8, 9))], items, strict=True):
        assert here.apply(create("checklist_item", item_id, ORDER, **values)).status == "applied"
    assert here.rows["checklist_item", ITEMS[1]]["maximum"] == "4.5000"


@pytest.mark.parametrize("ids", [[], ["a"], ["a"] * 7])
def test_every_item_gets_an_id(ids):
    with pytest.raises(ValueError, match="6 items"):
        issue(item_ids=ids)


def test_a_template_that_cannot_be_read_is_not_issued():
    for items in (None, "", "{"):
        with pytest.raises(ValueError, match="cannot be read"):
            instantiate({**TEMPLATE, "items": items}, work_order_id=ORDER, checklist_id=CHECKLIST, item_ids=[])
