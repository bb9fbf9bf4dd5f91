"""An order about several assets: they are told, a scan of each is right, and another one is added in passing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from cmms_desktop.application.commands import checklists
from cmms_desktop.application.queries.checklist_page import checklist_page
from cmms_desktop.application.queries.order_list import OrderFilter, all_orders
from cmms_desktop.application.queries.readiness import readiness
from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.screens.order.view import OrderPage
from tests.ui.screens.day_pages import SMALL, WIDE, facts, open_order, press, rows, stumbling_blocks
from tests.ui.screens.office_news import bring, edited
from tests.ui.stage import Stage, a_stage

FURTHER = "SELECT asset_id FROM work_order_asset WHERE aggregate_id = ? AND deleted_at IS NULL ORDER BY created_at"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with a_stage(tmp_path / "first") as made:
        yield made


@pytest.fixture
def order_id(stage: Stage) -> str:
    """The order of the day that is about a second asset."""
    (found,) = rows(stage, "SELECT aggregate_id FROM work_order_asset WHERE aggregate_id = ?", stage.order_ids[1])
    return str(found[0])


def label_of(stage: Stage, asset_id: str) -> tuple[str, str]:
    ((code, name),) = rows(stage, "SELECT code, name FROM asset WHERE id = ?", asset_id)
    return str(code), str(name)


def told(page: OrderPage) -> list[str]:
    return [line._words.text() for line in page.pane.tabs.summary.assets]


@pytest.mark.smoke
def test_the_further_asset_is_told_with_what_is_to_be_done_there_and_leads_to_its_card(
    qtbot: QtBot, stage: Stage, order_id: str
) -> None:
    ((asset_id,),) = rows(stage, FURTHER, order_id)
    code, name = label_of(stage, asset_id)
    page = open_order(qtbot, stage, order_id)
    assert told(page) == [f"{code} {name}: Look at it in passing."]
    assert facts(stage, order_id).asset_code == "N-SENSOR-044", "the order's own is not touched"
    press(page.pane.tabs.summary.assets[0]._open)
    assert stage.navigator.places[-1] == Place.of("assets", asset_id=asset_id)
    page.stop()


def test_the_label_of_a_further_asset_is_confirmed_in_passing(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    ((asset_id,),) = rows(stage, FURTHER, order_id)
    code, name = label_of(stage, asset_id)
    page = open_order(qtbot, stage, order_id)
    assert page.take_scan(code)
    assert stage.navigator.toasts == [f"Asset confirmed: {name}"]
    assert not page.pane.question.isVisible()
    page.stop()


def test_another_asset_is_added_beside_the_order_s_own_and_only_once(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    before = len(rows(stage, FURTHER, order_id))
    page = open_order(qtbot, stage, order_id)
    page.take_scan("N-PANEL-009")
    press(page.pane.question.add_button)
    assert any(words.startswith("N-PANEL-009") for words in told(page))
    assert facts(stage, order_id).asset_code == "N-SENSOR-044"
    page.take_scan("N-PANEL-009")
    assert not page.pane.question.isVisible(), "it is on the order now"
    assert len(rows(stage, FURTHER, order_id)) == before + 1
    page.stop()


def test_an_unknown_code_cannot_be_added_as_an_asset(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page = open_order(qtbot, stage, order_id)
    page.take_scan("PLATE-77")
    assert page.pane.question.keep_button.isVisible()
    assert not page.pane.question.add_button.isVisible()
    page.stop()


def test_a_failed_item_of_a_list_about_one_asset_is_followed_up_there(stage: Stage, order_id: str) -> None:
    ((asset_id,),) = rows(stage, FURTHER, order_id)
    ((list_id,),) = rows(stage, "SELECT id FROM checklist WHERE aggregate_id = ? LIMIT 1", order_id)
    ((item_id,),) = rows(
        stage, "SELECT id FROM checklist_item WHERE checklist_id = ? AND kind = 'pass_fail' LIMIT 1", list_id
    )
    bring(stage, edited(stage, "checklist", str(list_id), asset_id=asset_id))
    with stage.session.writing() as write:
        checklists.complete_checklist_item(write, item_id, result="fail", note="It drips.")
        follow_up = checklists.follow_up(write, item_id)
    assert facts(stage, follow_up).asset_id == asset_id


def test_a_list_about_one_asset_says_which(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    ((asset_id,),) = rows(stage, FURTHER, order_id)
    ((list_id, name),) = rows(stage, "SELECT id, name FROM checklist WHERE aggregate_id = ? LIMIT 1", order_id)
    bring(stage, edited(stage, "checklist", str(list_id), asset_id=asset_id))
    with stage.session.reading() as reading:
        page = checklist_page(reading, order_id)
    assert page is not None
    assert page.checklists[0].name == f"{name}: {' '.join(label_of(stage, asset_id))}"
    assert {section.checklist for section in page.sections if section.checklist_id == list_id} == {
        page.checklists[0].name
    }


def test_an_order_is_not_ready_while_a_further_asset_is_missing(stage: Stage, order_id: str) -> None:
    with stage.session.reading() as reading:
        assert readiness(reading, (order_id,)).missing == ()
    ((row_id,),) = rows(stage, "SELECT id FROM work_order_asset WHERE aggregate_id = ?", order_id)
    nowhere = "00000000-0000-4000-8000-00000000beef"
    bring(stage, edited(stage, "work_order_asset", str(row_id), asset_id=nowhere))
    with stage.session.reading() as reading:
        lacking = readiness(reading, (order_id,)).missing
    assert [each.kind for each in lacking] == ["asset"]


def test_the_orders_of_an_asset_are_those_that_name_it_beside_another_too(stage: Stage, order_id: str) -> None:
    ((asset_id,),) = rows(stage, FURTHER, order_id)
    with stage.session.reading() as reading:
        found = all_orders(reading, OrderFilter(asset_id=asset_id))
    assert order_id in [row.id for row in found]


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
def test_the_question_about_another_asset_fits_and_can_be_pressed(
    qtbot: QtBot, stage: Stage, order_id: str, size: tuple[int, int]
) -> None:
    page = open_order(qtbot, stage, order_id, size=size)
    page.take_scan("N-PANEL-009")
    assert page.pane.question.add_button.isVisible()
    assert stumbling_blocks(page) == []
    page.stop()
