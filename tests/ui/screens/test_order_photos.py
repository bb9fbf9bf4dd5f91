"""Photos of an order: read from files away from the window, attached at once, looked at in place."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cmms_desktop.application.commands.remarks import add_photo
from cmms_desktop.application.queries.remarks import PhotoLine, photo_lines
from cmms_desktop.errors import CmmsError
from cmms_desktop.ui.bridge.background import QtBackground
from cmms_desktop.ui.screens.order.view import OrderPage
from cmms_desktop.ui.theme import theme
from tests.ui.screens.day_pages import SMALL, WIDE, open_order, press, rows, stumbling_blocks, tab_of
from tests.ui.screens.signing_work import complete
from tests.ui.stage import Stage


@pytest.fixture
def order_id(stage: Stage) -> str:
    return stage.order_ids[1]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return picture(tmp_path / "strainer.png", "steelblue")


def picture(path: Path, color: str, size: tuple[int, int] = (640, 480)) -> Path:
    """A photo in a file."""
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(QColor(color))
    assert image.save(str(path))
    return path


def open_photos(qtbot: QtBot, stage: Stage, order_id: str, size: tuple[int, int] = WIDE) -> tuple[OrderPage, Any]:
    page = open_order(qtbot, stage, order_id, "photos", size=size)
    return page, tab_of(page, "photos")


def attached(stage: Stage, order_id: str) -> tuple[PhotoLine, ...]:
    with stage.session.reading() as reading:
        return photo_lines(reading, order_id)


def choose_file(tab: Any, *paths: Path) -> None:
    """Press *Add photo* and choose files in the chooser that opens."""
    press(tab.adder.button)
    chooser = tab.adder.choice.dialog
    chooser.filesSelected.emit([str(path) for path in paths])
    chooser.close()


def test_a_photo_from_a_file_is_attached_at_once_with_its_caption(
    qtbot: QtBot, stage: Stage, order_id: str, photo: Path
) -> None:
    page, tab = open_photos(qtbot, stage, order_id)
    QTest.keyClicks(tab.adder.caption.line, "Strainer after cleaning")
    choose_file(tab, photo)
    (line,) = attached(stage, order_id)
    assert (line.caption, line.media_type, line.state) == ("Strainer after cleaning", "image/jpeg", "to_send")
    assert stage.session.blobs.has(line.sha256)
    assert rows(stage, "SELECT state FROM blob WHERE sha256 = ?", line.sha256) == [("to_send",)]
    assert tab.adder.caption.text() == ""
    assert len(tab.rows.widgets()) == 1
    page.stop()


@pytest.mark.smoke
def test_several_files_are_added_and_one_that_is_no_photo_says_why(
    qtbot: QtBot, stage: Stage, order_id: str, photo: Path, tmp_path: Path
) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("No picture at all.")
    page, tab = open_photos(qtbot, stage, order_id)
    choose_file(tab, photo, text, picture(tmp_path / "other.jpg", "darkred"))
    assert len(attached(stage, order_id)) == 2
    assert tab.refusal.startswith("notes.txt: ")
    page.stop()


def test_a_file_that_is_gone_says_so(qtbot: QtBot, stage: Stage, order_id: str, tmp_path: Path) -> None:
    page, tab = open_photos(qtbot, stage, order_id)
    choose_file(tab, tmp_path / "gone.jpg")
    assert tab.refusal == "gone.jpg: This file cannot be read. Choose another one."
    assert not attached(stage, order_id)
    page.stop()


def test_a_photo_that_is_dropped_is_added(qtbot: QtBot, stage: Stage, order_id: str, photo: Path) -> None:
    page, tab = open_photos(qtbot, stage, order_id)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(photo))])
    how = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    for event in (QDragEnterEvent(QPoint(50, 50), *how), QDropEvent(QPoint(50, 50), *how)):
        QApplication.sendEvent(tab, event)
    assert len(attached(stage, order_id)) == 1
    page.stop()


def test_a_caption_survives_a_restart(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    first, tab = open_photos(qtbot, stage, order_id)
    QTest.keyClicks(tab.adder.caption.line, "Label of the")
    first.stop()
    page, tab = open_photos(qtbot, stage, order_id)
    assert tab.adder.caption.text() == "Label of the"
    page.stop()


def test_a_photo_is_looked_at_in_place_and_arrows_turn_to_the_next(
    qtbot: QtBot, stage: Stage, order_id: str, photo: Path, tmp_path: Path
) -> None:
    page, tab = open_photos(qtbot, stage, order_id)
    choose_file(tab, photo, picture(tmp_path / "other.png", "darkred"))
    press(tab.rows.widgets()[0].tile)
    assert tab.viewer.isVisible()
    assert tab.viewer.area.has_picture
    assert tab.viewer.area.accessibleName() == "Photo 1 of 2: No caption"
    QTest.keyClick(tab.viewer, Qt.Key.Key_Right)
    assert tab.viewer.area.accessibleName() == "Photo 2 of 2: No caption"
    QTest.keyClick(tab.viewer, Qt.Key.Key_Right)
    assert tab.viewer.area.accessibleName() == "Photo 1 of 2: No caption"
    assert page.step_back()
    assert not tab.viewer.isVisible()
    assert not page.step_back()
    page.stop()


def test_a_photo_whose_bytes_are_not_here_cannot_be_opened(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    with stage.session.writing() as write:
        sha256 = add_photo(write, stage.session.blobs, order_id, content=b"no picture", media_type="image/png")
    page, tab = open_photos(qtbot, stage, order_id)
    press(tab.rows.widgets()[0].tile)
    assert not tab.viewer.isVisible()
    assert tab.refusal
    assert sha256
    page.stop()


def test_a_signed_order_takes_no_photos(qtbot: QtBot, stage: Stage, order_id: str, photo: Path) -> None:
    complete(stage, order_id)
    before = attached(stage, order_id)
    page, tab = open_photos(qtbot, stage, order_id)
    assert not tab.adder.isVisible()
    tab.adder.files_chosen.emit((str(photo),))
    assert attached(stage, order_id) == before
    page.stop()


def test_a_photo_is_added_although_the_page_is_left_while_it_is_read(
    qtbot: QtBot, stage: Stage, order_id: str, tmp_path: Path
) -> None:
    complaints: list[CmmsError] = []
    background = QtBackground(stage.session, complain=complaints.append)
    real = replace(stage.context, background=background)
    page = open_order(qtbot, stage, order_id, "photos", context=real)
    qtbot.waitUntil(lambda: page.pane.tabs.tab("photos") is not None)
    tab = tab_of(page, "photos")
    qtbot.waitUntil(tab.adder.button.isVisible)
    choose_file(tab, picture(tmp_path / "large.png", "olive", (3000, 2000)))
    page.stop()
    qtbot.waitUntil(lambda: len(attached(stage, order_id)) == 1)
    background.close()
    assert not complaints


def test_the_caption_that_is_typed_while_a_photo_is_read_is_for_the_next_one(
    qtbot: QtBot, stage: Stage, order_id: str, tmp_path: Path
) -> None:
    background = QtBackground(stage.session, complain=stage.navigator.complain)
    page = open_order(qtbot, stage, order_id, "photos", context=replace(stage.context, background=background))
    qtbot.waitUntil(lambda: page.pane.tabs.tab("photos") is not None)
    tab = tab_of(page, "photos")
    qtbot.waitUntil(tab.adder.button.isVisible)
    QTest.keyClicks(tab.adder.caption.line, "Strainer")
    choose_file(tab, picture(tmp_path / "large.png", "olive", (3000, 2000)))
    tab.adder.caption.line.clear()
    QTest.keyClicks(tab.adder.caption.line, "Seal")
    qtbot.waitUntil(lambda: len(tab.rows.widgets()) == 1)
    assert (attached(stage, order_id)[0].caption, tab.adder.caption.text()) == ("Strainer", "Seal")
    assert stage.context.drafts.get(f"caption:{order_id}") == "Seal"
    page.stop()
    background.close()


def test_a_photo_chosen_right_before_the_end_is_kept(qtbot: QtBot, stage: Stage, order_id: str, tmp_path: Path) -> None:
    background = QtBackground(stage.session, complain=stage.navigator.complain)
    page = open_order(qtbot, stage, order_id, "photos", context=replace(stage.context, background=background))
    qtbot.waitUntil(lambda: page.pane.tabs.tab("photos") is not None)
    tab = tab_of(page, "photos")
    qtbot.waitUntil(tab.adder.button.isVisible)
    choose_file(tab, picture(tmp_path / "large.png", "olive", (3000, 2000)))
    page.stop()
    background.close()
    assert len(attached(stage, order_id)) == 1


def test_choosing_a_file_stands_in_nobodys_way(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page, tab = open_photos(qtbot, stage, order_id)
    press(tab.adder.button)
    chooser = tab.adder.choice.dialog
    assert chooser.isVisible()
    assert not chooser.isModal()
    chooser.close()
    page.stop()


def test_a_chooser_that_stands_open_closes_with_the_page(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page, tab = open_photos(qtbot, stage, order_id)
    press(tab.adder.button)
    chooser = tab.adder.choice.dialog
    page.stop()
    assert not chooser.isVisible()


@pytest.mark.parametrize("size", [WIDE, SMALL])
@pytest.mark.parametrize("look", [("light", "normal"), ("sunlight", "largest")])
def test_everything_can_be_hit_read_and_heard(
    qtbot: QtBot, stage: Stage, order_id: str, photo: Path, size: tuple[int, int], look: tuple[str, str]
) -> None:
    theme().use(name=look[0], font_setting=look[1])
    page, tab = open_photos(qtbot, stage, order_id, size)
    choose_file(tab, photo)
    QApplication.processEvents()
    assert stumbling_blocks(page) == []
    press(tab.rows.widgets()[0].tile)
    assert stumbling_blocks(page) == []
    page.stop()
