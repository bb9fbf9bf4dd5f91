"""The supervisor's review: exceptions first; one order with all that is on record of it."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.screens.review.finding_card import FindingCard
from cmms_desktop.ui.screens.review.state import QueueRow
from cmms_desktop.ui.screens.review.view import ReviewPage
from cmms_desktop.ui.text.faces import SectionRow
from cmms_desktop.ui.theme import theme
from tests.ui.rendered import nameless, out_of_window, small_targets, unreadable
from tests.ui.screens.office_news import bring, edited
from tests.ui.screens.review_page import SMALL, WIDE, click, ids, open_page, press_row, signed
from tests.ui.screens.signing_work import failed, refused, review, stage
from tests.ui.stage import Stage

__all__ = ["failed", "refused", "review", "stage"]


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
