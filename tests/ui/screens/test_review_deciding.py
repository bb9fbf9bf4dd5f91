"""Approving and returning with the supervisor's own key: nothing he wrote is lost, nobody decides for himself."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from cmms_desktop.application.commands import sign_off
from cmms_desktop.errors import Refused
from cmms_desktop.ui.bridge.background import QtBackground
from sync_server.contract.problems import Problem
from sync_server.contract.rules import signed_body
from tests.ui.screens.office_news import bring, edited
from tests.ui.screens.review_page import click, ids, is_signed_by, open_page, signed
from tests.ui.screens.signing_work import (
    DRAWN,
    answer_all,
    arrive,
    failed,
    hand_of,
    order_of,
    refused,
    review,
    stage,
)
from tests.ui.stage import PASSWORD, Stage, a_stage

__all__ = ["failed", "refused", "review", "stage"]


# ---- decisions


def test_approving_signs_with_the_supervisors_key_and_goes_on_to_the_next(
    qtbot: QtBot, stage: Stage, failed: str
) -> None:
    page = open_page(qtbot, stage, failed)
    after = ids(page)[ids(page).index(failed) + 1]
    click(qtbot, page.footer.primary)
    qtbot.keyClicks(page.bar.reason.line, "Well done.")
    qtbot.keyClicks(page.bar.secret.line, PASSWORD)
    click(qtbot, page.footer.primary)
    (row,) = signed(stage, failed, "approved")
    assert is_signed_by(stage, "supervisor", row)
    said = signed_body.read_body(str(row["body"]).encode())
    assert not isinstance(said, Problem)
    (performed,) = signed(stage, failed, "performed")
    assert (said.reason, said.user, said.role) == ("Well done.", stage.person_id, "supervisor")
    assert said.previous is not None
    assert performed["body_sha256"] is not None
    assert order_of(stage, failed)["status"] == "closed"
    assert stage.navigator.toasts == [f"{order_of(stage, failed)['number']} approved"]
    assert page._state.queue.selected == after
    assert page._state.decision.mode == ""
    assert stage.session.notes() == {}
    click(qtbot, page.queue.tabs.button("approved"))
    assert failed in ids(page)


@pytest.mark.parametrize("reason", ["", "  ", "..."])
def test_a_return_without_a_reason_is_impossible(qtbot: QtBot, stage: Stage, failed: str, reason: str) -> None:
    page = open_page(qtbot, stage, failed)
    click(qtbot, page.footer.secondary)
    qtbot.keyClicks(page.bar.reason.line, reason)
    qtbot.keyClicks(page.bar.secret.line, PASSWORD)
    click(qtbot, page.footer.primary)
    assert page.bar.reason.error == "Say what has to be done."
    assert order_of(stage, failed)["status"] == "completed"
    assert signed(stage, failed, "reviewed") == []
    with pytest.raises(Refused), stage.session.writing() as write:
        sign_off.return_work(write, hand_of(stage, "supervisor"), failed, reason=reason)


def test_a_return_opens_the_order_again_with_the_reason_and_is_listed(qtbot: QtBot, stage: Stage, refused: str) -> None:
    page = open_page(qtbot, stage, refused)
    click(qtbot, page.footer.secondary)
    click(qtbot, page.bar.chips.button("Repair and check again"))
    qtbot.keyClicks(page.bar.secret.line, PASSWORD)
    qtbot.keyClick(page.bar.secret.line, Qt.Key.Key_Return)
    order = order_of(stage, refused)
    assert (order["status"], order["status_reason"]) == ("in_progress", "Repair and check again.")
    (row,) = signed(stage, refused, "reviewed")
    assert is_signed_by(stage, "supervisor", row)
    click(qtbot, page.queue.tabs.button("returned"))
    assert ids(page) == [refused]
    shown = page._state.order
    assert shown is not None
    assert shown.message == ("info", "Returned", "“Repair and check again.”")
    assert page.primary() is None


def test_reviewed_is_on_record_and_the_order_waits_on(qtbot: QtBot, stage: Stage, failed: str) -> None:
    page = open_page(qtbot, stage, failed)
    click(qtbot, page.left.meaning.button("reviewed"))
    assert page.footer.primary.text() == "Sign as reviewed"
    click(qtbot, page.footer.primary)
    qtbot.keyClicks(page.bar.secret.line, PASSWORD)
    click(qtbot, page.footer.primary)
    assert len(signed(stage, failed, "reviewed")) == 1
    assert order_of(stage, failed)["status"] == "completed"
    assert page._state.queue.selected == failed
    shown = page._state.order
    assert shown is not None
    assert shown.folds[1].trailing.startswith("Nothing since Today")


def test_a_wrong_password_decides_nothing_and_keeps_the_reason(qtbot: QtBot, stage: Stage, failed: str) -> None:
    page = open_page(qtbot, stage, failed)
    page.take_key("R")
    qtbot.keyClicks(page.bar.reason.line, "Photo of the seal.")
    qtbot.keyClicks(page.bar.secret.line, "wrong")
    click(qtbot, page.footer.primary)
    assert page.bar.secret.error == "That is not right. 4 tries are left."
    assert (page.bar.reason.text(), page.bar.secret.text()) == ("Photo of the seal.", "")
    assert order_of(stage, failed)["status"] == "completed"
    click(qtbot, page.footer.secondary)
    assert page._state.decision.mode == ""
    assert page.footer.primary.text() == "Approve"


def test_a_double_click_approves_once(qtbot: QtBot, stage: Stage, failed: str) -> None:
    background = QtBackground(stage.session, complain=lambda problem: pytest.fail(problem.sentence))
    page = open_page(qtbot, stage, failed, context=replace(stage.context, background=background))
    qtbot.waitUntil(lambda: page._state.decision.is_possible)
    page.take_key("A")
    qtbot.keyClicks(page.bar.secret.line, PASSWORD)
    qtbot.mouseDClick(page.footer.primary, Qt.MouseButton.LeftButton)
    click(qtbot, page.footer.primary)
    qtbot.waitUntil(lambda: page._state.queue.selected not in {"", failed})
    page.stop()
    background.close()
    assert len(signed(stage, failed, "approved")) == 1


def test_no_decision_is_lost_when_the_page_goes_right_after_the_press(qtbot: QtBot, stage: Stage, failed: str) -> None:
    background = QtBackground(stage.session, complain=lambda problem: pytest.fail(problem.sentence))
    page = open_page(qtbot, stage, failed, context=replace(stage.context, background=background))
    qtbot.waitUntil(lambda: page._state.decision.is_possible)
    page.take_key("A")
    qtbot.keyClicks(page.bar.secret.line, PASSWORD)
    click(qtbot, page.footer.primary)
    page.stop()
    background.close()
    assert order_of(stage, failed)["status"] == "closed"


def test_a_decision_leaves_alone_the_order_that_is_looked_at_by_then(
    qtbot: QtBot, stage: Stage, failed: str, refused: str
) -> None:
    background = QtBackground(stage.session, complain=stage.navigator.complain)
    page = open_page(qtbot, stage, failed, context=replace(stage.context, background=background))
    qtbot.waitUntil(lambda: page.presenter._chosen is not None)
    page.presenter.begin("approve")
    qtbot.keyClicks(page.bar.secret.line, PASSWORD)
    click(qtbot, page.footer.primary)
    page.presenter.select(refused)  # while the key is still being opened
    qtbot.waitUntil(lambda: page.presenter._chosen is not None)
    page.presenter.begin("return")
    qtbot.keyClicks(page.bar.reason.line, "Tighten")
    qtbot.waitUntil(lambda: bool(stage.navigator.toasts))
    qtbot.waitUntil(lambda: not page.presenter._decider.is_busy)
    assert order_of(stage, failed)["status"] == "closed"
    assert (page._state.queue.selected, page._state.decision.mode) == (refused, "return")
    assert page.bar.reason.text() == "Tighten"
    page.stop()
    background.close()


def test_an_order_that_changed_meanwhile_is_looked_at_again(qtbot: QtBot, stage: Stage, failed: str) -> None:
    page = open_page(qtbot, stage, failed)
    unlock = stage.session.people.unlock

    def slowly(person_id: str, secret: str) -> object:
        """While the key is opened, the office's news arrive."""
        bring(stage, edited(stage, "work_order", failed, is_signature_stale=True))
        return unlock(person_id, secret)

    stage.session.people.unlock = slowly  # type: ignore[method-assign,assignment]
    page.take_key("A")
    qtbot.keyClicks(page.bar.secret.line, PASSWORD)
    click(qtbot, page.footer.primary)
    assert order_of(stage, failed)["status"] == "completed"
    assert page.left._words.text() == "This order changed while you read it. Look at it again, then decide."


