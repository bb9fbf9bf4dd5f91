"""Work in the background: every implementation of the door keeps the same promises."""

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from cmms_desktop.application.commands import remarks
from cmms_desktop.application.queries.work import order_detail
from cmms_desktop.application.session import LocalWrite, Reading
from cmms_desktop.errors import Bug, CmmsError, Refused
from cmms_desktop.ui.bridge.background import UNEXPECTED, QtBackground
from cmms_desktop.ui.bridge.doors import Background
from tests.ui.stage import InlineBackground, Stage, a_stage

Settle = Callable[[Callable[[], bool]], None]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with a_stage(tmp_path) as made:
        yield made


@pytest.fixture
def complaints() -> list[CmmsError]:
    return []


@pytest.fixture(params=["inline", "threads"])
def door(
    request: pytest.FixtureRequest, stage: Stage, qtbot: QtBot, complaints: list[CmmsError]
) -> Iterator[tuple[Background, Settle]]:
    """A background and how to wait until it has done something."""
    if request.param == "inline":
        inline = InlineBackground(stage.session)
        inline.complaints = complaints
        yield inline, lambda condition: None
        return
    threads = QtBackground(stage.session, complain=complaints.append)
    yield threads, lambda condition: qtbot.waitUntil(condition, timeout=60_000)
    threads.close()


def comment(write: LocalWrite, *, order_id: str) -> str:
    return remarks.add_comment(write, order_id, "Seen")


def refuse(_: Any) -> None:
    raise Refused("not_allowed", "Not like this.")


class TestDoor:
    """What every Background promises."""

    def test_an_answer_comes_back(self, door: tuple[Background, Settle], stage: Stage) -> None:
        background, settle = door
        found: list[str] = []
        background.read(
            lambda reading: str((reading.get("work_order", stage.order_ids[0]) or {})["number"]), found.append
        )
        settle(lambda: bool(found))
        assert found == ["WO-0035"]

    def test_a_read_sees_the_write_that_was_asked_for_before(
        self, door: tuple[Background, Settle], stage: Stage
    ) -> None:
        background, settle = door
        seen: dict[int, int] = {}
        order_id = stage.order_ids[0]

        def count(reading: Reading) -> int:
            detail = order_detail(reading, order_id)
            return len(detail.rows["comment"]) if detail else 0

        for number in range(1, 6):
            background.write(partial(comment, order_id=order_id))
            background.read(count, partial(seen.__setitem__, number))
        settle(lambda: len(seen) == 5)
        assert all(comments >= number for number, comments in seen.items())

    def test_a_refusal_goes_to_whoever_asked_and_changes_nothing(
        self, door: tuple[Background, Settle], complaints: list[CmmsError]
    ) -> None:
        background, settle = door
        told: list[CmmsError] = []
        background.write(refuse, refused=told.append)
        settle(lambda: bool(told))
        assert [each.sentence for each in told] == ["Not like this."]
        assert complaints == []

    def test_a_refusal_that_nobody_takes_is_shown_by_the_window(
        self, door: tuple[Background, Settle], complaints: list[CmmsError]
    ) -> None:
        background, settle = door
        background.run(lambda: refuse(None))
        settle(lambda: bool(complaints))
        assert [each.sentence for each in complaints] == ["Not like this."]

    def test_touched_rows_are_told(self, door: tuple[Background, Settle], stage: Stage) -> None:
        background, settle = door
        told: set[Any] = set()
        stop = background.on_touched(told.update)
        background.write(lambda write: remarks.add_comment(write, stage.order_ids[0], "Seen"))
        settle(lambda: any(entity == "comment" for entity, _ in told))
        assert any(entity == "comment" for entity, _ in told)
        stop()
        stop()

    def test_whoever_asked_hears_the_outcome_before_anybody_hears_of_the_rows(
        self, door: tuple[Background, Settle], stage: Stage
    ) -> None:
        background, settle = door
        heard: list[str] = []

        def write_and_dawdle() -> None:
            with stage.session.writing() as write:
                comment(write, order_id=stage.order_ids[0])
            time.sleep(0.05)  # a busy machine: the page could have shown the rows twice by now

        background.on_touched(lambda _: heard.append("rows"))
        background.run(write_and_dawdle, lambda _: heard.append("outcome"))
        settle(lambda: len(heard) == 2)
        assert heard == ["outcome", "rows"]

    def test_what_a_failing_piece_of_work_has_written_is_told_too(
        self, door: tuple[Background, Settle], stage: Stage
    ) -> None:
        background, settle = door
        heard: list[str] = []

        def write_and_fail() -> None:
            with stage.session.writing() as write:
                comment(write, order_id=stage.order_ids[0])
            refuse(None)

        background.on_touched(lambda _: heard.append("rows"))
        background.run(write_and_fail, refused=lambda problem: heard.append(problem.sentence))
        settle(lambda: len(heard) == 2)
        assert heard == ["Not like this.", "rows"]


