"""A disk that refuses at an answer: the row and the footer say so, what was entered stays, and is saved with room."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.screens.checklist.row import ItemRow
from sync_server.contract.fields import Row
from tests.ui.at_window import COMPACT, REGULAR, a_window, go, settle
from tests.ui.person import Person
from tests.ui.refusing_disk import FULL, READ_ONLY, SAYS, STOPPED, a_disk_that_is
from tests.ui.screens.issued import BOOSTER, issue
from tests.ui.screens.signing_work import arrive
from tests.ui.stage import Stage, a_stage

NOTE = "Drips once a second."


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with a_stage(tmp_path / "technician") as made:
        yield made


@pytest.fixture
def ids(stage: Stage) -> dict[str, str]:
    found = issue(stage, stage.order_ids[0], BOOSTER)
    arrive(stage, stage.order_ids[0])
    return dict(found)


def item_of(stage: Stage, item_id: str) -> Row:
    row = stage.replica.get("checklist_item", item_id)
    assert row is not None
    return row


def open_checklist(at: Person, stage: Stage) -> None:
    go(at, "order", order_id=stage.order_ids[0], tab="checklist")
    at.until_sees("Saved at each tap")
    at.until("the rows are there", lambda: at.can_press("Pass, *"))


def row_of(at: Person, item_id: str) -> ItemRow:
    return next(each for each in at.window.findChildren(ItemRow) if each.item_id == item_id)


@pytest.mark.parametrize("size", [REGULAR, COMPACT], ids=["regular", "compact"])
@pytest.mark.parametrize("trouble", [FULL, READ_ONLY, STOPPED])
def test_an_answer_that_was_refused_is_not_called_saved_and_is_saved_with_the_next(
    qtbot: QtBot, stage: Stage, ids: dict[str, str], trouble: str, size: tuple[int, int]
) -> None:
    first, second = item_of(stage, ids["lockout"]), item_of(stage, ids["valves"])
    with a_window(stage, qtbot, size) as at:
        open_checklist(at, stage)
        with a_disk_that_is(trouble, stage):
            at.press(f"Pass, {first['prompt']}")
            at.until_sees("1 answer not saved", SAYS[trouble], "Not saved yet")
            assert not at.sees("Saved at each tap")
        assert item_of(stage, ids["lockout"])["result"] is None
        at.press(f"Pass, {second['prompt']}")
        both = ("lockout", "valves")
        at.until("both are saved", lambda: [item_of(stage, ids[key])["result"] for key in both] == ["pass", "pass"])
        at.until("it is shown", lambda: not row_of(at, ids["lockout"]).state.is_unsaved)
        at.until_sees("Saved at each tap")


@pytest.mark.parametrize("trouble", [FULL, READ_ONLY])
def test_pressing_the_same_answer_again_saves_it(qtbot: QtBot, stage: Stage, ids: dict[str, str], trouble: str) -> None:
    item = item_of(stage, ids["lockout"])
    with a_window(stage, qtbot) as at:
        open_checklist(at, stage)
        with a_disk_that_is(trouble, stage):
            at.press(f"Pass, {item['prompt']}")
            at.until_sees("1 answer not saved")
            settle(at)
            at.press(f"Pass, {item['prompt']}")
            settle(at)
            at.until_sees("1 answer not saved")
        at.press(f"Pass, {item['prompt']}")
        at.until("it is saved", lambda: item_of(stage, ids["lockout"])["result"] == "pass")
        at.until_sees("Saved at each tap")


@pytest.mark.parametrize("trouble", [FULL, READ_ONLY])
def test_note_and_reading_stay_while_nothing_can_be_saved(
    qtbot: QtBot, stage: Stage, ids: dict[str, str], trouble: str
) -> None:
    failed, read = item_of(stage, ids["lockout"]), item_of(stage, ids["suction"])
    with a_window(stage, qtbot) as at:
        open_checklist(at, stage)
        with a_disk_that_is(trouble, stage):
            at.press(f"Fail, {failed['prompt']}")
            at.until("the note is open", lambda: at.has_cursor(f"Note, {failed['prompt']}"))
            at.write(NOTE)
            at.press("Save note")
            at.until_sees("1 answer not saved", NOTE)
            at.press("3 Readings*")
            at.fill(str(read["prompt"]), "1.4")
            at.key(Qt.Key.Key_Return)
            at.until_sees("2 answers not saved")
            assert row_of(at, ids["suction"]).state.value == "1.4"
        at.key(Qt.Key.Key_Return)
        at.until("the reading is saved", lambda: item_of(stage, ids["suction"])["value"] == "1.4")
        at.until("the fail is saved", lambda: item_of(stage, ids["lockout"])["result"] == "fail")
        assert item_of(stage, ids["lockout"])["note"] == NOTE
        at.until_sees("Saved at each tap")
        at.until("no draft is left", lambda: not [name for name in stage.session.notes() if name.startswith("answer:")])


def test_what_was_refused_is_found_again_by_whoever_comes_back_to_the_order(
    qtbot: QtBot, stage: Stage, ids: dict[str, str]
) -> None:
    item = item_of(stage, ids["lockout"])
    with a_window(stage, qtbot) as at:
        open_checklist(at, stage)
        with a_disk_that_is(FULL, stage):
            at.press(f"Pass, {item['prompt']}")
            at.until_sees("1 answer not saved")
            go(at, "order", order_id=stage.order_ids[1], tab="checklist")
            go(at, "order", order_id=stage.order_ids[0], tab="checklist")
            at.until_sees("1 answer not saved", "Not saved yet")
        settle(at)
        at.press(f"Pass, {item['prompt']}")
        at.until("it is saved", lambda: item_of(stage, ids["lockout"])["result"] == "pass")
        at.until_sees("Saved at each tap")
