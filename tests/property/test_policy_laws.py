"""Laws of the policy: whatever a mutation says, whoever sends it, and whichever of two people comes first."""

import json
import random
from decimal import Decimal

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync_server.contract.codec import InvalidValueError, checked, same
from sync_server.contract.entities import REGISTRY
from sync_server.contract.entities.work_orders import PRIORITIES, STATES
from sync_server.contract.fields import Merge
from sync_server.contract.messages import Mutation
from sync_server.contract.problems import CODES
from sync_server.contract.rules import status
from sync_server.contract.rules.draft import level_id, stub_id
from sync_server.contract.rules.merge import Fate, is_same, merge_field
from tests.unit.rules.scene import (
    ASSET,
    AT,
    CHECKLIST,
    COMMENT,
    ITEMS,
    LATER,
    ORDER,
    PART,
    PERFORMED,
    SITE,
    STORE,
    TECHNICIAN,
    VAN,
    VISIT,
    asset,
    colleague,
    edit_item,
    edit_order,
    everything,
    id_of,
    level,
    manager,
    movement,
    mutation,
    order,
    planner,
    row,
    scene,
    stub,
    supervisor,
    technician,
)

PEOPLE = st.sampled_from([technician, colleague, supervisor, planner, manager])
CONFLICTS = {
    id_of("f", 90): {"target_entity": "work_order", "target_id": ORDER, "field": "title", "kind": "field"},
    id_of("f", 91): {"target_entity": "checklist_item", "target_id": ITEMS[0], "field": "result", "kind": "deleted"},
    id_of("f", 92): {"target_entity": "work_order", "target_id": ORDER, "field": "status", "kind": "status"},
    id_of("f", 93): {"target_entity": "work_order", "target_id": ORDER, "field": "cost", "kind": "request"},
}


def world():
    """One of everything that a mutation could be about."""
    return scene(
        *everything(),
        asset(),
        stub(),
        level(VAN, PART, "2.0000"),
        row("stock_location", VAN, site_id=SITE, owner_id=TECHNICIAN, kind="van", code="V", name="Van"),
        row("comment", COMMENT, ORDER, work_order_id=ORDER, author_id=TECHNICIAN, text="x", written_at=AT),
        row("work_log", VISIT, ORDER, work_order_id=ORDER, person_id=TECHNICIAN),
        row("part", PART, code="B-1", name="Belt"),
        *(row("conflict", one, ORDER, mutation_id=one, **values) for one, values in CONFLICTS.items()),
    )


# ---- hostile mutations

WORDS = ("NaN", "sNaN", "1e999999999", "-Infinity", '"x"', "null", "[]", "mine", "theirs", "edited", "pass", "fail")
ANY_SCALAR = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from([*WORDS, *STATES, *PRIORITIES, AT, LATER, ORDER, VAN, PART, SITE, "5", "2026-02-30", "4.20"]),
)
IDS = st.sampled_from([ORDER, ASSET, CHECKLIST, VAN, COMMENT, VISIT, PART, *ITEMS, *CONFLICTS, id_of("f", 77)])
TYPES = [f"{entity}.{verb}" for entity in REGISTRY for verb in ("create", "set", "delete")]
SPECIAL = ["checklist.answer_all", "conflict.resolve", "held_mutation.decide", "meter.set", "work_order.", ""]


@st.composite
def hostile_mutations(draw) -> Mutation:
    """A mutation as it comes out of the decoder: shaped like one, saying anything."""
    type_ = draw(st.sampled_from([*TYPES, *SPECIAL * 8]))
    entity = draw(st.sampled_from([type_.rpartition(".")[0]] * 9 + ["comment"]))
    names = [*(REGISTRY[entity].names if entity in REGISTRY else ()), *ITEMS, "resolved_value", "mood", "\0"]
    said = draw(st.dictionaries(st.sampled_from(names), st.tuples(ANY_SCALAR, ANY_SCALAR), max_size=10))
    row_id = draw(IDS)
    named = mutation(type_, row_id, draw(st.sampled_from([row_id, ORDER, level_id(VAN, PART)])), entity=entity)
    sealed = msgspec.json.encode(msgspec.structs.replace(named, set=said))
    return msgspec.json.decode(sealed, type=Mutation)