def test_callbacks_run_in_the_gui_thread(stage: Stage, qtbot: QtBot) -> None:
    background = QtBackground(stage.session, complain=pytest.fail)
    threads: list[threading.Thread] = []
    background.read(lambda reading: None, lambda _: threads.append(threading.current_thread()))
    background.run(lambda: None, lambda _: threads.append(threading.current_thread()))
    qtbot.waitUntil(lambda: len(threads) == 2)
    assert set(threads) == {threading.main_thread()}
    background.close()


@pytest.mark.expects_warnings
def test_a_bug_is_logged_and_said_and_the_rest_goes_on(
    stage: Stage, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    complaints: list[CmmsError] = []
    background = QtBackground(stage.session, complain=complaints.append)
    found: list[int] = []
    background.run(lambda: 1 // 0, found.append)
    background.run(lambda: 7, found.append)
    qtbot.waitUntil(lambda: bool(complaints) and bool(found))
    assert found == [7]
    assert isinstance(complaints[0], Bug)
    assert complaints[0].sentence == UNEXPECTED
    assert "ZeroDivisionError" in caplog.text
    background.close()


@pytest.mark.expects_warnings
def test_whoever_waits_hears_of_a_bug_too_and_can_go_on(stage: Stage, qtbot: QtBot) -> None:
    complaints: list[CmmsError] = []
    told: list[CmmsError] = []
    background = QtBackground(stage.session, complain=complaints.append)
    background.write(lambda write: 1 // 0, refused=told.append)
    qtbot.waitUntil(lambda: bool(complaints) and bool(told))
    assert isinstance(told[0], Bug)
    background.close()


def test_photos_and_proofs_do_not_wait_behind_a_receiver(stage: Stage, qtbot: QtBot) -> None:
    background = QtBackground(stage.session, complain=pytest.fail)
    found, done = threading.Event(), []
    for _ in range(2):  # the sheet was closed and opened again: two searches are under way
        background.run(found.wait)
    background.run(lambda: "proved", done.append)
    qtbot.waitUntil(lambda: done == ["proved"])
    found.set()
    background.close()


def test_nothing_is_begun_after_the_end(stage: Stage, qtbot: QtBot) -> None:
    background = QtBackground(stage.session, complain=pytest.fail)
    background.close()
    background.write(partial(comment, order_id=stage.order_ids[0]))
    background.read(lambda reading: None, pytest.fail)
    background.run(lambda: None)
    background.keep(lambda: None)


def test_thousands_of_touched_rows_are_told_in_few_calls(stage: Stage, qtbot: QtBot) -> None:
    background = QtBackground(stage.session, complain=pytest.fail)
    calls: list[int] = []
    background.on_touched(lambda keys: calls.append(len(keys)))
    done: list[str] = []
    for number in range(200):
        background.write(lambda write, n=number: remarks.add_comment(write, stage.order_ids[0], f"{n}"), done.append)
    qtbot.waitUntil(lambda: len(done) == 200 and sum(calls) >= 200, timeout=60_000)
    assert len(calls) <= 40
    background.close()


def test_closing_finishes_the_writes_that_were_asked_for_and_brings_nothing_back(stage: Stage, qtbot: QtBot) -> None:
    background = QtBackground(stage.session, complain=pytest.fail)
    told: list[str] = []
    for number in range(20):
        background.write(lambda write, n=number: remarks.add_comment(write, stage.order_ids[0], f"{n}"), told.append)
    background.close()
    qtbot.wait(20)
    assert told == []
    with stage.session.reading() as reading:
        detail = order_detail(reading, stage.order_ids[0])
    assert detail is not None
    assert len(detail.rows["comment"]) == 20
