"""An order from setting out to signing: one next step, in reach of a thumb; what stands in the way is said in place."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cmms_desktop.application.commands import sign_off, visits
from cmms_desktop.application.session import Reading, Session
from cmms_desktop.errors import CmmsError
from cmms_desktop.ui.bridge.background import QtBackground
from cmms_desktop.ui.bridge.doors import Place, Refusal, Then
from cmms_desktop.ui.screens.arrive.view import ArriveSheet
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.segmented import Chips
from tests.ui.screens.day_pages import (
    SMALL,
    WIDE,
    choose_more,
    facts,
    more_of,
    never,
    open_order,
    press,
    primary_text,
    rows,
    stumbling_blocks,
    tab_of,
    with_background,
)
from tests.ui.screens.office_news import bring, conflict, conflict_id, edited
from tests.ui.screens.signing_work import answer_all, arrive, complete, hand_of
from tests.ui.screens.slow_reader import SlowReader
from tests.ui.stage import InlineBackground, Stage, a_stage

T = TypeVar("T")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with a_stage(tmp_path / "first") as made:
        yield made


@pytest.fixture
def order_id(stage: Stage) -> str:
    return stage.order_ids[1]


# ---- the steps of a visit


@pytest.mark.smoke
def test_one_button_leads_from_travel_to_signing(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page = open_order(qtbot, stage, order_id)
    assert primary_text(page) == "Travel"
    press(page.pane.footer.primary)
    assert facts(stage, order_id).next_step == "arrive"

    stage.clock.advance(minutes=18)
    stage.stand_at(order_id)
    press(page.pane.footer.primary)
    sheet = page.findChild(ArriveSheet)
    assert isinstance(sheet, ArriveSheet)
    qtbot.waitUntil(sheet.primary().isEnabled)
    press(sheet.primary())
    assert facts(stage, order_id).next_step == "start"

    press(page.pane.footer.primary)
    assert facts(stage, order_id).status == "in_progress"
    assert page.pane.header.tabs.current == "checklist"

    answer_all(stage, order_id)
    press(page.pane.footer.primary)
    assert facts(stage, order_id).next_step == "sign"
    assert stage.navigator.places[-1] == Place.of("sign", order_id=order_id, step="technician")
    page.stop()


def test_finishing_with_answers_missing_lists_them_and_keeps_the_visit_open(
    qtbot: QtBot, stage: Stage, order_id: str
) -> None:
    arrive(stage, order_id)
    page = open_order(qtbot, stage, order_id)
    press(page.pane.footer.primary)
    assert page.pane.header.tabs.current == "checklist"
    assert page.pane.trouble == "7 mandatory answers are missing."
    visit = facts(stage, order_id).visit
    assert visit is not None
    assert visit.ended_at is None
    answer_all(stage, order_id)
    assert page.pane.trouble == ""
    page.stop()


def test_finishing_right_after_the_last_answer_asks_the_rows(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    arrive(stage, order_id)
    background = SlowReader(stage.session)
    page = open_order(qtbot, stage, order_id, context=with_background(stage, background))
    background.is_slow = True
    answer_all(stage, order_id)
    press(page.pane.footer.primary)
    background.answer_newest_first()
    assert page.pane.trouble == ""
    assert stage.navigator.places[-1] == Place.of("sign", order_id=order_id, step="technician")
    page.stop()


def test_a_step_pressed_twice_is_taken_once(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    complaints: list[CmmsError] = []
    background = QtBackground(stage.session, complain=complaints.append)
    page = open_order(qtbot, stage, order_id, context=with_background(stage, background))
    qtbot.waitUntil(lambda: primary_text(page) == "Travel")
    QTest.mouseDClick(page.pane.footer.primary, Qt.MouseButton.LeftButton)
    press(page.pane.footer.primary)
    qtbot.waitUntil(lambda: primary_text(page) == "Arrive")
    assert rows(stage, "SELECT count(*) FROM work_log WHERE aggregate_id = ?", order_id) == [(1,)]
    page.stop()
    background.close()
    assert not complaints


def test_a_step_pressed_again_before_the_order_was_read_again_is_taken_once(
    qtbot: QtBot, stage: Stage, order_id: str
) -> None:
    background = SlowReads(stage.session)
    page = open_order(qtbot, stage, order_id, context=with_background(stage, background))
    background.answer()
    press(page.pane.footer.primary)  # saved at once, but the screen offers it still
    press(page.pane.footer.primary)
    assert rows(stage, "SELECT count(*) FROM work_log WHERE aggregate_id = ?", order_id) == [(1,)]
    background.answer()
    assert primary_text(page) == "Arrive"
    page.stop()


def test_nothing_is_lost_when_the_page_is_closed_right_after_a_press(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    background = QtBackground(stage.session, complain=never)
    page = open_order(qtbot, stage, order_id, context=with_background(stage, background))
    qtbot.waitUntil(lambda: primary_text(page) == "Travel")
    press(page.pane.footer.primary)
    page.stop()
    background.close()
    assert facts(stage, order_id).next_step == "arrive"


def test_the_timer_says_how_long_the_work_has_lasted(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    arrive(stage, order_id)
    stage.clock.advance(minutes=59)
    page = open_order(qtbot, stage, order_id)
    assert page.pane.header.timer.accessibleName() == "The visit has lasted 0:59"
    page.stop()


# ---- pausing, leaving, coming back


def test_a_pause_needs_a_reason_and_keeps_a_half_written_one(
    qtbot: QtBot, stage: Stage, order_id: str, tmp_path: Path
) -> None:
    arrive(stage, order_id)
    page = open_order(qtbot, stage, order_id)
    choose_more(page, "Pause order")
    QTest.keyClick(page.pane.form.field.line, Qt.Key.Key_Return)
    assert page.pane.form.field.error == "Say why the order is on hold."
    QTest.keyClicks(page.pane.form.field.line, "Waiting for the key of")
    page.stop()

    again = open_order(qtbot, stage, order_id)
    assert again.pane.form.field.text() == "Waiting for the key of"
    QTest.keyClicks(again.pane.form.field.line, " room 2")
    press(again.primary() or again)
    found = facts(stage, order_id)
    assert (found.status, found.status_reason) == ("on_hold", "Waiting for the key of room 2")
    assert again.pane.form is None
    press(again.pane.footer.primary)
    assert facts(stage, order_id).status == "in_progress"
    again.stop()


def test_a_frequent_reason_takes_no_typed_word_away(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    arrive(stage, order_id)
    page = open_order(qtbot, stage, order_id)
    choose_more(page, "Pause order")
    form = page.pane.form
    QTest.keyClicks(form.field.line, "the seal is on order, ")
    part, access = (form.findChild(Chips).button(key) for key in ("parts", "access"))
    press(part)
    assert form.field.text() == "Waiting for a part: the seal is on order, "
    press(access)
    assert form.field.text() == "No access: the seal is on order, "
    QTest.keyClicks(form.field.line, "three days")
    press(access)
    assert form.field.text() == "the seal is on order, three days"
    page.stop()

    again = open_order(qtbot, stage, order_id)
    assert again.pane.form.field.text() == "the seal is on order, three days"
    again.stop()


def test_a_frequent_reason_alone_is_a_reason(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    arrive(stage, order_id)
    page = open_order(qtbot, stage, order_id)
    choose_more(page, "Pause order")
    press(page.pane.form.findChild(Chips).button("parts"))
    assert page.pane.form.field.text() == "Waiting for a part"
    press(page.primary() or page)
    assert facts(stage, order_id).status_reason == "Waiting for a part"
    page.stop()


def test_a_frequent_reason_is_still_chosen_after_a_restart(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    arrive(stage, order_id)
    page = open_order(qtbot, stage, order_id)
    choose_more(page, "Pause order")
    QTest.keyClicks(page.pane.form.field.line, "of the door")
    press(page.pane.form.findChild(Chips).button("access"))
    page.stop()

    again = open_order(qtbot, stage, order_id)
    chips = again.pane.form.findChild(Chips)
    assert chips.keys() == ("access",)
    press(chips.button("access"))
    assert again.pane.form.field.text() == "of the door"
    again.stop()


def test_escape_puts_a_form_away_before_the_page(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    arrive(stage, order_id)
    page = open_order(qtbot, stage, order_id)
    choose_more(page, "Pause order")
    assert page.step_back()
    assert page.pane.form is None
    assert not page.step_back()
    page.stop()


def test_who_left_with_answers_missing_travels_again(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    arrive(stage, order_id)
    page = open_order(qtbot, stage, order_id)
    choose_more(page, "Leave site")
    assert primary_text(page) == "Travel"
    press(page.pane.footer.primary)
    assert rows(stage, "SELECT count(*) FROM work_log WHERE aggregate_id = ?", order_id) == [(2,)]
    page.stop()


def test_resuming_after_a_visit_has_ended_sets_out_anew(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    log_id = arrive(stage, order_id)
    with stage.session.writing() as write:
        visits.pause_work(write, log_id, reason="Waiting for a part")
        visits.leave(write, log_id)
    page = open_order(qtbot, stage, order_id)
    press(page.pane.footer.primary)
    found = facts(stage, order_id)
    assert (found.status, found.next_step) == ("in_progress", "arrive")
    page.stop()


# ---- what stands in the way


def test_a_returned_order_says_so_on_top(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    complete(stage, order_id)
    with stage.session.writing() as write:
        sign_off.return_work(write, hand_of(stage, "supervisor"), order_id, reason="Show the new pressure.")
    page = open_order(qtbot, stage, order_id)
    notice = page.pane.tabs.summary.notices[0]
    assert notice.accessibleName() == "Returned by the supervisor. “Show the new pressure.”"
    page.stop()


def test_what_the_customer_said_when_he_refused_is_quoted(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    complete(stage, order_id, refusal="It still leaks.")
    page = open_order(qtbot, stage, order_id)
    assert "The customer refused the work: “It still leaks.” Only" in page.pane.tabs.summary.notices[0].accessibleName()
    page.stop()


def test_a_conflict_is_a_banner_that_leads_to_comparing(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    bring(stage, conflict(stage, 1, order_id, "priority", ("medium", "high", "low")))
    page = open_order(qtbot, stage, order_id)
    notice = page.pane.tabs.summary.notices[0]
    assert notice.accessibleName().startswith("You and the office changed 1 field")
    press(notice.action_button)
    assert stage.navigator.places[-1] == Place.of("inbox", conflict_id=conflict_id(1))
    page.stop()


def test_a_signed_order_is_locked_and_offers_no_step(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    complete(stage, order_id)
    page = open_order(qtbot, stage, order_id)
    assert primary_text(page) == ""
    assert page.pane.tabs.summary.notices[0].accessibleName().startswith("Signed and locked")
    assert more_of(page) == ("Enter a cost", "Create follow-up order", "Supervisor signs here")
    page.stop()


def test_the_order_of_somebody_else_is_read_only(qtbot: QtBot, tmp_path: Path, stage: Stage) -> None:
    with a_stage(tmp_path / "supervisor", "supervisor") as theirs:
        page = open_order(qtbot, theirs, stage.order_ids[1])
        assert primary_text(page) == ""
        assert page.pane.footer.sentence == "Assigned to Technician 1. You can read it."
        page.stop()


def test_an_order_that_left_the_device_says_so(qtbot: QtBot, stage: Stage) -> None:
    page = open_order(qtbot, stage, "00000000-0000-7000-8000-00000000ffff", size=SMALL)
    assert page.primary() is None
    assert not page.pane.header.tabs.isVisible()
    press(page.pane.header.back_button)
    assert stage.navigator.places == [Place.of("back")]
    page.stop()


def test_an_edit_of_the_office_is_shown_at_once_and_the_tab_stays(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page = open_order(qtbot, stage, order_id, "history")
    bring(stage, edited(stage, "work_order", order_id, title="Install the second spare unit"))
    assert page.pane.header.title == "Install the second spare unit"
    assert page.pane.header.tabs.current == "history"
    page.stop()


def test_the_arrive_sheet_is_open_again_after_a_restart_until_it_is_put_off(
    qtbot: QtBot, stage: Stage, order_id: str
) -> None:
    with stage.session.writing() as write:
        visits.start_travel(write, order_id)
    first = open_order(qtbot, stage, order_id)
    press(first.pane.footer.primary)
    assert isinstance(first.pane.sheet_content, ArriveSheet)
    first.stop()
    page = open_order(qtbot, stage, order_id)
    assert isinstance(page.pane.sheet_content, ArriveSheet)
    press(page.pane.sheet.not_yet)
    assert page.pane.sheet_content is None
    page.stop()
    last = open_order(qtbot, stage, order_id)
    assert last.pane.sheet_content is None
    assert facts(stage, order_id).next_step == "arrive"
    last.stop()


# ---- hands, eyes and ears


@pytest.mark.parametrize("size", [WIDE, SMALL])
@pytest.mark.parametrize("look", [("light", "normal"), ("sunlight", "largest"), ("dark", "large")])
def test_everything_can_be_hit_read_and_heard(
    qtbot: QtBot, stage: Stage, order_id: str, size: tuple[int, int], look: tuple[str, str]
) -> None:
    arrive(stage, order_id)
    theme().use(name=look[0], font_setting=look[1])
    page = open_order(qtbot, stage, order_id, size=size)
    assert stumbling_blocks(page) == []
    page.stop()


def test_every_page_of_an_order_is_reached_by_keys_and_kept(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page = open_order(qtbot, stage, order_id)
    for tab in ("parts", "time", "photos", "comments", "history"):
        button = page.pane.header.tabs.button(tab)
        button.setFocus()
        QTest.keyClick(button, Qt.Key.Key_Space)
        assert page.pane.header.tabs.current == tab
        assert stage.navigator.places[-1] == Place.of("order", order_id=order_id, tab=tab)
        tab_of(page, tab)
    page.stop()


class SlowReads(InlineBackground):
    """Writes at once; reads are answered when a test says so."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._waiting: list[Callable[[], None]] = []

    def read(self, query: Callable[[Reading], T], then: Then[T], *, refused: Refusal | None = None) -> None:
        self._waiting.append(partial(super().read, query, then, refused=refused))

    def answer(self) -> None:
        while self._waiting:
            self._waiting.pop(0)()
