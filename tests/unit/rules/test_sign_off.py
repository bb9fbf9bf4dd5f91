import itertools

import pytest

from sync_server.contract.entities import records
from sync_server.contract.rules import sign_off, status
from tests.unit.rules.statements import an_item

ROLES = ("technician", "supervisor", "planner", "manager", "admin", "customer", None)
PERFORMER, SUPERVISOR = "00000000-0000-7000-8000-00000000000a", "00000000-0000-7000-8000-00000000000b"


def code_of(problem) -> str | None:
    return None if problem is None else problem.code


def sign_off_code(**changes) -> str | None:
    values = {"role_at_site": "supervisor", "signer_id": SUPERVISOR, "performer_id": PERFORMER, "status": "completed"}
    return code_of(sign_off.may_sign_off(**{**values, **changes}))


def test_the_meanings_are_those_that_the_column_allows():
    assert sign_off.MEANINGS == records.MEANINGS
    assert set(sign_off.STATUS_AFTER) == set(sign_off.MEANINGS)


def test_what_a_meaning_moves_is_an_edge():
    assert status.is_edge("in_progress", sign_off.STATUS_AFTER["performed"])
    assert status.is_edge("completed", sign_off.STATUS_AFTER["approved"])
    assert [meaning for meaning, state in sign_off.STATUS_AFTER.items() if state] == ["performed", "approved"]


def test_signed_orders_are_locked_and_no_others():
    assert [state for state in status.STATES if sign_off.is_locked({"status": state})] == ["completed", "closed"]
    assert not sign_off.is_locked({})


def test_supervisors_managers_and_admins_of_the_site_sign_off():
    assert [role for role in ROLES if sign_off_code(role_at_site=role) is None] == ["supervisor", "manager", "admin"]


@pytest.mark.parametrize("signer_id", [PERFORMER, PERFORMER.upper()])
@pytest.mark.parametrize("role", ["supervisor", "manager", "admin"])
def test_nobody_signs_off_his_own_work(signer_id, role):
    assert sign_off_code(signer_id=signer_id, role_at_site=role) == "own_work"


def test_work_that_nobody_signed_for_can_be_signed_off():
    assert sign_off_code(performer_id=None) is None


@pytest.mark.parametrize("state", [state for state in status.STATES if state != "completed"])
def test_only_completed_work_is_signed_off(state):
    assert sign_off_code(status=state) == "illegal_transition"


@pytest.mark.parametrize(
    ("role", "is_assigned", "expected"),
    [
        ("technician", True, None),
        ("technician", False, "not_allowed"),
        ("supervisor", False, None),
        ("manager", False, None),
        ("admin", False, None),
        ("planner", True, "not_allowed"),
        ("customer", True, "not_allowed"),
        (None, True, "not_allowed"),
    ],
)
def test_who_is_assigned_or_supervises_performs(role, is_assigned, expected):
    problem = sign_off.may_perform(role_at_site=role, is_assigned=is_assigned, status="in_progress")
    assert code_of(problem) == expected


@pytest.mark.parametrize("state", [state for state in status.STATES if state != "in_progress"])
def test_work_is_signed_for_only_while_it_is_in_progress(state):
    problem = sign_off.may_perform(role_at_site="technician", is_assigned=True, status=state)
    assert code_of(problem) == "illegal_transition"


def test_a_return_needs_a_reason_and_a_reopening_a_manager():
    def code(**values):
        return code_of(sign_off.may_return(**values))

    assert code(role_at_site="supervisor", status="completed", reason="photo missing") is None
    assert code(role_at_site="supervisor", status="completed", reason=" ") == "reason_required"
    assert code(role_at_site="supervisor", status="closed", reason="photo missing") == "not_allowed"
    assert code(role_at_site="manager", status="closed", reason="photo missing") is None
    assert code(role_at_site="manager", status="closed", reason=None) == "reason_required"
    assert code(role_at_site="technician", status="completed", reason="photo missing") == "not_allowed"
    assert code(role_at_site=None, status="completed", reason="photo missing") == "not_allowed"
    for state in set(status.STATES) - sign_off.LOCKED:
        assert code(role_at_site="admin", status=state, reason="photo missing") == "illegal_transition"


@pytest.mark.parametrize(
    ("meaning", "state", "reason", "expected"),
    [
        ("accepted", "in_progress", None, None),
        ("accepted", "completed", None, None),
        ("refused", "in_progress", "still leaks", None),
        ("refused", "in_progress", None, "reason_required"),
        ("refused", "in_progress", "\u200b", "reason_required"),
        ("accepted", "closed", None, "illegal_transition"),
        ("accepted", "assigned", None, "illegal_transition"),
        ("approved", "completed", None, "not_allowed"),
        ("performed", "in_progress", None, "not_allowed"),
        ("", "in_progress", None, "not_allowed"),
    ],
)
def test_a_customer_accepts_or_refuses_with_a_reason(meaning, state, reason, expected):
    assert code_of(sign_off.may_answer_as_customer(meaning=meaning, status=state, reason=reason)) == expected


def test_one_question_answers_for_every_meaning():
    for meaning, role, is_assigned, state in itertools.product(sign_off.MEANINGS, ROLES, (True, False), status.STATES):
        problem = sign_off.may_sign(
            meaning=meaning,
            role_at_site=role,
            signer_id=SUPERVISOR,
            performer_id=PERFORMER,
            is_assigned=is_assigned,
            status=state,
            reason="still leaks",
        )
        is_worker = role in {"supervisor", "manager", "admin"} or (role == "technician" and is_assigned)
        expected = {
            "performed": is_worker and state == "in_progress",
            "reviewed": role in {"supervisor", "manager", "admin"} and state == "completed",
            "approved": role in {"supervisor", "manager", "admin"} and state == "completed",
            "accepted": is_worker and state in {"in_progress", "completed"},
            "refused": is_worker and state in {"in_progress", "completed"},
        }[meaning]
        assert (problem is None) == expected, (meaning, role, is_assigned, state)


@pytest.mark.parametrize("meaning", ["", "Approved", "witnessed", "approved\0"])
def test_a_meaning_that_does_not_exist_is_never_signed(meaning):
    problem = sign_off.may_sign(
        meaning=meaning,
        role_at_site="admin",
        signer_id=SUPERVISOR,
        performer_id=PERFORMER,
        is_assigned=True,
        status="completed",
        reason="still leaks",
    )
    assert code_of(problem) == "not_allowed"


def test_work_with_missing_answers_is_not_signed_for_and_the_first_is_named():
    items = [an_item(2, prompt="Oil level"), an_item(1, result="pass"), an_item(3)]
    problem = sign_off.may_perform(role_at_site="technician", is_assigned=True, status="in_progress", items=items)
    assert code_of(problem) == "answers_missing"
    assert problem.sentence == "2 mandatory answers are missing, first: Oil level."
    assert sign_off.answers_missing(items[:2]).sentence == "1 mandatory answer is missing, first: Oil level."
    assert sign_off.answers_missing([items[1]]) is None
    assert code_of(sign_off.answers_missing([{}])) == "answers_missing"
