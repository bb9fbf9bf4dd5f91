"""Who has an order: the office changes it, a technician asks, and an answer makes and deletes the rows."""

import msgspec
import pytest

from sync_server.contract.rules import assigning
from sync_server.contract.rules.draft import Actor
from tests.unit.rules.scene import (
    AT,
    COLLEAGUE,
    ELSEWHERE,
    ORDER,
    SITE,
    SUPERVISOR,
    TECHNICIAN,
    colleague,
    create,
    everything,
    id_of,
    mutation,
    order,
    planner,
    refusal,
    row,
    scene,
    supervisor,
    technician,
)
from tests.unit.rules.test_settling import settle

MINE, TEAM = id_of("f", 60), id_of("b", 9)
ENTITY = "work_order_assignment"


def here(**status):
    """The order with the technician on it."""
    rows = everything()
    rows[0] = order(**{"status": "assigned", **status})
    return scene(*rows, row(ENTITY, MINE, ORDER, work_order_id=ORDER, person_id=TECHNICIAN))


def request(*, person=None, team=None, reason="No lift licence."):
    pairs = {"person_id": (TECHNICIAN, person), "team_id": (None, team), "reason": (None, reason)}
    return mutation(f"{ENTITY}.set", MINE, ORDER, **pairs)


def answer(kept, resolution, *, value=None, reason=None):
    return settle(resolution, chosen=value, reason=reason, conflict_id=kept["id"])


def live(at):
    held = [each for (name, _), each in at.rows.items() if name == ENTITY and each["deleted_at"] is None]
    return {each["person_id"] or each["team_id"] for each in held}


@pytest.mark.parametrize(
    ("person", "team", "field", "wanted"),
    [
        (None, None, "person_id", "null"),
        (COLLEAGUE, None, "person_id", f'"{COLLEAGUE}"'),
        (None, TEAM, "team_id", f'"{TEAM}"'),
    ],
)
def test_a_request_is_kept_with_its_reason_and_changes_nobody(person, team, field, wanted):
    at = here()
    outcome = at.apply(request(person=person, team=team))
    (kept,) = outcome.to_settle
    assert outcome.status == "conflict"
    assert (kept["kind"], kept["target_id"], kept["field"]) == ("request", MINE, field)
    assert (kept["base_value"], kept["mine_value"]) == (f'"{TECHNICIAN}"', wanted)
    assert live(at) == {TECHNICIAN}
    said = at.only("comment")
    assert (said["id"], said["text"]) == (assigning.reason_id(kept["mutation_id"]), "No lift licence.")
    assert said["author_id"] == TECHNICIAN


@pytest.mark.parametrize(
    ("person", "team", "left"), [(None, None, set()), (COLLEAGUE, None, {COLLEAGUE}), (None, TEAM, {TEAM})]
)
def test_granting_takes_one_off_and_puts_the_other_on(person, team, left):
    at = here()
    (kept,) = at.apply(request(person=person, team=team)).conflicts
    assert at.apply(answer(kept, "mine"), supervisor).status == "applied"
    assert live(at) == left


def test_the_office_may_grant_it_to_somebody_else_than_was_asked_for():
    at = here()
    (kept,) = at.apply(request()).conflicts
    at.apply(answer(kept, "edited", value=COLLEAGUE), planner)
    assert live(at) == {COLLEAGUE}


def test_what_is_chosen_instead_has_to_be_somebody():
    at = here()
    (kept,) = at.apply(request()).conflicts
    assert refusal(at.decide(answer(kept, "edited", value="the night shift"), supervisor)) == "invalid_value"


def test_only_who_may_assign_answers_and_the_author_takes_it_back():
    at = here()
    (kept,) = at.apply(request(person=COLLEAGUE)).conflicts
    lent = Actor(SUPERVISOR, "supervisor", {SITE: "technician", ELSEWHERE: "supervisor"})
    for actor in (technician, colleague, lent):
        assert refusal(at.decide(answer(kept, "mine"), actor)) == "not_allowed"
    assert refusal(at.decide(answer(kept, "theirs"), colleague)) == "not_allowed"
    assert at.apply(answer(kept, "theirs")).status == "applied"
    assert live(at) == {TECHNICIAN}


def test_of_two_answers_the_first_counts():
    at = here()
    (kept,) = at.apply(request(person=COLLEAGUE)).conflicts
    at.apply(answer(kept, "theirs", reason="Nobody else is there."), supervisor)
    assert refusal(at.decide(answer(kept, "mine"), planner)) == "already_exists"
    assert live(at) == {TECHNICIAN}


