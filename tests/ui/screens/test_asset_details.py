"""What an asset's card says beside its facts: the plate, papers with their last day, and the assets it works with."""

import pytest
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.screens.assets.detail_sections import DetailSections
from cmms_desktop.ui.screens.assets.view import AssetsPage
from tests.ui.screens.day_pages import SMALL, WIDE, rows, shown, stumbling_blocks
from tests.ui.screens.office_news import bring, edited
from tests.ui.stage import Stage


def open_asset(qtbot: QtBot, stage: Stage, code: str, size: tuple[int, int] = WIDE) -> AssetsPage:
    ((found,),) = rows(stage, "SELECT asset_id FROM asset_stub WHERE code = ?", code)
    return shown(qtbot, AssetsPage(stage.context, Place.of("assets", asset_id=str(found))), size)


def told(page: AssetsPage) -> DetailSections:
    assert page.card._card is not None
    return page.card._card.details


@pytest.mark.smoke
def test_a_card_tells_the_plate_the_papers_and_what_the_asset_feeds(qtbot: QtBot, stage: Stage) -> None:
    page = open_asset(qtbot, stage, "N-PUMP-001")
    assert told(page).specifications[0] == ("Flow", "120 m³/h")
    assert told(page).relations == (("Feeds", "N-VALVE-003 Valve N3"),)
    captions = [caption for caption, _ in told(page).documents]
    assert sorted(captions) == ["Certificate", "Manual"]
    assert page.card.documents.isVisible()
    page.stop()


def test_the_other_side_of_a_relation_tells_it_too(qtbot: QtBot, stage: Stage) -> None:
    page = open_asset(qtbot, stage, "N-VALVE-003")
    assert told(page).relations == (("Fed by", "N-PUMP-001 Pump N1"),)
    assert not page.card.documents.isVisible(), "it has no papers"
    page.stop()


def test_a_paper_that_has_expired_or_soon_will_says_so(qtbot: QtBot, stage: Stage) -> None:
    page = open_asset(qtbot, stage, "N-CHILLER-006")
    said = dict(told(page).documents)
    assert "Expired " in said["Inspection report"]
    assert said["Permit"].split(". ")[1].endswith("20 days left")
    page.stop()


def test_what_the_office_changes_is_shown_at_once(qtbot: QtBot, stage: Stage) -> None:
    page = open_asset(qtbot, stage, "N-PUMP-001")
    ((found,),) = rows(stage, "SELECT id FROM asset_specification WHERE name = 'Flow' ORDER BY id LIMIT 1")
    ((asset_id,),) = rows(stage, "SELECT aggregate_id FROM asset_specification WHERE id = ?", found)
    bring(stage, edited(stage, "asset_specification", str(found), value="90"))
    page.stop()
    page = shown(qtbot, AssetsPage(stage.context, Place.of("assets", asset_id=str(asset_id))))
    assert told(page).specifications[0] == ("Flow", "90 m³/h")
    page.stop()


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
def test_the_sections_fit_their_page_and_can_be_read(qtbot: QtBot, stage: Stage, size: tuple[int, int]) -> None:
    page = open_asset(qtbot, stage, "N-CHILLER-006", size)
    assert stumbling_blocks(page) == []
    page.stop()
