"""States of what the office keeps beside the work: projects, documents, procedures, changes.

One table says which steps there are, what each of them is in the matrix of permissions, and which have to be explained.
Whether the step may be taken by just this person (nobody approves what he wrote) is asked where it is taken.
"""

from collections.abc import Mapping
from typing import Final

from sync_server.contract.problems import Problem
from sync_server.contract.rules.status import has_reason

Steps = Mapping[tuple[str, str], str]
"""(from, to) → action of the matrix."""

_OF_VERSIONS: Final[Steps] = {
    ("draft", "in_review"): "change",
    ("in_review", "draft"): "review",
    ("in_review", "approved"): "review",
    ("approved", "withdrawn"): "review",
    ("draft", "withdrawn"): "change",
    ("in_review", "withdrawn"): "change",
}
STEPS: Final[Mapping[str, Steps]] = {
    "project": {
        ("planned", "active"): "change",
        ("planned", "cancelled"): "change",
        ("active", "on_hold"): "change",
        ("active", "completed"): "change",
        ("active", "cancelled"): "change",
        ("on_hold", "active"): "change",
        ("on_hold", "cancelled"): "change",
        ("completed", "active"): "change",
    },
    "document_version": _OF_VERSIONS,
    "procedure_version": _OF_VERSIONS,
    "change_request": {
        ("draft", "submitted"): "change",
        ("submitted", "draft"): "change",
        ("draft", "withdrawn"): "change",
        ("submitted", "withdrawn"): "change",
        ("submitted", "approved"): "decide",
        ("submitted", "rejected"): "decide",
        ("approved", "carried_out"): "change",
    },
    "procedure_execution": {("running", "finished"): "change", ("running", "abandoned"): "change"},
}
"""Kind of record → its steps; the first one begins where every record begins."""

BY_DECISIONS: Final = frozenset({("change_request", "approved"), ("change_request", "rejected")})
"""(kind, state) that follows from decisions (deciding.py): nobody sets it himself."""
_WITH_REASON: Final = frozenset(
    {
        *(("project", state) for state in ("on_hold", "cancelled")),
        ("change_request", "withdrawn"),
        *((kind, state) for kind in ("document_version", "procedure_version") for state in ("draft", "withdrawn")),
        ("procedure_execution", "abandoned"),
    }
)
"""(kind, state) that has to say why, wherever it comes from."""


def states_of(kind: str) -> tuple[str, ...]:
    """Give the states of a kind, the first one first."""
    return tuple(dict.fromkeys(state for step in STEPS[kind] for state in step))


def may_step(kind: str, current: str, new: str, *, reason: str | None) -> Problem | None:
    """Whether a record can go from one state to another at all.

    Returns:
        None when it can. Otherwise `invalid_value` (no such state), `illegal_transition`, `reason_required`, or
        `not_allowed` for what only decisions bring.
    """
    if new not in states_of(kind):
        return Problem("invalid_value", f"There is no such state. There are: {', '.join(states_of(kind))}.")
    if (current, new) not in STEPS[kind]:
        return Problem("illegal_transition", f"What is {_said(current)} cannot become {_said(new)}.")
    if (kind, new) in BY_DECISIONS:
        return Problem("not_allowed", f"It becomes {_said(new)} by what others decide about it.")
    if (kind, new) in _WITH_REASON and not has_reason(reason):
        return Problem("reason_required", f"Say why it becomes {_said(new)}.")
    return None


def _said(state: str) -> str:
    return state.replace("_", " ")
