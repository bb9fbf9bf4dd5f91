"""Labels scanned at an order, and the follow-up order that is made there: never lost, never made twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from cmms_desktop.ui.bridge.background import QtBackground
from cmms_desktop.ui.bridge.doors import Place
from tests.ui.screens.day_pages import (
    choose_more,
    facts,
    never,
    open_order,
    press,
    primary_text,
    with_background,
)
from tests.ui.stage import Stage, a_stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with a_stage(tmp_path / "first") as made:
        yield made


@pytest.fixture
def order_id(stage: Stage) -> str:
    return stage.order_ids[1]


# ---- scanning


def test_the_label_of_the_right_asset_is_confirmed_in_passing(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page = open_order(qtbot, stage, order_id)
    assert page.take_scan("N-SENSOR-044")
    assert stage.navigator.toasts == ["Asset confirmed: Sensor N44"]
    assert not page.pane.question.isVisible()
    page.stop()


def test_the_label_of_another_asset_is_a_question_that_survives_a_restart(
    qtbot: QtBot, stage: Stage, order_id: str
) -> None:
    first = open_order(qtbot, stage, order_id)
    first.take_scan("N-PANEL-009")
    assert first.pane.question.isVisible()
    first.stop()
    page = open_order(qtbot, stage, order_id)
    press(page.pane.question.keep_button)
    assert facts(stage, order_id).asset_code == "N-PANEL-009"
    assert not page.pane.question.isVisible()
    page.stop()


def test_an_unknown_code_is_kept_as_text(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page = open_order(qtbot, stage, order_id)
    choose_more(page, "Scan asset")
    QTest.keyClicks(page.pane.form.field.line, "PLATE-77")
    QTest.keyClick(page.pane.form.field.line, Qt.Key.Key_Return)
    press(page.pane.question.keep_button)
    assert facts(stage, order_id).asset_text == "PLATE-77"
    page.stop()


def test_a_code_is_put_on_the_order_although_the_page_is_left_right_after(
    qtbot: QtBot, stage: Stage, order_id: str
) -> None:
    background = QtBackground(stage.session, complain=never)
    page = open_order(qtbot, stage, order_id, context=with_background(stage, background))
    qtbot.waitUntil(lambda: primary_text(page) == "Travel")
    page.take_scan("NO-SUCH-LABEL")
    qtbot.waitUntil(page.pane.question.keep_button.isVisible)
    press(page.pane.question.keep_button)
    page.stop()
    page.pane.setParent(None)
    delete(page.pane)  # as it goes with its page
    qtbot.waitUntil(lambda: bool(stage.navigator.toasts))
    assert facts(stage, order_id).asset_text == "NO-SUCH-LABEL"
    assert stage.context.drafts.get(f"scan:{order_id}") is None
    background.close()


def test_an_ignored_code_changes_nothing(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page = open_order(qtbot, stage, order_id)
    page.take_scan("PLATE-77")
    press(page.pane.question.ignore_button)
    assert facts(stage, order_id).asset_text is None
    assert stage.context.drafts.get(f"scan:{order_id}") is None
    page.stop()


# ---- follow-ups


def test_a_follow_up_is_made_once_with_what_was_typed_before_a_restart(
    qtbot: QtBot, stage: Stage, order_id: str
) -> None:
    first = open_order(qtbot, stage, order_id)
    choose_more(first, "Create follow-up order")
    QTest.keyClicks(first.pane.sheet_content.title.line, "Replace the shaft")
    first.stop()

    page = open_order(qtbot, stage, order_id)
    form = page.pane.sheet_content
    QTest.keyClicks(form.title.line, " seal")
    press(form.priority.button("high"))
    press(page.primary() or page)
    made = facts(stage, order_id).follow_ups
    assert [link.title for link in made] == ["Replace the shaft seal"]
    assert facts(stage, made[0].id).priority == "high"
    assert stage.navigator.places[-1] == Place.of("order", order_id=made[0].id)
    assert stage.context.drafts.get(f"follow-up:{order_id}") is None
    page.stop()


def test_a_follow_up_without_a_title_says_what_is_missing(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page = open_order(qtbot, stage, order_id)
    choose_more(page, "Create follow-up order")
    press(page.primary() or page)
    assert page.pane.sheet_content.title.error == "Say in a few words what has to be done."
    assert not facts(stage, order_id).follow_ups
    page.stop()
