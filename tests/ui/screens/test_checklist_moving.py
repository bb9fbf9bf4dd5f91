"""The checklist by keys and in one go: set all OK and undo, follow-ups, jumps, and nothing moves under a finger."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.screens.checklist.controls import NumberControl
from cmms_desktop.ui.screens.checklist.row import ItemRow
from tests.ui.screens.checklist_hand import (
    LEFT,
    Ids,
    answer,
    focus,
    lines,
    number,
    opened,
    press,
    row,
    saved,
    settle,
    type_number,
)
from tests.ui.screens.issued import BOOSTER, issue
from tests.ui.screens.office_news import bring, edited
from tests.ui.screens.slow_reader import SlowReader
from tests.ui.stage import Stage


@pytest.fixture
def ids(stage: Stage) -> Ids:
    return issue(stage, stage.order_ids[0], BOOSTER)


# ---- all at once


def test_set_all_ok_of_a_section_passes_what_is_open_there_and_undo_gives_it_back(
    qtbot: QtBot, stage: Stage, ids: Ids
) -> None:
    with opened(qtbot, stage) as pane:
        answer(qtbot, pane, ids["paint"], "flag")
        qtbot.keyClicks(focus(), "Faded.")
        row(qtbot, pane, ids["base"]).setFocus()
        section = pane.rows.section(2)
        press(qtbot, pane, section.all_ok)
        passed = {key for key in ids if saved(stage, ids[key])[0] == "pass"}
        assert passed == {"base", "bolts", "seal"}
        assert stage.navigator.toasts == ["3 items set OK"]
        assert section.all_ok.isHidden()
        answer(qtbot, pane, ids["bolts"], "fail")
        qtbot.keyClicks(focus(), "One is loose.")
        row(qtbot, pane, ids["base"]).setFocus()
        assert stage.navigator.undo is not None
        stage.navigator.undo()
        settle(qtbot, pane)
        assert {key for key in ids if saved(stage, ids[key])[0] == "pass"} == set()
        assert saved(stage, ids["bolts"]) == ("fail", None, "One is loose.")
        assert saved(stage, ids["paint"])[0] == "flag"
        assert stage.navigator.toasts[-1] == "2 items are open again"


def test_set_all_ok_of_everything_leaves_what_is_being_entered_alone(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    with opened(qtbot, stage) as pane:
        answer(qtbot, pane, ids["lockout"], "fail")  # without a note: not saved
        assert pane.rows.everything.text() == "Set all 9 items OK"
        pane.rows.area.verticalScrollBar().setValue(0)
        press(qtbot, pane, pane.rows.everything)
        passed = [key for key in ids if saved(stage, ids[key])[0] == "pass"]
        assert len(passed) == 9
        assert saved(stage, ids["lockout"])[0] is None
        assert row(qtbot, pane, ids["lockout"]).state.answer == "fail"


def test_all_checklists_of_an_order_stand_in_one_pane(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    more = [{"key": "a", "kind": "pass_fail", "prompt": "Second list", "section": "Other"}]
    other = issue(stage, stage.order_ids[0], more, number=2, name="Safety round", replace=False)
    with opened(qtbot, stage) as pane:
        answer(qtbot, pane, other["a"], "pass")
        assert saved(stage, other["a"])[0] == "pass"
        assert pane.rows.section(6)._head.text() == "Safety round"
        assert pane.rows.section(1)._head.text() == "Booster pump, yearly"
        press(qtbot, pane, pane.rows.everything)
        assert sum(line.result == "pass" for line in lines(stage).values()) == 11


# ---- follow-ups


def test_a_failed_item_is_followed_up_once_and_opened(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    with opened(qtbot, stage) as pane:
        found = answer(qtbot, pane, ids["seal"], "fail")
        qtbot.keyClicks(focus(), "Drips.")
        row(qtbot, pane, ids["bolts"]).setFocus()
        settle(qtbot, pane)
        row(qtbot, pane, ids["seal"])
        press(qtbot, pane, found.follow.make)
        link = lines(stage)[ids["seal"]].follow_up
        assert link is not None
        assert link.number.startswith("WO-")
        assert found.follow._number.text() == f"Follow-up {link.number}"
        assert found.follow.make.isHidden()
        press(qtbot, pane, found.follow.open)
        assert stage.navigator.places[-1].get("order_id") == link.id


# ---- moving about


@pytest.mark.smoke
def test_the_keys_answer_the_item_that_has_the_keyboard(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    with opened(qtbot, stage) as pane:
        row(qtbot, pane, ids["lockout"]).setFocus()
        qtbot.keyClick(focus(), Qt.Key.Key_1)
        assert saved(stage, ids["lockout"])[0] == "pass"
        qtbot.keyClick(focus(), Qt.Key.Key_Down)
        qtbot.keyClick(focus(), Qt.Key.Key_2)
        assert saved(stage, ids["area"])[:2] == ("pass", "Damp")  # the second of its answers
        qtbot.keyClick(focus(), Qt.Key.Key_Down)
        qtbot.keyClick(focus(), Qt.Key.Key_3)
        assert focus() is pane.rows.row(ids["valves"]).note.field.area
        qtbot.keyClicks(focus(), "1 and 2 are open")  # letters and figures are text in a field
        assert saved(stage, ids["lockout"])[0] == "pass"
        row(qtbot, pane, ids["lockout"]).setFocus()
        qtbot.keyClick(focus(), Qt.Key.Key_N)
        assert focus() is pane.rows.row(ids["lockout"]).note.field.area
        row(qtbot, pane, ids["lockout"]).setFocus()
        qtbot.keyClick(focus(), Qt.Key.Key_C)
        assert pane._photos.dialog is not None
        pane._photos.close()


def test_arrows_and_tab_lead_through_rows_in_their_order_whenever_they_were_built(
    qtbot: QtBot, stage: Stage, ids: Ids
) -> None:
    with opened(qtbot, stage, size=(1192, 400)) as pane:
        row(qtbot, pane, ids["informed"])  # the end is built first
        row(qtbot, pane, ids["lockout"]).setFocus()
        seen = [ids["lockout"]]
        for _ in range(18):
            qtbot.keyClick(focus(), Qt.Key.Key_Down)
            found = focus()
            assert isinstance(found, ItemRow)
            assert not found.visibleRegion().isEmpty()
            seen.append(found.item_id)
        assert seen == [ids[each["key"]] for each in BOOSTER if each["key"] != "tray"]
        qtbot.keyClick(focus(), Qt.Key.Key_Up)
        assert focus() is pane.rows.row(ids["informed"])
        row(qtbot, pane, ids["current"]).setFocus()
        qtbot.keyClick(focus(), Qt.Key.Key_Tab)
        control = number(qtbot, pane, ids["current"])
        assert focus() is control.field.edit
        qtbot.keyClick(focus(), Qt.Key.Key_Tab)
        assert focus() is pane.rows.row(ids["serial"])
        qtbot.keyClick(focus(), Qt.Key.Key_Backtab)
        assert focus() is control.field.edit


def test_enter_goes_into_the_answer_of_a_row(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    with opened(qtbot, stage) as pane:
        row(qtbot, pane, ids["suction"]).setFocus()
        qtbot.keyClick(focus(), Qt.Key.Key_Return)
        qtbot.keyClicks(focus(), "1.1")
        qtbot.keyClick(focus(), Qt.Key.Key_Return)
        assert saved(stage, ids["suction"])[1] == "1.1"


def test_missing_items_are_listed_counted_and_jumped_to(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    counts: list[tuple[int, int, int]] = []
    with opened(qtbot, stage) as pane:
        pane.progress_changed.connect(lambda *numbers: counts.append(numbers))
        possible: list[bool] = []
        pane.finish_possible.connect(possible.append)
        answer(qtbot, pane, ids["lockout"], "pass")
        assert counts[-1] == (1, 19, 16)
        assert possible[-1] is False
        pane.show_missing()
        assert focus() is pane.rows.row(ids["area"])
        pane.show_missing()
        assert focus() is pane.rows.row(ids["valves"])
        qtbot.keyClick(focus(), Qt.Key.Key_M)
        assert focus() is pane.rows.row(ids["base"])
        button = pane.sections.missing_button(ids["serial"])
        assert button is not None
        button.click()
        settle(qtbot, pane)
        assert focus() is pane.rows.row(ids["serial"])
        assert not focus().visibleRegion().isEmpty()
        pane.sections.section_button(1).click()
        settle(qtbot, pane)
        assert pane.rows.section_at_top == 1


def test_after_the_last_missing_item_comes_the_first(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    with opened(qtbot, stage) as pane:
        row(qtbot, pane, ids["informed"]).setFocus()
        pane.show_missing()
        assert focus() is pane.rows.row(ids["lockout"])


def test_who_asks_for_what_is_missing_before_the_rows_are_read_is_led_there_then(
    qtbot: QtBot, stage: Stage, ids: Ids
) -> None:
    background = SlowReader(stage.session)
    background.is_slow = True
    with opened(qtbot, stage, context=replace(stage.context, background=background)) as pane:
        assert pane.take_key("M")
        background.answer_newest_first()
        settle(qtbot, pane)
        assert focus() is pane.rows.row(ids["lockout"])
        row(qtbot, pane, ids["informed"]).setFocus()
        bring(stage, edited(stage, "checklist_item", ids["paint"], prompt="Paint is whole"))
        assert focus() is pane.rows.row(ids["informed"])


# ---- nothing moves under a finger


def test_what_a_press_ends_does_not_move_the_target_away(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    with opened(qtbot, stage) as pane:
        type_number(qtbot, pane, ids["discharge"], "9.9")
        below = row(qtbot, pane, ids["suction"]).control
        assert isinstance(below, NumberControl)
        number(qtbot, pane, ids["discharge"]).field.edit.setFocus()
        target, screen = below.field.plus, pane.window().windowHandle()
        before = target.mapTo(pane.window(), target.rect().center())
        QTest.mousePress(screen, LEFT, Qt.KeyboardModifier.NoModifier, before)  # ends the reading above
        QApplication.processEvents()
        assert target.mapTo(pane.window(), target.rect().center()) == before
        QTest.mouseRelease(screen, LEFT, Qt.KeyboardModifier.NoModifier, before)
        settle(qtbot, pane)
        assert saved(stage, ids["suction"])[1] is not None
        assert row(qtbot, pane, ids["discharge"]).state.trouble is not None


def test_rows_that_did_not_change_are_left_alone(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    with opened(qtbot, stage) as pane:
        before = {place.state.id: place.row for place in pane.rows.places}
        top = pane.rows.area.verticalScrollBar().value()
        answer(qtbot, pane, ids["valves"], "pass")
        assert pane.rows.area.verticalScrollBar().value() == top
        assert all(place.row is before[place.state.id] for place in pane.rows.places if before[place.state.id])
        bring(stage, edited(stage, "checklist_item", ids["base"], result="pass"))
        settle(qtbot, pane)
        assert pane.rows.row(ids["base"]).state.answer == "pass"


def test_ctrl_enter_saves_what_is_being_typed_before_the_work_is_finished(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    finished: list[str | None] = []

    def finish() -> None:
        finished.append(saved(stage, ids["suction"])[1])

    with opened(qtbot, stage) as pane:
        shortcut = QShortcut(QKeySequence("Ctrl+Return"), pane.window())
        shortcut.activated.connect(finish)
        type_number(qtbot, pane, ids["suction"], "1.7")
        qtbot.keyClick(focus(), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        assert finished == ["1.7"]
