"""States of a work order, the edges between them, and the next step of a visit (product.md §5, §2.2).

Says what is legal and who may do it; changes nothing. Whether a signature is there is asked in registers.py, who may
sign in sign_off.py.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from sync_server.contract.problems import Problem
from sync_server.contract.rules.matrix import roles_that_may

if TYPE_CHECKING:
    from sync_server.contract.fields import Scalar

STATES = ("new", "assigned", "in_progress", "on_hold", "completed", "closed", "cancelled", "rejected")
FINAL = frozenset({"cancelled", "rejected"})
"""States without a way out. A closed order can be reopened."""

ACTIONS: Mapping[tuple[str, str], str] = {
    ("new", "assigned"): "plan",
    ("new", "cancelled"): "plan",
    ("new", "rejected"): "plan",
    ("assigned", "new"): "plan",
    ("assigned", "in_progress"): "work",
    ("assigned", "cancelled"): "plan",
    ("assigned", "rejected"): "work",
    ("in_progress", "on_hold"): "work",
    ("in_progress", "completed"): "complete",
    ("in_progress", "assigned"): "work",
    ("in_progress", "cancelled"): "plan",
    ("on_hold", "in_progress"): "work",
    ("on_hold", "cancelled"): "plan",
    ("completed", "closed"): "review",
    ("completed", "in_progress"): "review",
    ("closed", "in_progress"): "reopen",
}
"""(from, to) → what it is to take an order there, in the matrix of permissions."""

EDGES: Mapping[tuple[str, str], frozenset[str]] = {
    edge: roles_that_may("work_order", action) for edge, action in ACTIONS.items()
}
"""(from, to) → roles at the order's site that may take it there."""

_WITH_REASON = frozenset({("completed", "in_progress"), ("closed", "in_progress")})
"""A return and a reopening; holding and rejecting need a reason wherever they come from."""
_LABELS = {
    "new": "new",
    "assigned": "assigned",
    "in_progress": "in progress",
    "on_hold": "on hold",
    "completed": "completed",
    "closed": "closed",
    "cancelled": "cancelled",
    "rejected": "rejected",
}

Step = Literal["travel", "arrive", "start", "resume", "finish", "sign", "sign_off", "none"]
"""What the one footer button offers. `sign_off` is the supervisor's; `none`: nothing to do on a visit."""


def is_edge(current: str, new: str) -> bool:
    """Whether the state machine has this step at all, for anybody."""
    return (current, new) in EDGES


def needs_reason(current: str, new: str) -> bool:
    """Whether this step has to say why: holding, rejecting, returning, reopening."""
    return new in {"on_hold", "rejected"} or (current, new) in _WITH_REASON


def has_reason(reason: str | None) -> bool:
    """Whether a reason says anything: at least one letter or digit of any script."""
    return reason is not None and any(character.isalnum() for character in reason)


def may_move(
    current: str, new: str, *, role: str, reason: str | None = None, given: Collection[str] = ()
) -> Problem | None:
    """Whether somebody may take an order from one state to another.

    Args:
        role: of the person at the order's site.
        reason: what will be written beside the state.
        given: actions on this order that he may do besides (permission.actions_given).

    Returns:
        None when he may, and when the order is already there. Otherwise `invalid_value` (no such state),
        `illegal_transition` (no such edge), `not_allowed` (an edge of others) or `reason_required`.
    """
    if new not in STATES:
        return Problem("invalid_value", "This is not a state of an order. Update the app or the server.")
    if current == new:
        return None
    if not is_edge(current, new):
        return Problem(
            "illegal_transition",
            f"An order that is {_LABELS.get(current, current)} cannot become {_LABELS[new]}. Look at it again.",
        )
    if role not in EDGES[current, new] and ACTIONS[current, new] not in given:
        return Problem("not_allowed", f"A {role} may not set an order to {_LABELS[new]}. Ask the office.")
    if needs_reason(current, new) and not has_reason(reason):
        return Problem("reason_required", f"Say why the order becomes {_LABELS[new]}.")
    return None


def is_path(history: Sequence[str]) -> bool:
    """Whether states, oldest first, follow the edges. Staying is fine; an empty history is a path."""
    if any(state not in STATES for state in history):
        return False
    return all(current == new or is_edge(current, new) for current, new in itertools.pairwise(history))


def next_step(order: Mapping[str, Scalar], work_log: Mapping[str, Scalar] | None) -> Step:
    """Give the next step of a visit: Travel, Arrive, Start, Finish, then Review and Sign.

    Args:
        order: the order's row.
        work_log: the row of the visit that is going on; None when there is none, also after a return.
    """
    status = order.get("status")
    if status == "on_hold":
        return "resume"
    if status == "completed":
        return "sign_off"
    if status not in {"assigned", "in_progress"}:
        return "none"
    return _step_of_visit(work_log or {}, is_started=status == "in_progress")


def _step_of_visit(work_log: Mapping[str, Scalar], *, is_started: bool) -> Step:
    """Give the first step whose instant is missing; a later instant stands in for an earlier one that was left out."""
    is_begun = work_log.get("started_at") is not None
    if is_begun and is_started:
        return "finish" if work_log.get("ended_at") is None else "sign"
    if is_begun or work_log.get("arrived_at") is not None:
        return "start"
    return "travel" if work_log.get("travel_at") is None else "arrive"
