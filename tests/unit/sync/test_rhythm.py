"""When the next cycle is due."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmms_desktop.sync.rhythm import (
    EVERY_S,
    FIRST_RETRY_S,
    LONGEST_RETRY_S,
    NUDGED_S,
    PATIENCE_S,
    POKED_EVERY_S,
    POKED_S,
    QUIET_S,
    RETRY_AFTER_EDIT_S,
    SPREAD,
    Rhythm,
)


@pytest.fixture
def rhythm() -> Rhythm:
    """In the middle of chance, after a cycle that went well at 100 s."""
    made = Rhythm(lambda: 0.5)
    made.began()
    made.went_well(100.0)
    return made


def test_the_first_cycle_is_due_at_once() -> None:
    assert Rhythm(lambda: 0.5).due_s == 0.0


@pytest.mark.parametrize(("chance", "wait_s"), [(0.0, 48.0), (0.5, 60.0), (1.0, 72.0)])
def test_a_quiet_device_asks_every_minute_more_or_less(chance: float, wait_s: float) -> None:
    rhythm = Rhythm(lambda: chance)
    rhythm.went_well(100.0)
    assert rhythm.due_s == pytest.approx(100.0 + wait_s)


def test_an_edit_is_sent_a_second_after_the_last_one(rhythm: Rhythm) -> None:
    rhythm.wrote(110.0)
    rhythm.wrote(110.5)
    assert rhythm.due_s == 110.5 + QUIET_S


def test_edits_without_end_are_sent_all_the_same(rhythm: Rhythm) -> None:
    for tenth in range(100):
        rhythm.wrote(110.0 + tenth / 10)
    assert rhythm.due_s == 110.0 + PATIENCE_S


def test_a_cycle_takes_the_edits_before_it_and_leaves_those_during_it(rhythm: Rhythm) -> None:
    rhythm.wrote(110.0)
    rhythm.began()
    rhythm.went_well(112.0)
    assert rhythm.due_s == 112.0 + EVERY_S
    rhythm.began()
    rhythm.wrote(130.0)
    rhythm.went_well(131.0)
    assert rhythm.due_s == 130.0 + QUIET_S


def test_who_asks_is_served_at_once_and_only_once(rhythm: Rhythm) -> None:
    rhythm.asked(110.0)
    assert rhythm.due_s == 110.0
    rhythm.began()
    rhythm.went_well(111.0)
    assert rhythm.due_s == 111.0 + EVERY_S


def test_asking_during_a_cycle_counts_after_it(rhythm: Rhythm) -> None:
    rhythm.began()
    rhythm.asked(110.0)
    rhythm.went_well(111.0)
    assert rhythm.due_s == 110.0


def test_without_a_server_the_waits_double_up_to_five_minutes(rhythm: Rhythm) -> None:
    waits = []
    for _ in range(9):
        rhythm.failed(200.0)
        waits.append(rhythm.due_s - 200.0)
    assert waits == [5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 300.0, 300.0, 300.0]
    rhythm.went_well(210.0)
    rhythm.failed(300.0)
    assert rhythm.due_s == 300.0 + FIRST_RETRY_S


def test_who_asks_begins_the_waits_anew(rhythm: Rhythm) -> None:
    for _ in range(9):
        rhythm.failed(200.0)
    rhythm.asked(210.0)
    rhythm.began()
    rhythm.failed(211.0)
    assert rhythm.due_s == 211.0 + FIRST_RETRY_S


def test_somebody_at_work_asks_again_sooner_but_not_at_every_tap(rhythm: Rhythm) -> None:
    for _ in range(9):
        rhythm.failed(200.0)
    rhythm.wrote(205.0)
    assert rhythm.due_s == 200.0 + RETRY_AFTER_EDIT_S
    rhythm.began()
    rhythm.failed(230.0)
    rhythm.wrote(290.0)
    assert rhythm.due_s == 290.0 + QUIET_S


def test_a_busy_server_is_left_alone_by_edits_and_by_people(rhythm: Rhythm) -> None:
    rhythm.was_busy(200.0, 30.0)
    rhythm.wrote(201.0)
    rhythm.asked(202.0)
    assert rhythm.due_s >= 230.0
    rhythm.was_busy(200.0, 1e9)
    assert rhythm.due_s <= 200.0 + LONGEST_RETRY_S / (1 - SPREAD) * (1 + SPREAD)


def test_a_lost_session_waits_for_a_person(rhythm: Rhythm) -> None:
    rhythm.lost_session()
    rhythm.wrote(300.0)
    assert rhythm.due_s == math.inf
    rhythm.asked(400.0)
    assert rhythm.due_s <= 400.0


def test_a_session_lost_by_a_cycle_that_began_before_somebody_asked_is_tried_once_more(rhythm: Rhythm) -> None:
    rhythm.began()
    rhythm.asked(300.0)
    rhythm.lost_session()
    assert rhythm.due_s <= 300.0
    rhythm.began()
    rhythm.lost_session()
    assert rhythm.due_s == math.inf


@given(chance=st.floats(0, 1), failures=st.integers(0, 5_000), retry_after_s=st.floats(0, 1e6))
def test_no_wait_is_negative_endless_or_shorter_than_the_server_asked(
    chance: float, failures: int, retry_after_s: float
) -> None:
    rhythm = Rhythm(lambda: chance)
    rhythm._failures = failures
    rhythm.failed(100.0)
    assert 100.0 < rhythm.due_s <= 100.0 + LONGEST_RETRY_S * (1 + SPREAD) + 1e-6
    rhythm.was_busy(100.0, retry_after_s)
    assert rhythm.due_s >= 100.0 + min(retry_after_s, LONGEST_RETRY_S) * (1 - 1e-9)


def test_a_poke_is_a_cycle_at_once_and_several_are_one(rhythm: Rhythm) -> None:
    rhythm.poked(110.0)
    rhythm.poked(110.02)
    assert rhythm.due_s == pytest.approx(110.0 + POKED_S / 2)
    rhythm.began()
    assert rhythm.due_s == pytest.approx(160.0)


def test_pokes_that_come_fast_wait_a_little_after_each_cycle(rhythm: Rhythm) -> None:
    rhythm.poked(100.01)
    assert rhythm.due_s == pytest.approx(100.0 + POKED_EVERY_S)


def test_what_a_poke_spoke_of_may_have_come_already(rhythm: Rhythm) -> None:
    rhythm.poked(110.0)
    rhythm.forget_poke()
    assert rhythm.due_s == pytest.approx(160.0)


def test_while_cycles_fail_a_poke_shortens_nothing(rhythm: Rhythm) -> None:
    for now_s in (160.0, 170.0, 190.0):
        rhythm.failed(now_s)
    due_s = rhythm.due_s
    rhythm.poked(191.0)
    assert rhythm.due_s == due_s


def test_a_server_that_is_heard_again_is_asked_within_a_second(rhythm: Rhythm) -> None:
    for now_s in (160.0, 170.0, 190.0):
        rhythm.failed(now_s)
    rhythm.reached_server(191.0)
    assert rhythm.due_s == pytest.approx(191.0 + NUDGED_S / 2)


def test_a_server_that_was_never_away_is_not_asked_for_being_heard(rhythm: Rhythm) -> None:
    rhythm.reached_server(110.0)
    assert rhythm.due_s == pytest.approx(160.0)


def test_neither_pokes_nor_being_heard_shorten_what_a_busy_server_asked_for(rhythm: Rhythm) -> None:
    rhythm.was_busy(110.0, 40.0)
    rhythm.poked(111.0)
    rhythm.reached_server(111.0)
    assert rhythm.due_s >= 150.0


def test_who_is_signed_out_hears_no_poke(rhythm: Rhythm) -> None:
    rhythm.lost_session()
    rhythm.poked(111.0)
    rhythm.reached_server(111.0)
    assert math.isinf(rhythm.due_s)


def test_another_network_ends_a_long_wait_and_begins_the_waits_anew(rhythm: Rhythm) -> None:
    for now_s in (110.0, 120.0, 140.0, 180.0, 260.0):
        rhythm.failed(now_s)
    rhythm.network_changed(261.0)
    assert rhythm.due_s == pytest.approx(261.0 + NUDGED_S / 2)
    rhythm.failed(262.0)
    assert rhythm.due_s == pytest.approx(262.0 + 10.0)


def test_another_network_is_no_reason_to_ask_a_server_that_is_there_or_busy(rhythm: Rhythm) -> None:
    rhythm.network_changed(110.0)
    assert rhythm.due_s == pytest.approx(160.0)
    rhythm.was_busy(110.0, 40.0)
    rhythm.network_changed(111.0)
    assert rhythm.due_s >= 150.0


def test_a_cycle_takes_up_what_was_asked_for_meanwhile_once_and_when_it_is_due(rhythm: Rhythm) -> None:
    assert not rhythm.take_requests(110.0)
    rhythm.wrote(110.0)
    assert not rhythm.take_requests(110.0 + QUIET_S - 0.1)
    assert rhythm.take_requests(110.0 + QUIET_S)
    assert not rhythm.take_requests(110.0 + QUIET_S)
    rhythm.poked(120.0)
    assert rhythm.take_requests(121.0)
    assert rhythm.due_s == 160.0, "the regular one is not moved"


def test_a_busy_server_is_not_asked_between_two_steps_either(rhythm: Rhythm) -> None:
    rhythm.was_busy(100.0, 30.0)
    rhythm.asked(101.0)
    assert not rhythm.take_requests(120.0)
    assert rhythm.take_requests(200.0)