@st.composite
def likely_mutations(draw) -> Mutation:
    """A mutation with values that fit most of its columns, so that it gets far."""
    type_ = draw(st.sampled_from([name for name in TYPES if not name.endswith("delete")]))
    entity = type_.rpartition(".")[0]
    columns = [column for column in REGISTRY[entity].columns if column.merge is not Merge.DERIVED]
    columns = [column for column in columns if column.name not in {"id", "aggregate_id"}]
    if type_.endswith("set"):
        columns = [column for column in columns if column.merge is not Merge.FIXED]
    kept = [column for column in columns if not column.nullable or draw(st.booleans())]
    said = {column.name: (draw(ANY_SCALAR), draw(fitting(column))) for column in kept}
    root = entity if REGISTRY[entity].is_root else REGISTRY[entity].aggregates[0]
    fresh = id_of("f", draw(st.integers(200, 210)))
    existing = {"work_order": ORDER, "asset": ASSET, "checklist_item": ITEMS[1], "work_log": VISIT, "part": PART}
    row_id = fresh if type_.endswith("create") else existing.get(entity, fresh)
    aggregate_id = row_id if REGISTRY[entity].is_root else {"work_order": ORDER, "asset": ASSET}.get(root, row_id)
    return msgspec.structs.replace(mutation(type_, row_id, aggregate_id), set=said)


def fitting(column):
    """Values that a column takes, most of the time."""
    if column.words:
        return st.sampled_from(column.words)
    if column.references == "work_order":
        return st.just(ORDER)
    low, high = column.bounds
    return {
        "guid": st.sampled_from([ORDER, VAN, PART, SITE, TECHNICIAN, ASSET]),
        "text": st.text(max_size=min(20, column.characters)),
        "json": st.sampled_from(["[]", "{}", '"x"']),
        "integer": st.integers(int(low or 0), int(high or 1000)),
        "bigint": st.integers(-(2**62), 2**62),
        "double": st.floats(low or 0, high or 1000, allow_nan=False),
        "boolean": st.booleans(),
        "decimal": st.decimals(-(10**9), 10**9, places=4).map(str),
        "instant": st.sampled_from([AT, LATER]),
        "date": st.just("2026-03-02"),
    }[column.kind]


FUZZ = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@FUZZ
@given(st.one_of(hostile_mutations(), likely_mutations()), PEOPLE)
def test_a_decision_never_raises_and_is_the_same_every_time(made, actor):
    here = world()
    before = msgspec.json.encode(list(here.rows.values()))
    first, second = here.decide(made, actor), here.decide(made, actor)
    assert first == second
    assert msgspec.json.encode(list(here.rows.values())) == before
    if first.problem is not None:
        assert first.problem.code in CODES
        assert (first.status, first.changes, first.conflicts) == ("rejected", {}, ())


@FUZZ
@given(st.one_of(hostile_mutations(), likely_mutations()), PEOPLE)
def test_every_row_that_comes_out_fits_its_columns(made, actor):
    outcome = world().decide(made, actor)
    rows = [(entity, changed) for (entity, _), changed in outcome.changes.items()]
    for entity, changed in [*rows, *(("conflict", kept) for kept in outcome.conflicts)]:
        spec = REGISTRY[entity]
        assert tuple(changed) == spec.names
        for column in spec.columns:
            if column.merge is not Merge.DERIVED or column.name == "quantity":
                assert checked(column, changed[column.name]) == changed[column.name]


@FUZZ
@given(st.one_of(hostile_mutations(), likely_mutations()), PEOPLE)
def test_nobody_reaches_a_row_of_another_aggregate(made, actor):
    derived = {"asset_stub", "stock_level"}
    for (entity, _), changed in world().decide(made, actor).changes.items():
        assert entity in derived or changed["aggregate_id"] == made.aggregate_id