def test_a_request_about_an_order_that_somebody_else_has_by_now_is_void():
    at = here()
    (kept,) = at.apply(request(person=COLLEAGUE)).conflicts
    at.apply(mutation(f"{ENTITY}.delete", MINE, ORDER), supervisor)
    granted = at.decide(answer(kept, "mine"), supervisor)
    assert refusal(granted) == "not_found"
    assert granted.problem.sentence.startswith(assigning.GIVEN_AWAY)
    assert at.apply(answer(kept, "theirs"), supervisor).status == "applied"
    assert at.decide(request()).problem.sentence == assigning.GIVEN_AWAY


@pytest.mark.parametrize("status", sorted(assigning.OVER))
def test_a_finished_order_is_nobody_s_to_hand_on(status):
    assert here(status=status).decide(request()).problem.sentence == assigning.FINISHED


def test_what_an_altered_app_sends_becomes_the_same_request():
    """A deletion gives the order back; a creation asks for somebody beside whoever has it."""
    at = here()
    (back,) = at.apply(mutation(f"{ENTITY}.delete", MINE, ORDER)).conflicts
    assert (back["target_id"], back["mine_value"]) == (MINE, "null")
    new = id_of("f", 61)
    (more,) = at.apply(create(ENTITY, new, ORDER, work_order_id=ORDER, person_id=COLLEAGUE)).conflicts
    assert (more["target_id"], more["base_value"], more["mine_value"]) == (new, "null", f'"{COLLEAGUE}"')
    assert live(at) == {TECHNICIAN}
    at.apply(answer(more, "mine"), supervisor)
    assert live(at) == {TECHNICIAN, COLLEAGUE}
    at.apply(answer(back, "mine"), supervisor)
    assert live(at) == {COLLEAGUE}


@pytest.mark.parametrize("pairs", [{"person_id": (None, COLLEAGUE), "team_id": (None, TEAM)}, {"person_id": (1, "x")}])
def test_a_request_that_names_nobody_real_is_refused(pairs):
    assert refusal(here().decide(mutation(f"{ENTITY}.set", MINE, ORDER, **pairs))) == "invalid_value"


def test_the_office_gives_an_order_on_without_asking():
    at = here()
    assert at.apply(request(person=COLLEAGUE), supervisor).status == "applied"
    assert live(at) == {COLLEAGUE}
    assert refusal(at.decide(request(person=COLLEAGUE), supervisor)) == "not_found"


def test_a_request_about_an_assignment_of_another_order_is_refused():
    stray = msgspec.structs.replace(request(), aggregate_id=id_of("c", 3))
    assert refusal(here().decide(stray)) == "not_found"


def test_a_request_for_one_more_takes_nobody_off_whatever_id_it_names():
    """Two may name the same row, or one that came to be meanwhile: an id is chosen by whoever asks."""
    at = here()
    new = id_of("f", 61)
    (more,) = at.apply(create(ENTITY, new, ORDER, work_order_id=ORDER, person_id=COLLEAGUE)).conflicts
    again = create(ENTITY, new, ORDER, work_order_id=ORDER, team_id=TEAM)
    (another,) = at.apply(msgspec.structs.replace(again, mutation_id=id_of("e", 77))).conflicts
    elsewhere = id_of("c", 3)
    at.rows[ENTITY, new] = row(ENTITY, new, elsewhere, work_order_id=elsewhere, person_id=SUPERVISOR)
    at.apply(answer(more, "mine"), supervisor)
    at.apply(answer(another, "mine"), supervisor)
    assert at.rows[ENTITY, new]["deleted_at"] is None
    held = [each for (name, _), each in at.rows.items() if name == ENTITY and each["aggregate_id"] == ORDER]
    assert {each["person_id"] or each["team_id"] for each in held} == {TECHNICIAN, COLLEAGUE, TEAM}


def test_the_id_that_a_grant_will_give_may_be_taken_and_stops_nobody():
    at = here()
    (kept,) = at.apply(request(person=COLLEAGUE)).conflicts
    taken = assigning.made_id(kept["id"])
    at.rows[ENTITY, taken] = row(ENTITY, taken, id_of("c", 3), work_order_id=id_of("c", 3), person_id=SUPERVISOR)
    assert refusal(at.decide(answer(kept, "mine"), supervisor)) == "already_exists"
    assert at.apply(answer(kept, "theirs"), supervisor).status == "applied"


def test_a_remark_that_has_the_id_of_the_reason_stays_and_the_request_counts():
    at = here()
    asked = request()
    mine = assigning.reason_id(asked.mutation_id)
    at.apply(create("comment", mine, ORDER, work_order_id=ORDER, author_id=TECHNICIAN, text="First.", written_at=AT))
    assert at.apply(asked).status == "conflict"
    assert at.only("comment")["text"] == "First."
