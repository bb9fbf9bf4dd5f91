"""The inbox: both sides side by side, settled in one write, nothing chosen lost, the losing value readable for ever."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cmms_desktop.application.commands.conflicts import settle
from cmms_desktop.ui.bridge.background import QtBackground
from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.screens.inbox.view import InboxPage
from tests.ui.screens.inbox_page import BEFORE, MINE, THEIRS, a_stage_in_conflict, block, click, lines, open_page
from tests.ui.screens.office_news import bring, conflict, conflict_id, edited
from tests.ui.stage import Stage, a_stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with a_stage_in_conflict(tmp_path) as made:
        yield made


# ---- what is shown


def test_the_three_columns_show_every_value_with_the_changed_words_marked(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage, conflict_id=conflict_id(1))
    cards = block(page, 1)
    texts = [card._text for card in (cards.before, cards.mine, cards.theirs)]
    assert [text.accessibleName() for text in texts] == [BEFORE, MINE, THEIRS]
    assert [text.accessibleDescription() for text in texts] == [
        "Removed: Remote works.",
        "Changed: Safety edge is torn.",
        "Changed: fails too.",
    ]


def test_conflicts_of_one_order_stand_together_and_the_newest_comes_first(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage)
    QAbstractItemModelTester(page.list.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert len(page.list.model.rows()) == 2
    assert page.list.tabs.button("open").text() == "Open 2"


def test_text_of_the_server_is_never_read_as_markup(qtbot: QtBot, stage: Stage) -> None:
    nasty = "<b>bold</b> <img src='file:///etc/passwd'>"
    order = stage.order_ids[2]
    bring(
        stage, conflict(stage, 9, order, "title", ("x", nasty, nasty)), edited(stage, "work_order", order, title=nasty)
    )
    page = open_page(qtbot, stage, conflict_id=conflict_id(9))
    assert block(page, 9).mine._text.accessibleName() == nasty
    assert page.detail.header._title.textFormat() is Qt.TextFormat.PlainText


def test_nothing_in_conflict_says_so_with_its_age(qtbot: QtBot, tmp_path: Path) -> None:
    with a_stage(tmp_path) as empty:
        page = open_page(qtbot, empty)
        assert page.list.empty.isVisible()
        assert page.list.empty._title.text() == "Nothing in conflict"
        assert page.primary() is None


# ---- settling


@pytest.mark.smoke
def test_two_fields_are_settled_in_one_write_and_the_next_conflict_follows(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage, conflict_id=conflict_id(1))
    click(qtbot, block(page, 1).mine.keep)
    click(qtbot, block(page, 2).theirs.keep)
    assert block(page, 1).mine.keep.text() == "Kept: mine"
    qtbot.keyClicks(page.detail.conflict.reason.line, "Seen on site")
    click(qtbot, page.detail.footer.primary)
    settled = lines(stage)
    assert [settled[conflict_id(n)].resolution for n in (1, 2, 3)] == ["mine", "theirs", None]
    assert settled[conflict_id(1)].reason == "Seen on site"
    order = stage.replica.get("work_order", stage.order_ids[0])
    assert order is not None
    assert (order["description"], order["priority"]) == (MINE, "critical")
    assert len({entry.group_id for entry in stage.session.outbox.waiting()}) == 1
    assert stage.navigator.toasts == ["2 fields settled"]
    assert page.detail._detail is not None
    assert page.detail._detail.id == stage.order_ids[1]


def test_the_losing_value_stays_readable_under_settled(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage, conflict_id=conflict_id(3))
    click(qtbot, block(page, 3).theirs.keep)
    click(qtbot, page.detail.footer.primary)
    click(qtbot, page.list.tabs.button("settled"))
    cards = block(page, 3)
    assert cards.mine._text.accessibleName() == "Mine"
    assert cards.theirs._kept is not None
    assert cards.theirs._kept.isVisible()
    assert cards.theirs._kept.spec.text == "Kept: office"
    assert not cards.theirs.keep.isVisible()


def test_a_third_value_is_entered_in_place(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage, conflict_id=conflict_id(3))
    click(qtbot, block(page, 3).edit)
    entry = block(page, 3)._entry
    assert entry is not None
    assert entry._field is not None
    editor = entry._field.editor
    assert page.focusWidget() is editor
    qtbot.keyClick(editor, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(editor, "Both of us")
    click(qtbot, page.detail.footer.primary)
    assert lines(stage)[conflict_id(3)].resolution == "edited"
    order = stage.replica.get("work_order", stage.order_ids[1])
    assert order is not None
    assert order["title"] == "Both of us"


def test_an_empty_third_value_is_refused_below_its_field(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage, conflict_id=conflict_id(3))
    page._presenter.enter(conflict_id(3), "  ")
    click(qtbot, page.detail.footer.primary)
    entry = block(page, 3)._entry
    assert entry is not None
    assert entry._field is not None
    assert entry._field.error == "Enter the text to keep."
    assert lines(stage)[conflict_id(3)].resolution is None


def test_settling_without_a_choice_says_what_is_missing(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage)
    click(qtbot, page.detail.footer.primary)
    assert page.detail.conflict.problem.isVisible()
    assert not stage.session.outbox.waiting()


def test_a_conflict_that_was_settled_elsewhere_leaves_by_itself(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage, conflict_id=conflict_id(3))
    click(qtbot, block(page, 3).mine.keep)
    with stage.session.writing() as write:
        settle(write, conflict_id(3), "theirs")
    assert page.detail._detail is not None
    assert page.detail._detail.id == stage.order_ids[0], "it went to Settled by itself"


# ---- keyboard


def test_everything_is_settled_by_keyboard(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage, conflict_id=conflict_id(1))
    first = [view._block.id for view in page.detail.conflict._blocks.widgets()]
    assert page.take_key("T")
    assert page.take_key("o")
    assert not page.take_key("X")
    primary = page.primary()
    assert primary is not None
    qtbot.keyClick(primary, Qt.Key.Key_Space)
    assert [lines(stage)[each].resolution for each in first] == ["mine", "theirs"]


def test_arrow_keys_walk_through_the_list(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage)
    page.list.view.setFocus()
    before = page.detail._detail
    qtbot.keyClick(page.list.view, Qt.Key.Key_Down)
    assert page.detail._detail is not None
    assert page.detail._detail != before


# ---- nothing is lost


def test_choices_and_the_reason_are_found_again_after_the_program_died(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage, conflict_id=conflict_id(1))
    click(qtbot, block(page, 2).mine.keep)
    qtbot.keyClicks(page.detail.conflict.reason.line, "half a rea")
    page.stop()
    again = open_page(qtbot, stage, conflict_id=conflict_id(1))
    assert block(again, 2).mine.keep.isChecked()
    assert again.detail.conflict.reason.text() == "half a rea"
    assert stage.session.notes()


def test_a_draft_is_dropped_once_it_became_a_mutation(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage, conflict_id=conflict_id(3))
    click(qtbot, block(page, 3).mine.keep)
    click(qtbot, page.detail.footer.primary)
    assert not [name for name in stage.session.notes() if name.startswith("inbox:")]


def test_no_mutation_is_lost_when_the_page_goes_right_after_the_tap(qtbot: QtBot, stage: Stage) -> None:
    background = QtBackground(stage.session, complain=lambda problem: pytest.fail(problem.sentence))
    context = replace(stage.context, background=background)
    page = InboxPage(context, Place.of("inbox", conflict_id=conflict_id(3)))
    qtbot.addWidget(page)
    page.resize(1280, 720)
    page.show()
    page.start()
    qtbot.waitUntil(page.detail.isVisible)
    click(qtbot, block(page, 3).mine.keep)
    click(qtbot, page.detail.footer.primary)
    page.stop()
    background.close()
    assert lines(stage)[conflict_id(3)].resolution == "mine"


# ---- small windows


def test_on_a_small_window_list_and_detail_follow_one_another(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage, width=800)
    assert page.size_class == "compact"
    assert page.list.isVisible()
    assert not page.detail.isVisible()
    index = page.list.model.index(1)
    qtbot.mouseClick(
        page.list.view.viewport(),
        Qt.MouseButton.LeftButton,
        pos=page.list.view.visualRect(index).center(),
    )
    assert page.detail.isVisible()
    assert page.covers_navigation
    assert stage.navigator.places[-1].page == "inbox"
    assert page.step_back()
    assert page.list.isVisible()
    assert not page.step_back()


def test_on_a_small_window_the_one_choice_about_a_request_is_in_sight(qtbot: QtBot, stage: Stage) -> None:
    bring(
        stage,
        conflict(stage, 4, stage.order_ids[2], "due_at", (None, "2026-03-13T12:00:00.000000Z", None), kind="request"),
    )
    page = open_page(qtbot, stage, width=800, conflict_id=conflict_id(4))
    page.resize(800, 432)  # a window of 800 × 480 without its strip; the page covers the bottom bar
    button = block(page, 4).theirs.keep
    assert button.text() == "Take it back"
    qtbot.waitUntil(lambda: button.visibleRegion().boundingRect().height() == button.height())
    page.resize(480, 720)
    mine, theirs = block(page, 4).mine, block(page, 4).theirs
    qtbot.waitUntil(lambda: theirs.y() > mine.y())


def test_targets_are_large_enough(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage, width=800, conflict_id=conflict_id(1))
    QApplication.processEvents()
    cards = block(page, 1)
    for button in (cards.mine.keep, cards.theirs.keep, cards.edit, page.detail.footer.primary):
        assert button.height() >= 44, button.text()
        assert button.width() >= 44, button.text()
