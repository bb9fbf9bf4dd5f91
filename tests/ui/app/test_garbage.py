"""Garbage is found in the GUI thread alone, and the collector is left as it was found."""

import gc
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cmms_desktop.app.garbage import YOUNG, GarbageTurns
from cmms_desktop.app.window import OpenWindow


class Found:
    """Says in which thread it died."""

    died_in: list[str]

    def __init__(self, died_in: list[str]) -> None:
        self.died_in = died_in
        self.itself = self

    def __del__(self) -> None:
        self.died_in.append(threading.current_thread().name)


@pytest.fixture
def turns(qtbot: QtBot) -> Iterator[GarbageTurns]:
    gc.enable()  # as a program begins
    taking = GarbageTurns()
    yield taking
    taking.close()
    assert gc.get_freeze_count() == 0, "tests that follow look at all that is left"


def test_a_circle_made_in_another_thread_dies_in_the_gui_thread(turns: GarbageTurns, qtbot: QtBot) -> None:
    died_in: list[str] = []

    def make_garbage() -> None:
        for _ in range(20 * YOUNG):
            [[]].append([[]])
        Found(died_in)

    maker = threading.Thread(target=make_garbage, name="other")
    maker.start()
    maker.join()
    assert died_in == []
    kept: list[list[None]] = []

    def is_found() -> bool:
        kept.extend([] for _ in range(2 * YOUNG))  # enough to be worth a look, whatever is let go of meanwhile
        return bool(died_in)

    qtbot.waitUntil(is_found)
    assert died_in == [threading.main_thread().name]


def test_what_was_there_before_is_not_looked_at(turns: GarbageTurns) -> None:
    assert gc.get_freeze_count() > YOUNG
    assert not gc.isenabled()


def test_the_collector_is_off_before_a_window_is_made_and_when_it_is_closed(qtbot: QtBot, tmp_path: Path) -> None:
    is_on = []

    def make_band() -> QWidget:
        is_on.append(gc.isenabled())
        return QWidget()

    gc.enable()  # as a program begins
    opened = OpenWindow(tmp_path, make_band=make_band)
    opened.errands.later(lambda: is_on.append(gc.isenabled()))
    opened.close()
    opened.close()
    is_on.append(gc.isenabled())
    opened.window.deleteLater()
    assert is_on == [False, False, False]


def test_what_a_closed_window_left_does_not_die_in_another_thread(turns: GarbageTurns) -> None:
    died_in: list[str] = []
    left = Found(died_in)
    gc.freeze()  # as after each import while a window is open
    del left
    turns.close()

    maker = threading.Thread(target=lambda: [[[]] for _ in range(100 * YOUNG)], name="other")
    maker.start()
    maker.join()
    assert died_in == []
    gc.collect()
    assert died_in == [threading.main_thread().name]
