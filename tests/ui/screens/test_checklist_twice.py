"""The checklist closed, killed or pressed twice at a bad moment: nothing vanishes and nothing is done twice."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest
from pytestqt.qtbot import QtBot

from cmms_desktop.application.session import LocalWrite, Reading, Session
from cmms_desktop.errors import Refused
from cmms_desktop.ui.bridge.background import QtBackground
from cmms_desktop.ui.bridge.doors import Refusal, Then
from cmms_desktop.ui.bridge.kept_drafts import KeptDrafts
from cmms_desktop.ui.screens.checklist.presenter import ChecklistPresenter
from cmms_desktop.ui.screens.checklist.states import ChecklistState
from cmms_desktop.ui.screens.checklist.view import ChecklistPane
from tests.ui.screens.checklist_hand import (
    LEFT,
    Ids,
    a_photo,
    answer,
    focus,
    lines,
    opened,
    row,
    saved,
    settle,
    type_number,
)
from tests.ui.screens.issued import BOOSTER, issue
from tests.ui.screens.office_news import bring, edited
from tests.ui.stage import InlineBackground, Stage

T = TypeVar("T")


@pytest.fixture
def ids(stage: Stage) -> Ids:
    return issue(stage, stage.order_ids[0], BOOSTER)


@contextmanager
def in_threads(qtbot: QtBot, stage: Stage) -> Iterator[tuple[ChecklistPane, QtBackground]]:
    """The pane as the window has it: work in threads, answers later."""
    background = QtBackground(stage.session, complain=stage.navigator.complain)
    drafts = KeptDrafts(stage.session, later=background.keep)
    context = replace(stage.context, background=background, drafts=drafts)
    with opened(qtbot, stage, context=context) as pane:
        qtbot.waitUntil(lambda: bool(pane.rows.places))
        settle(qtbot, pane)
        yield pane, background
    background.close()


def drafts_of(stage: Stage) -> list[str]:
    return [name for name in stage.session.notes() if name.startswith("answer:")]


def test_what_was_saved_right_before_the_end_does_not_come_back_as_a_draft(
    qtbot: QtBot, stage: Stage, ids: Ids
) -> None:
    with in_threads(qtbot, stage) as (pane, _):
        type_number(qtbot, pane, ids["suction"], "1.2")
        pane.stop()
    assert saved(stage, ids["suction"])[1] == "1.2"
    assert drafts_of(stage) == [f"answer:{ids['suction']}"]  # nobody was there to hear that it is saved
    stage.__dict__.pop("context")
    with opened(qtbot, stage) as pane:
        state = row(qtbot, pane, ids["suction"]).state
        assert (state.value, state.is_unsaved, state.saved) == ("1.2", False, "Saved on this device 06:58")
    assert drafts_of(stage) == []


def test_a_failed_item_pressed_twice_is_followed_up_once(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    with in_threads(qtbot, stage) as (pane, _):
        found = answer(qtbot, pane, ids["seal"], "fail")
        qtbot.keyClicks(focus(), "Drips.")
        row(qtbot, pane, ids["bolts"]).setFocus()
        qtbot.waitUntil(lambda: found.state.offers_follow_up)
        make = found.follow.make
        qtbot.mouseClick(make, LEFT)
        qtbot.mouseClick(make, LEFT)
        qtbot.waitUntil(lambda: lines(stage)[ids["seal"]].follow_up is not None)
    with stage.session.reading() as reading:
        (count,) = reading.cursor.execute(
            "SELECT count(*) FROM work_order WHERE parent_id = ?", (stage.order_ids[0],)
        ).fetchone()
    assert count == 1


def test_a_photo_chosen_right_before_the_end_is_kept(qtbot: QtBot, stage: Stage, ids: Ids, tmp_path: Path) -> None:
    with in_threads(qtbot, stage) as (pane, _):
        pane._presenter.add_photo(ids["seal"], a_photo(tmp_path))
        pane.stop()
    assert len(lines(stage)[ids["seal"]].photos) == 1


class Slow(InlineBackground):
    """Writes and reads wait until a test lets them go: a disk that is busy, a screen that was not told yet."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._writes: list[Callable[[], None]] = []
        self._reads: list[Callable[[], None]] = []

    def write(
        self,
        command: Callable[[LocalWrite], T],
        then: Then[T] | None = None,
        *,
        refused: Refusal | None = None,
        forgets: Iterable[str] = (),
    ) -> None:
        self._writes.append(partial(super().write, command, then, refused=refused, forgets=forgets))

    def read(self, query: Callable[[Reading], T], then: Then[T], *, refused: Refusal | None = None) -> None:
        self._reads.append(partial(super().read, query, then, refused=refused))

    def let_write(self) -> None:
        while self._writes:
            self._writes.pop(0)()

    def let_read(self) -> None:
        while self._reads:
            self._reads.pop(0)()


