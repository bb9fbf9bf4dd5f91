"""The supervisor's queue and the order that he reads: exceptions first, and what a signature says."""

from decimal import Decimal

from cmms_desktop.application.commands import parts, remarks, sign_off, visits
from cmms_desktop.application.queries.counts import place_counts
from cmms_desktop.application.queries.parts_page import find_parts
from cmms_desktop.application.queries.review import ReviewQueue, review_queue
from cmms_desktop.application.queries.review_page import ReviewPage, review_page
from sync_server.contract.rules.signed_summary import WITHHELD
from tests.support.replicas import uid
from tests.ui.stage import PASSWORD, Stage, person
from tests.unit.queries.working import (
    PICTURE,
    act,
    answer,
    answer_all,
    ask,
    finish,
    order_with,
    sign,
    start,
    statements_of,
    supervise,
)

SINCE = "2026-03-01T00:00:00.000000Z"


def queue(stage: Stage, login: str = "supervisor", since: str = SINCE) -> ReviewQueue:
    person_id = person(login).person_id
    return ask(stage.replica, lambda reading: review_queue(reading, person_id, approved_since=since))


def page(stage: Stage, order_id: str) -> ReviewPage:
    found = ask(stage.replica, lambda reading: review_page(reading, order_id))
    assert found is not None
    return found


def test_the_queue_holds_what_is_completed_on_the_supervisors_sites(supervisor: Stage) -> None:
    found = queue(supervisor)
    assert found.sites == ("Site East", "Site North")
    assert {line.site for line in found.pending} <= set(found.sites)
    assert {line.status for line in found.pending} == {"completed"}
    assert {line.status for line in found.approved} == {"closed"}
    assert found.returned == ()
    has_exceptions = [line.exceptions.count > 0 for line in found.pending]
    assert has_exceptions == sorted(has_exceptions, reverse=True)
    assert any(has_exceptions)
    with_, without = has_exceptions.count(True), has_exceptions.count(False)
    for part in (found.pending[:with_], found.pending[with_ : with_ + without]):
        assert [line.at for line in part] == sorted((line.at for line in part), reverse=True)
    assert all(line.performer for line in found.pending)


def test_the_rail_counts_what_the_queue_holds(supervisor: Stage) -> None:
    person_id = person("supervisor").person_id

    def counted() -> int:
        return ask(supervisor.replica, lambda reading: place_counts(reading, person_id)).to_review

    assert counted() == len(queue(supervisor).pending) > 0
    with supervisor.replica.database.writer() as handle:  # he no longer signs off at one of his sites
        handle.cursor.execute(
            "UPDATE site_access SET role = 'technician' WHERE person_id = ? AND site_id ="
            " (SELECT id FROM site WHERE name = 'Site East')",
            (person_id,),
        )
    assert queue(supervisor).sites == ("Site North",)
    assert counted() == len(queue(supervisor).pending)


def test_approved_ones_are_those_since_an_instant(supervisor: Stage) -> None:
    everything = queue(supervisor, since="2020-01-01T00:00:00.000000Z").approved
    some = queue(supervisor, since="2026-03-08T00:00:00.000000Z").approved
    assert 0 < len(some) < len(everything)
    assert all(line.at >= "2026-03-08" for line in some)


def test_who_signs_nothing_off_has_no_queue(technician: Stage) -> None:
    finish(technician, technician.order_ids[0])
    assert queue(technician, "technician") == ReviewQueue((), (), (), ())
    assert queue(technician, "planner").pending == ()
    assert len(queue(technician).pending) == 1
    assert len(queue(technician, "manager").pending) == 1


def test_exceptions_are_what_was_recorded(technician: Stage) -> None:
    order_id = order_with(technician, "pressure", "isolated")
    technician.stand_at(order_id, metres_east=900.0)
    position = technician.receiver.position
    log_id = act(technician, lambda write: visits.start_travel(write, order_id))
    act(technician, lambda write: visits.arrive(write, log_id, position, reason="Parked away."))
    act(technician, lambda write: visits.start_work(write, log_id))
    answer(technician, order_id, "isolated", result="fail", note="No tag.")
    answer(technician, order_id, "guard", result="flag", note="Loose.")
    photo = technician.session.blobs.keep(PICTURE)
    answer(technician, order_id, "pressure", value="9", note="Too high.", photo_sha256=photo)
    answer_all(technician, order_id)
    sign(technician, order_id)
    hand = technician.session.prove(PASSWORD)
    act(
        technician,
        lambda write: sign_off.customer_refuses(write, hand, order_id, printed_name="Customer", reason="It leaks."),
    )
    act(technician, lambda write: sign_off.complete(write, order_id))
    (line,) = queue(technician).pending
    found = line.exceptions
    assert (found.failed, found.flagged, found.out_of_range) == (1, 1, 1)
    assert (found.fence, found.is_refused, found.is_stale, found.is_unsigned) == ("outside", True, False, False)
    assert found.count == 5
    assert (line.performer, line.is_own_work) == ("Technician 1", False)
    read = page(technician, order_id)
    assert [item.key for item in read.exceptions] == ["isolated", "guard", "pressure"]
    assert (read.tally.failed, read.tally.flagged) == (2, 1)
    assert read.arrival is not None
    assert read.arrival.reason == "Parked away."


