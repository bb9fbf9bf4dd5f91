"""Who may do what, and where: the questions that are asked of the matrix."""

import pytest

from sync_server.contract.entities import REGISTRY
from sync_server.contract.rules.draft import Actor
from sync_server.contract.rules.matrix import MATRIX
from sync_server.contract.rules.permission import Place, action_of, is_own, may, may_do, may_plan
from tests.unit.rules.scene import ELSEWHERE, PART, SITE, manager, planner, row, supervisor, technician

HELD = Place(SITE, is_held=True)


def code_of(actor, entity, place=HELD, action="create"):
    problem = may(actor, entity, action, place)
    return None if problem is None else problem.code


def test_a_technician_works_on_orders_and_plans_nothing():
    own = ("work_order", "checklist_item", "work_log", "comment", "attachment", "signature", "stock_movement")
    assert [code_of(technician, entity) for entity in own] == [None] * len(own)
    others = ("team_member", "checklist_template", "part", "person", "site", "site_access", "team")
    assert {code_of(technician, entity) for entity in others} == {"not_allowed"}


def test_who_has_an_order_a_technician_may_ask_and_nothing_else_of_the_office_s():
    """The policy keeps his change as a request; test_assigning.py sees that it changes nobody."""
    for action in ("create", "change", "delete"):
        assert code_of(technician, "work_order_assignment", HELD, action) is None
        assert code_of(technician, "work_order_assignment", Place(SITE), action) == "not_allowed", "he does not hold it"
        assert code_of(technician, "work_order_part", HELD, action) == "not_allowed"
    assert code_of(technician, "work_order_assignment", Place(ELSEWHERE)) == "not_found"
    assert code_of(Actor("x", "customer", {SITE: "customer"}), "work_order_assignment") == "not_allowed"


def test_a_site_that_is_not_his_does_not_exist_for_him():
    for actor in (technician, supervisor, planner):
        assert code_of(actor, "work_order", Place(ELSEWHERE)) == "not_found"
    assert code_of(manager, "work_order", Place(ELSEWHERE)) is None


def test_who_was_sent_to_an_order_elsewhere_works_on_it_like_a_technician():
    there = Place(ELSEWHERE, is_held=True)
    for actor in (technician, supervisor, planner):
        assert code_of(actor, "comment", there) is None
        assert code_of(actor, "work_order", there, "delete") == "not_allowed"
        assert code_of(actor, "work_order_part", there) == "not_allowed"
        assert code_of(actor, "location", there) == "not_found"
    assert code_of(Actor("x", "customer"), "comment", there) == "not_found"


def test_what_is_of_all_sites_is_nobody_s_who_only_has_one():
    assert code_of(planner, "team", Place(None)) == "not_allowed"
    assert code_of(planner, "part", Place(None)) is None
    assert code_of(manager, "team", Place(None)) is None


def test_what_somebody_does_not_hold_is_his_only_by_his_site():
    assert code_of(technician, "work_order", Place(SITE), "change") == "not_allowed"
    assert code_of(technician, "work_order", HELD, "change") is None
    assert code_of(supervisor, "work_order", Place(SITE), "change") is None


def test_a_visit_of_another_is_the_office_s_to_correct():
    of_another = Place(SITE, is_held=True, is_own=False)
    assert code_of(technician, "work_log", of_another, "change") == "not_allowed"
    assert code_of(technician, "work_log", HELD, "change") is None
    assert code_of(supervisor, "work_log", of_another, "change") is None


def test_a_row_says_itself_whose_it_is():
    visit = row("work_log", PART, work_order_id=PART, person_id=technician.person_id, created_by=supervisor.person_id)
    assert is_own(technician, visit)
    assert not is_own(supervisor, visit)
    assert is_own(technician, None), "what is only being made"
    assert not is_own(technician, row("part", PART, code="P", name="Filter"))


def test_the_role_at_the_site_counts_not_the_one_at_home():
    lent = Actor(supervisor.person_id, "supervisor", {SITE: "supervisor", ELSEWHERE: "technician"})
    assert code_of(lent, "work_order_assignment", Place(ELSEWHERE)) == "not_allowed"
    assert code_of(lent, "comment", Place(ELSEWHERE, is_held=True)) is None


@pytest.mark.parametrize("role", ["customer", "auditor", ""])
def test_a_customer_asks_and_reads_what_he_is_told_and_an_unknown_role_does_nothing(role):
    somebody = Actor("x", role, {SITE: role})
    codes = {(name, act): code_of(somebody, name, HELD, act) for name, spec in MATRIX.items() for act in spec.actions}
    asks = {("service_request", "create"), ("service_request", "change"), ("notification", "change")}
    assert {cell for cell, code in codes.items() if code is None} == (asks if role == "customer" else set())
    assert {code for code in codes.values() if code is not None} == {"not_allowed"}


def test_what_is_one_person_s_is_his_where_he_has_no_role_and_nobody_else_s():
    there = Place(ELSEWHERE, is_held=True)
    assert code_of(technician, "notification", there, "change") is None
    assert code_of(technician, "notification", Place(ELSEWHERE), "change") == "not_found"
    for actor in (supervisor, manager):
        assert code_of(actor, "notification", Place(SITE), "change") == "not_allowed"


def test_an_entity_or_an_action_that_the_matrix_does_not_name_is_nobody_s():
    for actor in (technician, supervisor, planner, manager):
        assert code_of(actor, "gadget") == "not_allowed"
        assert code_of(actor, "work_order", HELD, "burn") == "not_allowed"
        assert code_of(actor, "stock_level") == "not_allowed"


@pytest.mark.parametrize("entity", [name for name, spec in REGISTRY.items() if spec.append_only])
def test_an_entry_of_the_record_is_changed_and_deleted_by_nobody(entity):
    for verb in ("set", "delete"):
        assert may_do(manager, f"{entity}.{verb}", HELD).code == "append_only"


def test_a_refusal_names_who_may():
    assert may(technician, "part", "change", HELD).sentence == (
        "Only a planner, a manager or an administrator may change parts."
    )
    assert may(planner, "held_mutation", "decide", HELD).sentence == (
        "Only a supervisor, a manager or an administrator of the site may decide about held changes."
    )
    assert may(planner, "work_log", "delete", Place(None)).sentence == (
        "Only a planner, a supervisor, a manager or an administrator of the site may delete visits."
    )


def test_planning_is_an_action_of_its_own_only_where_others_may_change():
    assert may_plan(technician, "work_order", HELD).code == "not_allowed"
    assert may_plan(planner, "work_order", Place(SITE)) is None
    assert may_plan(planner, "part", Place(None)) is None


@pytest.mark.parametrize(
    ("type_", "action"),
    [
        ("work_order.set", "change"),
        ("checklist.answer_all", "change"),
        ("conflict.resolve", "settle"),
        ("held_mutation.set", "decide"),
        ("held_mutation.delete", "delete"),
        ("asset.create", "create"),
        ("asset.burn", "change"),
    ],
)
def test_a_mutation_is_one_action(type_, action):
    assert action_of(type_) == action
