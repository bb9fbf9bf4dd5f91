"""Tries: counted before the check, slowed down, remembered across restarts, and not to be had back by a clock."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from cmms_desktop.credentials.attempts import TRIES, WAITS_S, AttemptCounter
from cmms_desktop.credentials.secret_store import MemoryStore
from cmms_desktop.errors import Refused
from cmms_desktop.uptime import Uptime

SERVICE, NAME = "cmms-field/north-works", "person/device/tries"


class HandClock:
    """Stands still until time passes, or somebody sets it. What it is set to says nothing to the uptime."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)
        self.start, self.up_s = "monday", 1_000.0

    def __call__(self) -> datetime:
        return self.now

    def uptime(self) -> Uptime:
        return Uptime(self.start, self.up_s)

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)
        self.up_s += seconds

    def set(self, seconds: float) -> None:
        """Set the clock forward, or back."""
        self.now += timedelta(seconds=seconds)

    def start_anew(self, name: str) -> None:
        """Start the computer again; only the clock on the wall knows how long it was off."""
        self.start, self.up_s = name, 1.0


class Bench:
    def __init__(self) -> None:
        self.store = MemoryStore()
        self.clock = HandClock()
        self.counter().reset()

    def counter(self) -> AttemptCounter:
        """A counter as after a restart of the program: it knows nothing but what was kept."""
        return AttemptCounter(self.store, service=SERVICE, name=NAME, clock=self.clock, uptime=self.clock.uptime)

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


@pytest.mark.parametrize("seconds", [86_400, 64 * 365 * 86_400, -86_400, -56 * 365 * 86_400])
def test_setting_the_clock_neither_shortens_nor_lengthens_a_wait_while_the_computer_runs(
    bench: Bench, seconds: float
) -> None:
    bench.fail(6)
    bench.clock.set(seconds)
    assert bench.refusal() == "wait"
    bench.clock.move(WAITS_S[6] - 1)
    bench.clock.set(seconds)
    assert bench.refusal() == "wait"
    bench.clock.move(1)
    assert bench.counter().begin() == TRIES - 7


def test_a_restart_of_the_computer_goes_on_with_the_wait_by_the_clock(bench: Bench) -> None:
    bench.fail(6)
    bench.clock.move(20)
    bench.clock.start_anew("tuesday")
    assert bench.refusal() == "wait"
    bench.clock.set(86_400)
    assert bench.refusal() == "wait"
    bench.clock.move(WAITS_S[6] - 21)
    assert bench.refusal() == "wait"
    bench.clock.move(1)
    assert bench.counter().begin() == TRIES - 7


def test_a_clock_set_back_over_a_restart_begins_the_wait_again(bench: Bench) -> None:
    bench.fail(6)
    bench.clock.move(59)
    bench.clock.set(-86_400)
    bench.clock.start_anew("tuesday")
    assert bench.refusal() == "wait"
    bench.clock.move(59)
    assert bench.refusal() == "wait"
    bench.clock.move(1)
    assert bench.counter().begin() == TRIES - 7


def test_a_clock_set_back_by_years_locks_nobody_out_for_years(bench: Bench) -> None:
    bench.clock.set(20 * 365 * 86_400)
    bench.fail(9)
    bench.clock.set(-20 * 365 * 86_400)
    bench.clock.start_anew("tuesday")
    assert bench.refusal() == "wait"
    bench.clock.move(WAITS_S[9])
    assert bench.counter().begin() == 0


def test_restarting_and_turning_the_clock_back_again_and_again_gains_nothing(bench: Bench) -> None:
    bench.fail(8)
    for number in range(20):
        bench.clock.set(-1_000)
        bench.clock.start_anew(f"start {number}")
        assert bench.refusal() == "wait"
        bench.clock.move(WAITS_S[8] - 1)
        assert bench.refusal() == "wait"


def test_a_record_of_a_version_that_knew_only_the_clock_still_makes_one_wait(bench: Bench) -> None:
    now_s = bench.clock().timestamp()
    kept = f'{{"failures":6,"seen_at_s":{now_s},"not_before_s":{now_s + 60}}}'
    bench.store.set(SERVICE, NAME, kept.encode())
    assert bench.refusal() == "wait"
    bench.clock.set(86_400)
    assert bench.refusal() == "wait"
    bench.clock.move(60)
    assert bench.counter().begin() == TRIES - 7


@pytest.mark.parametrize("content", [b"{}", b"not json", b'{"failures":-5,"seen_at_s":0,"not_before_s":0}'])
def test_a_record_that_cannot_be_right_counts_as_used_up(bench: Bench, content: bytes) -> None:
    bench.store.set(SERVICE, NAME, content)
    assert bench.refusal() == "server_sign_in_required"


def test_a_record_that_vanished_counts_as_used_up(bench: Bench) -> None:
    bench.store.delete(SERVICE, NAME)
    assert bench.refusal() == "server_sign_in_required"
