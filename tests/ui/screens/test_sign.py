"""Review and sign: the bytes that were shown are signed, only by who proved himself, once; the customer answers."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from cmms_desktop.application.commands import checklists, remarks, sign_off
from cmms_desktop.application.commands.statements import Prepared
from cmms_desktop.errors import Refused
from cmms_desktop.ui.bridge.background import QtBackground
from cmms_desktop.ui.bridge.doors import Place
from tests.ui.screens.signing_page import (
    SMALL,
    WAVE,
    click,
    digits,
    draw,
    is_signed_by,
    open_page,
    said,
    sign,
    signatures,
)
from tests.ui.screens.signing_work import DRAWN, do_work, hand_of, items_of, order_of, rows_of
from tests.ui.stage import PASSWORD, Stage, a_stage


@pytest.fixture
def order_id(stage: Stage) -> str:
    """An order whose work is done and waits for its signature."""
    do_work(stage, stage.order_ids[0])
    return stage.order_ids[0]


# ---- the technician


def test_exactly_the_bytes_that_were_shown_are_signed(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page = open_page(qtbot, stage, order_id)
    assert "number when you draw" in page.sides.record._digits._words.text()
    draw(page.sides.panel.ink.pad)
    shown, drawn = digits(page), page.sides.panel.ink.pad.strokes()
    sign(qtbot, page)
    (row,) = signatures(stage, order_id)
    assert str(row["body_sha256"])[:12] == shown
    assert is_signed_by(stage, "technician", row)
    assert not is_signed_by(stage, "supervisor", row)
    body = said(row)
    assert (body.meaning, body.order.id, body.ink is not None) == ("performed", order_id, True)
    ink = next(value for value in rows_of(stage, "personal_value", order_id) if value["path"] == "/ink")
    assert json.loads(str(ink["value"])) == [[list(point) for point in stroke] for stroke in drawn]
    assert order_of(stage, order_id)["performed_signature_id"] == row["id"]
    assert page._state.step == "customer"
    assert stage.navigator.places[-1] == Place.of("sign", order_id=order_id, step="customer")


def test_a_wrong_password_signs_nothing_and_keeps_the_ink(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page = open_page(qtbot, stage, order_id)
    draw(page.sides.panel.ink.pad)
    before = page.sides.panel.ink.pad.strokes()
    sign(qtbot, page, "wrong")
    assert page.sides.panel.secret.error == "That is not right. 4 tries are left."
    assert signatures(stage, order_id) == []
    assert page.sides.panel.ink.pad.strokes() == before
    assert page.sides.panel.secret.text() == ""
    sign(qtbot, page)
    assert len(signatures(stage, order_id)) == 1


def test_without_ink_or_password_nothing_is_signed_and_the_field_says_so(
    qtbot: QtBot, stage: Stage, order_id: str
) -> None:
    page = open_page(qtbot, stage, order_id)
    click(qtbot, page.footer.primary)
    assert page.sides.panel.ink._frame.error == "Nothing was drawn. Sign inside the frame."
    draw(page.sides.panel.ink.pad)
    assert page.sides.panel.ink._frame.error == ""
    click(qtbot, page.footer.primary)
    assert page.sides.panel.secret.error == "Enter your password to sign."
    assert signatures(stage, order_id) == []


def test_a_double_click_signs_once(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    background = QtBackground(stage.session, complain=lambda problem: pytest.fail(problem.sentence))
    page = open_page(qtbot, stage, order_id, context=replace(stage.context, background=background))
    qtbot.waitUntil(lambda: page._state.step == "technician")
    draw(page.sides.panel.ink.pad)
    qtbot.waitUntil(lambda: len(digits(page)) == 12)
    qtbot.keyClicks(page.sides.panel.secret.line, PASSWORD)
    qtbot.mouseDClick(page.footer.primary, Qt.MouseButton.LeftButton)
    click(qtbot, page.footer.primary)
    qtbot.waitUntil(lambda: page._state.step == "customer")
    page.stop()
    background.close()
    assert len(signatures(stage, order_id)) == 1


def test_what_was_prepared_twice_is_signed_once(stage: Stage, order_id: str) -> None:
    prepared = prepare(stage, order_id)
    hand = hand_of(stage)
    with stage.session.writing() as write:
        sign_off.sign_prepared(write, hand, prepared)
    refusal(stage, "record_changed", lambda write: sign_off.sign_prepared(write, hand, prepared))
    assert len(signatures(stage, order_id)) == 1


def test_nobody_signs_what_was_prepared_for_another(stage: Stage, order_id: str) -> None:
    prepared = prepare(stage, order_id)
    other = hand_of(stage, "supervisor")
    refusal(stage, "not_allowed", lambda write: sign_off.sign_prepared(write, other, prepared))


def prepare(stage: Stage, order_id: str) -> Prepared:
    with stage.session.writing() as write:
        return sign_off.prepare_performed(write, order_id, strokes=DRAWN)


def refusal(stage: Stage, code: str, step: Callable[..., object]) -> None:
    with pytest.raises(Refused) as refused, stage.session.writing() as write:
        step(write)
    assert refused.value.code == code


def test_a_change_between_preparing_and_signing_is_noticed(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page = open_page(qtbot, stage, order_id)
    draw(page.sides.panel.ink.pad)
    shown = digits(page)
    unlock = stage.session.people.unlock
    item = next(item for item in items_of(stage, order_id) if item["kind"] == "pass_fail")

    def slowly(person_id: str, secret: str) -> object:
        """While the key is opened, somebody changes an answer."""
        stage.session.people.unlock = unlock  # type: ignore[method-assign]
        with stage.session.writing() as write:
            checklists.complete_checklist_item(write, str(item["id"]), result="flag", note="Loose after all.")
        return unlock(person_id, secret)

    stage.session.people.unlock = slowly  # type: ignore[method-assign,assignment]
    sign(qtbot, page)
    assert signatures(stage, order_id) == []
    assert page._state.notice == sign_off.CHANGED
    assert page.sides.notice.isVisibleTo(page)
    assert digits(page) not in {shown, ""}
    assert not page.sides.panel.ink.pad.is_empty
    sign(qtbot, page)
    (row,) = signatures(stage, order_id)
    assert any(item.note == "Loose after all." for item in said(row).checklists[0].items)


def test_the_number_stays_when_something_outside_the_record_changes(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page = open_page(qtbot, stage, order_id)
    draw(page.sides.panel.ink.pad)
    shown = digits(page)
    with stage.session.writing() as write:
        remarks.add_comment(write, order_id, "The gate was locked.")
    assert (digits(page), page._state.notice) == (shown, "")
    with stage.session.writing() as write:
        write.set("work_order", order_id, completion_note="All done.")
    assert digits(page) != shown
    assert page._state.notice == "The record changed while you read it. Read it again before you sign."


def test_missing_answers_are_listed_with_the_way_to_them(qtbot: QtBot, stage: Stage) -> None:
    order_id = stage.order_ids[1]
    do_work(stage, order_id, leave_out=2)
    page = open_page(qtbot, stage, order_id)
    assert page._state.step == "answers"
    assert len(page._state.missing) == 2
    first = page._state.missing[0]
    row = page.missing._rows.widget(first.id)
    click(qtbot, row._answer)
    assert stage.navigator.places[-1] == Place.of("order", order_id=order_id, tab="checklist", item=first.id)
    for item in page._state.missing:
        with stage.session.writing() as write:
            kind = next(row["kind"] for row in items_of(stage, order_id) if row["id"] == item.id)
            given = {"result": "pass"} if kind == "pass_fail" else {"result": "na", "note": "Not reachable."}
            checklists.complete_checklist_item(write, item.id, **given)
    assert page._state.step == "technician"


def test_what_is_not_included_is_shown_and_signed(qtbot: QtBot, stage: Stage) -> None:
    order_id = stage.order_ids[1]
    do_work(stage, order_id, failing=True)
    page = open_page(qtbot, stage, order_id)
    shown = page._state.record.not_included
    number = stage.replica.get("work_order", follow_up(stage, order_id))["number"]
    assert shown[0] == "Office changes after 12 March 2026, 06:58 UTC are not known to this device."
    assert f"Follow-up {number} has not reached the office yet." in shown
    draw(page.sides.panel.ink.pad)
    sign(qtbot, page)
    assert tuple(said(signatures(stage, order_id)[0]).not_yet_included) == shown


def follow_up(stage: Stage, order_id: str) -> str:
    with stage.session.reading() as reading:
        (found,) = reading.cursor.execute("SELECT id FROM work_order WHERE parent_id = ?", (order_id,)).fetchall()
    return str(found[0])


@pytest.mark.smoke
def test_exceptions_are_listed_and_the_whole_record_can_be_read(qtbot: QtBot, stage: Stage) -> None:
    order_id = stage.order_ids[1]
    do_work(stage, order_id, failing=True)
    page = open_page(qtbot, stage, order_id)
    lines = [line for part in page._state.record.parts for line in part.lines]
    assert any("Outside the fence, 540 m from the site" in line.title for line in lines)
    assert any(line.detail == "Fail, note" for line in lines)
    click(qtbot, page.sides.record._more)
    qtbot.waitUntil(lambda: page.sides.record._details.is_complete)
    words = [label.text() for label in page.sides.record._details.findChildren(QLabel)]
    for item in items_of(stage, order_id):
        assert item["prompt"] in words


def test_an_order_on_hold_cannot_be_signed_and_says_why(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    with stage.session.writing() as write:
        write.set("work_order", order_id, status="on_hold", status_reason="Part missing.")
    page = open_page(qtbot, stage, order_id)
    assert page._state.blocked == "Only work that is in progress can be signed as performed."
    assert page.footer.primary.text() == "Back to checklist"
    click(qtbot, page.footer.primary)
    assert stage.navigator.places[-1].page == "order"


def test_an_order_that_left_the_device_says_so(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage, "00000000-0000-7000-8000-00000000ffff")
    assert page._state.step == "gone"
    assert page.primary() is None


def test_a_name_can_be_typed_instead_of_drawn(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page = open_page(qtbot, stage, order_id)
    qtbot.keyClick(page.sides.panel.ink.type_button, Qt.Key.Key_Space)
    assert not page.sides.panel.ink.pad.is_empty
    assert len(digits(page)) == 12
    click(qtbot, page.sides.panel.ink.clear_button)
    assert page.sides.panel.ink.pad.is_empty
    assert "number when you draw" in page.sides.record._digits._words.text()


def test_undo_takes_the_last_stroke_and_keeps_the_others(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page = open_page(qtbot, stage, order_id)
    ink = page.sides.panel.ink
    draw(ink.pad)
    first = ink.pad.strokes()
    draw(ink.pad, tuple(place + QPoint(20, 20) for place in WAVE))
    assert len(ink.pad.strokes()) == 2
    click(qtbot, ink.undo_button)
    assert ink.pad.strokes() == first
    assert page.presenter.entries.load().ink == first
    page.stop()


def test_a_finger_draws_and_does_not_scroll(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page = open_page(qtbot, stage, order_id, size=SMALL)
    click(qtbot, page.footer.primary)
    assert page.sides.panel.isVisible()
    pad, window = page.sides.panel.ink.pad, page.window()
    screen = QTest.createTouchDevice()
    QTest.touchEvent(window, screen).press(0, pad.mapTo(window, WAVE[0]), window).commit()
    for place in WAVE[1:]:
        QTest.touchEvent(window, screen).move(0, pad.mapTo(window, place), window).commit()
    QTest.touchEvent(window, screen).release(0, pad.mapTo(window, WAVE[-1]), window).commit()
    assert not pad.is_empty
    assert page.sides.right.verticalScrollBar().value() == 0
    assert len(digits(page)) == 12


# ---- nothing is lost


def test_the_ink_is_there_again_after_the_program_died(
    qtbot: QtBot, stage: Stage, order_id: str, tmp_path: Path
) -> None:
    page = open_page(qtbot, stage, order_id)
    draw(page.sides.panel.ink.pad)
    drawn = page.sides.panel.ink.pad.strokes()
    stage.replica.close()
    with a_stage(tmp_path / "first", fresh=False) as again:
        other = open_page(qtbot, again, order_id)
        assert other.sides.panel.ink.pad.strokes() == drawn
        assert len(digits(other)) == 12
        other.stop()


def test_no_signature_is_lost_when_the_page_goes_right_after_the_press(
    qtbot: QtBot, stage: Stage, order_id: str
) -> None:
    background = QtBackground(stage.session, complain=lambda problem: pytest.fail(problem.sentence))
    page = open_page(qtbot, stage, order_id, context=replace(stage.context, background=background))
    qtbot.waitUntil(lambda: page._state.step == "technician")
    draw(page.sides.panel.ink.pad)
    qtbot.waitUntil(lambda: len(digits(page)) == 12)
    sign(qtbot, page)
    page.stop()
    background.close()
    assert len(signatures(stage, order_id, "performed")) == 1


def test_the_step_follows_from_the_rows_after_a_restart(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    with stage.session.writing() as write:
        sign_off.sign_performed(write, hand_of(stage), order_id, strokes=DRAWN)
    page = open_page(qtbot, stage, order_id)
    assert page._state.step == "customer"
    assert not page._state.has_hand
    page.presenter.choose("accept")
    assert page.sides.customer.secret.isVisible()


def test_changing_an_answer_after_signing_asks_for_a_new_signature(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page = open_page(qtbot, stage, order_id)
    draw(page.sides.panel.ink.pad)
    sign(qtbot, page)
    item = next(item for item in items_of(stage, order_id) if item["kind"] == "pass_fail")
    with stage.session.writing() as write:
        checklists.complete_checklist_item(write, str(item["id"]), result="flag", note="Loose.")
    assert page._state.step == "technician"
    assert page._state.notice
    draw(page.sides.panel.ink.pad)
    sign(qtbot, page)
    assert len(signatures(stage, order_id, "performed")) == 2
    assert page._state.step == "customer"
