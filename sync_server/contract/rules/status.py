"""The states of an order and the moves between them (product.md §5), as data and pure questions."""

from collections.abc import Iterable

from sync_server.contract.problems import Problem

MOVES: dict[str, frozenset[str]] = {
    "new": frozenset({"assigned", "cancelled", "rejected"}),
    "assigned": frozenset({"new", "in_progress", "cancelled", "rejected"}),
    "in_progress": frozenset({"on_hold", "completed", "assigned", "cancelled"}),
    "on_hold": frozenset({"in_progress", "cancelled"}),
    "completed": frozenset({"closed", "in_progress"}),
    "closed": frozenset({"in_progress"}),
    "cancelled": frozenset(),
    "rejected": frozenset(),
}
"""State → states that may follow."""

REASONED = frozenset({("in_progress", "on_hold"), ("completed", "in_progress"), ("closed", "in_progress")})
"""Moves that ask for a reason, besides every rejection. completed → in_progress is the *return*."""
REVIEWERS = frozenset({"supervisor", "manager", "admin"})
REOPENERS = frozenset({"manager", "admin"})
OFFICE = frozenset({"supervisor", "planner", "manager", "admin"})

ILLEGAL = "illegal_transition"


def may_move(current: str, new: str, *, role: str, reason: str | None = None) -> Problem | None:
    """Whether somebody in a role may move an order from one state to another; None: he may."""
    if new not in MOVES.get(current, frozenset()):
        return Problem(ILLEGAL, f"An order that is {_words(current)} cannot become {_words(new)}.")
    if problem := _role_problem(current, new, role):
        return problem
    if ((current, new) in REASONED or new == "rejected") and not (reason or "").strip():
        return Problem("reason_required", "Say why.")
    return None


def _role_problem(current: str, new: str, role: str) -> Problem | None:
    if current == "completed" and role not in REVIEWERS:
        return Problem("not_allowed", "Only a supervisor approves or returns finished work.")
    if current == "closed" and role not in REOPENERS:
        return Problem("not_allowed", "Only a manager reopens a closed order.")
    if new == "cancelled" and role not in OFFICE:
        return Problem("not_allowed", "Only the office cancels an order.")
    return None


def is_path(history: Iterable[str]) -> bool:
    """Whether a sequence of states follows the moves; staying in a state is fine."""
    states = list(history)
    return all(
        before == after or after in MOVES.get(before, frozenset())
        for before, after in zip(states, states[1:], strict=False)
    )


def _words(state: str) -> str:
    return state.replace("_", " ")
