"""Steps of the records of the office: every state is reached, and nothing leaves the table."""

from itertools import product

import pytest

from sync_server.contract.rules.matrix import RECORDS
from sync_server.contract.rules.record_states import BY_DECISIONS, STEPS, may_step, states_of
from sync_server.storage.record_kinds import BY_NAME

kinds = pytest.mark.parametrize("kind", list(STEPS))


@kinds
def test_every_state_is_reached_from_the_first_one(kind: str) -> None:
    first, *_ = states_of(kind)
    reached, before = {first}, set()
    while reached != before:
        before = set(reached)
        reached |= {new for old, new in STEPS[kind] if old in reached}
    assert reached == set(states_of(kind))


@kinds
def test_a_step_is_one_of_the_table_or_refused_in_words(kind: str) -> None:
    for old, new in product(states_of(kind), repeat=2):
        problem = may_step(kind, old, new, reason="Because it is so.")
        if (old, new) in STEPS[kind] and (kind, new) not in BY_DECISIONS:
            assert problem is None, (old, new)
        elif (old, new) in STEPS[kind]:
            assert problem is not None
            assert problem.code == "not_allowed", (old, new)
        else:
            assert problem is not None
            assert (problem.code, "_" in problem.sentence) == ("illegal_transition", False), (old, new)
    unknown = may_step(kind, states_of(kind)[0], "lost", reason=None)
    assert unknown is not None
    assert unknown.code == "invalid_value"


@kinds
def test_every_step_is_somebody_s_by_the_matrix(kind: str) -> None:
    resource = BY_NAME[kind].resource
    assert {action for action in STEPS[kind].values() if not RECORDS[resource].actions[action]} == set()


@pytest.mark.parametrize("reason", [None, "", "  ", "…"])
def test_who_stops_or_withdraws_something_says_why(reason: str | None) -> None:
    for kind, old, new in (("project", "active", "on_hold"), ("document_version", "approved", "withdrawn")):
        problem = may_step(kind, old, new, reason=reason)
        assert problem is not None
        assert problem.code == "reason_required"
    assert may_step("project", "planned", "active", reason=reason) is None
