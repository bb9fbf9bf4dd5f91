"""What is refused and never raised, and what a mutation has to read before it is decided."""

import pytest

from sync_server.contract.rules.draft import stub_id
from sync_server.contract.rules.policy import decide, more_reads, reads
from tests.unit.rules.scene import (
    ASSET,
    AT,
    COMMENT,
    ORDER,
    PART,
    SITE,
    STORE,
    TECHNICIAN,
    VAN,
    answer_all,
    create,
    edit_order,
    level,
    manager,
    movement,
    mutation,
    refusal,
    row,
    scene,
    technician,
)


@pytest.mark.parametrize(
    ("type_", "entity"),
    [
        ("work_order.frobnicate", "work_order"),
        ("work_order.set", "comment"),
        ("checklist.answer_all", "comment"),
        ("conflict.resolve", "comment"),
        ("gadget.create", "gadget"),
        ("gadget.set", "work_order"),
        ("work_order", "work_order"),
        (".set", ""),
        ("", ""),
    ],
)
def test_a_kind_of_change_that_nobody_knows_is_refused(type_, entity):
    made = mutation(type_, ORDER, entity=entity)
    assert refusal(scene().decide(made)) == "unknown_type"


@pytest.mark.parametrize("entity", ["conflict", "stock_level", "asset_stub"])
@pytest.mark.parametrize("verb", ["create", "set", "delete"])
def test_rows_that_only_follow_from_others_are_written_by_nobody(entity, verb):
    assert refusal(scene().decide(mutation(f"{entity}.{verb}", ORDER), manager)) == "not_allowed"


def test_what_the_server_holds_is_decided_and_never_deleted():
    held = row("held_mutation", ORDER, author_id=TECHNICIAN, target_aggregate_id=ORDER, mutation_id=ORDER, body="{}")
    assert refusal(scene(held).decide(mutation("held_mutation.delete", ORDER), manager)) == "not_allowed"
    approved = mutation("held_mutation.set", ORDER, decision=(None, "approved"), reason=(None, "he was there"))
    assert scene(held).decide(approved, manager).status == "applied"
    assert refusal(scene().decide(mutation("held_mutation.create", COMMENT), manager)) == "invalid_value"


@pytest.mark.parametrize(
    "number", ["1e999999999", "NaN", "sNaN", "Infinity", "-1e11", "10000000000", True, "", "1_0\0"]
)
def test_hostile_numbers_are_refused(number):
    planned = {"work_order_id": ORDER, "part_id": PART}
    assert refusal(scene().decide(create("work_order_part", COMMENT, ORDER, **planned, quantity=number), manager)) == (
        "invalid_value"
    )
    assert scene().decide(create("work_order_part", COMMENT, ORDER, **planned, quantity="1"), manager).problem is None


@pytest.mark.parametrize("name", ["cost", "actual_minutes"])
def test_what_imports_and_visits_tell_nobody_types_into_an_order(name):
    assert refusal(scene().decide(edit_order(**{name: (None, "5")}), manager)) == "invalid_value"
    made = create("work_order", COMMENT, COMMENT, number="X", title="X", site_id=SITE, **{name: "5"})
    assert refusal(scene().decide(made, manager)) == "invalid_value"


def test_a_decision_leaves_the_rows_it_read_alone():
    here = scene()
    before = {key: dict(value) for key, value in here.rows.items()}
    here.decide(
        edit_order(title=("Pump 3 leaks", "x"), status=("in_progress", "on_hold"), status_reason=(None, "rain"))
    )
    here.decide(answer_all(i0=(None, "pass")))
    assert here.rows == before


# ---- what has to be read


def test_a_movement_reads_its_level_and_its_place():
    keys = reads(movement(1, "-1"))
    assert ("stock_location", VAN) in keys
    assert any(entity == "stock_level" for entity, _ in keys)


def test_a_movement_that_names_no_place_reads_no_level():
    for place in (None, 7, "van", VAN.upper()):
        made = create("stock_movement", COMMENT, ORDER, stock_location_id=place, part_id=PART)
        assert reads(made) == (("work_order", ORDER), ("stock_level", ORDER), ("stock_movement", COMMENT))


def test_a_conflict_of_an_asset_reads_its_stub():
    conflict = row("conflict", COMMENT, ASSET, target_entity="asset", target_id=ASSET, field="name", kind="field")
    assert more_reads(mutation("conflict.resolve", COMMENT, ASSET), scene(conflict)) == (
        ("asset", ASSET),
        ("asset_stub", stub_id(ASSET)),
    )
    assert more_reads(mutation("conflict.resolve", COMMENT, ASSET), scene()) == ()
    assert more_reads(mutation("asset.set", ASSET), scene(conflict)) == ()


def test_a_kind_of_record_that_nobody_knows_reads_nothing():
    assert reads(mutation("gadget.create", ORDER)) == ()
    assert decide(mutation("gadget.create", ORDER), scene(), actor=technician, at=AT).status == "rejected"


def test_levels_of_different_places_are_different_rows():
    assert level(VAN, PART, "1")["id"] != level(STORE, PART, "1")["id"]
