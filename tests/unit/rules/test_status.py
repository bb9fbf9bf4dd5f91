import itertools
import re

import pytest

from sync_server.contract.entities import work_orders
from sync_server.contract.rules import status

ROLES = ("technician", "supervisor", "planner", "manager", "admin", "customer")
EDGES = {
    "new": {"assigned", "cancelled", "rejected"},
    "assigned": {"new", "in_progress", "cancelled", "rejected"},
    "in_progress": {"on_hold", "completed", "assigned", "cancelled"},
    "on_hold": {"in_progress", "cancelled"},
    "completed": {"closed", "in_progress"},
    "closed": {"in_progress"},
    "cancelled": set(),
    "rejected": set(),
}


def code_of(current: str, new: str, role: str = "admin", reason: str | None = "valve stuck") -> str | None:
    problem = status.may_move(current, new, role=role, reason=reason)
    return None if problem is None else problem.code


def test_the_states_are_those_that_the_column_allows():
    assert status.STATES == work_orders.STATES


def test_exactly_the_edges_of_the_product_page_exist():
    pairs = {(current, new) for current, news in EDGES.items() for new in news}
    assert set(status.EDGES) == pairs
    for current, new in itertools.product(status.STATES, repeat=2):
        expected = None if current == new or (current, new) in pairs else "illegal_transition"
        assert code_of(current, new) == expected


def test_final_states_have_no_way_out():
    assert {
        state for state in status.STATES if not any(current == state for current, _ in status.EDGES)
    } == status.FINAL


@pytest.mark.parametrize("role", ROLES)
def test_being_there_already_is_no_move_for_anybody(role):
    assert all(code_of(state, state, role, None) is None for state in status.STATES)


@pytest.mark.parametrize(
    "new", ["", "Closed", "closed ", "сlosed", "done", "in progress"]
)  # the third has a Cyrillic es
def test_a_state_that_does_not_exist_is_an_invalid_value(new):
    assert code_of("completed", new) == "invalid_value"


def test_a_current_state_of_a_newer_server_refuses_to_move_and_says_so():
    problem = status.may_move("paused", "closed", role="admin", reason="why")
    assert problem is not None
    assert problem.code == "illegal_transition"
    assert "paused" in problem.sentence


def test_the_technician_does_his_work_and_nothing_else():
    mine = {edge for edge in status.EDGES if code_of(*edge, "technician") is None}
    assert mine == {
        ("assigned", "in_progress"),
        ("assigned", "rejected"),
        ("in_progress", "on_hold"),
        ("on_hold", "in_progress"),
        ("in_progress", "completed"),
        ("in_progress", "assigned"),
    }


def test_the_planner_neither_completes_nor_signs_off():
    refused = {edge for edge in status.EDGES if code_of(*edge, "planner") == "not_allowed"}
    assert refused == {
        ("in_progress", "completed"),
        ("completed", "closed"),
        ("completed", "in_progress"),
        ("closed", "in_progress"),
    }


@pytest.mark.parametrize("role", ["customer", "visitor", "", "Admin", "ADMIN", "admin\0"])
def test_customers_and_unknown_roles_move_nothing(role):
    assert all(code_of(*edge, role) == "not_allowed" for edge in status.EDGES)


def test_only_managers_and_admins_reopen():
    assert [role for role in ROLES if code_of("closed", "in_progress", role) is None] == ["manager", "admin"]


@pytest.mark.parametrize("reason", [None, "", "   ", "\t\n", "...", "—", "\u200b\u200d", "\u00a0"])
def test_a_reason_that_says_nothing_is_none(reason):
    for edge in [
        ("in_progress", "on_hold"),
        ("new", "rejected"),
        ("assigned", "rejected"),
        ("completed", "in_progress"),
        ("closed", "in_progress"),
    ]:
        assert status.needs_reason(*edge)
        assert code_of(*edge, reason=reason) == "reason_required"


@pytest.mark.parametrize("reason", ["no key", "鍵がない", "нет", "7"])
def test_a_reason_counts_in_any_script(reason):
    assert code_of("in_progress", "on_hold", reason=reason) is None


def test_going_on_after_a_hold_needs_no_reason():
    assert not status.needs_reason("on_hold", "in_progress")
    assert code_of("on_hold", "in_progress", "technician", None) is None


def test_who_may_not_is_told_that_before_he_is_asked_why():
    assert code_of("closed", "in_progress", "technician", None) == "not_allowed"


def test_every_refusal_is_a_sentence_without_internal_words():
    for current, new, role in itertools.product(status.STATES, status.STATES, ROLES):
        problem = status.may_move(current, new, role=role)
        if problem is not None:
            assert re.fullmatch(r"[A-Z][^_]+\.", problem.sentence), problem.sentence


def test_a_whole_life_with_return_and_reopening_is_a_path():
    life = [
        "new",
        "assigned",
        "in_progress",
        "on_hold",
        "in_progress",
        "completed",
        "in_progress",
        "completed",
        "closed",
        "in_progress",
    ]
    assert status.is_path(life)
    assert status.is_path([])
    assert status.is_path(["closed"])
    assert status.is_path(["new", "new", "assigned"])


@pytest.mark.parametrize("history", [["new", "closed"], ["cancelled", "new"], ["new", "assigned", "sent"], ["sent"]])
def test_a_leap_or_an_unknown_state_is_no_path(history):
    assert not status.is_path(history)


AT = "2026-03-01T08:00:00.000000Z"


@pytest.mark.parametrize(
    ("state", "log", "step"),
    [
        ("assigned", None, "travel"),
        ("assigned", {}, "travel"),
        ("assigned", {"travel_at": AT}, "arrive"),
        ("assigned", {"travel_at": AT, "arrived_at": AT}, "start"),
        ("assigned", {"arrived_at": AT}, "start"),
        ("in_progress", {"arrived_at": AT, "started_at": AT}, "finish"),
        ("in_progress", {"started_at": AT}, "finish"),
        ("in_progress", {"started_at": AT, "ended_at": AT}, "sign"),
        ("in_progress", None, "travel"),
        ("in_progress", {"travel_at": AT}, "arrive"),
        ("assigned", {"started_at": AT}, "start"),
        ("on_hold", {"started_at": AT}, "resume"),
        ("completed", None, "sign_off"),
        ("new", None, "none"),
        ("closed", {"started_at": AT}, "none"),
        ("cancelled", None, "none"),
        ("rejected", None, "none"),
        ("a newer server's state", None, "none"),
        (None, None, "none"),
    ],
)
def test_the_footer_holds_the_next_step(state, log, step):
    assert status.next_step({"status": state}, log) == step


def test_a_visit_taken_step_by_step_never_offers_a_step_twice():
    order, log, seen = {"status": "assigned"}, {}, []
    columns = {"travel": "travel_at", "arrive": "arrived_at", "start": "started_at", "finish": "ended_at"}
    while (step := status.next_step(order, log)) in columns:
        seen.append(step)
        log[columns[step]] = AT
        if step == "start":
            order["status"] = "in_progress"
    assert [*seen, step] == ["travel", "arrive", "start", "finish", "sign"]
