"""Why a value stands: one true sentence for everything that a conflict row can say."""

import itertools

import pytest

from sync_server.contract.entities.decisions import CAUSES, CONFLICT_KINDS, RESOLUTIONS
from sync_server.contract.rules.why import Grounds, why

SAVED, ARRIVED, SETTLED = "2026-03-02T08:12:00Z", "2026-03-02T09:41:00Z", "2026-03-02T10:30:00Z"


def say(instant: str) -> str:
    return f"at {instant[11:16]}"


def grounds(kind="field", cause=None, **known) -> Grounds:
    given = {"field": "status" if kind == "status" else "title", "arrived_at": ARRIVED, "author": "Technician 14"}
    return Grounds(kind=kind, cause=cause, **{**given, **known})


OPEN = [
    (
        grounds("field", "saved_first", saved_at=SAVED),
        "The office's value stays: it was saved first, at 08:12.",
    ),
    (
        grounds("field", "saved_first"),
        "The office's value stays: it was saved before the other one arrived, at 09:41.",
    ),
    (grounds("field", "saved_first", arrived_at=None), "The office's value stays: it was saved first."),
    (
        grounds("request", "planning"),
        "The office's value stays: planning is decided there, and this is now a request.",
    ),
    (
        grounds("status", "illegal_transition", mine="on hold", theirs="closed"),
        "The state stays closed: from there it cannot become on hold.",
    ),
    (
        grounds("status", "not_allowed", mine="closed", theirs="completed"),
        "The state stays completed: the step to closed belongs to others.",
    ),
    (
        grounds("status", "reason_required", mine="on hold", theirs="in progress"),
        "The state stays in progress: the step to on hold came without a reason.",
    ),
    (
        grounds("status", "sign_off_required", mine="completed", theirs="in progress"),
        "The state stays in progress: the step to completed came without its signature.",
    ),
    (
        grounds("field", "illegal_transition", field="status_reason"),
        "This text stays: the state that the other one explains was not taken.",
    ),
    (
        grounds("deleted", "deleted", saved_at=SAVED, thing="order"),
        "The order stays deleted until somebody restores it; it was deleted at 08:12.",
    ),
    (grounds("merged", "merged"), "Both texts stand: their changes did not touch each other."),
]
SETTLEMENTS = [
    ("field", "mine", "Technician 14", "Supervisor 2 chose Technician 14's value, at 10:30."),
    ("field", "mine", "you", "Supervisor 2 chose your value, at 10:30."),
    ("field", "theirs", "you", "Supervisor 2 chose the office's value, at 10:30."),
    ("field", "edited", "", "Supervisor 2 entered a new value, at 10:30."),
    ("status", "mine", "", "Supervisor 2 chose the author's value, at 10:30."),
    ("request", "mine", "you", "Supervisor 2 granted your request, at 10:30."),
    ("request", "theirs", "you", "Supervisor 2 declined your request, at 10:30."),
    ("request", "edited", "you", "Supervisor 2 answered your request with another value, at 10:30."),
    ("request", "theirs", "Technician 14", "Supervisor 2 declined Technician 14's request, at 10:30."),
    ("deleted", "mine", "you", "Supervisor 2 restored the order, at 10:30."),
    ("deleted", "theirs", "you", "Supervisor 2 left the order deleted, at 10:30."),
]


@pytest.mark.parametrize(("given", "sentence"), OPEN)
def test_an_open_conflict_says_why_what_stands_does(given, sentence):
    assert why(given, say) == sentence


@pytest.mark.parametrize(("kind", "resolution", "author", "sentence"), SETTLEMENTS)
def test_a_settled_conflict_says_who_chose(kind, resolution, author, sentence):
    known = {"resolution": resolution, "resolver": "Supervisor 2", "resolved_at": SETTLED, "thing": "order"}
    assert why(grounds(kind, author=author, **known), say) == sentence


@pytest.mark.parametrize(("who", "named"), [("you", "You"), ("Technician 14", "Technician 14"), ("", "Somebody")])
def test_a_request_that_its_author_settled_was_taken_back(who, named):
    known = {"resolution": "theirs", "resolver": who, "resolved_at": SETTLED, "is_settled_by_author": True}
    assert why(grounds("request", author=who, **known), say) == f"{named} took the request back, at 10:30."


def test_a_settling_that_is_not_at_the_server_yet_names_no_time():
    said = why(grounds(resolution="theirs", resolver="you"), say)
    assert said == "You chose the office's value."


@pytest.mark.parametrize("kind", [*CONFLICT_KINDS, "of a newer server"])
@pytest.mark.parametrize("cause", [None, *CAUSES, "of a newer server"])
def test_whatever_a_row_says_there_is_one_plain_sentence(kind, cause):
    for resolution, saved_at in itertools.product([None, *RESOLUTIONS, "of a newer server"], [None, SAVED]):
        said = why(grounds(kind, cause, resolution=resolution, saved_at=saved_at), say)
        assert said[0].isupper()
        assert said.endswith(".")
        assert said.count(". ") == 0
        assert "{" not in said
        assert "None" not in said
