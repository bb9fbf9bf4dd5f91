"""What is on record of an order: visits with their evidence and both times, and one timeline of everything."""

from datetime import timedelta

import pytest
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from cmms_desktop.application.commands import visits
from cmms_desktop.application.queries.visits import visit_lines
from cmms_desktop.ui.screens.order_visits.presenter import NOT_RECEIVED, visits_state
from cmms_desktop.ui.theme import theme
from tests.ui.screens.day_pages import SMALL, WIDE, open_order, stumbling_blocks, tab_of
from tests.ui.screens.signing_work import arrive, complete, do_work
from tests.ui.stage import MORNING, Stage


@pytest.fixture
def order_id(stage: Stage) -> str:
    return stage.order_ids[1]


def test_a_visit_says_how_long_each_step_took(stage: Stage, order_id: str) -> None:
    do_work(stage, order_id)
    with stage.session.reading() as reading:
        lines = visit_lines(reading, order_id)
    state = visits_state(lines, planned_minutes=45, now=MORNING + timedelta(hours=3))
    assert dict(state.totals) == {"Planned time": "45 min", "Travel": "18 min", "Work": "1 h 22 min", "Visits": "1"}
    (visit,) = state.visits
    assert visit.title == "Today · Technician 1"
    assert visit.facts[0] == ("Travel", "18 min, 06:58–07:16")


def test_the_evidence_of_an_arrival_is_shown_as_it_was_recorded(stage: Stage, order_id: str) -> None:
    arrive(stage, order_id, outside=True)
    with stage.session.reading() as reading:
        state = visits_state(visit_lines(reading, order_id), planned_minutes=None, now=MORNING + timedelta(hours=1))
    event = state.visits[0].events[1]
    assert [badge.text for badge in event.badges] == ["Outside, 540 m"]
    assert event.detail == "± 4 m, 2 s old, Recorded positions “Parked away from the site.”"
    assert (event.device_time[:5], event.received) == ("07:16", NOT_RECEIVED)


def test_work_under_way_counts_up_to_now(stage: Stage, order_id: str) -> None:
    arrive(stage, order_id)
    with stage.session.reading() as reading:
        lines = visit_lines(reading, order_id)
    state = visits_state(lines, planned_minutes=None, now=MORNING + timedelta(minutes=60))
    assert dict(state.totals)["Work"] == "41 min"


def test_visits_appear_as_they_happen(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page = open_order(qtbot, stage, order_id, "time")
    tab = tab_of(page, "time")
    assert not tab.visits
    log_id = arrive(stage, order_id)
    assert len(tab.visits[0].events) == 3
    with stage.session.writing() as write:
        visits.pause_work(write, log_id, reason="Waiting for a part")
    assert tab.visits[0].events[-1].accessibleName().endswith("“Waiting for a part”")
    page.stop()


@pytest.mark.smoke
def test_the_timeline_tells_everything_in_order_under_its_day(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    complete(stage, order_id)
    page = open_order(qtbot, stage, order_id, "history")
    tab = tab_of(page, "history")
    QAbstractItemModelTester(tab.model, QAbstractItemModelTester.FailureReportingMode.Fatal, tab)
    said = [row.text if hasattr(row, "title") else row.face.event for row in tab.model.rows()]
    assert said[:2] == ["9 March", "Reported by Planner"]
    today = said[said.index("Today") :]
    assert today[1:4] == ["Travel started", "Arrived", "Work started"]
    assert {"Signed: performed", "Customer accepted", "Left", "Completed"} <= set(today)
    page.stop()


def test_a_line_of_the_timeline_is_read_as_one_sentence(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    arrive(stage, order_id, outside=True)
    page = open_order(qtbot, stage, order_id, "history")
    rows = [row for row in tab_of(page, "history").model.rows() if not hasattr(row, "title")]
    arrived = next(row for row in rows if row.face.event.startswith("Arrived"))
    assert arrived.said == (
        "Arrived, outside the fence, 540 m away: “Parked away from the site.”, Technician 1, device 07:16, not sent yet"
    )
    page.stop()


@pytest.mark.parametrize("tab", ["time", "history"])
@pytest.mark.parametrize("size", [WIDE, SMALL])
@pytest.mark.parametrize("look", [("light", "normal"), ("sunlight", "largest")])
def test_everything_can_be_hit_read_and_heard(
    qtbot: QtBot, stage: Stage, order_id: str, tab: str, size: tuple[int, int], look: tuple[str, str]
) -> None:
    complete(stage, order_id)
    theme().use(name=look[0], font_setting=look[1])
    page = open_order(qtbot, stage, order_id, tab, size=size)
    assert stumbling_blocks(page) == []
    page.stop()
