"""Garbage is found in the GUI thread alone, and the collector is left as it was found."""

import gc
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
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
    gc.enable()  # as it is where nobody has taken over
    gc.enable()
    taking = GarbageTurns()
    yield taking
    taking.close()
    assert gc.isenabled()
    gc.disable()
    assert gc.get_freeze_count() == 0


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


@pytest.fixture
def window(tmp_path: Path, qtbot: QtBot) -> Iterator[OpenWindow]:
    gc.enable()  # as a program begins
    opened = OpenWindow(tmp_path)
    yield opened
    opened.close()
    opened.window.deleteLater()
    gc.disable()


def test_a_window_takes_over_before_anything_happens_beside_it(window: OpenWindow) -> None:
    assert not gc.isenabled()


def test_what_a_window_leaves_dies_in_the_gui_thread_before_others_may_look(window: OpenWindow) -> None:
    died_in: list[str] = []
    Found(died_in)
    window.close()

    assert died_in == [threading.main_thread().name]
    assert gc.isenabled()
    window.close()
    assert gc.isenabled(), "twice is fine"
