"""All orders of a device: searched, filtered, chosen; those of others are read only; thousands do not hold it up."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.screens.orders.presenter import MOST_ROWS
from cmms_desktop.ui.screens.orders.view import OrdersPage
from cmms_desktop.ui.theme import theme
from sync_server.contract.codec import completed
from sync_server.contract.entities import REGISTRY
from tests.ui.screens.day_pages import SMALL, WIDE, press, press_row, primary_text, shown, stumbling_blocks
from tests.ui.screens.office_news import bring, edited
from tests.ui.screens.signing_work import complete
from tests.ui.stage import Stage, a_stage


def open_orders(qtbot: QtBot, stage: Stage, size: tuple[int, int] = WIDE) -> OrdersPage:
    return shown(qtbot, OrdersPage(stage.context, Place.of("orders")), size)


def ids(page: OrdersPage) -> list[str]:
    return [str(row.id) for row in page.list_pane.rows.model.rows()]


def test_open_orders_stand_first_and_done_ones_behind_their_scope(qtbot: QtBot, stage: Stage) -> None:
    complete(stage, stage.order_ids[3])
    page = open_orders(qtbot, stage)
    assert page.list_pane.scopes.button("open").text() == "Open 24"
    assert stage.order_ids[3] not in ids(page)
    press(page.list_pane.scopes.button("done"))
    assert ids(page) == [stage.order_ids[3]]
    press(page.list_pane.scopes.button("all"))
    assert len(ids(page)) == 25
    page.stop()


@pytest.mark.smoke
def test_words_and_chips_narrow_the_list_and_survive_a_restart(qtbot: QtBot, stage: Stage) -> None:
    first = open_orders(qtbot, stage)
    press(first.list_pane.filter_button)
    press(first.list_pane.filters.chips.button("priority:critical"))
    QTest.keyClicks(first.list_pane.filters.search.line, "sensor")
    qtbot.waitUntil(lambda: ids(first) == [stage.order_ids[0]])
    first.stop()
    page = open_orders(qtbot, stage)
    assert ids(page) == [stage.order_ids[0]]
    assert page.list_pane.filters.search.line.text() == "sensor"
    page.stop()


def test_the_chosen_order_stands_beside_and_follows_the_keys(qtbot: QtBot, stage: Stage) -> None:
    page = open_orders(qtbot, stage)
    QTest.keyClick(page.list_pane.rows.view, Qt.Key.Key_Down)
    assert page.pane.order_id == ids(page)[1]
    assert primary_text(page) == "Travel"
    QTest.keyClick(page.list_pane.rows.view, Qt.Key.Key_Return)
    assert stage.navigator.places == [Place.of("order", order_id=ids(page)[1])]
    page.stop()


def test_a_press_opens_on_small_windows(qtbot: QtBot, stage: Stage) -> None:
    page = open_orders(qtbot, stage, SMALL)
    press_row(page.list_pane.rows.view, 0)
    assert stage.navigator.places == [Place.of("order", order_id=ids(page)[0])]
    page.stop()


def test_a_supervisor_reads_the_orders_of_others(qtbot: QtBot, tmp_path: Path) -> None:
    with a_stage(tmp_path / "supervisor", "supervisor") as stage:
        page = open_orders(qtbot, stage)
        assert len(ids(page)) > 25
        assert primary_text(page) == ""
        assert page.pane.footer.sentence.endswith("You can read it.")
        page.stop()


def test_an_order_in_a_word_of_a_newer_server_is_shown_as_text(qtbot: QtBot, stage: Stage) -> None:
    bring(stage, edited(stage, "work_order", stage.order_ids[0], status="waiting_for_permit", priority="urgent"))
    page = open_orders(qtbot, stage)
    press(page.list_pane.scopes.button("all"))
    row = next(row for row in page.list_pane.rows.model.rows() if row.id == stage.order_ids[0])
    assert [badge.text for badge in row.face.badges[:2]] == ["Waiting for permit", "Urgent"]
    page.stop()


def test_thousands_are_cut_to_what_can_be_looked_through(qtbot: QtBot, stage: Stage) -> None:
    bring(stage, *(("work_order", _order(stage, number)) for number in range(MOST_ROWS + 40)))
    page = open_orders(qtbot, stage)
    QAbstractItemModelTester(page.list_pane.rows.model, QAbstractItemModelTester.FailureReportingMode.Fatal, page)
    assert len(ids(page)) == MOST_ROWS
    assert page.list_pane.note == "500 of 565 orders shown. Search to find the others."
    QTest.keyClicks(page.list_pane.filters.search.line, "wo-bulk-0539")
    qtbot.waitUntil(lambda: len(ids(page)) == 1)
    page.stop()


def _order(stage: Stage, number: int) -> dict[str, str | int | float | bool | None]:
    like = stage.replica.get("work_order", stage.order_ids[0])
    assert like is not None
    row_id = f"00000000-0000-7000-8000-0000b{number:07x}"
    values = {**like, "id": row_id, "aggregate_id": row_id, "number": f"WO-BULK-{number:04d}", "version": 1}
    return completed(REGISTRY["work_order"], values)


@pytest.mark.parametrize("size", [WIDE, SMALL])
@pytest.mark.parametrize("look", [("light", "normal"), ("sunlight", "largest"), ("dark", "large")])
def test_everything_can_be_hit_read_and_heard(
    qtbot: QtBot, stage: Stage, size: tuple[int, int], look: tuple[str, str]
) -> None:
    theme().use(name=look[0], font_setting=look[1])
    page = open_orders(qtbot, stage, size)
    press(page.list_pane.filter_button)
    assert stumbling_blocks(page) == []
    page.stop()
