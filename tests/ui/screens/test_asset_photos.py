"""Photos of an asset on its card, and of a remark in its comments: added without network, looked at in place."""

from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cmms_desktop.application.commands.remarks import add_comment
from cmms_desktop.ui.screens.assets.view import AssetsPage
from cmms_desktop.ui.theme import theme
from tests.ui.screens.day_pages import SMALL, WIDE, open_order, press, rows, stumbling_blocks, tab_of
from tests.ui.screens.signing_work import complete
from tests.ui.screens.test_asset_comments import ALSO_HIS, HIS, NOT_HIS, bring_up, id_of
from tests.ui.screens.test_asset_details import open_asset
from tests.ui.screens.test_order_photos import choose_file, picture
from tests.ui.stage import Stage

ATTACHED = "SELECT asset_id, work_order_id, comment_id, caption FROM attachment"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return picture(tmp_path / "guard.png", "steelblue")


def add(page: AssetsPage, *paths: Path) -> None:
    bring_up(page, page.card.photos.adder.button)
    choose_file(page.card.photos, *paths)


@pytest.mark.smoke
def test_an_asset_is_photographed_on_its_card(qtbot: QtBot, stage: Stage, photo: Path) -> None:
    page = open_asset(qtbot, stage, HIS)
    before = rows(stage, ATTACHED)
    QTest.keyClicks(page.card.photos.adder.caption.line, "The guard")
    add(page, photo)
    found = [row for row in rows(stage, ATTACHED) if row not in before]
    assert found == [(id_of(stage, HIS), None, None, "The guard")]
    assert len(page.card.photos.rows.widgets()) == 1
    assert page.card.photos.adder.caption.text() == ""
    page.stop()


def test_a_photo_is_looked_at_on_the_card_and_gives_its_place_back(qtbot: QtBot, stage: Stage, photo: Path) -> None:
    page = open_asset(qtbot, stage, HIS)
    add(page, photo)
    pane = page.card.photos
    press(pane.rows.widgets()[0].tile)
    assert pane.viewer.isVisible()
    assert pane.viewer.area.has_picture
    assert not pane.rows.isVisible()
    press(pane.viewer.back)
    assert pane.rows.isVisible()
    assert not pane.viewer.isVisible()
    page.stop()


def test_photos_of_one_asset_are_never_shown_on_another(qtbot: QtBot, stage: Stage, photo: Path) -> None:
    page = open_asset(qtbot, stage, HIS)
    add(page, photo)
    press(page.card.photos.rows.widgets()[0].tile)
    page._presenter.select(id_of(stage, ALSO_HIS))
    assert not page.card.photos.viewer.isVisible()
    assert page.card.photos.rows.widgets() == ()
    page._presenter.select(id_of(stage, HIS))
    assert len(page.card.photos.rows.widgets()) == 1
    page.stop()


def test_who_may_not_add_photos_sees_them_and_is_offered_nothing(qtbot: QtBot, stage: Stage, photo: Path) -> None:
    page = open_asset(qtbot, stage, NOT_HIS)
    before = rows(stage, ATTACHED)
    assert page.card.photos.isVisible()
    assert not page.card.photos.adder.isVisible()
    page.card.photos.adder.files_chosen.emit((str(photo),))
    assert page.card.photos.refusal
    assert rows(stage, ATTACHED) == before
    page.stop()


def test_a_photo_is_added_to_ones_own_comment_and_shown_in_it(qtbot: QtBot, stage: Stage, photo: Path) -> None:
    with stage.session.writing() as writing:
        said = add_comment(writing, id_of(stage, HIS), "The guard is loose.", about="asset")
    page = open_asset(qtbot, stage, HIS)
    card = next(each for each in page.card.comments.cards if "The guard is loose." in each.accessibleName())
    bring_up(page, card.photo_button)
    press(card.photo_button)
    chooser = page.card.comments.choice.dialog
    assert chooser is not None
    chooser.filesSelected.emit([str(photo)])
    chooser.close()
    assert rows(stage, f"{ATTACHED} WHERE comment_id = ?", said) == [
        (id_of(stage, HIS), None, said, "The guard is loose.")
    ]
    (tile,) = card.photos.tiles
    assert tile.isVisible()
    press(tile)
    assert page.card.comments.viewer.isVisible()
    assert not page.card.comments.editor.isVisible()
    press(page.card.comments.viewer.back)
    assert page.card.comments.editor.isVisible()
    assert len(page.card.photos.rows.widgets()) == 1, "it is a photo of the asset, too"
    page.stop()


def test_a_comment_on_an_order_takes_photos_until_the_order_is_signed(qtbot: QtBot, stage: Stage, photo: Path) -> None:
    order_id = stage.order_ids[1]
    with stage.session.writing() as writing:
        said = add_comment(writing, order_id, "Mine.")
    page = open_order(qtbot, stage, order_id, "comments")
    tab = tab_of(page, "comments")
    cards = {card.accessibleName().partition(": ")[2]: card for card in tab.cards}
    mine = {text for text, card in cards.items() if card.accessibleName().startswith("You, ")}
    assert {text for text, card in cards.items() if card.photo_button.isVisible()} == mine
    assert mine < cards.keys()
    tab._add_photos(said, (photo,))
    assert rows(stage, f"{ATTACHED} WHERE comment_id = ?", said) == [(None, order_id, said, "Mine.")]
    tab._add_photos(said, (picture(photo.with_name("other.png"), "darkred"),))
    assert [tile._thumb is not None for tile in cards["Mine."].photos.tiles] == [True, True]
    press(cards["Mine."].photos.tiles[0])
    assert tab.viewer.isVisible()
    assert page.step_back()
    assert not tab.viewer.isVisible()
    page.stop()
    complete(stage, order_id)
    page = open_order(qtbot, stage, order_id, "comments")
    tab = tab_of(page, "comments")
    assert [card for card in tab.cards if card.photo_button.isVisible()] == []
    tab._add_photos(said, (photo,))
    assert len(rows(stage, f"{ATTACHED} WHERE comment_id = ?", said)) == 2
    page.stop()


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
@pytest.mark.parametrize("look", [("light", "normal"), ("sunlight", "largest")])
def test_photos_fit_the_card_and_can_be_hit_and_heard(
    qtbot: QtBot, stage: Stage, photo: Path, size: tuple[int, int], look: tuple[str, str]
) -> None:
    theme().use(name=look[0], font_setting=look[1])
    with stage.session.writing() as writing:
        add_comment(writing, id_of(stage, HIS), "Words " * 30, about="asset")
    page = open_asset(qtbot, stage, HIS, size)
    add(page, photo)
    comments = page.card.comments
    comments._add_photos(comments.cards[-1]._id, (photo,))
    QApplication.processEvents()
    bring_up(page, comments.cards[-1].photo_button)
    assert stumbling_blocks(page) == []
    bring_up(page, page.card.photos.rows.widgets()[0].tile)
    press(page.card.photos.rows.widgets()[0].tile)
    assert stumbling_blocks(page) == []
    page.stop()