def test_a_reason_that_was_begun_is_there_again_after_the_program_died(
    qtbot: QtBot, stage: Stage, failed: str, tmp_path: Path
) -> None:
    page = open_page(qtbot, stage, failed)
    page.take_key("R")
    qtbot.keyClicks(page.bar.reason.line, "Photo of the seal.")
    page.take_key("J")
    assert page.bar.reason.text() == ""
    stage.replica.close()
    with a_stage(tmp_path / "supervisor", "supervisor", fresh=False) as again:
        again.clock.now = stage.clock.now
        other = open_page(qtbot, again, failed)
        assert other._state.decision.mode == "return"
        assert other.bar.reason.text() == "Photo of the seal."
        other.stop()


# ---- what nobody may do


def test_nobody_signs_off_his_own_work(qtbot: QtBot, stage: Stage) -> None:
    order_id = own_order(stage)
    page = open_page(qtbot, stage, order_id)
    assert page._state.decision.blocked == "Nobody signs off his own work. Another supervisor has to do it."
    assert page.primary() is None
    assert not page.take_key("A") or page._state.decision.mode == ""
    with pytest.raises(Refused) as refusal, stage.session.writing() as write:
        sign_off.approve(write, hand_of(stage, "supervisor"), order_id)
    assert refusal.value.code == "own_work"


def own_order(stage: Stage) -> str:
    """An order that the supervisor did and signed himself."""
    with stage.session.reading() as reading:
        (found,) = reading.cursor.execute(
            "SELECT id FROM work_order WHERE status = 'assigned' AND deleted_at IS NULL ORDER BY id LIMIT 1"
        ).fetchall()
    order_id = str(found[0])
    arrive(stage, order_id)
    answer_all(stage, order_id)
    with stage.session.writing() as write:
        sign_off.sign_performed(write, hand_of(stage, "supervisor"), order_id, strokes=DRAWN)
        sign_off.complete(write, order_id)
    return order_id


def test_an_order_that_is_not_completed_cannot_be_approved(qtbot: QtBot, stage: Stage, failed: str) -> None:
    page = open_page(qtbot, stage, failed)
    bring(stage, edited(stage, "work_order", failed, status="in_progress"))
    assert not page._state.decision.is_possible
    page.take_key("A")
    assert page._state.decision.mode == ""
    assert page.primary() is None
    with pytest.raises(Refused) as refusal, stage.session.writing() as write:
        sign_off.approve(write, hand_of(stage, "supervisor"), failed)
    assert refusal.value.code == "illegal_transition"
