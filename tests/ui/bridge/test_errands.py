"""Errands: slow things one after another, their answers in the GUI thread."""

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from cmms_desktop.errors import Bug, CmmsError, Refused
from cmms_desktop.ui.bridge.errands import Errands

GUARD_S = 60.0


@pytest.fixture
def complaints() -> list[CmmsError]:
    return []


@pytest.fixture
def errands(qtbot: QtBot, complaints: list[CmmsError]) -> Iterator[Errands]:
    made = Errands(complain=complaints.append)
    yield made
    made.close()


def test_an_answer_comes_back_into_the_gui_thread(errands: Errands, qtbot: QtBot) -> None:
    found: list[tuple[threading.Thread, threading.Thread]] = []
    errands.run(threading.current_thread, lambda there: found.append((there, threading.current_thread())))
    qtbot.waitUntil(lambda: bool(found))
    assert found[0][0] is not threading.main_thread()
    assert found[0][1] is threading.main_thread()


def test_errands_are_done_in_the_order_in_which_they_were_asked_for(errands: Errands, qtbot: QtBot) -> None:
    done: list[int] = []
    for number in range(20):
        errands.run(lambda number=number: done.append(number))  # type: ignore[misc] # the number of this errand
    ended: list[None] = []
    errands.run(lambda: None, ended.append)
    qtbot.waitUntil(lambda: bool(ended))
    assert done == list(range(20))


def test_a_refusal_goes_to_who_asked_or_else_to_everybody(
    errands: Errands, qtbot: QtBot, complaints: list[CmmsError]
) -> None:
    refusal, heard = Refused("no", "Not like this."), []

    def refuse() -> None:
        raise refusal

    errands.run(refuse, refused=heard.append)
    errands.later(refuse)
    qtbot.waitUntil(lambda: heard == [refusal] and complaints == [refusal])


@pytest.mark.expects_warnings
def test_something_unexpected_is_a_bug_with_a_sentence(
    errands: Errands, qtbot: QtBot, complaints: list[CmmsError]
) -> None:
    errands.later(lambda: {}["nothing"])
    qtbot.waitUntil(lambda: bool(complaints))
    assert isinstance(complaints[0], Bug)


def test_closing_waits_for_what_was_asked_for_and_tells_nothing(errands: Errands, qtbot: QtBot) -> None:
    going_on, done, told = threading.Event(), [], []

    def slow() -> None:
        assert going_on.wait(GUARD_S)
        done.append("slow")

    errands.run(slow, told.append)
    errands.run(lambda: done.append("behind it"), told.append)
    threading.Timer(0.05, going_on.set).start()
    errands.close()
    errands.run(lambda: done.append("too late"))
    qtbot.wait(20)
    assert done == ["slow", "behind it"]
    assert told == []
