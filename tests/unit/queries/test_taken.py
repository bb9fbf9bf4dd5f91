"""Who else is on an order: what counts as taken, since when, and for how long."""

from datetime import datetime, timedelta

import pytest

from cmms_desktop.application.commands import visits
from cmms_desktop.application.queries.day import DaySpan, day_cards
from cmms_desktop.application.queries.order import order_page
from cmms_desktop.application.queries.taken import LEASE, Taker, takers
from sync_server.contract.column_types import instant_text
from sync_server.contract.fields import Row, Scalar
from tests.support.replicas import row, uid
from tests.ui.screens.office_news import bring, edited
from tests.ui.stage import MORNING, Stage, person
from tests.unit.queries.working import act, ask

TWO = "technician2"


def at(**before: float) -> str:
    """An instant before the morning in which this device synced last."""
    return instant_text(MORNING - timedelta(**before))


def visit(order_id: str, *, login: str = TWO, number: int = 900, **values: Scalar) -> tuple[str, Row]:
    """A visit of somebody else, as it stands on the server."""
    who = person(login).person_id
    told: dict[str, Scalar] = {"work_order_id": order_id, "person_id": who, "version": 1, "travel_at": at(minutes=30)}
    told |= {"updated_at": at(minutes=30), "updated_by": who, "created_by": who}
    return "work_log", row("work_log", uid(number), order_id, **{**told, **values})


def event(order_id: str, *, number: int = 950, log: int = 900, **values: Scalar) -> tuple[str, Row]:
    """What happened on it."""
    who = person(TWO).person_id
    told: dict[str, Scalar] = {"work_log_id": uid(log), "kind": "travel", "device_at": at(minutes=30), "version": 1}
    told |= {"updated_at": at(minutes=30), "updated_by": who, "created_by": who}
    return "work_log_event", row("work_log_event", uid(number), order_id, **{**told, **values})


def takers_of(stage: Stage, order_id: str) -> tuple[Taker, ...]:
    found = ask(stage.replica, lambda reading: takers(reading, stage.order_ids, me=stage.person_id))
    assert all(found.values())
    return found.get(order_id, ())


def test_an_order_that_nobody_is_on_is_not_taken(technician: Stage) -> None:
    assert takers_of(technician, technician.order_ids[0]) == ()


def test_a_visit_of_somebody_else_takes_the_order_for_page_and_card(technician: Stage) -> None:
    first, second = technician.order_ids[:2]
    bring(technician, visit(first))
    (taker,) = takers_of(technician, first)
    assert (taker.person, taker.taken_at) == ("Technician 2", at(minutes=30))
    assert taker.seen_at == technician.session.state().last_sync_at
    assert taker.was_first
    page = ask(technician.replica, lambda reading: order_page(reading, first))
    assert page is not None
    assert page.takers == (taker,)
    today = DaySpan.of(MORNING)
    cards = ask(technician.replica, lambda reading: day_cards(reading, technician.person_id, today))
    assert {card.id: card.takers for card in cards if card.takers} == {first: (taker,)}
    assert takers_of(technician, second) == ()


def test_a_visit_that_ended_or_was_deleted_takes_nothing(technician: Stage) -> None:
    first, second = technician.order_ids[:2]
    bring(
        technician,
        visit(first, ended_at=at(minutes=5)),
        visit(second, number=901, deleted_at=at(minutes=5)),
    )
    assert takers_of(technician, first) == takers_of(technician, second) == ()


def test_ones_own_visit_takes_nothing_from_oneself(technician: Stage) -> None:
    order_id = technician.order_ids[0]
    act(technician, lambda write: visits.start_travel(write, order_id))
    assert takers_of(technician, order_id) == ()


def test_who_was_first_is_said_with_the_earlier_visit(technician: Stage) -> None:
    order_id = technician.order_ids[0]
    act(technician, lambda write: visits.start_travel(write, order_id))
    later = instant_text(MORNING + timedelta(hours=1))
    bring(technician, visit(order_id), visit(order_id, login="technician3", number=901, travel_at=later))
    assert [(each.person, each.was_first) for each in takers_of(technician, order_id)] == [
        ("Technician 2", True),
        ("Technician 3", False),
    ]


def test_a_clock_that_is_wrong_says_the_right_time(technician: Stage) -> None:
    """Invariant 29: by his own clock he travels next year; his device knew how far it was off."""
    order_id = technician.order_ids[0]
    wrong = instant_text(MORNING + timedelta(days=365))
    offset = -timedelta(days=365, minutes=30) // timedelta(milliseconds=1)
    bring(
        technician,
        visit(order_id, travel_at=wrong),
        event(order_id, device_at=wrong, offset_ms=offset),
    )
    assert takers_of(technician, order_id)[0].taken_at == at(minutes=30)


@pytest.mark.parametrize("strange", ["soon", "", "9999-12-31T23:59:59.999999Z"])
def test_a_time_that_nobody_can_read_is_shown_as_it_stands(technician: Stage, strange: str) -> None:
    order_id = technician.order_ids[0]
    bring(technician, visit(order_id, travel_at=strange), event(order_id, offset_ms=10**15))
    assert takers_of(technician, order_id)[0].taken_at == strange


def test_a_visit_that_somebody_forgot_to_end_counts_for_a_shift(technician: Stage) -> None:
    first, second = technician.order_ids[:2]
    hours = LEASE / timedelta(hours=1)
    bring(
        technician,
        visit(first, updated_at=at(hours=hours - 0.1)),
        visit(second, number=901, updated_at=at(hours=hours + 0.1)),
    )
    assert takers_of(technician, first)
    assert takers_of(technician, second) == ()


@pytest.mark.parametrize("entity", ["work_log_event", "checklist_item"])
def test_whatever_he_does_on_the_order_renews_it(technician: Stage, entity: str) -> None:
    order_id = technician.order_ids[0]
    bring(technician, visit(order_id, updated_at=at(days=2)))
    assert takers_of(technician, order_id) == ()
    if entity == "work_log_event":
        bring(technician, event(order_id, updated_at=at(minutes=3), kind="arrive"))
    else:
        with technician.replica.read() as reading:
            (item_id,) = reading.cursor.execute(
                "SELECT id FROM checklist_item WHERE aggregate_id = ? LIMIT 1", (order_id,)
            ).fetchone()
        who = person(TWO).person_id
        entity_, answered = edited(technician, "checklist_item", item_id, updated_at=at(minutes=3))
        bring(technician, (entity_, {**answered, "updated_by": who}))
    assert takers_of(technician, order_id)


def test_how_far_this_devices_clock_is_off_changes_nothing(technician: Stage) -> None:
    """It expires by the server's clock, whatever this one says."""
    order_id = technician.order_ids[0]
    server_now = datetime(2031, 5, 5, 12, tzinfo=MORNING.tzinfo)
    technician.replica.remember(offset_ms=(server_now - MORNING) // timedelta(milliseconds=1))
    bring(technician, visit(order_id, updated_at=instant_text(server_now - timedelta(minutes=30))))
    assert takers_of(technician, order_id)
    old = instant_text(server_now - LEASE - timedelta(hours=1))
    bring(technician, visit(order_id, updated_at=old, version=2))
    assert takers_of(technician, order_id) == ()
