"""The heartbeat of the benchmark notices who holds the GUI thread, and leaves out what it is told to leave out."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from tests.benchmarks.gui import BOUNDS, FIGURES, broken, compared, table
from tests.benchmarks.gui_rounds import Pairs
from tests.benchmarks.gui_window import pause
from tests.benchmarks.heartbeat import Heartbeat, phases_of

PLANTED_S = 0.08
LONG_S = 0.5


@pytest.fixture
def heart(qtbot: QtBot) -> Iterator[Heartbeat]:
    beating = Heartbeat()
    beating.start("before")
    yield beating
    beating.stop()


def hold(seconds: float) -> None:
    """Hold the GUI thread, as a slow slot would."""
    time.sleep(seconds)


def test_a_planted_stall_is_noticed_in_its_phase(heart: Heartbeat) -> None:
    pause(0.05)
    heart.enter("planted")
    QTimer.singleShot(10, lambda: hold(PLANTED_S))
    pause(0.3)
    heart.enter("after")
    pause(0.05)
    stalls = {name: stall_ms for name, (stall_ms, _) in phases_of(heart).items()}
    assert stalls["planted"] >= PLANTED_S * 1e3
    assert heart.stall_ms == pytest.approx(max(stalls.values()), abs=0.1)
    assert all(phase.beats > 0 for phase in heart.phases)


def test_sleeping_is_no_work_of_this_process(heart: Heartbeat) -> None:
    hold(PLANTED_S)
    pause(0.05)
    assert heart.busy_ms < heart.stall_ms


def test_what_is_left_out_does_not_count_but_what_is_counted_inside_does(heart: Heartbeat) -> None:
    with heart.leaving_out():
        hold(LONG_S)
    pause(0.05)
    assert heart.stall_ms < LONG_S * 1e3
    with heart.leaving_out():
        hold(LONG_S)
        with heart.counting(), heart.counting():
            hold(PLANTED_S)
        with heart.leaving_out():
            hold(LONG_S)
    pause(0.05)
    assert PLANTED_S * 1e3 <= heart.stall_ms < LONG_S * 1e3


def test_an_answer_has_every_figure_of_both_windows() -> None:
    ours = {"stall_ms": 40.0, "busy_ms": 30.0, "first_row_ms": 90.0, "memory_mb": 200.0}
    bare = {"stall_ms": 8.0, "first_row_ms": 15.0, "memory_mb": 60.0}
    found = {kind: Pairs([ours] * 3, [bare] * 3) for kind in ("day", "sync", "start")}
    answer = compared(found)
    assert set(answer) == set(FIGURES) >= {"day_stall_ms", "sync_stall_ms", "first_row_ms", "memory_mb"}
    for name, figure in answer.items():
        assert set(figure) == {"ours", "bare", "ratio"} | ({"bound"} if name in BOUNDS else set())
    assert answer["day_stall_ms"] == {"ours": 40.0, "bare": 8.0, "ratio": 5.0, "bound": 50.0}
    lines = table({**answer, "rows": 10, "rounds": 3, "machine": {"cores": 2}})
    assert len(lines) == len(FIGURES) + 3


def test_a_broken_bound_is_marked() -> None:
    slow, quick, bare = {"stall_ms": 50.1}, {"stall_ms": 49.9}, {"stall_ms": 8.0}
    answer = compared({"sync": Pairs([quick, slow, slow], [bare] * 3)})
    assert broken(answer) == ["sync_stall_ms"]
    marked = [line for line in table({**answer, "rows": 10, "rounds": 3, "machine": {}}) if "BROKEN" in line]
    assert len(marked) == 1
    assert broken(compared({"sync": Pairs([quick, quick, slow], [bare] * 3)})) == []
