"""Hundreds of comments, photos and events of one order: the newest are there at once, nothing is out of reach."""

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from cmms_desktop.application.commands.remarks import add_comment, add_photo
from cmms_desktop.application.queries.remarks import comment_lines
from cmms_desktop.demo.picture import png
from cmms_desktop.ui.screens.order_comments.comment_card import CommentCard
from cmms_desktop.ui.screens.order_comments.presenter import SHOWN_AT_ONCE, newest, threads
from cmms_desktop.ui.screens.order_comments.view import CommentsTab
from cmms_desktop.ui.screens.order_history.view import HistoryTab
from cmms_desktop.ui.screens.order_photos.photo_rows import PhotoLineWidget
from cmms_desktop.ui.screens.order_photos.view import PhotosTab
from tests.ui.screens.day_pages import open_order, press, tab_of
from tests.ui.stage import Stage

COMMENTS, PHOTOS, EVENTS = 60, 45, 500


def say(stage: Stage, order_id: str, *texts: str, answers: str | None = None) -> list[str]:
    with stage.session.writing() as write:
        made = []
        for text in texts:
            write.group()
            made.append(add_comment(write, order_id, text, answers=answers))
    return made


def test_the_newest_remarks_are_built_and_the_others_when_asked_for(qtbot: QtBot, stage: Stage) -> None:
    order_id = stage.order_ids[0]
    say(stage, order_id, *(f"Remark {number}." for number in range(COMMENTS)))
    with stage.session.reading() as reading:
        count = len(comment_lines(reading, order_id))
    page = open_order(qtbot, stage, order_id, "comments")
    tab: CommentsTab = tab_of(page, "comments")
    qtbot.waitUntil(lambda: len(tab.cards) == SHOWN_AT_ONCE)
    assert tab.cards[-1].accessibleName().endswith(f"Remark {COMMENTS - 1}.")
    assert len(tab.findChildren(CommentCard)) == SHOWN_AT_ONCE
    tab.editor.field.set_text("Half written")
    shown = SHOWN_AT_ONCE
    while tab.earlier.isVisible():
        press(tab.earlier)
        shown = min(shown + SHOWN_AT_ONCE, count)
        qtbot.waitUntil(lambda wanted=shown: len(tab.cards) == wanted)  # type: ignore[misc]
    assert shown == count
    assert tab.editor.field.text() == "Half written"
    page.stop()


def test_what_a_new_remark_answers_is_shown_with_it_however_old_it_is(stage: Stage) -> None:
    order_id = stage.order_ids[0]
    (asked,) = say(stage, order_id, "Where is the key?")
    stage.clock.advance(minutes=1)
    say(stage, order_id, *(f"Remark {number}." for number in range(30)))
    stage.clock.advance(minutes=1)
    say(stage, order_id, "In the box.", answers=asked)
    with stage.session.reading() as reading:
        lines = comment_lines(reading, order_id)
    shown = [line.text for line in threads(newest(lines, 20))]
    assert shown[:3] == ["Where is the key?", "In the box.", "Remark 11."]
    assert len(shown) == 21


def test_the_newest_photos_are_built_and_the_others_when_asked_for(qtbot: QtBot, stage: Stage) -> None:
    order_id = stage.order_ids[0]
    with stage.session.writing() as write:
        for number in range(PHOTOS):
            write.group()
            content = png() + bytes([number])
            add_photo(
                write, stage.session.blobs, order_id, content=content, media_type="image/png", caption=str(number)
            )
    page = open_order(qtbot, stage, order_id, "photos")
    tab: PhotosTab = tab_of(page, "photos")
    qtbot.waitUntil(lambda: len(tab.rows.widgets()) == SHOWN_AT_ONCE)
    assert tab.rows.widgets()[-1].tile.accessibleName().startswith(f"Open photo: {PHOTOS - 1},")
    press(tab.earlier)
    press(tab.earlier)
    qtbot.waitUntil(lambda: len(tab.findChildren(PhotoLineWidget)) >= PHOTOS)
    assert tab.earlier.isHidden()
    assert tab.rows.widgets()[0].tile.accessibleName().startswith("Open photo: 0,")
    page.stop()


def test_five_hundred_events_are_rows_of_a_list_without_a_widget_each(qtbot: QtBot, stage: Stage) -> None:
    order_id = stage.order_ids[0]
    say(stage, order_id, *(f"Remark {number}." for number in range(EVENTS)))
    page = open_order(qtbot, stage, order_id, "history")
    tab: HistoryTab = tab_of(page, "history")
    qtbot.waitUntil(lambda: tab.model.rowCount() >= EVENTS)
    assert len(tab.list.findChildren(QObject)) < 60
    page.stop()
