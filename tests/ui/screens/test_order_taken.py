"""An order that somebody else is on: told on its page and on its card, and in nobody's way."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from cmms_desktop.application.commands.visits import start_travel
from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.screens.my_day.view import MyDayPage
from cmms_desktop.ui.screens.order.view import OrderPage
from tests.ui.screens.day_pages import SMALL, WIDE, facts, open_order, press, primary_text, shown, stumbling_blocks
from tests.ui.screens.office_news import bring, edited
from tests.ui.stage import Stage, a_stage
from tests.unit.queries.test_taken import at, visit


@pytest.fixture
def order_id(stage: Stage) -> str:
    return stage.order_ids[0]


def notices(page: OrderPage) -> list[str]:
    return [notice.accessibleName() for notice in page.pane.tabs.summary.notices]


def taken(page: OrderPage) -> str:
    (only,) = [text for text in notices(page) if text.startswith("Taken by")]
    return only


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_who_is_on_an_order_is_told_before_anybody_sets_out(
    qtbot: QtBot, stage: Stage, order_id: str, size: tuple[int, int]
) -> None:
    bring(stage, visit(order_id))
    page = open_order(qtbot, stage, order_id, size=size)
    assert taken(page).startswith("Taken by Technician 2 at 06:28")
    assert "Seen at 06:58. Call before you set out." in taken(page)
    assert primary_text(page) == "Travel", "it is in nobody's way"
    assert stumbling_blocks(page) == []
    page.stop()


def test_it_appears_by_itself_and_goes_when_the_visit_ends(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page = open_order(qtbot, stage, order_id)
    assert not any(text.startswith("Taken") for text in notices(page))
    bring(stage, visit(order_id))
    assert taken(page)
    log_id = str(visit(order_id)[1]["id"])
    bring(stage, edited(stage, "work_log", log_id, ended_at=at(minutes=1)))
    assert not any(text.startswith("Taken") for text in notices(page))
    page.stop()


def test_a_second_taker_goes_on_and_is_told_that_he_is_the_second(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page = open_order(qtbot, stage, order_id)
    press(page.pane.footer.primary)
    assert facts(stage, order_id).visit is not None
    bring(stage, visit(order_id))
    assert taken(page).startswith("Taken by Technician 2 before you at 06:28")
    assert "Call before you go on. Two visits stay two visits; nothing is overwritten." in taken(page)
    page.stop()


def test_the_first_taker_is_told_that_somebody_came_as_well(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    with stage.session.writing() as write:
        start_travel(write, order_id)
    bring(
        stage,
        visit(order_id, travel_at=at(minutes=-1)),
        visit(order_id, login="technician3", number=901, travel_at=at(days=-1)),
    )
    page = open_order(qtbot, stage, order_id)
    assert taken(page).startswith("Taken by Technician 2 as well at 06:59")
    assert "Also taken by Technician 3, tomorrow 06:58" in taken(page)
    page.stop()


def test_the_card_of_the_day_says_it(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    bring(stage, visit(order_id))
    page = shown(qtbot, MyDayPage(stage.context, Place.of("my_day")), WIDE)
    row = next(each for each in page.list_pane.cards.model.rows() if str(each.id) == order_id)
    assert "Taken by Technician 2, 06:28" in row.said
    assert stumbling_blocks(page) == []
    page.stop()


def test_who_may_not_work_on_it_is_not_told_to_call(qtbot: QtBot, tmp_path: Path, stage: Stage) -> None:
    with a_stage(tmp_path / "second", "supervisor") as other:
        with other.replica.read() as reading:
            (order_id,) = reading.cursor.execute(
                "SELECT l.aggregate_id FROM work_log l JOIN work_order w ON w.id = l.aggregate_id"
                " WHERE l.ended_at IS NULL AND w.status = 'in_progress' LIMIT 1"
            ).fetchone()
        page = open_order(qtbot, other, order_id)
        assert not any(text.startswith("Taken") for text in notices(page))
        page.stop()
