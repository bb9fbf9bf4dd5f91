"""The supervisor signs on the technician's installation: his password, his key, the technician's replica."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from cmms_desktop.application.session import EnrolledHere, Session
from cmms_desktop.ui.bridge.doors import Refusal, ScreenContext, Then
from cmms_desktop.ui.screens.review.on_site import SupervisorSheet
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.page import Page
from cmms_desktop.ui.widgets.sheet import Sheet
from sync_server.application.signatures import verify
from sync_server.contract.rules import signed_body
from tests.ui.rendered import nameless, small_targets
from tests.ui.screens.signing_work import complete, do_work, order_of, rows_of
from tests.ui.stage import PASSWORD, InlineBackground, Stage, a_stage, person

T = TypeVar("T")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with a_stage(tmp_path) as made:
        complete(made, made.order_ids[0])
        yield made


def open_sheet(
    qtbot: QtBot, stage: Stage, order_id: str = "", *, context: ScreenContext | None = None
) -> SupervisorSheet:
    page = Page()
    sheet = Sheet(page)
    qtbot.addWidget(page, before_close_func=lambda closing: closing.removeEventFilter(sheet))
    page.resize(800, 432)
    page.show()
    content = SupervisorSheet(context or stage.context, order_id or stage.order_ids[0])
    qtbot.addWidget(content)  # a closed sheet gives its content away
    sheet.open(content, "Supervisor signs here")
    content.done.connect(sheet.close_sheet)
    return content


def click(qtbot: QtBot, widget: QWidget) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


@pytest.mark.smoke
def test_a_supervisor_approves_on_the_technicians_device_with_his_own_key(qtbot: QtBot, stage: Stage) -> None:
    sheet, order_id = open_sheet(qtbot, stage), stage.order_ids[0]
    assert sheet.people.keys() == (person("supervisor").person_id,)
    qtbot.keyClicks(sheet.bar.secret.line, PASSWORD)
    with qtbot.waitSignal(sheet.done):
        click(qtbot, sheet.decide)
    row = next(row for row in rows_of(stage, "signature", order_id) if row["meaning"] == "approved")
    key = stage.session.people.signers["supervisor"].public_key  # type: ignore[attr-defined]
    assert verify(key, str(row["signature"]), signed_body.signing_input("approved", str(row["body"]).encode()))
    assert row["signer_id"] == person("supervisor").person_id
    assert order_of(stage, order_id)["status"] == "closed"
    with stage.session.reading() as reading:
        signers = reading.cursor.execute(
            "SELECT body FROM outbox WHERE row_id = ? AND type = 'signature.create'", (row["id"],)
        ).fetchall()
    assert person("supervisor").person_id in signers[0][0]


def test_he_returns_with_a_reason_and_not_without(qtbot: QtBot, stage: Stage) -> None:
    sheet, order_id = open_sheet(qtbot, stage), stage.order_ids[0]
    click(qtbot, sheet.choice.button("return"))
    qtbot.keyClicks(sheet.bar.secret.line, PASSWORD)
    click(qtbot, sheet.decide)
    assert sheet.bar.reason.error == "Say what has to be done."
    assert order_of(stage, order_id)["status"] == "completed"
    qtbot.keyClicks(sheet.bar.reason.line, "Tighten the gland.")
    click(qtbot, sheet.decide)
    order = order_of(stage, order_id)
    assert (order["status"], order["status_reason"]) == ("in_progress", "Tighten the gland.")


class Held(InlineBackground):
    """Begins something slow when a test says so."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.waiting: list[Callable[[], None]] = []
        self.holds = False

    def run(self, work: Callable[[], T], then: Then[T] | None = None, *, refused: Refusal | None = None) -> None:
        if self.holds:
            self.waiting.append(partial(super().run, work, then, refused=refused))
        else:
            super().run(work, then, refused=refused)


def test_what_was_decided_when_the_button_was_pressed_is_done_and_said(qtbot: QtBot, stage: Stage) -> None:
    order_id, background = stage.order_ids[0], Held(stage.session)
    sheet = open_sheet(qtbot, stage, context=replace(stage.context, background=background))
    qtbot.keyClicks(sheet.bar.secret.line, PASSWORD)
    background.holds = True
    click(qtbot, sheet.decide)
    sheet._presenter.choose_person(stage.person_id)  # while the key is still being opened
    click(qtbot, sheet.choice.button("return"))
    background.waiting.pop()()
    assert order_of(stage, order_id)["status"] == "closed"
    assert stage.navigator.toasts[-1].endswith("approved")


def test_a_wrong_password_decides_nothing(qtbot: QtBot, stage: Stage) -> None:
    sheet = open_sheet(qtbot, stage)
    qtbot.keyClicks(sheet.bar.secret.line, "wrong")
    click(qtbot, sheet.decide)
    assert sheet.bar.secret.error == "That is not right. 4 tries are left."
    assert order_of(stage, stage.order_ids[0])["status"] == "completed"


def test_work_that_is_not_completed_cannot_be_signed_off(qtbot: QtBot, stage: Stage) -> None:
    do_work(stage, stage.order_ids[1])
    sheet = open_sheet(qtbot, stage, stage.order_ids[1])
    assert not sheet.decide.isVisible()
    assert sheet._message._title.text() == "Only completed work can be signed off."


def test_without_a_supervisor_enrolled_here_the_sheet_says_what_to_do(qtbot: QtBot, stage: Stage) -> None:
    alone = EnrolledHere(stage.person_id, "technician", "technician")
    stage.session.people.enrolled = lambda: (alone,)  # type: ignore[method-assign]
    sheet = open_sheet(qtbot, stage)
    assert sheet._nobody.isVisible()
    assert not sheet._form.isVisible()


def test_the_reason_is_there_again_after_not_yet(qtbot: QtBot, stage: Stage) -> None:
    sheet = open_sheet(qtbot, stage)
    click(qtbot, sheet.choice.button("return"))
    qtbot.keyClicks(sheet.bar.reason.line, "Tighten the gland.")
    sheet.stop()
    again = open_sheet(qtbot, stage)
    assert again.choice.current == "return"
    assert again.bar.reason.text() == "Tighten the gland."


def test_the_sheet_can_be_touched_and_named_at_the_largest_size(qtbot: QtBot, stage: Stage) -> None:
    theme().use(font_setting="largest")
    sheet = open_sheet(qtbot, stage)
    click(qtbot, sheet.choice.button("return"))
    QApplication.processEvents()
    assert [str(each) for each in (*small_targets(sheet), *nameless(sheet))] == []
