"""What a row says has to fit together, whoever says it; what stood there before is held against nobody."""

import msgspec
import pytest

from sync_server.contract.rules.draft import level_id, stub_id
from tests.unit.rules.scene import (
    ASSET,
    AT,
    COMMENT,
    ORDER,
    PART,
    STORE,
    asset,
    create,
    everything,
    manager,
    mutation,
    refusal,
    row,
    scene,
)

LEVEL = level_id(STORE, PART)
FIELD, METER = COMMENT, COMMENT


def moved(kind, quantity):
    """A movement of a level, by somebody who may post each kind."""
    values = {"stock_location_id": STORE, "part_id": PART, "kind": kind, "quantity": quantity, "moved_at": AT}
    here = scene(*everything())
    here.rows.setdefault(("stock_level", LEVEL), None)
    return here.decide(create("stock_movement", COMMENT, LEVEL, **values), manager)


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("usage", ("-2", "-0.0001"), ("2", "0", "-0", "-0.00001", "0.0001")),
        ("purchase", ("2", "0.0001"), ("-2", "0", "0.00001")),
        ("return", ("2", "0.0001"), ("-2", "0", "0.00001")),
        ("adjustment", ("2", "-2"), ("0", "0.00001", "-0.00001")),
        ("transfer", ("2", "-2"), ("0", "-0")),
    ],
)
def test_a_movement_goes_the_way_that_its_kind_says(kind, right, wrong):
    for quantity in right:
        outcome = moved(kind, quantity)
        assert (outcome.status, outcome.problem) == ("applied", None), quantity
    for quantity in wrong:
        assert refusal(moved(kind, quantity)) == "invalid_value", quantity


@pytest.mark.parametrize("entity", ["work_order_part", "part_request"])
@pytest.mark.parametrize("quantity", ["0", "-5", "-0.0001", "0.00001", "-0"])
def test_what_is_planned_or_wanted_is_more_than_nothing(entity, quantity):
    named = {"work_order_id": ORDER, "part_id": PART}
    named |= {"stock_location_id": STORE} if entity == "part_request" else {}
    made = create(entity, COMMENT, ORDER, **named, quantity=quantity)
    assert refusal(scene().decide(made, manager)) == "invalid_value"
    stands = row(entity, COMMENT, ORDER, **named, quantity="5.0000")
    edit = mutation(f"{entity}.set", COMMENT, ORDER, quantity=("5.0000", quantity))
    outcome = scene(*everything(), stands).decide(edit, manager)
    assert refusal(outcome) == "invalid_value"
    assert outcome.problem is not None
    assert outcome.problem.sentence == "quantity must be at least 0.0001."


@pytest.mark.parametrize(("entity", "root"), [("meter", ASSET), ("custom_field", None)])
def test_a_least_number_lies_below_the_greatest(entity, root):
    named = {"asset_id": ASSET, "name": "M", "unit": "bar"}
    named = named if root else {"subject": "asset", "kind": "number", "name": "F"}
    for least, most in ((None, "1"), ("1", None), ("1", "1"), ("-2", "-1")):
        made = create(entity, METER, root, **named, minimum=least, maximum=most)
        assert scene(*everything(), asset()).decide(made, manager).problem is None
    made = create(entity, METER, root, **named, minimum="10", maximum="9.9999")
    assert refusal(scene(*everything(), asset()).decide(made, manager)) == "invalid_value"


def test_limits_that_two_people_set_apart_are_refused_to_the_later_one():
    stands = row("meter", METER, ASSET, asset_id=ASSET, name="M", unit="bar", minimum="5.0000", maximum="9.0000")
    edit = mutation("meter.set", METER, ASSET, maximum=("9.0000", "4"))
    assert refusal(scene(asset(), stands).decide(edit, manager)) == "invalid_value"


def test_who_changes_something_else_is_not_asked_about_limits_that_stand():
    """A meter that an older program let be so is still read, renamed and put right."""
    values = {"asset_id": ASSET, "name": "M", "unit": "bar", "minimum": "9.0000", "maximum": "5.0000"}
    here = scene(asset(), row("meter", METER, ASSET, **values))
    for edit in (
        mutation("meter.set", METER, ASSET, name=("M", "Pressure")),
        mutation("meter.set", METER, ASSET, minimum=("9.0000", "1")),
        mutation("meter.read", METER, ASSET, value=(None, "7")),
    ):
        assert here.decide(edit, manager).status == "applied"


@pytest.mark.parametrize(("entity", "row_id", "root"), [("work_order", ORDER, None), ("asset", ASSET, None)])
def test_nothing_is_a_part_of_itself(entity, row_id, root):
    here = scene(*everything(), asset())
    here.rows.setdefault(("asset_stub", stub_id(ASSET)), None)
    edit = mutation(f"{entity}.set", row_id, root, parent_id=(None, row_id))
    assert refusal(here.decide(edit, manager)) == "invalid_value"
    (stands,) = [each for (kind, id_), each in here.rows.items() if (kind, id_) == (entity, row_id)]
    here.rows[entity, row_id] = {**stands, "parent_id": row_id}
    other = "title" if entity == "work_order" else "name"
    edit = mutation(f"{entity}.set", row_id, root, **{other: (stands[other], "Another")})
    assert here.decide(edit, manager).status == "applied", "an older program let it be so"
    if entity == "asset":
        edit = msgspec.structs.replace(edit, set={"parent_id": (row_id, None)})
        assert here.decide(edit, manager).status == "applied", "and it is put right"


BLANK = ("", "   ", "\t\n", "\u00a0", "\u200b", "\u2060\ufeff")


@pytest.mark.parametrize("blank", BLANK)
def test_what_people_read_in_lists_has_a_name(blank):
    made = create("work_order", COMMENT, None, number="WO-1", title=blank, site_id=None)
    assert refusal(scene().decide(made, manager)) == "invalid_value"
    for entity, row_id, name in (("work_order", ORDER, "title"), ("asset", ASSET, "name")):
        here = scene(*everything(), asset())
        here.rows.setdefault(("asset_stub", stub_id(ASSET)), None)
        stands = here.rows[entity, row_id]
        outcome = here.decide(mutation(f"{entity}.set", row_id, None, **{name: (stands[name], blank)}), manager)
        assert refusal(outcome) == "invalid_value"
        assert outcome.problem.sentence == f"{name} must not be empty."


def test_who_changes_something_else_is_not_asked_about_a_name_that_stands_empty():
    here = scene(*everything())
    here.rows["work_order", ORDER] = {**here.rows["work_order", ORDER], "title": ""}
    edit = mutation("work_order.set", ORDER, None, description=(here.rows["work_order", ORDER]["description"], "Dry"))
    assert here.decide(edit, manager).status == "applied"


def test_what_is_no_name_may_be_empty():
    """A code is a natural key: it is never a reason to refuse (product.md §6)."""
    here = scene(*everything(), asset())
    here.rows.setdefault(("asset_stub", stub_id(ASSET)), None)
    edit = mutation("asset.set", ASSET, None, code=(here.rows["asset", ASSET]["code"], ""), serial=(None, ""))
    assert here.decide(edit, manager).status == "applied"
