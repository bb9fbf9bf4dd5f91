"""Comments of an order: nothing half-written is lost, nothing is said twice, an answer stands under its question."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cmms_desktop.application.commands.remarks import add_comment
from cmms_desktop.application.queries.remarks import CommentLine, comment_lines
from cmms_desktop.errors import CmmsError
from cmms_desktop.ui.bridge.background import QtBackground
from cmms_desktop.ui.screens.order.view import OrderPage
from cmms_desktop.ui.screens.order_comments.presenter import NOTHING_WRITTEN
from cmms_desktop.ui.theme import theme
from tests.ui.screens.day_pages import SMALL, WIDE, open_order, press, stumbling_blocks, tab_of
from tests.ui.stage import Stage


@pytest.fixture
def order_id(stage: Stage) -> str:
    """An order with a question of the planner and an answer of the technician."""
    return stage.order_ids[1]


def open_comments(qtbot: QtBot, stage: Stage, order_id: str, size: tuple[int, int] = WIDE) -> tuple[OrderPage, Any]:
    page = open_order(qtbot, stage, order_id, "comments", size=size)
    return page, tab_of(page, "comments")


def written(stage: Stage, order_id: str) -> tuple[CommentLine, ...]:
    with stage.session.reading() as reading:
        return comment_lines(reading, order_id)


@pytest.mark.smoke
def test_a_comment_is_written_once_and_its_draft_goes(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page, tab = open_comments(qtbot, stage, order_id)
    QTest.keyClicks(tab.editor.field.area, "The strainer was half blocked.")
    press(tab.editor.save_button)
    press(tab.editor.save_button)
    assert [line.text for line in written(stage, order_id)][-1] == "The strainer was half blocked."
    assert len(written(stage, order_id)) == 3
    assert tab.editor.field.text() == ""
    assert tab.editor.field.error == ""
    page.stop()


def test_nothing_is_written_without_words(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page, tab = open_comments(qtbot, stage, order_id)
    QTest.keyClicks(tab.editor.field.area, "   ")
    press(tab.editor.save_button)
    assert tab.editor.field.error == NOTHING_WRITTEN
    assert len(written(stage, order_id)) == 2
    page.stop()


def test_an_answer_stands_under_what_it_answers(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    with stage.session.writing() as write:
        add_comment(write, order_id, "A later remark.")
    page, tab = open_comments(qtbot, stage, order_id)
    press(tab.cards[0].answer_button)
    QTest.keyClicks(tab.editor.field.area, "Here it is.")
    press(tab.editor.save_button)
    said = [card.accessibleName().partition(": ")[2] for card in tab.cards]
    assert said == [
        "Please take a photo of the label before you start.",
        "Done, the label is hard to read.",
        "Here it is.",
        "A later remark.",
    ]
    lines = {line.text: line for line in written(stage, order_id)}
    assert lines["Here it is."].parent_id == lines[said[0]].id
    page.stop()


def test_what_is_half_written_and_whom_it_answers_survive_a_restart(
    qtbot: QtBot, stage: Stage, order_id: str, tmp_path: Path
) -> None:
    first, tab = open_comments(qtbot, stage, order_id)
    press(tab.cards[0].answer_button)
    QTest.keyClicks(tab.editor.field.area, "I will look when")
    first.stop()
    page, tab = open_comments(qtbot, stage, order_id)
    assert tab.editor.field.text() == "I will look when"
    assert tab.editor.save_button.text() == "Add answer"
    QTest.keyClicks(tab.editor.field.area, " I am there")
    assert tab.editor.field.text() == "I will look when I am there", "he goes on where he stopped"
    press(tab.editor.stop_button)
    assert tab.editor.save_button.text() == "Add comment"
    assert tab.editor.field.text() == "I will look when I am there"
    page.stop()


def test_a_draft_that_became_a_comment_before_the_program_died_is_not_offered_again(
    qtbot: QtBot, stage: Stage, order_id: str
) -> None:
    stage.context.drafts.keep(f"comment:{order_id}", "Written already. ")
    with stage.session.writing() as write:
        add_comment(write, order_id, "Written already.")
    page, tab = open_comments(qtbot, stage, order_id)
    assert tab.editor.field.text() == ""
    page.stop()


def test_a_comment_is_safe_when_the_page_is_closed_right_after_the_press(
    qtbot: QtBot, stage: Stage, order_id: str
) -> None:
    complaints: list[CmmsError] = []
    background = QtBackground(stage.session, complain=complaints.append)
    real = replace(stage.context, background=background)
    page = open_order(qtbot, stage, order_id, "comments", context=real)
    qtbot.waitUntil(lambda: page.pane.tabs.tab("comments") is not None)
    tab = tab_of(page, "comments")
    QTest.keyClicks(tab.editor.field.area, "Said while leaving.")
    press(tab.editor.save_button)
    page.stop()
    background.close()
    assert [line.text for line in written(stage, order_id)][-1] == "Said while leaving."
    assert not complaints


def test_html_is_shown_as_it_was_typed(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    with stage.session.writing() as write:
        add_comment(write, order_id, "<b>bold</b> & <img src=x>")
    page, tab = open_comments(qtbot, stage, order_id)
    assert tab.cards[-1].accessibleName().endswith("<b>bold</b> & <img src=x>")
    page.stop()


@pytest.mark.parametrize("size", [WIDE, SMALL])
@pytest.mark.parametrize("look", [("light", "normal"), ("sunlight", "largest")])
def test_everything_can_be_hit_read_and_heard(
    qtbot: QtBot, stage: Stage, order_id: str, size: tuple[int, int], look: tuple[str, str]
) -> None:
    with stage.session.writing() as write:
        add_comment(write, order_id, "Words " * 300)
    theme().use(name=look[0], font_setting=look[1])
    page, _ = open_comments(qtbot, stage, order_id, size)
    assert stumbling_blocks(page) == []
    page.stop()
