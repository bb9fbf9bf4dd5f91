"""One device's pushes come one after the other in a process; nobody waits for another device, and nobody for ever."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Event

import pytest

from sync_server.application.turns import MOST_OF_A_DEVICE, Turns
from sync_server.errors import RetryLater

WITHIN_S = 60.0


def test_a_device_waits_for_itself_and_nobody_for_another() -> None:
    turns, inside, go = Turns(), Event(), Event()
    order: list[str] = []

    def first() -> None:
        with turns.of("tablet") as await_turn:
            await_turn()
            inside.set()
            assert go.wait(WITHIN_S)
            order.append("first")

    def second() -> None:
        with turns.of("tablet", long_s=WITHIN_S) as await_turn:
            await_turn()
            order.append("second")

    with ThreadPoolExecutor(2) as threads:
        running = [threads.submit(first)]
        assert inside.wait(WITHIN_S)
        running.append(threads.submit(second))
        with turns.of("laptop", long_s=WITHIN_S) as await_turn:
            await_turn()
            order.append("other")
        go.set()
        for each in running:
            each.result(WITHIN_S)
    assert order == ["other", "first", "second"]


def test_whoever_has_waited_long_goes_on_and_ends_no_turn_but_his_own() -> None:
    turns = Turns()
    with turns.of("tablet"), ThreadPoolExecutor(1) as thread:
        for _ in range(2):
            assert thread.submit(_passes, turns).result(WITHIN_S) == "passed"


def test_who_came_first_goes_first_though_the_other_was_ready_before() -> None:
    turns = Turns()
    order: list[str] = []

    def second() -> None:
        with turns.of("tablet", long_s=WITHIN_S) as await_turn:
            came.set()
            await_turn()
            order.append("second")

    came = Event()
    with ThreadPoolExecutor(1) as thread:
        with turns.of("tablet", long_s=WITHIN_S) as await_turn:
            running = thread.submit(second)
            assert came.wait(WITHIN_S)
            await_turn()
            order.append("first")
        running.result(WITHIN_S)
    assert order == ["first", "second"]


def test_of_one_device_only_a_few_are_here_and_the_rest_come_later() -> None:
    turns = Turns()
    with ExitStack() as here:
        for _ in range(MOST_OF_A_DEVICE):
            here.enter_context(turns.of("tablet", long_s=0.0))()
        for _ in range(2):
            with pytest.raises(RetryLater), turns.of("tablet", long_s=WITHIN_S):
                raise AssertionError
        with turns.of("laptop"):
            assert turns.count == 2
    with turns.of("tablet", long_s=0.0):
        assert turns.count == 1
    assert turns.count == 0


def test_nothing_is_kept_of_a_device_that_is_not_here() -> None:
    turns = Turns()
    for number in range(1_000):
        with turns.of(f"device {number}"):
            assert turns.count == 1
    assert turns.count == 0


def _passes(turns: Turns) -> str:
    with turns.of("tablet", long_s=0.01) as await_turn:
        await_turn()
        return "passed"
