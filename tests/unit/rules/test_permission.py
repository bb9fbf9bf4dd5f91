"""Who may write what, and where."""

import pytest

from sync_server.contract.entities import REGISTRY
from sync_server.contract.entities.people import ROLES
from sync_server.contract.rules.draft import Actor
from sync_server.contract.rules.permission import WRITABLE, may_write
from tests.unit.rules.scene import ELSEWHERE, SITE, manager, planner, supervisor, technician


def code_of(actor, entity, *, site_id=SITE):
    problem = may_write(actor, entity, site_id=site_id)
    return None if problem is None else problem.code


def test_every_role_is_listed_and_every_entity_exists():
    assert set(WRITABLE) == set(ROLES)
    assert set().union(*WRITABLE.values()) <= set(REGISTRY)


def test_a_technician_works_on_orders_and_plans_nothing():
    own = ("work_order", "checklist_item", "work_log", "comment", "attachment", "signature", "stock_movement")
    assert [code_of(technician, entity) for entity in own] == [None] * len(own)
    others = ("team_member", "checklist_template", "part", "person", "site", "site_access", "team")
    assert {code_of(technician, entity) for entity in others} == {"not_allowed"}


def test_who_has_an_order_a_technician_may_ask_and_nothing_else_of_the_office_s():
    """The policy keeps his change as a request; test_assigning.py sees that it changes nobody."""
    assert may_write(technician, "work_order_assignment", site_id=SITE, is_deletion=True) is None
    assert may_write(technician, "work_order_part", site_id=SITE, is_deletion=True).code == "not_allowed"
    assert code_of(technician, "work_order_assignment", site_id=ELSEWHERE) == "not_found"
    assert code_of(Actor("x", "customer", {SITE: "customer"}), "work_order_assignment") == "not_allowed"


def test_a_site_that_is_not_his_does_not_exist_for_him():
    for actor in (technician, supervisor, planner):
        assert code_of(actor, "work_order", site_id=ELSEWHERE) == "not_found"
    assert code_of(manager, "work_order", site_id=ELSEWHERE) is None


def test_assigning_is_the_supervisor_s_and_planner_s():
    assert code_of(supervisor, "work_order_assignment") is None
    assert code_of(planner, "work_order_assignment") is None
    assert code_of(planner, "team_member") is None
    assert code_of(supervisor, "team_member") == "not_allowed"


def test_people_and_their_access_are_the_manager_s():
    for entity in ("person", "site_access", "site"):
        assert [code_of(actor, entity) for actor in (technician, supervisor, planner)] == ["not_allowed"] * 3
        assert code_of(manager, entity) is None


def test_the_role_at_the_site_counts_not_the_one_at_home():
    lent = Actor(supervisor.person_id, "supervisor", {SITE: "supervisor", ELSEWHERE: "technician"})
    assert code_of(lent, "work_order_part", site_id=ELSEWHERE) == "not_allowed"
    assert code_of(lent, "comment", site_id=ELSEWHERE) is None


@pytest.mark.parametrize("role", ["customer", "auditor", ""])
def test_a_customer_and_an_unknown_role_write_nothing(role):
    assert {code_of(Actor("x", role, {SITE: role}), entity) for entity in REGISTRY} == {"not_allowed"}


def test_an_entity_of_a_newer_contract_is_refused_for_everybody():
    assert code_of(manager, "meter") == "not_allowed"


@pytest.mark.parametrize("entity", ["work_order", "checklist_item", "work_log"])
def test_a_technician_deletes_nothing(entity):
    assert may_write(technician, entity, site_id=SITE, is_deletion=True).code == "not_allowed"
    assert may_write(supervisor, entity, site_id=SITE, is_deletion=True) is None