def test_work_that_changed_after_signing_is_an_exception(technician: Stage) -> None:
    order_id = technician.order_ids[0]
    finish(technician, order_id)
    with technician.session.reading() as reading:
        site_id = str((reading.get("work_order", order_id) or {})["site_id"])
        places = find_parts(reading, "", person_id=technician.person_id, site_id=site_id)
    act(
        technician,
        lambda write: parts.use_part(
            write, order_id, places[0].id, stock_location_id=places[0].stock[0].place.id, quantity=Decimal(1)
        ),
    )
    (line,) = queue(technician).pending
    assert line.exceptions.is_stale
    assert line.exceptions.count == 1


def test_returned_and_approved_work_moves_through_the_queue(technician: Stage) -> None:
    first, second = technician.order_ids[:2]
    for order_id in (first, second):
        finish(technician, order_id)
        technician.clock.advance(minutes=1)
    supervise(technician, first, reason="The gasket leaks.")
    supervise(technician, second, reason=None)
    found = queue(technician)
    assert (found.pending, [line.id for line in found.returned]) == ((), [first])
    assert found.returned[0].return_reason == "The gasket leaks."
    assert [line.id for line in found.approved] == [second]


def test_a_second_review_says_what_happened_since_the_first(technician: Stage) -> None:
    order_id = technician.order_ids[0]
    finish(technician, order_id)
    assert (page(technician, order_id).reviewed_at, page(technician, order_id).since_review) == (None, ())
    supervise(technician, order_id, reason="A photo is missing.")
    technician.clock.advance(minutes=1)
    start(technician, order_id)
    act(technician, lambda write: remarks.add_comment(write, order_id, "Taken."))
    read = page(technician, order_id)
    assert read.reviewed_at is not None
    assert [entry.kind for entry in read.since_review] == ["visit", "visit", "visit", "comment"]


def test_a_signature_says_what_its_bytes_say(technician: Stage) -> None:
    order_id = technician.order_ids[0]
    finish(technician, order_id)
    (signature,) = page(technician, order_id).signatures
    assert (signature.meaning, signature.role, signature.name) == ("performed", "technician", "Technician 1")
    assert (signature.is_whole, signature.received) == (True, False)
    assert signature.summary is not None
    assert signature.sha256.startswith(signature.summary.first_digits)
    assert signature.summary.headline.startswith("WO-0035 · ")


def test_an_erased_name_is_withheld_and_the_bytes_stay_whole(technician: Stage) -> None:
    order_id = technician.order_ids[0]
    finish(technician, order_id)
    with technician.replica.database.writer() as handle:
        handle.cursor.execute("UPDATE personal_value SET value = NULL, salt = NULL")
    (signature,) = page(technician, order_id).signatures
    assert (signature.name, signature.is_whole) == ("", True)
    assert signature.summary is not None
    assert ("Name", WITHHELD) in {(line.label, line.text) for line in signature.summary.sections[0].lines}


def test_a_name_that_does_not_fit_the_bytes_is_not_shown(technician: Stage) -> None:
    order_id = technician.order_ids[0]
    finish(technician, order_id)
    with technician.replica.database.writer() as handle:
        handle.cursor.execute("UPDATE personal_value SET value = '\"Somebody else\"' WHERE path = '/printed_name'")
    assert page(technician, order_id).signatures[0].name == ""


def test_bytes_that_were_touched_are_not_whole(technician: Stage) -> None:
    order_id = technician.order_ids[0]
    finish(technician, order_id)
    with technician.replica.database.writer() as handle:
        handle.cursor.execute("UPDATE signature SET body = replace(body, 'WO-0035', 'WO-9999')")
    (signature,) = page(technician, order_id).signatures
    assert (signature.is_whole, signature.summary, signature.name) == (False, None, "")


def test_an_order_that_is_not_here_is_no_review(supervisor: Stage) -> None:
    assert ask(supervisor.replica, lambda reading: review_page(reading, uid(1))) is None


def test_a_queue_takes_the_same_statements_for_one_order_and_for_many(technician: Stage, supervisor: Stage) -> None:
    finish(technician, technician.order_ids[0])
    person_id = person("supervisor").person_id
    few, many = (
        statements_of(stage.replica, lambda reading: review_queue(reading, person_id, approved_since=SINCE))
        for stage in (technician, supervisor)
    )
    assert few == many <= 8