class Blind:
    """A view that shows nothing."""

    def show_state(self, state: ChecklistState) -> None: ...
    def open_note(self, item_id: str) -> None: ...
    def say_gone(self) -> None: ...


class Gone(Blind):
    """Notes what is shown although it is gone."""

    def __init__(self, shown: list[object]) -> None:
        self._shown = shown

    def show_state(self, state: ChecklistState) -> None:
        self._shown.append(state)


@pytest.fixture
def slow(stage: Stage) -> Slow:
    return Slow(stage.session)


@pytest.fixture
def presenter(stage: Stage, slow: Slow, ids: Ids) -> ChecklistPresenter:
    made = ChecklistPresenter(replace(stage.context, background=slow), Blind(), stage.order_ids[0])
    made.start()
    slow.let_read()
    return made


@pytest.mark.parametrize("is_written", [True, False])
def test_an_answer_taken_back_before_it_was_read_again_is_taken_back(
    stage: Stage, slow: Slow, presenter: ChecklistPresenter, ids: Ids, is_written: bool
) -> None:
    presenter.answer(ids["lockout"], "pass")
    if is_written:
        slow.let_write()
    presenter.answer(ids["lockout"], "")
    slow.let_write()
    slow.let_read()
    slow.let_write()
    assert saved(stage, ids["lockout"])[0] is None
    presenter.answer(ids["lockout"], "pass")
    slow.let_write()
    presenter.answer(ids["lockout"], "")
    presenter.answer(ids["lockout"], "pass")
    slow.let_write()
    slow.let_read()
    slow.let_write()
    assert saved(stage, ids["lockout"])[0] == "pass"
    assert drafts_of(stage) == []


@pytest.mark.parametrize("is_written", [True, False])
def test_a_reading_set_back_before_it_was_read_again_is_set_back(
    stage: Stage, slow: Slow, presenter: ChecklistPresenter, ids: Ids, is_written: bool
) -> None:
    presenter.enter_value(ids["suction"], "1.2")
    slow.let_write()
    slow.let_read()
    presenter.enter_value(ids["suction"], "1.3")
    if is_written:
        slow.let_write()
    presenter.enter_value(ids["suction"], "1.2")
    slow.let_write()
    slow.let_read()
    slow.let_write()
    assert saved(stage, ids["suction"])[1] == "1.2"


def test_the_same_answer_entered_again_before_it_was_read_again_is_written_once(
    stage: Stage, slow: Slow, presenter: ChecklistPresenter, ids: Ids
) -> None:
    presenter.enter_value(ids["suction"], "1.2")
    slow.let_write()
    presenter.enter_value(ids["suction"], "1.2")  # the field is left after Enter
    slow.let_write()
    slow.let_read()
    with stage.session.reading() as reading:
        found = reading.cursor.execute("SELECT count(*) FROM outbox WHERE row_id = ?", (ids["suction"],)).fetchone()
    assert found == (1,)
    assert drafts_of(stage) == []


def test_a_refusal_after_the_page_was_left_is_told_and_the_answer_is_kept(
    stage: Stage, slow: Slow, presenter: ChecklistPresenter, ids: Ids
) -> None:
    shown: list[object] = []
    presenter._view = Gone(shown)
    presenter.answer(ids["lockout"], "pass")
    presenter.close()
    shown.clear()
    bring(stage, edited(stage, "work_order", stage.order_ids[0], status="completed"))  # the record is locked now
    slow.let_write()
    assert [type(each) for each in stage.navigator.complaints] == [Refused]
    assert shown == []
    assert drafts_of(stage) == [f"answer:{ids['lockout']}"]
