"""Comments on an asset, on its card: read and written without network, and never mixed up with another asset's."""

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from cmms_desktop.application.commands.remarks import add_comment
from cmms_desktop.application.queries.half_entered import left_texts
from cmms_desktop.ui.screens.assets.view import AssetsPage
from cmms_desktop.ui.screens.order_comments.presenter import NOTHING_WRITTEN
from tests.ui.screens.day_pages import SMALL, WIDE, press, rows, stumbling_blocks
from tests.ui.screens.office_news import bring, edited
from tests.ui.screens.test_asset_details import open_asset
from tests.ui.stage import Stage

HIS, ALSO_HIS, NOT_HIS = "N-PANEL-009", "N-FAN-017", "N-PUMP-001"
"""Assets of orders that he has, and one of none."""


def id_of(stage: Stage, code: str) -> str:
    ((found,),) = rows(stage, "SELECT id FROM asset WHERE code = ?", code)
    return str(found)


def said(page: AssetsPage) -> list[str]:
    return [card.accessibleName().partition(": ")[2] for card in page.card.comments.cards]


def bring_up(page: AssetsPage, part: QWidget) -> None:
    """Scroll to a part of the card."""
    area = page.card.findChild(QScrollArea)
    assert isinstance(area, QScrollArea)
    area.ensureWidgetVisible(part)


def write(page: AssetsPage, text: str) -> None:
    editor = page.card.comments.editor
    bring_up(page, editor.save_button)
    QTest.keyClicks(editor.field.area, text)
    press(editor.save_button)


@pytest.mark.smoke
def test_a_comment_on_an_asset_is_written_once_and_stands_on_its_card(qtbot: QtBot, stage: Stage) -> None:
    page = open_asset(qtbot, stage, HIS)
    before = said(page)
    write(page, "The guard is loose.")
    assert said(page) == [*before, "The guard is loose."]
    found = rows(stage, "SELECT asset_id, work_order_id FROM comment WHERE text = 'The guard is loose.'")
    assert found == [(id_of(stage, HIS), None)]
    assert page.card.comments.editor.field.text() == ""
    write(page, "")
    assert page.card.comments.editor.field.error in {"", NOTHING_WRITTEN}
    assert said(page) == [*before, "The guard is loose."]
    page.stop()


def test_what_is_half_written_about_one_asset_waits_there_while_another_is_looked_at(
    qtbot: QtBot, stage: Stage
) -> None:
    page = open_asset(qtbot, stage, HIS)
    comments = page.card.comments
    QTest.keyClicks(comments.editor.field.area, "Half")
    page._presenter.select(id_of(stage, ALSO_HIS))
    assert comments.editor.field.text() == ""
    page._presenter.select(id_of(stage, HIS))
    assert comments.editor.field.text() == "Half"
    with stage.session.reading() as reading:
        assert left_texts(reading) == (), "the asset is here: nothing was left behind"
    page.stop()


def test_an_answer_on_an_asset_stands_under_its_question(qtbot: QtBot, stage: Stage) -> None:
    with stage.session.writing() as writing:
        add_comment(writing, id_of(stage, HIS), "Who has the key?", about="asset")
        add_comment(writing, id_of(stage, HIS), "Later.", about="asset")
    page = open_asset(qtbot, stage, HIS)
    question = said(page).index("Who has the key?")
    bring_up(page, page.card.comments.cards[question].answer_button)
    press(page.card.comments.cards[question].answer_button)
    write(page, "The guard.")
    assert said(page)[question:] == ["Who has the key?", "The guard.", "Later."]
    page.stop()


def test_an_asset_whose_label_only_is_here_has_no_comments(qtbot: QtBot, stage: Stage) -> None:
    bring(stage, edited(stage, "asset", id_of(stage, HIS), deleted_at="2026-03-12T06:00:00.000000Z"))
    ((found,),) = rows(stage, "SELECT asset_id FROM asset_stub WHERE code = ?", HIS)
    page = open_asset(qtbot, stage, HIS)
    assert page.card._card is not None
    assert (page.card._card.id, page.card.notice) == (found, "Only its label is on this device")
    assert not page.card.comments.isVisible()
    page.stop()


def test_who_may_not_comment_reads_and_is_offered_nothing(qtbot: QtBot, stage: Stage) -> None:
    page = open_asset(qtbot, stage, NOT_HIS)
    assert page.card.comments.isVisible()
    assert not page.card.comments.editor.isVisible()
    page.stop()


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
def test_comments_fit_the_card_and_can_be_read(qtbot: QtBot, stage: Stage, size: tuple[int, int]) -> None:
    with stage.session.writing() as writing:
        add_comment(writing, id_of(stage, HIS), "Words " * 60, about="asset")
    page = open_asset(qtbot, stage, HIS, size)
    bring_up(page, page.card.comments.editor.save_button)
    assert stumbling_blocks(page) == []
    page.stop()
