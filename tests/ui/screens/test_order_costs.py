"""Entering what an order cost, seeing it under the visits, and taking a wrong line back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cmms_desktop.application.queries.changes import changes
from cmms_desktop.ui.screens.order.view import OrderPage
from cmms_desktop.ui.text.change_words import change_words
from tests.ui.screens.day_pages import (
    SMALL,
    WIDE,
    choose_more,
    open_order,
    press,
    rows,
    stumbling_blocks,
    tab_of,
)
from tests.ui.stage import Stage, a_stage

COSTS = """SELECT kind, amount_minor, currency, note FROM work_order_cost
WHERE work_order_id = ? AND deleted_at IS NULL ORDER BY created_at"""


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with a_stage(tmp_path / "first") as made:
        yield made


def enter(page: OrderPage, amount: str, *, note: str = "") -> None:
    choose_more(page, "Enter a cost")
    form = page.pane.sheet_content
    QTest.keyClicks(form.amount.line, amount)
    QTest.keyClicks(form.note.line, note)
    press(page.primary() or page)


@pytest.mark.smoke
def test_a_cost_is_entered_shown_and_taken_back(qtbot: QtBot, stage: Stage) -> None:
    page = open_order(qtbot, stage, stage.order_ids[0], "time")
    enter(page, "12,50", note="Parking")
    assert rows(stage, COSTS, stage.order_ids[0]) == [("travel", 1250, "EUR", "Parking")]
    (line,) = tab_of(page, "time").costs.lines
    assert (line.text.text(), line.amount.text()) == ("Travel: Parking", "12.50 EUR")
    press(line.back_button)
    assert rows(stage, COSTS, stage.order_ids[0]) == []
    assert not tab_of(page, "time").costs.isVisible()
    page.stop()


def test_a_cost_that_waits_to_be_sent_is_called_by_its_order(qtbot: QtBot, stage: Stage) -> None:
    page = open_order(qtbot, stage, stage.order_ids[0])
    enter(page, "12,50")
    ((number,),) = rows(stage, "SELECT number FROM work_order WHERE id = ?", stage.order_ids[0])
    with stage.session.reading() as reading:
        said = [change_words(each) for each in changes(reading, ("pending",)) if each.entity == "work_order_cost"]
    assert said == [f"Cost of {number}"]
    page.stop()


def test_an_amount_that_makes_no_sense_is_said_and_kept(qtbot: QtBot, stage: Stage) -> None:
    page = open_order(qtbot, stage, stage.order_ids[0])
    enter(page, "12.345")
    form = page.pane.sheet_content
    assert form.amount.error == "An amount in EUR has 2 digits behind the point."
    assert form.amount.text() == "12.345"
    assert rows(stage, COSTS, stage.order_ids[0]) == []
    page.stop()


def test_what_was_half_entered_is_there_again(qtbot: QtBot, stage: Stage) -> None:
    first = open_order(qtbot, stage, stage.order_ids[0])
    choose_more(first, "Enter a cost")
    QTest.keyClicks(first.pane.sheet_content.amount.line, "7")
    first.stop()
    page = open_order(qtbot, stage, stage.order_ids[0])
    assert page.pane.sheet_content.amount.text() == "7"
    press(page.primary() or page)
    assert [row[1] for row in rows(stage, COSTS, stage.order_ids[0])] == [700]
    assert stage.context.drafts.get(f"cost:{stage.order_ids[0]}") is None
    page.stop()


def test_the_next_cost_is_in_the_currency_of_the_last_one(qtbot: QtBot, stage: Stage) -> None:
    page = open_order(qtbot, stage, stage.order_ids[0])
    choose_more(page, "Enter a cost")
    form = page.pane.sheet_content
    form.currency.set_text("")
    QTest.keyClicks(form.currency.line, "chf")
    QTest.keyClicks(form.amount.line, "3")
    press(page.primary() or page)
    choose_more(page, "Enter a cost")
    assert page.pane.sheet_content.currency.text() == "CHF"
    page.stop()


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
def test_the_form_and_the_lines_fit_their_page(qtbot: QtBot, stage: Stage, size: tuple[int, int]) -> None:
    page = open_order(qtbot, stage, stage.order_ids[0], "time", size=size)
    choose_more(page, "Enter a cost")
    assert stumbling_blocks(page) == []
    QTest.keyClicks(page.pane.sheet_content.amount.line, "12")
    press(page.primary() or page)
    assert tab_of(page, "time").costs.isVisible()
    assert stumbling_blocks(page) == []
    page.stop()
