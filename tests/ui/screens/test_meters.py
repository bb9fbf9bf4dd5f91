"""Meters on an asset's card: what was read last, and what a new reading means, said at once and without network."""

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cmms_desktop.application.queries.sync_page import sync_page
from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.screens.assets.meters import MeterCard
from cmms_desktop.ui.screens.assets.view import AssetsPage
from cmms_desktop.ui.text.change_words import change_words
from tests.ui.screens.day_pages import SMALL, WIDE, press, rows, shown, stumbling_blocks
from tests.ui.stage import Stage


def open_pump(qtbot: QtBot, stage: Stage, size: tuple[int, int] = WIDE) -> AssetsPage:
    ((found,),) = rows(stage, "SELECT asset_id FROM asset_stub WHERE code = ?", "N-PUMP-001")
    return shown(qtbot, AssetsPage(stage.context, Place.of("assets", asset_id=str(found))), size)


def meter(page: AssetsPage, name: str) -> MeterCard:
    (found,) = (card for card in page.card.meters.meters.widgets() if card.value.edit.accessibleName() == name)
    assert isinstance(found, MeterCard)
    return found


def enter(page: AssetsPage, name: str, value: str) -> None:
    card = meter(page, name)
    QTest.keyClicks(card.value.edit, value)
    press(card.save)


@pytest.mark.smoke
def test_a_reading_is_kept_at_once_and_one_that_is_critical_says_so_without_network(qtbot: QtBot, stage: Stage) -> None:
    page = open_pump(qtbot, stage)
    assert meter(page, "Discharge pressure").last.startswith("4.8 bar · ")
    enter(page, "Discharge pressure", "8.2")
    assert stage.navigator.toasts == stage.navigator.warned == ["Reading saved: 8.2 bar is critical"]
    qtbot.waitUntil(lambda: meter(page, "Discharge pressure").last.startswith("8.2 bar · "))
    card = meter(page, "Discharge pressure")
    assert (card.value.text(), card.save.isEnabled()) == ("", False)
    assert page.card._card is not None
    assert [badge.text for row in page.card._card.meters for badge in row.badges] == ["Critical", "In order"]
    assert rows(stage, "SELECT count(*) FROM outbox WHERE type = 'meter.read'") == [(1,)]
    page.stop()


def test_a_reading_in_order_is_only_said_to_be_kept(qtbot: QtBot, stage: Stage) -> None:
    page = open_pump(qtbot, stage)
    enter(page, "Operating hours", "12490")
    assert (stage.navigator.toasts, stage.navigator.warned) == (["Reading saved"], [])
    page.stop()


def test_a_reading_that_waits_is_called_one(qtbot: QtBot, stage: Stage) -> None:
    page = open_pump(qtbot, stage)
    enter(page, "Discharge pressure", "8.2")
    with stage.session.reading() as reading:
        (line,) = sync_page(reading).waiting
    assert change_words(line.change) == "Reading 8.2 of N-PUMP-001"
    page.stop()


def test_what_is_no_number_stays_in_the_field_and_is_said(qtbot: QtBot, stage: Stage) -> None:
    page = open_pump(qtbot, stage)
    enter(page, "Operating hours", "much")
    assert [each.sentence for each in stage.navigator.complaints] == ["Enter the reading as a number."]
    assert meter(page, "Operating hours").value.edit.text() == "much"
    assert rows(stage, "SELECT count(*) FROM outbox WHERE type = 'meter.read'") == [(0,)]
    page.stop()


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
def test_meters_fit_their_page_and_can_be_hit_and_read(qtbot: QtBot, stage: Stage, size: tuple[int, int]) -> None:
    page = open_pump(qtbot, stage, size)
    assert stumbling_blocks(page) == []
    page.stop()
