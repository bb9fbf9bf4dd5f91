"""The cards of a day: whose, in which order, and what each says."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cmms_desktop.application.commands import checklists
from cmms_desktop.application.queries.day import DayCard, DaySpan, day_cards
from tests.support.replicas import SCOPE, TECHNICIAN, Field, uid
from tests.ui.stage import MORNING, Stage
from tests.unit.queries.working import act, answer, ask, finish, item_of, order_with, start, statements_of, supervise

TODAY = DaySpan.of(MORNING)


def cards_of(stage: Stage) -> tuple[DayCard, ...]:
    return ask(stage.replica, lambda reading: day_cards(reading, stage.person_id, TODAY))


def card(stage: Stage, order_id: str) -> DayCard:
    return next(each for each in cards_of(stage) if each.id == order_id)


def test_a_day_begins_and_ends_with_the_wall_clock() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    span = DaySpan.of(datetime(2026, 3, 29, 12, tzinfo=berlin))
    assert span == DaySpan("2026-03-28T23:00:00.000000Z", "2026-03-29T22:00:00.000000Z")
    assert DaySpan.of(datetime(2026, 3, 2, tzinfo=UTC)).starts_at == "2026-03-02T00:00:00.000000Z"


def test_cards_come_in_route_order_and_say_where_and_what(technician: Stage) -> None:
    cards = cards_of(technician)
    assert tuple(each.id for each in cards) == technician.order_ids
    assert [each.route_position for each in cards] == list(range(1, len(cards) + 1))
    first = cards[0]
    assert (first.number, first.site, first.status) == ("WO-0035", "Site North", "assigned")
    assert first.location == "Main building, First floor, Workshop"
    assert first.asset == "N-SENSOR-044 Sensor N44"
    assert first.hazards == ("Rotating parts. Wait for standstill.",)
    assert (first.answered, first.unsent, first.is_today, first.is_done) == (0, 0, True, False)
    assert first.total >= first.missing > 0


def test_orders_of_others_are_not_in_the_day(supervisor: Stage) -> None:
    assert cards_of(supervisor) == ()


def test_a_card_counts_answers_and_what_waits(technician: Stage) -> None:
    order_id = order_with(technician, "isolated")
    before = card(technician, order_id)
    start(technician, order_id)
    answer(technician, order_id, "isolated", result="fail", note="No tag.")
    after = card(technician, order_id)
    assert (after.answered, after.failed, after.missing) == (1, 1, before.missing - 1)
    assert after.status == "in_progress"
    assert after.unsent > 0


def test_a_follow_up_that_nobody_else_knows_is_the_last_of_the_day(technician: Stage) -> None:
    order_id = order_with(technician, "isolated")
    answer(technician, order_id, "isolated", result="fail", note="No tag.")
    item = item_of(technician, order_id, "isolated")
    made = act(technician, lambda write: checklists.follow_up(write, item.id))
    last = cards_of(technician)[-1]
    assert (last.id, last.status, last.is_today) == (made, "new", False)


def test_what_was_completed_today_stands_last_and_is_done(technician: Stage) -> None:
    order_id = technician.order_ids[0]
    finish(technician, order_id)
    last = cards_of(technician)[-1]
    assert (last.id, last.status, last.is_done) == (order_id, "completed", True)
    tomorrow = DaySpan("2026-03-13T00:00:00.000000Z", "2026-03-14T00:00:00.000000Z")
    later = ask(technician.replica, lambda reading: day_cards(reading, technician.person_id, tomorrow))
    assert order_id not in [each.id for each in later]


def test_returned_work_says_so_until_it_is_signed_anew(technician: Stage) -> None:
    order_id = technician.order_ids[0]
    finish(technician, order_id)
    assert not card(technician, order_id).is_returned
    supervise(technician, order_id, reason="Photo of the label is missing.")
    returned = card(technician, order_id)
    assert (returned.is_returned, returned.return_reason) == (True, "Photo of the label is missing.")
    assert (returned.status, returned.is_done) == ("in_progress", False)


def test_a_day_needs_the_same_number_of_statements_for_one_order_and_for_many(technician: Stage, field: Field) -> None:
    field.add_order(1)
    field.pull()
    few = statements_of(field.replica, lambda reading: day_cards(reading, TECHNICIAN, TODAY))
    many = statements_of(technician.replica, lambda reading: day_cards(reading, technician.person_id, TODAY))
    assert few == many <= 6


def test_deleted_orders_and_deleted_answers_do_not_count(field: Field) -> None:
    order_id, gone = field.add_order(1), field.add_order(2)
    field.add("checklist_item", 11, order_id, checklist_id=uid(10), key="a", kind="pass_fail", prompt="Tight?")
    field.pull()
    field.server.change("work_order", gone, deleted_at="2026-03-02T09:00:00.000000Z")
    field.server.change("checklist_item", uid(11), deleted_at="2026-03-02T09:00:00.000000Z")
    field.pull()
    (only,) = ask(field.replica, lambda reading: day_cards(reading, TECHNICIAN, TODAY))
    assert (only.id, only.total, only.missing) == (order_id, 0, 0)


def test_an_order_that_left_the_scope_is_not_in_the_day(field: Field) -> None:
    order_id = field.add_order(1)
    field.pull()
    assert ask(field.replica, lambda reading: day_cards(reading, TECHNICIAN, TODAY))
    field.server.leave(SCOPE, order_id)
    field.pull()
    assert ask(field.replica, lambda reading: day_cards(reading, TECHNICIAN, TODAY)) == ()
