"""Parts of an order: found by word or scan, taken from where they lie, put back; movements are posted, never totals."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.screens.order.view import OrderPage
from cmms_desktop.ui.theme import theme
from tests.ui.screens.day_pages import SMALL, WIDE, open_order, press, rows, stumbling_blocks, tab_of
from tests.ui.screens.signing_work import complete
from tests.ui.screens.slow_reader import SlowReader
from tests.ui.stage import Stage


@pytest.fixture
def order_id(stage: Stage) -> str:
    """An order with a planned part: one metre of cable, of which the van has three."""
    return stage.order_ids[1]


def open_parts(qtbot: QtBot, stage: Stage, order_id: str, size: tuple[int, int] = WIDE) -> tuple[OrderPage, Any]:
    page = open_order(qtbot, stage, order_id, "parts", size=size)
    return page, tab_of(page, "parts")


def postings(stage: Stage, order_id: str) -> list[tuple[str, str, str]]:
    """Kind, code and quantity of what was posted."""
    found = rows(
        stage,
        "SELECT m.kind, p.code, m.quantity FROM stock_movement m JOIN part p ON p.id = m.part_id"
        " WHERE m.aggregate_id = ? ORDER BY m.moved_at, m.id",
        order_id,
    )
    return [(kind, code, f"{Decimal(quantity).normalize():f}") for kind, code, quantity in found]


def type_quantity(qtbot: QtBot, tab: Any, text: str) -> None:
    """Type a number over the one that is there, and go on."""
    tab.window().activateWindow()
    tab.form.quantity.edit.setFocus()
    qtbot.waitUntil(tab.form.quantity.edit.hasFocus)
    tab.form.quantity.edit.selectAll()
    QTest.keyClick(tab.form.quantity.edit, Qt.Key.Key_Delete)
    QTest.keyClicks(tab.form.quantity.edit, text)
    QTest.keyClick(tab.form.quantity.edit, Qt.Key.Key_Tab)


@pytest.mark.smoke
def test_a_planned_part_is_used_from_the_van_with_two_presses(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page, tab = open_parts(qtbot, stage, order_id)
    press(tab.planned.rows.widgets()[0].button)
    assert tab.form.act_button.text() == "Use 1 m"
    press(tab.form.act_button)
    assert postings(stage, order_id) == [("usage", "P-0055", "-1")]
    assert tab.form.isHidden()
    assert tab.used.rows.widgets()[0].accessible_text == "Cable, size 5 P-0055, 1 m"
    page.stop()


def test_the_toast_takes_a_used_part_back(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page, tab = open_parts(qtbot, stage, order_id)
    press(tab.planned.rows.widgets()[0].button)
    press(tab.form.act_button)
    assert stage.navigator.toasts == ["Used 1 m Cable, size 5 P-0055"]
    assert stage.navigator.undo is not None
    stage.navigator.undo()
    assert postings(stage, order_id)[-1] == ("return", "P-0055", "1")
    assert not tab.used.rows.widgets()
    page.stop()


def test_a_part_is_found_by_a_word_and_taken_in_the_quantity_that_is_set(
    qtbot: QtBot, stage: Stage, order_id: str
) -> None:
    page, tab = open_parts(qtbot, stage, order_id)
    press(tab.add_button)
    QTest.keyClicks(tab.finder.field.line, "filter p-0013")
    qtbot.waitUntil(lambda: len(tab.finder.results.widgets()) == 1)
    QTest.keyClick(tab.finder.field.line, Qt.Key.Key_Return)
    press(tab.form.quantity.plus)
    press(tab.form.quantity.plus)
    assert tab.form.act_button.text() == "Use 3 pieces"
    press(tab.form.act_button)
    assert postings(stage, order_id) == [("usage", "P-0013", "-3")]
    page.stop()


def test_without_a_word_the_finder_shows_what_the_van_holds(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page, tab = open_parts(qtbot, stage, order_id)
    press(tab.add_button)
    assert len(tab.finder.results.widgets()) == 8
    assert all("Van of Technician 1" in line.accessibleName() for line in tab.finder.results.widgets())
    assert page.step_back()
    assert tab.finder.isHidden()
    page.stop()


def test_a_scanned_part_opens_its_form_and_another_label_goes_to_the_order(
    qtbot: QtBot, stage: Stage, order_id: str
) -> None:
    page, tab = open_parts(qtbot, stage, order_id)
    assert page.take_scan("P-0013")
    assert tab.form.act_button.text() == "Use 1 piece"
    page.step_back()
    assert page.take_scan("N-SENSOR-044")
    assert stage.navigator.toasts == ["Asset confirmed: Sensor N44"]
    page.stop()


def test_a_part_that_is_scanned_while_the_page_is_still_being_read_opens_its_form(
    qtbot: QtBot, stage: Stage, order_id: str
) -> None:
    background = SlowReader(stage.session)
    page = open_order(qtbot, stage, order_id, context=replace(stage.context, background=background))
    background.is_slow = True
    press(page.pane.header.tabs.button("parts"))
    assert page.take_scan("P-0013")
    background.answer_newest_first()
    assert tab_of(page, "parts").form.act_button.text() == "Use 1 piece"
    assert not page.pane.question.isVisible()
    page.stop()


def test_more_than_lies_there_may_be_taken_and_asks_for_more(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page, tab = open_parts(qtbot, stage, order_id)
    page.take_scan("P-0013")
    type_quantity(qtbot, tab, "30")
    assert tab.form.hint == "Van of Technician 1 has too few. The office gets a part request."
    press(tab.form.act_button)
    assert postings(stage, order_id) == [("usage", "P-0013", "-30")]
    assert [line.accessible_text for line in tab.requests.rows.widgets()] == [
        "Filter cartridge, size 2 P-0013, 26 pieces"
    ]
    page.stop()


def test_a_part_is_put_back_to_where_it_came_from_but_not_more_of_it(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page, tab = open_parts(qtbot, stage, order_id)
    page.take_scan("P-0013")
    press(tab.form.quantity.plus)
    press(tab.form.act_button)
    press(tab.used.rows.widgets()[0].button)
    assert tab.form.act_button.text() == "Put back 2 pieces"
    press(tab.form.quantity.plus)
    press(tab.form.act_button)
    assert tab.form.refusal == "Only 2 of it was used here."
    press(tab.form.quantity.minus)
    press(tab.form.quantity.minus)
    press(tab.form.act_button)
    assert postings(stage, order_id)[-1] == ("return", "P-0013", "1")
    page.stop()


@pytest.mark.parametrize(
    ("typed", "sentence"), [("", "Enter how many."), ("0", "The quantity must be more than nothing.")]
)
def test_nothing_is_posted_without_a_quantity(
    qtbot: QtBot, stage: Stage, order_id: str, typed: str, sentence: str
) -> None:
    page, tab = open_parts(qtbot, stage, order_id)
    page.take_scan("P-0013")
    type_quantity(qtbot, tab, typed)
    press(tab.form.act_button)
    assert (tab.form.refusal, postings(stage, order_id)) == (sentence, [])
    page.stop()


def test_a_half_entered_part_is_there_after_a_restart(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    first, tab = open_parts(qtbot, stage, order_id)
    first.take_scan("P-0013")
    press(tab.form.quantity.plus)
    press(tab.form.places.button(tab.form.place_ids[-1]))
    first.stop()
    page, tab = open_parts(qtbot, stage, order_id)
    assert tab.form.act_button.text() == "Use 2 pieces"
    press(tab.form.act_button)
    (found,) = rows(
        stage,
        "SELECT l.kind FROM stock_movement m JOIN stock_location l ON l.id = m.stock_location_id"
        " WHERE m.aggregate_id = ?",
        order_id,
    )
    assert found == ("store",)
    page.stop()


def test_a_quantity_is_kept_at_each_key(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page, tab = open_parts(qtbot, stage, order_id)
    page.take_scan("P-0013")
    tab.form.quantity.edit.setFocus()
    tab.form.quantity.edit.selectAll()
    QTest.keyClicks(tab.form.quantity.edit, "12")
    assert '"quantity":"12"' in stage.session.notes()[f"part:{order_id}"]
    assert tab.form.act_button.text() == "Use 12 pieces"
    page.stop()


def test_enter_posts_the_number_that_was_just_typed(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page, tab = open_parts(qtbot, stage, order_id)
    page.take_scan("P-0013")
    tab.form.quantity.edit.setFocus()
    tab.form.quantity.edit.selectAll()
    QTest.keyClicks(tab.form.quantity.edit, "4")
    QTest.keyClick(tab.form.quantity.edit, Qt.Key.Key_Return)
    assert postings(stage, order_id) == [("usage", "P-0013", "-4")]
    page.stop()


def test_a_double_press_posts_once(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page, tab = open_parts(qtbot, stage, order_id)
    page.take_scan("P-0013")
    button = tab.form.act_button
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    QTest.mouseDClick(button, Qt.MouseButton.LeftButton)
    assert len(postings(stage, order_id)) == 1
    page.stop()


def test_a_signed_order_takes_no_parts(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    complete(stage, order_id)
    page, tab = open_parts(qtbot, stage, order_id)
    assert not tab.add_button.isVisible()
    assert not any(line.button.isVisible() for line in (*tab.planned.rows.widgets(), *tab.used.rows.widgets()))
    assert page.take_scan("P-0013")
    assert tab.form.isHidden()
    page.stop()


@pytest.mark.parametrize("size", [WIDE, SMALL])
@pytest.mark.parametrize("look", [("light", "normal"), ("sunlight", "largest")])
def test_everything_can_be_hit_read_and_heard(
    qtbot: QtBot, stage: Stage, order_id: str, size: tuple[int, int], look: tuple[str, str]
) -> None:
    theme().use(name=look[0], font_setting=look[1])
    page, _ = open_parts(qtbot, stage, order_id, size)
    page.take_scan("P-0013")
    assert stumbling_blocks(page) == []
    page.stop()
