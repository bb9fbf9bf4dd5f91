"""Signals and exceptions around the window: heard in the GUI thread, told as a sentence, and nothing ends by itself."""

import os
import signal
import sys
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from cmms_desktop.app.process import TURN_S, LastResort, ShortTurns, SignalWatch
from cmms_desktop.errors import Bug, CmmsError, Refused
from cmms_desktop.ui.bridge.background import UNEXPECTED

SIGNALS = pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signals to itself")


@SIGNALS
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_heard_while_qts_loop_sleeps(qtbot: QtBot, number: signal.Signals) -> None:
    before = signal.getsignal(number)
    watch = SignalWatch()
    try:
        with qtbot.waitSignal(watch.heard, timeout=60_000):
            QTimer.singleShot(0, lambda: os.kill(os.getpid(), number))
    finally:
        watch.close()
    assert signal.getsignal(number) is before


@pytest.fixture
def told(qtbot: QtBot) -> Iterator[list[CmmsError]]:
    heard: list[CmmsError] = []
    before = sys.excepthook, threading.excepthook
    last_resort = LastResort(heard.append)
    yield heard
    last_resort.close()
    assert (sys.excepthook, threading.excepthook) == before


@pytest.mark.expects_warnings
def test_what_nobody_caught_becomes_a_sentence(
    told: list[CmmsError], qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    try:
        raise ZeroDivisionError("the cause")
    except ZeroDivisionError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    qtbot.waitUntil(lambda: bool(told))
    assert isinstance(told[0], Bug)
    assert told[0].sentence == UNEXPECTED
    assert "the cause" in caplog.text


@pytest.mark.expects_warnings
def test_what_nobody_caught_in_a_thread_is_told_as_well(told: list[CmmsError], qtbot: QtBot) -> None:
    def fail() -> None:
        raise Refused("no", "Not like this.")

    threading.Thread(target=fail).start()
    qtbot.waitUntil(lambda: bool(told))
    assert told[0].sentence == "Not like this."


def test_turns_are_short_while_the_window_is_open_and_then_as_before() -> None:
    before = sys.getswitchinterval()
    turns = ShortTurns()
    assert sys.getswitchinterval() == pytest.approx(TURN_S)
    turns.close()
    assert sys.getswitchinterval() == pytest.approx(before)