EDITS = st.dictionaries(
    st.sampled_from(
        ["title", "priority", "type", "asset_text", "description", "due_at", "route_position", "estimated_minutes"]
    ),
    st.tuples(ANY_SCALAR, ANY_SCALAR),
    min_size=1,
)


@FUZZ
@given(EDITS, PEOPLE)
def test_nothing_that_a_person_entered_is_lost(changes, actor):
    made = edit_order(**changes)
    here = scene(order(description="a b c\nd e f", cost="5.0000"))
    outcome = here.decide(made, actor)
    if outcome.status == "rejected":
        return
    standing = outcome.changes["work_order", ORDER]
    kept = {conflict["field"]: json.loads(conflict["mine_value"]) for conflict in outcome.conflicts}
    for name, (old, new) in changes.items():
        column = REGISTRY["work_order"].by_name[name]
        wanted = checked(column, new)
        is_there = same(column, standing[name], wanted) or kept.get(name, wanted is None) == wanted
        is_merged = column.merge is Merge.TEXT and set(str(wanted).split()) <= set(str(standing[name]).split())
        is_no_edit = (old if isinstance(old, str) else "") == (wanted or "") or is_same(column, wanted, old)
        assert is_there or is_merged or is_no_edit


# ---- merges


FIELDS = st.sampled_from(
    [
        *(REGISTRY["work_order"].by_name[name] for name in ("title", "asset_text", "status_reason")),
        REGISTRY["work_order_part"].by_name["quantity"],
    ]
)
VALUES = st.sampled_from([None, "1", "1.0", "2", "3.5000"])


@given(FIELDS, VALUES, VALUES, VALUES, st.booleans())
def test_a_field_that_was_merged_is_nothing_to_do_the_second_time(column, current, old, new, is_office):
    fate, standing = merge_field(column, current=current, old=old, new=new, is_office=is_office)
    again, value = merge_field(column, current=standing, old=old, new=new, is_office=is_office)
    if fate in {Fate.APPLY, Fate.NOTHING}:
        assert again is Fate.NOTHING
    else:
        assert again is fate
    assert value == standing


@given(FIELDS, VALUES, VALUES, VALUES)
def test_a_conflict_leaves_what_stands(column, current, old, new):
    fate, standing = merge_field(column, current=current, old=old, new=new, is_office=True)
    assert standing == (new if fate is Fate.APPLY else current)


# ---- two people

MINE = {"title": ("Pump 3 leaks", "Pump 3"), "priority": ("medium", "high"), "asset_text": (None, "P-3")}
THEIRS = {
    "type": ("repair", "inspection"),
    "description": (None, "Behind the boiler"),
    "completion_note": (None, "Seen"),
}


def edits_of(pairs, n):
    return [edit_order(**{name: pair}) for name, pair in pairs.items()] + [edit_item(n, result=(None, "pass"))]


def settled(scene_):
    """Rows without who wrote last and how often."""
    kept = [{**found, "version": 0, "updated_by": None} for found in scene_.rows.values()]
    return sorted(kept, key=lambda found: found["id"])


@given(st.randoms(use_true_random=False))
def test_invariant_14_edits_of_different_fields_come_to_the_same_rows_in_any_order(chance: random.Random):
    sent = [(technician, made) for made in edits_of(MINE, 0)] + [(colleague, made) for made in edits_of(THEIRS, 1)]
    straight, mixed = scene(), scene()
    for actor, made in sent:
        assert straight.apply(made, actor).conflicts == ()
    chance.shuffle(sent)
    for actor, made in sent:
        assert mixed.apply(made, actor).conflicts == ()
    assert settled(mixed) == settled(straight)


