"""The program dies right after a commit, before anybody heard of it: what was saved is no draft any more.

A draft that outlived its mutation would be offered again, and be entered twice by who trusts the screen.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cmms_desktop.application.commands.visits import start_travel
from cmms_desktop.application.proof import prove_and_write
from cmms_desktop.application.session import LocalWrite
from cmms_desktop.ui.bridge.doors import Place, Refusal, ScreenContext, Then
from cmms_desktop.ui.screens.arrive.view import ArriveSheet
from cmms_desktop.ui.screens.follow_up.view import FollowUpForm
from cmms_desktop.ui.screens.review.view import ReviewPage
from tests.ui.screens.day_pages import choose_more, open_order, press, rows, shown, tab_of
from tests.ui.screens.signing_page import draw, open_page, sign
from tests.ui.screens.signing_work import a_supervisor, arrive, do_work, order_of, rows_of
from tests.ui.stage import PASSWORD, InlineBackground, Stage

T = TypeVar("T")


class Dying(InlineBackground):
    """Does everything; of a command that ends drafts it tells nobody, as if the program were gone by then."""

    def write(
        self,
        command: Callable[[LocalWrite], T],
        then: Then[T] | None = None,
        *,
        refused: Refusal | None = None,
        forgets: Iterable[str] = (),
    ) -> None:
        super().write(command, None if forgets else then, refused=refused, forgets=forgets)

    def run(self, work: Callable[[], T], then: Then[T] | None = None, *, refused: Refusal | None = None) -> None:
        is_proof = getattr(work, "func", None) is prove_and_write
        super().run(work, None if is_proof else then, refused=refused)


@pytest.fixture
def order_id(stage: Stage) -> str:
    return stage.order_ids[1]


@pytest.fixture
def dying(stage: Stage) -> ScreenContext:
    return replace(stage.context, background=Dying(stage.session))


def left(stage: Stage) -> list[str]:
    """Drafts that the next start would find, but for where somebody was."""
    return [name for name in stage.session.notes() if ":selected" not in name and not name.startswith("about:")]


def test_a_comment(qtbot: QtBot, stage: Stage, order_id: str, dying: ScreenContext) -> None:
    page = open_order(qtbot, stage, order_id, "comments", context=dying)
    tab = tab_of(page, "comments")
    QTest.keyClicks(tab.editor.field.area, "The seal leaks")
    assert left(stage) == [f"comment:{order_id}"]
    press(tab.editor.save_button)
    assert rows(stage, "SELECT count(*) FROM comment WHERE text = 'The seal leaks'") == [(1,)]
    assert left(stage) == []
    page.stop()


def test_a_part(qtbot: QtBot, stage: Stage, order_id: str, dying: ScreenContext) -> None:
    page = open_order(qtbot, stage, order_id, "parts", context=dying)
    tab = tab_of(page, "parts")
    page.take_scan("P-0013")
    assert left(stage) == [f"part:{order_id}"]
    press(tab.form.act_button)
    assert rows(stage, "SELECT kind FROM stock_movement WHERE aggregate_id = ?", order_id) == [("usage",)]
    assert left(stage) == []
    page.stop()


def test_an_order_that_follows_up(qtbot: QtBot, stage: Stage, order_id: str, dying: ScreenContext) -> None:
    form = FollowUpForm(dying, order_id)
    qtbot.addWidget(form)
    form.show()
    QTest.keyClicks(form.title.line, "Replace the seal")
    assert left(stage) == [f"follow-up:{order_id}"]
    press(form.save_button)
    assert rows(stage, "SELECT title FROM work_order WHERE parent_id = ?", order_id) == [("Replace the seal",)]
    assert left(stage) == []
    form.stop()


def test_a_pause(qtbot: QtBot, stage: Stage, order_id: str, dying: ScreenContext) -> None:
    arrive(stage, order_id)
    page = open_order(qtbot, stage, order_id, context=dying)
    choose_more(page, "Pause order")
    assert page.pane.form is not None
    QTest.keyClicks(page.pane.form.field.line, "No key")
    assert left(stage) == [f"form:{order_id}", f"pause:{order_id}"]
    press(page.pane.form.act_button)
    assert order_of(stage, order_id)["status"] == "on_hold"
    assert left(stage) == []
    page.stop()


def test_an_arrival(qtbot: QtBot, stage: Stage, order_id: str, dying: ScreenContext) -> None:
    with stage.session.writing() as write:
        log_id = start_travel(write, order_id)
    sheet = ArriveSheet(dying, log_id, order_id)
    qtbot.addWidget(sheet)
    sheet.show()
    QTest.keyClicks(sheet.reason.line, "Gate closed")
    assert left(stage) == [f"arrive:{log_id}"]
    press(sheet.footer.primary)
    assert rows(stage, "SELECT reason FROM work_log_event WHERE kind = 'arrive'") == [("Gate closed",)]
    assert left(stage) == []
    sheet.stop()


def test_a_signature(qtbot: QtBot, stage: Stage, order_id: str, dying: ScreenContext) -> None:
    do_work(stage, order_id)
    page = open_page(qtbot, stage, order_id, context=dying)
    draw(page.sides.panel.ink.pad)
    assert left(stage) == [f"sign-ink:{order_id}"]
    sign(qtbot, page)
    assert [row["meaning"] for row in rows_of(stage, "signature", order_id)] == ["performed"]
    assert left(stage) == []
    page.stop()


def test_a_decision(qtbot: QtBot, tmp_path: Path) -> None:
    with a_supervisor(tmp_path / "supervisor") as (stage, (order_id, *_)):
        context = replace(stage.context, background=Dying(stage.session))
        page = shown(qtbot, ReviewPage(context, Place.of("review", order_id=order_id)))
        page.presenter.begin("return")
        QTest.keyClicks(page.bar.reason.line, "Tighten the gland.")
        assert left(stage) == [f"review-mode:{order_id}", f"review-reason:{order_id}"]
        QTest.keyClicks(page.bar.secret.line, PASSWORD)
        press(page.footer.primary)
        assert order_of(stage, order_id)["status"] == "in_progress"
        assert left(stage) == []
        page.stop()
