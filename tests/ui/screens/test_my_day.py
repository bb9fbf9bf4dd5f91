"""My day: the orders in route order, one chosen beside the list, filtered, and whether all can be done offline."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cmms_desktop.errors import CmmsError
from cmms_desktop.ui.bridge.background import QtBackground
from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.screens.my_day.view import MyDayPage
from cmms_desktop.ui.text.faces import EventRow
from cmms_desktop.ui.text.order_words import NO_CARD_OF
from cmms_desktop.ui.theme import theme
from sync_server.contract.fields import Row
from tests.support.server_side import a_row, new_id
from tests.ui.screens.day_pages import (
    SMALL,
    WIDE,
    facts,
    press,
    press_row,
    primary_text,
    shown,
    stumbling_blocks,
)
from tests.ui.screens.office_news import bring, conflict, edited
from tests.ui.screens.signing_work import arrive, complete
from tests.ui.stage import Stage


def open_day(qtbot: QtBot, stage: Stage, *, size: tuple[int, int] = WIDE, **values: str) -> MyDayPage:
    return shown(qtbot, MyDayPage(stage.context, Place.of("my_day", **values)), size)


def ids(page: MyDayPage) -> list[str]:
    """Orders of the list, without headings."""
    return [str(row.id) for row in page.list_pane.cards.model.rows() if not str(row.id).startswith("section:")]


def headings(page: MyDayPage) -> list[str]:
    return [row.text for row in page.list_pane.cards.model.rows() if str(row.id).startswith("section:")]


def test_the_orders_of_the_day_stand_in_route_order_with_the_first_one_beside(qtbot: QtBot, stage: Stage) -> None:
    page = open_day(qtbot, stage)
    assert tuple(ids(page)) == stage.order_ids
    assert headings(page) == ["Next, in route order"]
    assert page.pane.order_id == stage.order_ids[0]
    assert primary_text(page) == "Travel"
    page.stop()


def test_what_is_done_today_moves_to_the_end_with_a_check(qtbot: QtBot, stage: Stage) -> None:
    page = open_day(qtbot, stage)
    complete(stage, stage.order_ids[0])
    assert ids(page)[-1] == stage.order_ids[0]
    assert headings(page) == ["Next, in route order", "Done today, 1"]
    assert page.list_pane.cards.model.rows()[-1].face.is_done
    page.stop()


@pytest.mark.smoke
def test_arrows_choose_enter_opens_and_home_and_end_pass_headings_by(qtbot: QtBot, stage: Stage) -> None:
    complete(stage, stage.order_ids[3])
    page = open_day(qtbot, stage)
    view = page.list_pane.cards.view
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert page.pane.order_id == stage.order_ids[1]
    QTest.keyClick(view, Qt.Key.Key_End)
    assert page.pane.order_id == stage.order_ids[3]
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert page.pane.order_id == stage.order_ids[0]
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert stage.navigator.places == [Place.of("order", order_id=stage.order_ids[0])]
    page.stop()


def test_a_press_chooses_and_a_double_press_opens_beside_a_detail(qtbot: QtBot, stage: Stage) -> None:
    page = open_day(qtbot, stage)
    press_row(page.list_pane.cards.view, 2)
    assert page.pane.order_id == stage.order_ids[1]
    assert not stage.navigator.places
    press_row(page.list_pane.cards.view, 2, times=2)
    assert stage.navigator.places == [Place.of("order", order_id=stage.order_ids[1])]
    page.stop()


def test_a_press_opens_where_the_list_is_alone(qtbot: QtBot, stage: Stage) -> None:
    page = open_day(qtbot, stage, size=SMALL)
    assert page.primary() is None
    press_row(page.list_pane.cards.view, 1)
    assert stage.navigator.places == [Place.of("order", order_id=stage.order_ids[1])]
    page.stop()


def test_the_chosen_order_is_chosen_again_after_a_restart(qtbot: QtBot, stage: Stage) -> None:
    first = open_day(qtbot, stage)
    QTest.keyClick(first.list_pane.cards.view, Qt.Key.Key_Down)
    QTest.keyClick(first.list_pane.cards.view, Qt.Key.Key_Down)
    first.stop()
    page = open_day(qtbot, stage)
    assert page.pane.order_id == stage.order_ids[2]
    page.stop()


def test_a_place_says_which_order_is_chosen(qtbot: QtBot, stage: Stage) -> None:
    page = open_day(qtbot, stage, order_id=stage.order_ids[4])
    assert page.pane.order_id == stage.order_ids[4]
    page.stop()


def test_news_keep_the_choice_and_the_scroll_position(qtbot: QtBot, stage: Stage) -> None:
    page = open_day(qtbot, stage)
    view = page.list_pane.cards.view
    for _ in range(12):
        QTest.keyClick(view, Qt.Key.Key_Down)
    before = view.verticalScrollBar().value()
    assert before > 0
    bring(stage, edited(stage, "work_order", stage.order_ids[12], priority="critical"))
    bring(stage, edited(stage, "work_order", stage.order_ids[1], title="Another title"))
    assert (page.pane.order_id, view.verticalScrollBar().value()) == (stage.order_ids[12], before)
    page.stop()


def test_filters_narrow_the_list_and_survive_a_restart(qtbot: QtBot, stage: Stage) -> None:
    bring(stage, conflict(stage, 1, stage.order_ids[5], "priority", ("medium", "high", "low")))
    first = open_day(qtbot, stage)
    press(first.list_pane.filter_button)
    press(first.list_pane.filters.chips.button("conflicts"))
    assert ids(first) == [stage.order_ids[5]]
    first.stop()
    page = open_day(qtbot, stage)
    assert ids(page) == [stage.order_ids[5]]
    assert page.list_pane.filter_button.text() == "Filter, 1"
    press(page.list_pane.filters.chips.button("conflicts"))
    assert len(ids(page)) == len(stage.order_ids)
    page.stop()


def test_searching_finds_asset_number_and_place(qtbot: QtBot, stage: Stage) -> None:
    page = open_day(qtbot, stage)
    press(page.list_pane.filter_button)
    QTest.keyClicks(page.list_pane.filters.search.line, "sensor wo-0036")
    qtbot.waitUntil(lambda: ids(page) == [stage.order_ids[1]])
    QTest.keyClicks(page.list_pane.filters.search.line, "xyz")
    qtbot.waitUntil(lambda: page.list_pane.cards.currentWidget() is page.list_pane.cards.empty)
    page.stop()


def test_readiness_says_what_is_here_and_what_is_not(qtbot: QtBot, stage: Stage) -> None:
    page = open_day(qtbot, stage)
    card = page.list_pane.readiness
    assert card.accessibleName().startswith("Ready for offline: 25/25 orders")
    missing = "00000000-0000-7000-8000-00000000aaaa"
    bring(stage, edited(stage, "work_order", stage.order_ids[0], asset_id=missing))
    assert card.accessibleName().startswith("Ready for offline: 24/25 orders")
    press(card.button)
    assert stage.conversation.asked == ["sync"]
    assert card.missing_text == NO_CARD_OF
    page.stop()


def test_starting_work_beside_the_list_leads_to_the_checklist_as_a_page(qtbot: QtBot, stage: Stage) -> None:
    order_id = stage.order_ids[0]
    page = open_day(qtbot, stage)
    press(page.pane.header.tabs.button("checklist"))
    assert stage.navigator.places[-1] == Place.of("order", order_id=order_id, tab="checklist")
    assert page.pane.header.tabs.current == "summary"
    page.stop()


def test_finishing_beside_the_list_lists_what_is_missing_on_that_page(qtbot: QtBot, stage: Stage) -> None:
    order_id = stage.order_ids[0]
    arrive(stage, order_id)
    page = open_day(qtbot, stage)
    press(page.pane.footer.primary)
    assert stage.navigator.places[-1] == Place.of("order", order_id=order_id, tab="checklist")
    assert stage.context.drafts.get(f"form:{order_id}") == "missing"
    page.stop()


def test_a_step_beside_the_list_is_taken_for_the_chosen_order(qtbot: QtBot, stage: Stage) -> None:
    page = open_day(qtbot, stage)
    press_row(page.list_pane.cards.view, 3)
    press(page.pane.footer.primary)
    assert facts(stage, stage.order_ids[2]).next_step == "arrive"
    assert facts(stage, stage.order_ids[0]).next_step == "travel"
    page.stop()


def test_the_list_obeys_the_rules_of_models_while_the_day_changes(qtbot: QtBot, stage: Stage) -> None:
    page = open_day(qtbot, stage)
    tester = QAbstractItemModelTester(page.list_pane.cards.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert tester.model() is page.list_pane.cards.model
    bring(stage, edited(stage, "work_order", stage.order_ids[9], route_position=1))
    complete(stage, stage.order_ids[2])
    page.list_pane.filters.chosen.emit(("priority:high",))
    page.list_pane.filters.chosen.emit(())
    assert page.list_pane.cards.model.rowCount(QModelIndex()) == len(stage.order_ids) + 2
    page.stop()


def test_every_row_reads_as_one_sentence(qtbot: QtBot, stage: Stage) -> None:
    page = open_day(qtbot, stage)
    model = page.list_pane.cards.model
    said = model.data(model.index(1), Qt.ItemDataRole.AccessibleTextRole)
    assert said == (
        "Reading out of range: Sensor N44, WO-0035, Assigned, 07:00, N-SENSOR-044 Sensor N44, Site North · Workshop,"
        " Critical, Maintenance, 1 hazard"
    )
    page.stop()


def test_it_works_with_real_threads(qtbot: QtBot, stage: Stage) -> None:
    complaints: list[CmmsError] = []
    background = QtBackground(stage.session, complain=complaints.append)
    real = replace(stage.context, background=background)
    page = shown(qtbot, MyDayPage(real, Place.of("my_day")))
    qtbot.waitUntil(lambda: primary_text(page) == "Travel")
    press(page.pane.footer.primary)
    qtbot.waitUntil(lambda: primary_text(page) == "Arrive")
    page.stop()
    background.close()
    assert not complaints


@pytest.mark.parametrize("size", [WIDE, SMALL])
@pytest.mark.parametrize("look", [("light", "normal"), ("sunlight", "largest"), ("dark", "large")])
def test_everything_can_be_hit_read_and_heard(
    qtbot: QtBot, stage: Stage, size: tuple[int, int], look: tuple[str, str]
) -> None:
    theme().use(name=look[0], font_setting=look[1])
    page = open_day(qtbot, stage, size=size)
    QApplication.processEvents()
    assert stumbling_blocks(page) == []
    page.stop()


def on_calendar(stage: Stage, **values: str) -> tuple[str, Row]:
    """What the office has put on a calendar; his own, when nothing else is said."""
    times = {"begins_at": "2026-03-12T13:00:00.000000Z", "ends_at": "2026-03-12T15:00:00.000000Z"}
    named = {"kind": "training", "title": "<b>First aid</b>", "person_id": stage.person_id, **times, **values}
    return "calendar_event", a_row("calendar_event", site_id=new_id(), **{**named, "version": 1})


def events_of(page: MyDayPage) -> list[str]:
    return [row.title for row in page.list_pane.cards.model.rows() if isinstance(row, EventRow)]


def test_what_is_on_the_calendar_comes_among_the_orders_and_is_passed_by(qtbot: QtBot, stage: Stage) -> None:
    """It comes and goes with a pull, as plain text, is said to screen readers, and is never chosen or opened."""
    page = open_day(qtbot, stage)
    assert events_of(page) == []
    event = on_calendar(stage)
    bring(stage, event, on_calendar(stage, title="Next month", begins_at="2026-04-12T13:00:00.000000Z",
                                    ends_at="2026-04-12T15:00:00.000000Z"))  # fmt: skip
    assert events_of(page) == ["Training: <b>First aid</b>"]
    model, view = page.list_pane.cards.model, page.list_pane.cards.view
    number = next(n for n, row in enumerate(model.rows()) if isinstance(row, EventRow))
    index = model.index(number)
    assert not model.flags(index) & Qt.ItemFlag.ItemIsSelectable
    assert str(index.data(Qt.ItemDataRole.AccessibleTextRole)).startswith("Training: <b>First aid</b>, ")
    press_row(view, number, times=2)
    assert not stage.navigator.places
    assert page.pane.order_id == stage.order_ids[0]
    press(page.list_pane.filter_button)
    press(page.list_pane.filters.chips.button("open"))
    assert (events_of(page), len(ids(page))) == ([], len(stage.order_ids))  # who filters looks for orders
    press(page.list_pane.filters.chips.button("open"))
    assert len(events_of(page)) == 1
    bring(stage, edited(stage, "calendar_event", str(event[1]["id"]), deleted_at="2026-03-12T07:00:00.000000Z"))
    assert events_of(page) == []
    assert not stumbling_blocks(page)
    page.stop()
