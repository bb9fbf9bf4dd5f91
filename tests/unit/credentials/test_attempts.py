"""Tries: counted before the check, slowed down, remembered across restarts, and not to be had back by a clock."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from cmms_desktop.credentials.attempts import TRIES, WAITS_S, AttemptCounter
from cmms_desktop.credentials.secret_store import MemoryStore
from cmms_desktop.errors import Refused

SERVICE, NAME = "cmms-field/north-works", "person/device/tries"


class HandClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Bench:
    def __init__(self) -> None:
        self.store = MemoryStore()
        self.clock = HandClock()
        self.counter().reset()

    def counter(self) -> AttemptCounter:
        """A counter as after a restart: it knows nothing but what was kept."""
        return AttemptCounter(self.store, service=SERVICE, name=NAME, clock=self.clock)

    def fail(self, times: int) -> None:
        for _ in range(times):
            self.clock.move(max(WAITS_S))
            self.counter().begin()

    def refusal(self) -> str:
        with pytest.raises(Refused) as caught:
            self.counter().begin()
        return caught.value.code

    def seconds_until_a_try_is_taken(self) -> int:
        for waited_s in range(2 * max(WAITS_S)):
            with suppress(Refused):
                self.counter().begin()
                return waited_s
            self.clock.move(1)
        raise AssertionError("no try was ever taken")


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_the_first_two_wrong_tries_cost_no_wait_and_later_ones_ever_more() -> None:
    waits = []
    for failures in range(1, TRIES):
        bench = Bench()
        bench.fail(failures)
        waits.append(bench.seconds_until_a_try_is_taken())
    assert waits == list(WAITS_S[1:])
    assert waits == sorted(waits)
    assert waits[-1] == 600


def test_a_refused_wait_says_the_seconds_and_counts_nothing(bench: Bench) -> None:
    bench.fail(3)
    for _ in range(50):
        with pytest.raises(Refused) as caught:
            bench.counter().begin()
        assert "5 seconds" in caught.value.sentence
    bench.clock.move(5)
    assert bench.counter().begin() == TRIES - 4


def test_after_ten_tries_only_the_server_lets_one_try_again(bench: Bench) -> None:
    bench.fail(TRIES)
    bench.clock.move(10 * 365 * 86_400)
    assert bench.refusal() == "server_sign_in_required"
    bench.counter().reset()
    assert bench.counter().begin() == TRIES - 1


def test_a_try_counts_even_if_the_program_is_killed_before_the_answer(bench: Bench) -> None:
    left = [bench.counter().begin() for _ in range(3)]
    assert left == [9, 8, 7]
    assert bench.refusal() == "wait"


def test_a_right_secret_starts_afresh(bench: Bench) -> None:
    bench.fail(9)
    bench.counter().reset()
    assert [bench.counter().begin() for _ in range(3)] == [9, 8, 7]


def test_a_clock_set_back_restarts_the_wait_and_never_shortens_it(bench: Bench) -> None:
    bench.fail(6)
    bench.clock.move(59)
    bench.clock.move(-86_400)
    assert bench.refusal() == "wait"
    bench.clock.move(59)
    assert bench.refusal() == "wait"
    bench.clock.move(1)
    assert bench.counter().begin() == TRIES - 7


def test_a_clock_set_back_by_years_locks_nobody_out_for_years(bench: Bench) -> None:
    bench.clock.move(20 * 365 * 86_400)
    bench.fail(9)
    bench.clock.move(-20 * 365 * 86_400)
    assert bench.refusal() == "wait"
    bench.clock.move(WAITS_S[9])
    assert bench.counter().begin() == 0


def test_turning_the_clock_back_again_and_again_gains_nothing(bench: Bench) -> None:
    bench.fail(8)
    for _ in range(20):
        bench.clock.move(-1_000)
        assert bench.refusal() == "wait"
        bench.clock.move(WAITS_S[8] - 1)
        assert bench.refusal() == "wait"


@pytest.mark.parametrize("content", [b"{}", b"not json", b'{"failures":-5,"seen_at_s":0,"not_before_s":0}'])
def test_a_record_that_cannot_be_right_counts_as_used_up(bench: Bench, content: bytes) -> None:
    bench.store.set(SERVICE, NAME, content)
    assert bench.refusal() == "server_sign_in_required"


def test_a_record_that_vanished_counts_as_used_up(bench: Bench) -> None:
    bench.store.delete(SERVICE, NAME)
    assert bench.refusal() == "server_sign_in_required"
