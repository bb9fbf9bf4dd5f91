"""The order beside a list comes after the list, in windows with room for it, however often the list is read again."""

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.screens.my_day.view import MyDayPage
from cmms_desktop.ui.screens.order.beside import PANE_AFTER_MS
from cmms_desktop.ui.screens.order.pane import OrderPane
from tests.ui.screens.day_pages import SMALL, WIDE
from tests.ui.stage import Stage

LATER_MS = 5 * PANE_AFTER_MS


@pytest.fixture
def page(qtbot: QtBot, stage: Stage) -> MyDayPage:
    """My day in a wide window with a chosen order, begun and not shown anything yet."""
    made = MyDayPage(stage.context, Place.of("my_day", order_id=stage.order_ids[1]))
    qtbot.addWidget(made)
    made.resize(*WIDE)
    made.show()
    made.follow_size()
    return made


def panes(page: MyDayPage) -> list[str]:
    return [pane.order_id for pane in page.findChildren(OrderPane)]


def test_the_pane_comes_after_the_list(page: MyDayPage, qtbot: QtBot, stage: Stage) -> None:
    qtbot.wait(LATER_MS)
    assert panes(page) == [], "there is no list yet"
    page.start()
    QApplication.processEvents()
    assert page.list_pane.cards.model.rows()
    assert panes(page) == []
    qtbot.waitUntil(lambda: panes(page) == [stage.order_ids[1]])
    page.stop()


def test_a_list_that_is_read_again_and_again_does_not_keep_the_pane_away(page: MyDayPage, qtbot: QtBot) -> None:
    page.start()
    for _ in range(20):
        page.show_order(page._wanted_id)
        qtbot.wait(PANE_AFTER_MS // 3)
    assert len(panes(page)) == 1
    page.stop()


def test_a_window_that_becomes_small_meanwhile_builds_none(page: MyDayPage, qtbot: QtBot) -> None:
    page.start()
    QApplication.processEvents()
    page.resize(*SMALL)
    page.follow_size()
    assert page.is_alone
    qtbot.wait(LATER_MS)
    assert panes(page) == []
    page.resize(*WIDE)
    page.follow_size()
    qtbot.waitUntil(lambda: len(panes(page)) == 1)
    page.stop()


def test_a_page_that_was_left_builds_none(page: MyDayPage, qtbot: QtBot) -> None:
    page.start()
    QApplication.processEvents()
    page.stop()
    page.arrange("regular")
    qtbot.wait(LATER_MS)
    assert panes(page) == []