@given(st.lists(st.integers(0, 7), max_size=16))
def test_mutations_delivered_again_and_again_change_nothing_more(order_of_delivery):
    sent = [*edits_of(MINE, 0), *edits_of(THEIRS, 1)]
    once, often = scene(), scene()
    for made in sent:
        once.apply(made)
        often.apply(made)
    for n in order_of_delivery:
        assert often.apply(sent[n]).conflicts == ()
    assert settled(often) == settled(once)


@given(st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=2, max_size=8))
def test_invariant_13_of_many_edits_of_one_field_one_stands_and_the_others_are_conflicts(titles):
    here = scene()
    for title in titles:
        here.apply(edit_order(title=("Pump 3 leaks", title)), technician)
    kept = [json.loads(found["mine_value"]) for (entity, _), found in here.rows.items() if entity == "conflict"]
    assert here.order["title"] == titles[0]
    assert sorted(kept) == sorted(title for title in titles if title != titles[0])


AMOUNTS = st.decimals(-1000, 1000, places=4)


@given(st.lists(AMOUNTS, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_invariant_17_a_level_is_the_sum_of_its_movements_in_any_order(amounts, chance):
    sent = [movement(n, str(amount)) for n, amount in enumerate(amounts)]
    sent += [movement(99, "5", location=STORE), movement(98, "-2", work_order_id=None)]
    chance.shuffle(sent)
    here = scene(order(), level(VAN, PART, "10.0000"))
    for made in [*sent, *sent]:
        here.apply(made)
    held = here.rows["stock_level", level_id(VAN, PART)]["quantity"]
    assert Decimal(held) == 10 - 2 + sum(amounts)
    asked = sum(Decimal(found["quantity"]) for (name, _), found in here.rows.items() if name == "part_request")
    assert asked >= max(0, -Decimal(held) - 2)


@given(st.lists(st.tuples(PEOPLE, st.sampled_from(STATES), st.sampled_from(STATES), st.booleans()), max_size=25))
def test_invariant_16_whatever_states_people_send_the_order_follows_the_edges(wishes):
    here = scene(order(status="new", performed_signature_id=PERFORMED, approved_signature_id=PERFORMED))
    history = [here.order["status"]]
    for actor, believed, wanted, has_reason in wishes:
        reason = {"status_reason": (here.order["status_reason"], "because")} if has_reason else {}
        here.apply(edit_order(status=(believed, wanted), **reason), actor)
        if here.order["status"] != history[-1]:
            history.append(here.order["status"])
    assert status.is_path(history)


@pytest.mark.parametrize("entity", [name for name, spec in REGISTRY.items() if spec.append_only])
@given(
    said=st.dictionaries(
        st.sampled_from(["text", "caption", "note", "body", "mood"]), st.tuples(ANY_SCALAR, ANY_SCALAR)
    )
)
def test_invariant_18_what_is_on_record_stays_word_for_word(entity, said):
    row_id = id_of("f", 300)
    named = {column.name: column.default for column in REGISTRY[entity].columns if column.default is not None}
    here = scene(order(), row(entity, row_id, ORDER, **{name: named[name] for name in named if name not in {"id"}}))
    before = dict(here.rows[entity, row_id])
    for verb in ("set", "delete", "create"):
        here.apply(msgspec.structs.replace(mutation(f"{entity}.{verb}", row_id, ORDER), set=said), manager)
    assert here.rows[entity, row_id] == before


@given(hostile_mutations())
def test_a_value_is_refused_in_words_and_with_no_class_name(made):
    problem = world().decide(made).problem
    if problem is not None:
        assert problem.sentence[-1] == "."
        assert "decimal" not in problem.sentence.lower()
        assert "Error" not in problem.sentence


@given(ANY_SCALAR)
def test_a_checked_value_stays_as_it_is_when_checked_again(value):
    for spec in REGISTRY.values():
        for column in spec.columns:
            try:
                once = checked(column, value)
            except (InvalidValueError, ArithmeticError):
                continue
            assert checked(column, once) == once


def test_the_stub_of_an_asset_has_an_id_that_both_sides_compute():
    assert stub_id(ASSET) == world().rows["asset_stub", stub_id(ASSET)]["id"]
