"""What becomes of a service request: one way out of `new`, the first decision counts, one order at most."""

import itertools

import pytest

from sync_server.contract.entities.requests import REQUEST_STATES
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.rules.draft import Key
from sync_server.contract.rules.permission import action_of
from sync_server.contract.rules.policy import Outcome
from sync_server.contract.rules.requesting import STEPS, made_order_id, number_of
from tests.unit.rules.scene import ASSET, AT, LATER, SITE, Scene, create, id_of, mutation, row, supervisor, technician

REQUEST = id_of("f", 9)
ORDER = made_order_id(REQUEST)
KEY: Key = ("service_request", REQUEST)


def request(**values: Scalar) -> Row:
    said: Row = {"site_id": SITE, "asset_id": ASSET, "title": "Oil", "description": "Under it.", "urgency": "high"}
    return row("service_request", REQUEST, **{**said, "created_by": technician.person_id, **values})


def scene(*others: Row, **values: Scalar) -> Scene:
    return Scene({KEY: request(**values), **{("work_order", str(each["id"])): each for each in others}})


def step(at: Scene, verb: str, *, reason: Scalar = None) -> Outcome:
    said = {} if reason is None else {"reason": (None, reason)}
    return at.apply(mutation(f"service_request.{verb}", REQUEST, **said), supervisor)


def test_every_step_leaves_new_and_nothing_leaves_any_other_state() -> None:
    for state, verb in itertools.product(REQUEST_STATES, STEPS):
        order = ORDER if state == "accepted" else None
        outcome = step(scene(status=state, work_order_id=order), verb, reason="Because.")
        if state == "new":
            assert outcome.status == "applied", verb
            assert outcome.changes[KEY]["status"] == STEPS[verb]
        elif state == STEPS[verb]:
            assert (outcome.status, outcome.changes) == ("applied", {}), "the same once more is nothing"
        else:
            assert outcome.problem is not None, (state, verb)
            assert (outcome.problem.code, outcome.changes) == ("illegal_transition", {})
            assert state in outcome.problem.sentence


def test_an_accepted_request_makes_its_order_once_and_says_which() -> None:
    at = scene()
    outcome = step(at, "accept")
    order = outcome.changes["work_order", ORDER]
    said = {name: order[name] for name in ("title", "description", "priority", "site_id", "asset_id", "status")}
    assert said == {
        "title": "Oil",
        "description": "Under it.",
        "priority": "high",
        "site_id": SITE,
        "asset_id": ASSET,
        "status": "new",
    }
    assert (order["number"], order["created_by"], order["created_at"]) == (
        number_of(ORDER),
        supervisor.person_id,
        LATER,
    )
    decided = outcome.changes[KEY]
    assert (decided["work_order_id"], decided["decided_by"], decided["decided_at"]) == (
        ORDER,
        supervisor.person_id,
        LATER,
    )
    assert step(at, "accept").changes == {}


def test_an_order_that_was_put_where_this_one_would_come_is_never_written_over() -> None:
    planted = row("work_order", ORDER, number="X", title="Planted", site_id=SITE)
    at = scene(planted)
    outcome = step(at, "accept")
    assert outcome.problem is not None
    assert (outcome.problem.code, outcome.changes) == ("already_exists", {})
    assert step(at, "decline", reason="Planted.").status == "applied"


@pytest.mark.parametrize("reason", [None, "", " ", "...", "\N{EM DASH}"])
def test_who_declines_says_why(reason: str | None) -> None:
    outcome = step(scene(), "decline", reason=reason)
    assert outcome.problem is not None
    assert (outcome.problem.code, outcome.changes) == ("reason_required", {})


def test_a_reason_that_is_no_text_or_too_long_is_refused() -> None:
    for wrong in (5, True, "x" * 1001):
        outcome = step(scene(), "decline", reason=wrong)
        assert outcome.problem is not None
        assert outcome.problem.code == "invalid_value"


def test_what_was_asked_is_never_changed_and_what_became_of_it_is_nobodys_to_write() -> None:
    at = scene()
    for name, value in (("title", "Water"), ("status", "accepted"), ("work_order_id", ORDER), ("site_id", SITE)):
        outcome = at.apply(mutation("service_request.set", REQUEST, **{name: (None, value)}), supervisor)
        assert outcome.problem is not None, name
        assert outcome.problem.code == "append_only"
    made = create("service_request", id_of("f", 10), site_id=SITE, title="Oil", status="accepted")
    outcome = at.apply(made, technician)
    assert outcome.problem is not None
    assert outcome.problem.code == "invalid_value"


def test_a_deleted_request_goes_nowhere() -> None:
    outcome = step(scene(deleted_at=AT), "accept")
    assert outcome.problem is not None
    assert (outcome.problem.code, outcome.changes) == ("not_found", {})


def test_deciding_and_taking_back_are_different_rights() -> None:
    found = {verb: action_of(f"service_request.{verb}") for verb in STEPS}
    assert found == {"accept": "decide", "decline": "decide", "withdraw": "change"}


def test_an_unknown_step_is_unknown() -> None:
    outcome = step(scene(), "burn")
    assert outcome.problem is not None
    assert outcome.problem.code == "unknown_type"


def test_a_request_begins_as_new_whoever_makes_it() -> None:
    outcome = Scene().apply(create("service_request", REQUEST, site_id=SITE, title="Oil"), technician)
    made = outcome.changes[KEY]
    assert (made["status"], made["work_order_id"], made["created_by"]) == ("new", None, technician.person_id)
