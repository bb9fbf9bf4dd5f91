"""The checklist: every kind of item by finger and by keys, saved at each tap, nothing half entered ever lost."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from cmms_desktop.application.commands.checklists import complete_checklist_item
from cmms_desktop.ui.screens.checklist.controls import ChoiceControl, TextControl
from tests.ui.screens.checklist_hand import (
    Ids,
    a_photo,
    answer,
    choose_photo,
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
from tests.ui.stage import Stage


@pytest.fixture
def ids(stage: Stage) -> Ids:
    return issue(stage, stage.order_ids[0], BOOSTER)


# ---- answers


def test_a_tap_is_saved_at_once_and_a_second_one_takes_it_back(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    with opened(qtbot, stage) as pane:
        answer(qtbot, pane, ids["lockout"], "pass")
        assert saved(stage, ids["lockout"]) == ("pass", None, None)
        answer(qtbot, pane, ids["lockout"], "pass")
        assert saved(stage, ids["lockout"]) == (None, None, None)


def test_a_fail_asks_for_a_note_and_is_kept_until_it_has_one(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    with opened(qtbot, stage) as pane:
        found = answer(qtbot, pane, ids["lockout"], "fail")
        assert found.state.trouble is not None
        assert found.state.trouble.bold == "Say in a note what you found."
        assert saved(stage, ids["lockout"]) == (None, None, None)
        assert focus() is found.note.field.area
        qtbot.keyClicks(focus(), "The lock is missing.")
        row(qtbot, pane, ids["valves"]).setFocus()
        settle(qtbot, pane)
        assert saved(stage, ids["lockout"]) == ("fail", None, "The lock is missing.")
        assert found.state.trouble is None
        assert found.state.saved == "Saved on this device 06:58"
    assert not [name for name in stage.session.notes() if name.startswith("answer:")]


def test_what_is_half_entered_is_there_again_after_the_program_died(
    qtbot: QtBot, tmp_path: Path, stage: Stage, ids: Ids
) -> None:
    with opened(qtbot, stage) as pane:
        answer(qtbot, pane, ids["lockout"], "fail")
        type_number(qtbot, pane, ids["suction"], "1.")
        notes = stage.session.notes()
        assert f"answer:{ids['suction']}" in notes
        assert f"answer:{ids['lockout']}" in notes
        before = {key: saved(stage, ids[key]) for key in ids}
        reopened = {
            name: text for name, text in notes.items() if name.startswith("answer:")
        }  # what a killed program leaves
    stage.session.keep_notes(reopened)
    with stage.session.writing() as write:
        complete_checklist_item(write, ids["suction"])  # nor has it left the field, which saved it just now
    stage.__dict__.pop("context")
    with opened(qtbot, stage) as pane:
        assert row(qtbot, pane, ids["lockout"]).state.answer == "fail"
        assert row(qtbot, pane, ids["lockout"]).state.trouble is not None
        control = number(qtbot, pane, ids["suction"])
        assert control.field.edit.text() == "1."
        assert {key: saved(stage, ids[key]) for key in ids if key != "suction"} == {
            key: value for key, value in before.items() if key != "suction"
        }
        control.field.edit.setFocus()
        qtbot.keyClicks(control.field.edit, "4")
        qtbot.keyClick(control.field.edit, Qt.Key.Key_Return)
        settle(qtbot, pane)
        assert saved(stage, ids["suction"])[:2] == ("pass", "1.4")


@pytest.mark.smoke
def test_a_reading_is_saved_by_enter_by_leaving_and_by_a_step(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    with opened(qtbot, stage) as pane:
        control = type_number(qtbot, pane, ids["suction"], "1,3")
        assert saved(stage, ids["suction"])[1] is None
        qtbot.keyClick(control.field.edit, Qt.Key.Key_Return)
        assert saved(stage, ids["suction"])[:2] == ("pass", "1.3")
        type_number(qtbot, pane, ids["discharge"], "5.5")
        row(qtbot, pane, ids["suction"]).setFocus()
        assert saved(stage, ids["discharge"])[:2] == ("pass", "5.5")
        press(qtbot, pane, number(qtbot, pane, ids["discharge"]).field.plus)
        assert saved(stage, ids["discharge"])[1] == "5.6"
        press(qtbot, pane, number(qtbot, pane, ids["discharge"]).field.minus)
        assert saved(stage, ids["discharge"])[1] == "5.5"
    kept = [name for name in stage.session.notes() if name.startswith("answer:")]
    assert kept == []


def test_out_of_range_says_how_far_and_wants_a_note_and_a_photo(
    qtbot: QtBot, stage: Stage, ids: Ids, tmp_path: Path
) -> None:
    with opened(qtbot, stage) as pane:
        control = type_number(qtbot, pane, ids["discharge"], "6.8")
        assert pane.rows.row(ids["discharge"]).state.trouble is None  # not while it is being typed
        qtbot.keyClick(control.field.edit, Qt.Key.Key_Return)
        settle(qtbot, pane)
        found = row(qtbot, pane, ids["discharge"])
        assert found.state.trouble is not None
        assert (found.state.trouble.bold, found.state.trouble.plain) == (
            "0.8 bar above the limit.",
            "Add a note and a photo.",
        )
        assert saved(stage, ids["discharge"]) == (None, None, None)
        press(qtbot, pane, found.trouble.photo)
        choose_photo(qtbot, pane, a_photo(tmp_path))
        assert found.state.trouble.plain == "Add a note."
        assert len(lines(stage)[ids["discharge"]].photos) == 1
        found.open_note()
        qtbot.keyClicks(focus(), "Valve sticks.")
        row(qtbot, pane, ids["suction"]).setFocus()
        settle(qtbot, pane)
        line = lines(stage)[ids["discharge"]]
        assert (line.result, line.value, line.note) == ("fail", "6.8", "Valve sticks.")
        assert found.state.trouble is not None
        assert found.state.trouble.plain == ""
        assert found.state.is_exception


def test_a_note_first_and_the_photo_last_saves_the_reading_by_itself(
    qtbot: QtBot, stage: Stage, ids: Ids, tmp_path: Path
) -> None:
    with opened(qtbot, stage) as pane:
        control = type_number(qtbot, pane, ids["discharge"], "3")
        qtbot.keyClick(control.field.edit, Qt.Key.Key_Return)
        qtbot.keyClicks(focus(), "Pump is off.")  # the cursor went into the note
        found = row(qtbot, pane, ids["discharge"])
        press(qtbot, pane, found.trouble.photo)
        choose_photo(qtbot, pane, a_photo(tmp_path))
        line = lines(stage)[ids["discharge"]]
        assert (line.result, line.value, line.note, len(line.photos)) == ("fail", "3", "Pump is off.", 1)


def test_what_is_no_number_says_what_to_enter_and_stays(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    with opened(qtbot, stage) as pane:
        control = type_number(qtbot, pane, ids["suction"], "1.2.3")
        qtbot.keyClick(control.field.edit, Qt.Key.Key_Return)
        settle(qtbot, pane)
        found = row(qtbot, pane, ids["suction"])
        assert found.state.trouble is not None
        assert found.state.trouble.bold.startswith("Enter the reading as a number")
        assert control.field.edit.text() == "1.2.3"
        assert saved(stage, ids["suction"])[1] is None


def test_leaving_a_field_without_a_change_writes_nothing(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    with opened(qtbot, stage) as pane:
        control = type_number(qtbot, pane, ids["suction"], "1.3")
        qtbot.keyClick(control.field.edit, Qt.Key.Key_Return)
        waiting = len(list(stage.session.outbox.waiting()))
        for key in ("suction", "vibration", "serial"):
            row(qtbot, pane, ids[key]).control.take_focus()
        row(qtbot, pane, ids["lockout"]).setFocus()
        assert len(list(stage.session.outbox.waiting())) == waiting


def test_a_choice_is_made_and_taken_back(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    with opened(qtbot, stage) as pane:
        control = row(qtbot, pane, ids["area"]).control
        assert isinstance(control, ChoiceControl)
        press(qtbot, pane, control.chips.button("Damp"))
        assert saved(stage, ids["area"])[:2] == ("pass", "Damp")
        press(qtbot, pane, control.chips.button("Dry"))
        assert saved(stage, ids["area"])[:2] == ("pass", "Dry")
        press(qtbot, pane, control.chips.button("Dry"))
        assert saved(stage, ids["area"])[:2] == (None, None)


def test_a_text_is_kept_at_each_key_and_saved_when_it_is_left(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    with opened(qtbot, stage) as pane:
        control = row(qtbot, pane, ids["serial"]).control
        assert isinstance(control, TextControl)
        control.field.setFocus()
        qtbot.keyClicks(control.field, "MT-00")
        assert "MT-00" in stage.session.notes()[f"answer:{ids['serial']}"]
        qtbot.keyClicks(control.field, "0452")
        row(qtbot, pane, ids["lockout"]).setFocus()
        assert saved(stage, ids["serial"])[:2] == ("pass", "MT-000452")


def test_a_scanned_code_goes_into_the_text_that_waits_for_it(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    with opened(qtbot, stage) as pane:
        assert not pane.take_scan("MT-1")  # nothing waits: the window looks the code up
        control = row(qtbot, pane, ids["serial"]).control
        assert isinstance(control, TextControl)
        press(qtbot, pane, control.scan)
        assert control.field.placeholderText() == "Scan the label now"
        assert pane.take_scan("MT-000452")
        assert saved(stage, ids["serial"])[:2] == ("pass", "MT-000452")
        assert control.field.text() == "MT-000452"
        row(qtbot, pane, ids["lockout"]).setFocus()
        assert not pane.take_scan("MT-2")


def test_a_photo_item_is_answered_by_its_photo_and_takes_several(
    qtbot: QtBot, stage: Stage, ids: Ids, tmp_path: Path
) -> None:
    with opened(qtbot, stage) as pane:
        found = row(qtbot, pane, ids["casing_photo"])
        press(qtbot, pane, found.control.add)  # type: ignore[attr-defined]  # a PhotoControl
        choose_photo(qtbot, pane, a_photo(tmp_path))
        assert saved(stage, ids["casing_photo"])[0] == "pass"
        press(qtbot, pane, found.control.strip.add)  # type: ignore[attr-defined]
        choose_photo(qtbot, pane, a_photo(tmp_path, "#aa2211"))
        line = lines(stage)[ids["casing_photo"]]
        assert len(line.photos) == 2
        assert all(stage.session.blobs.has(sha256) for sha256 in line.photos)
        assert len(found.control.strip.tiles) == 2  # type: ignore[attr-defined]
        assert found.control.strip.tiles[0]._thumb is not None  # type: ignore[attr-defined]


def test_a_file_that_is_no_photo_is_refused_in_place(qtbot: QtBot, stage: Stage, ids: Ids, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"%PDF-1.7 not a photo")
    with opened(qtbot, stage) as pane:
        found = row(qtbot, pane, ids["casing_photo"])
        press(qtbot, pane, found.control.add)  # type: ignore[attr-defined]
        choose_photo(qtbot, pane, path)
        assert found.state.trouble is not None
        assert "PDF" in found.state.trouble.bold
        press(qtbot, pane, found.control.add)  # type: ignore[attr-defined]
        choose_photo(qtbot, pane, tmp_path / "gone.jpg")
        assert "cannot be read" in found.state.trouble.bold
        press(qtbot, pane, found.control.add)  # type: ignore[attr-defined]
        choose_photo(qtbot, pane, a_photo(tmp_path))
        assert found.state.trouble is None


def test_not_applicable_answers_what_cannot_be_done(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    with opened(qtbot, stage) as pane:
        found = row(qtbot, pane, ids["valves"])
        press(qtbot, pane, found.words._prompt)
        press(qtbot, pane, found.trouble.cannot)
        assert saved(stage, ids["valves"])[0] == "na"
        found = row(qtbot, pane, ids["casing_photo"])
        press(qtbot, pane, found.words._prompt)
        press(qtbot, pane, found.trouble.cannot)
        assert found.state.trouble is not None  # a photo needs a reason to be left out
        qtbot.keyClicks(focus(), "No camera.")
        row(qtbot, pane, ids["lockout"]).setFocus()
        assert saved(stage, ids["casing_photo"]) == ("na", None, "No camera.")


def test_conditional_items_come_and_go_and_say_why(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    with opened(qtbot, stage) as pane:
        place = pane.rows.place(ids["tray"])
        assert place.isHidden()
        answer(qtbot, pane, ids["seal"], "fail")
        qtbot.keyClicks(focus(), "Drips.")
        row(qtbot, pane, ids["bolts"]).setFocus()
        settle(qtbot, pane)
        assert not place.isHidden()
        assert pane.rows.row(ids["tray"]).state.because == "Shown because 2.4 failed"
        answer(qtbot, pane, ids["seal"], "pass")
        assert place.isHidden()
