"""The supervisor's review: exceptions first, approve or return in place with his own key, nothing he wrote is lost."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from cmms_desktop.application.commands import sign_off
from cmms_desktop.errors import Refused
from cmms_desktop.ui.bridge.background import QtBackground
from cmms_desktop.ui.bridge.doors import Place, ScreenContext
from cmms_desktop.ui.screens.review.finding_card import FindingCard
from cmms_desktop.ui.screens.review.state import QueueRow
from cmms_desktop.ui.screens.review.view import ReviewPage
from cmms_desktop.ui.text.faces import SectionRow
from cmms_desktop.ui.theme import theme
from sync_server.application.signatures import verify
from sync_server.contract.fields import Row
from sync_server.contract.problems import Problem
from sync_server.contract.rules import signed_body
from tests.ui.rendered import nameless, out_of_window, small_targets, unreadable
from tests.ui.screens.office_news import bring, edited
from tests.ui.screens.signing_work import (
    DRAWN,
    a_supervisor,
    answer_all,
    arrive,
    hand_of,
    order_of,
    rows_of,
)
from tests.ui.stage import PASSWORD, Stage, a_stage

WIDE, SMALL = (1192, 752), (800, 432)
"""Size of a page in a window of 1280 × 800 and of 800 × 480, in px."""


@pytest.fixture
def review(tmp_path: Path) -> Iterator[tuple[Stage, tuple[str, str, str]]]:
    with a_supervisor(tmp_path / "supervisor") as made:
        yield made


@pytest.fixture
def stage(review: tuple[Stage, tuple[str, str, str]]) -> Stage:
    return review[0]


@pytest.fixture
def failed(review: tuple[Stage, tuple[str, str, str]]) -> str:
    """An order with a failed item, reached from outside the fence."""
    return review[1][0]


@pytest.fixture
def refused(review: tuple[Stage, tuple[str, str, str]]) -> str:
    """An order that the customer refused."""
    return review[1][1]


def open_page(
    qtbot: QtBot,
    stage: Stage,
    order_id: str = "",
    *,
    context: ScreenContext | None = None,
    size: tuple[int, int] = WIDE,
) -> ReviewPage:
    place = Place.of("review", order_id=order_id) if order_id else Place.of("review")
    page = ReviewPage(context or stage.context, place)
    qtbot.addWidget(page)
    page.resize(*size)
    page.show()
    page.follow_size()
    page.start()
    return page


def click(qtbot: QtBot, widget: QWidget) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def press_row(qtbot: QtBot, page: ReviewPage, order_id: str) -> None:
    view = page.queue.view
    index = page.queue.model.index_of(order_id)
    view.scrollTo(index)
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(index).center())


def ids(page: ReviewPage) -> list[str]:
    return [row.id for row in page.queue.model.rows() if isinstance(row, QueueRow)]


def signed(stage: Stage, order_id: str, meaning: str) -> list[Row]:
    return [row for row in rows_of(stage, "signature", order_id) if row["meaning"] == meaning]


def is_signed_by(stage: Stage, login: str, row: Row) -> bool:
    body = str(row["body"]).encode()
    assert signed_body.check_body(body) == []
    key = stage.session.people.signers[login].public_key  # type: ignore[attr-defined]
    return verify(key, str(row["signature"]), signed_body.signing_input(str(row["meaning"]), body))


# ---- the queue


@pytest.mark.smoke
def test_exceptions_come_first_and_say_what_they_are(qtbot: QtBot, stage: Stage, failed: str, refused: str) -> None:
    page = open_page(qtbot, stage)
    QAbstractItemModelTester(page.queue.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    rows = page.queue.model.rows()
    assert isinstance(rows[0], SectionRow)
    assert rows[0].title == "With exceptions"
    faces = {row.id: row.face for row in rows if isinstance(row, QueueRow)}
    assert {"1 fail", "Fence"} <= {badge.text for badge in faces[failed].badges}
    assert faces[refused].badges[0].text == "Customer refused"
    clean = next(number for number, row in enumerate(rows) if getattr(row, "title", "") == "No exceptions")
    with_exceptions = [row.id for row in rows[1:clean] if isinstance(row, QueueRow)]
    assert {failed, refused} <= set(with_exceptions)
    assert rows[0].count == len(with_exceptions)
    assert page.queue.tabs.button("pending").text() == f"Pending {len(ids(page))}"


def test_the_first_order_is_chosen_on_a_wide_window_and_none_on_a_small_one(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage)
    assert page._state.queue.selected == ids(page)[0]
    small = open_page(qtbot, stage, size=SMALL)
    assert small._state.queue.selected == ""
    assert small.queue.isVisible()
    press_row(qtbot, small, ids(small)[1])
    assert small.order.isVisible()
    assert not small.queue.isVisible()
    assert small.step_back()
    assert small.queue.isVisible()
    assert not small.step_back()


def test_keys_move_through_the_queue_and_begin_decisions(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage)
    order = ids(page)
    for key, at in (("J", 1), ("j", 2), ("K", 1), ("K", 0), ("K", 0)):
        assert page.take_key(key)
        assert page._state.queue.selected == order[at]
    assert stage.navigator.places[-1] == Place.of("review", order_id=order[0])
    assert page.take_key("A")
    assert page._state.decision.mode == "approve"
    assert page.focusWidget() is page.bar.secret.line
    assert page.step_back()
    assert page.take_key("R")
    assert page._state.decision.mode == "return"
    assert page.focusWidget() is page.bar.reason.line
    assert not page.take_key("X")
    page.presenter.begin("")
    assert page.take_key("E")
    assert page.order.signatures.head.is_open
    assert page.take_key("E")
    assert not page.order.signatures.head.is_open


def test_arrows_choose_and_sections_are_passed_over(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage)
    page.queue.view.setFocus()
    qtbot.keyClick(page.queue.view, Qt.Key.Key_Down)
    assert page._state.queue.selected == ids(page)[1]
    qtbot.keyClick(page.queue.view, Qt.Key.Key_End)
    assert page._state.queue.selected == ids(page)[-1]


# ---- one order


def test_an_order_shows_its_exceptions_signatures_and_both_times(qtbot: QtBot, stage: Stage, failed: str) -> None:
    page = open_page(qtbot, stage, failed)
    order = page._state.order
    assert order is not None
    assert [finding.title for finding in order.findings][-1] == "Arrived outside the fence, 540 m from the site"
    card = page.order.findings.widgets()[0]
    assert isinstance(card, FindingCard)
    assert "Drips once a second." in [label.text() for label in card.findChildren(QLabel)]
    assert order.seal is not None
    (performed,) = signed(stage, failed, "performed")
    assert (order.seal.word, order.seal.digits.replace(" ", "")) == (
        "Signature valid",
        str(performed["body_sha256"])[:12],
    )
    assert [face.title for face in order.signatures] == ["Performed, technician", "Customer accepted"]
    assert order.folds[1].trailing == "First review"
    arrived = next(row for row in order.timeline if row.face.event.startswith("Arrived"))
    assert (arrived.face.device_time, arrived.face.received_time) == ("07:16", "07:16")
    click(qtbot, page.order.folds.widgets()[0].head)
    qtbot.waitUntil(lambda: page.order.folds.widgets()[0]._lines.is_complete)
    words = [label.text() for label in page.order.folds.widgets()[0].findChildren(QLabel)]
    assert "I did this work." in words


def test_a_statement_whose_bytes_were_changed_is_called_out(qtbot: QtBot, stage: Stage, failed: str) -> None:
    (performed,) = signed(stage, failed, "performed")
    forged = str(performed["body"]).replace("Drips once a second.", "Nothing unusual.")
    bring(stage, ("signature", {**performed, "body": forged}))
    page = open_page(qtbot, stage, failed)
    order = page._state.order
    assert order is not None
    assert order.seal is not None
    assert order.seal.word == "Does not fit its record"


def test_an_edit_after_signing_is_an_exception(qtbot: QtBot, stage: Stage, failed: str) -> None:
    page = open_page(qtbot, stage, failed)
    bring(stage, edited(stage, "work_order", failed, is_signature_stale=True))
    order = page._state.order
    assert order is not None
    assert "Changed after signing" in [finding.title for finding in order.findings]


def test_follow_ups_photos_and_conflicts_are_one_press_away(qtbot: QtBot, stage: Stage, failed: str) -> None:
    page = open_page(qtbot, stage, failed)
    page.order.photo_pressed.emit()
    assert stage.navigator.places[-1] == Place.of("order", order_id=failed, tab="photos")
    page.order.link_pressed.emit("")
    assert stage.navigator.places[-1] == Place.of("inbox")
    page.order.link_pressed.emit(failed)
    assert stage.navigator.places[-1] == Place.of("order", order_id=failed, tab="summary")


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


# ---- how it looks


@pytest.mark.parametrize(
    ("size", "font", "name"), [(WIDE, "normal", "light"), (SMALL, "normal", "dark"), (SMALL, "largest", "sunlight")]
)
def test_everything_can_be_touched_and_has_a_name(
    qtbot: QtBot, stage: Stage, refused: str, size: tuple[int, int], font: str, name: str
) -> None:
    theme().use(name=name, font_setting=font)
    page = open_page(qtbot, stage, refused, size=size)
    for step in steps(page):
        QApplication.processEvents()
        for found in (small_targets(page), nameless(page), out_of_window(page)):
            assert [str(each) for each in found] == [], step


@pytest.mark.parametrize(("name", "least"), [("light", 4.5), ("dark", 4.5), ("sunlight", 7.0)])
def test_words_stand_out(qtbot: QtBot, stage: Stage, failed: str, name: str, least: float) -> None:
    theme().use(name=name)
    page = open_page(qtbot, stage, failed)
    assert [str(each) for each in unreadable(page, least=least)] == []


def steps(page: ReviewPage) -> Iterator[str]:
    """Go through everything that the page can show."""
    yield "order"
    page.order.toggle_all()
    yield "open"
    page.presenter.begin("approve")
    yield "approve"
    page.presenter.begin("return")
    page.presenter.decide("", "")
    yield "return"
    page.presenter.begin("")
    page.step_back()
    yield "list"


def test_the_page_stays_where_it_is_while_rows_change(qtbot: QtBot, stage: Stage, failed: str) -> None:
    page = open_page(qtbot, stage, failed)
    cards = page.order.findings.widgets()
    page.order.toggle_all()
    bring(stage, edited(stage, "work_order", failed, priority="low"))
    assert page.order.findings.widgets() == cards
    assert page.order.signatures.head.is_open
    assert page.queue.view.currentIndex() == page.queue.model.index_of(failed)
