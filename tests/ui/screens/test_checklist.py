"""The checklist: every kind of item by finger and by keys, saved at each tap, nothing half entered ever lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QFrame, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from cmms_desktop.application.queries.checklist_page import ItemLine, checklist_page
from cmms_desktop.ui.bridge.background import QtBackground
from cmms_desktop.ui.screens.checklist.controls import ChoiceControl, NumberControl, PassFailControl, TextControl
from cmms_desktop.ui.screens.checklist.row import ItemRow
from cmms_desktop.ui.screens.checklist.view import ChecklistPane
from cmms_desktop.ui.theme import theme
from tests.ui.rendered import nameless, out_of_window, small_targets, unreadable
from tests.ui.screens.issued import BOOSTER, issue
from tests.ui.screens.office_news import bring, conflict, edited
from tests.ui.stage import Stage, a_stage

LEFT = Qt.MouseButton.LeftButton
Ids = dict[str, str]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with a_stage(tmp_path / "first") as made:
        yield made


@pytest.fixture
def ids(stage: Stage) -> Ids:
    return issue(stage, stage.order_ids[0], BOOSTER)


class NoStrayWindows(QObject):
    """Notes every window that opens beside the one under test; even a short one takes the keyboard away."""

    def __init__(self, allowed: QWidget) -> None:
        super().__init__()
        self._allowed = allowed
        self.seen: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  Qt's name
        is_shown = event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow()
        if is_shown and watched is not self._allowed and not isinstance(watched, QFileDialog):
            self.seen.append(type(watched).__name__)
        return False


@contextmanager
def opened(
    qtbot: QtBot, stage: Stage, *, size: tuple[int, int] = (1192, 700), context: Any = None
) -> Iterator[ChecklistPane]:
    window = QFrame()
    window.setProperty("kind", "page")
    column = QVBoxLayout(window)
    column.setContentsMargins(0, 0, 0, 0)
    watch = NoStrayWindows(window)
    app = QApplication.instance()
    assert app is not None
    app.installEventFilter(watch)
    pane = ChecklistPane(context or stage.context, stage.order_ids[0])
    column.addWidget(pane)
    qtbot.addWidget(window)
    window.resize(*size)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    pane.start()
    settle(qtbot, pane)
    try:
        yield pane
    finally:
        pane.stop()
        app.removeEventFilter(watch)
        window.close()
    assert watch.seen == []


def settle(qtbot: QtBot, pane: ChecklistPane) -> None:
    """Let every row near the window be built."""
    qtbot.waitUntil(lambda: pane.rows.builder.is_idle and pane._held is None)
    QApplication.processEvents()


def row(qtbot: QtBot, pane: ChecklistPane, item_id: str) -> ItemRow:
    """The row of an item, in sight."""
    found = pane.rows.row(item_id)
    pane.rows.builder.bring(pane.rows.place(item_id))
    settle(qtbot, pane)
    return found


def press(qtbot: QtBot, pane: ChecklistPane, widget: QWidget) -> None:
    QApplication.processEvents()
    assert widget.isVisible()
    qtbot.mouseClick(widget, LEFT)
    settle(qtbot, pane)


def answer(qtbot: QtBot, pane: ChecklistPane, item_id: str, result: str) -> ItemRow:
    found = row(qtbot, pane, item_id)
    assert isinstance(found.control, PassFailControl)
    press(qtbot, pane, found.control.answers.button(result))
    return found


def number(qtbot: QtBot, pane: ChecklistPane, item_id: str) -> NumberControl:
    control = row(qtbot, pane, item_id).control
    assert isinstance(control, NumberControl)
    return control


def type_number(qtbot: QtBot, pane: ChecklistPane, item_id: str, text: str) -> NumberControl:
    control = number(qtbot, pane, item_id)
    control.field.edit.setFocus()
    control.field.edit.selectAll()
    qtbot.keyClicks(control.field.edit, text)
    return control


def focus() -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None
    return found


def lines(stage: Stage, order_id: str | None = None) -> dict[str, ItemLine]:
    """Items as the replica holds them, by id."""
    with stage.session.reading() as reading:
        page = checklist_page(reading, order_id or stage.order_ids[0])
    assert page is not None
    return {line.id: line for line in page.items}


def saved(stage: Stage, item_id: str) -> tuple[str | None, str | None, str | None]:
    line = lines(stage)[item_id]
    return line.result, line.value, line.note


def a_photo(folder: Path, color: str = "#336655") -> Path:
    image = QImage(64, 48, QImage.Format.Format_RGB32)
    image.fill(QColor(color))
    path = folder / f"photo{color[1:]}.png"
    assert image.save(str(path))
    return path


def choose_photo(qtbot: QtBot, pane: ChecklistPane, path: Path) -> None:
    """Choose a file in the window that is open for it."""
    dialog = pane._photos.dialog
    assert dialog is not None
    assert not dialog.isModal()
    dialog.fileSelected.emit(str(path))
    with qtbot.waitActive(pane.window()):
        dialog.reject()
        pane.window().activateWindow()
    settle(qtbot, pane)


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


# ---- what the office does meanwhile


def test_a_signed_record_is_read_and_not_changed(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    with opened(qtbot, stage) as pane:
        signature = "00000000-0000-7000-8000-0000000000aa"
        order = edited(stage, "work_order", stage.order_ids[0], status="completed", performed_signature_id=signature)
        bring(stage, order)
        settle(qtbot, pane)
        assert pane.rows.notice.isVisible()
        assert pane.rows.everything.isHidden() or not pane.rows.everything.isVisible()
        row(qtbot, pane, ids["lockout"]).setFocus()
        qtbot.keyClick(focus(), Qt.Key.Key_1)
        qtbot.keyClick(focus(), Qt.Key.Key_N)
        assert saved(stage, ids["lockout"])[0] is None
        found = pane.rows.row(ids["lockout"])
        assert isinstance(found.control, PassFailControl)
        qtbot.mouseClick(found.control.answers.button("pass"), LEFT)
        assert saved(stage, ids["lockout"])[0] is None


def test_who_does_not_do_the_work_reads_it(qtbot: QtBot, tmp_path: Path) -> None:
    with a_stage(tmp_path / "second", "supervisor") as stage, opened(qtbot, stage) as pane:
        assert pane.rows.notice.isVisible()
        assert pane.rows.notice._title.text() == "You can read these answers"
        first = next(line for line in lines(stage).values() if line.kind == "pass_fail")
        row(qtbot, pane, first.id).setFocus()
        qtbot.keyClick(focus(), Qt.Key.Key_1)
        assert not list(stage.session.outbox.waiting())


def test_a_photo_that_is_on_another_device_has_a_place_and_a_word(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    bring(stage, edited(stage, "checklist_item", ids["casing_photo"], result="pass", photo_sha256="ab" * 32))
    with opened(qtbot, stage) as pane:
        (tile,) = row(qtbot, pane, ids["casing_photo"]).control.strip.tiles  # type: ignore[attr-defined]
        assert tile._thumb is None
        assert tile.toolTip() == "This photo is not on this device yet."
        press(qtbot, pane, tile)
        assert stage.navigator.places[-1].get("tab") == "photos"


def test_a_conflict_stands_on_its_item_and_leads_to_the_inbox(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    bring(
        stage,
        conflict(
            stage, 1, stage.order_ids[0], "result", (None, "pass", "fail"), target=("checklist_item", ids["base"])
        ),
    )
    with opened(qtbot, stage) as pane:
        found = row(qtbot, pane, ids["base"])
        assert found._conflict.isVisible()
        press(qtbot, pane, found._compare)
        assert stage.navigator.places[-1].page == "inbox"


def test_items_that_the_office_adds_appear(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    with opened(qtbot, stage) as pane:
        more = [{"key": "a", "kind": "pass_fail", "prompt": "Came later", "section": "Other"}]
        other = issue(stage, stage.order_ids[0], more, number=2, replace=False)
        settle(qtbot, pane)
        answer(qtbot, pane, other["a"], "pass")
        assert saved(stage, other["a"])[0] == "pass"


def test_an_order_without_a_checklist_or_gone_says_so(qtbot: QtBot, stage: Stage) -> None:
    issue(stage, stage.order_ids[0], [{"key": "a", "kind": "pass_fail", "prompt": "x"}])
    for entity in ("checklist", "checklist_item"):
        with stage.session.reading() as reading:
            found = reading.cursor.execute(
                f"SELECT id FROM {entity} WHERE aggregate_id = ? AND deleted_at IS NULL", (stage.order_ids[0],)
            ).fetchall()
        bring(stage, *(edited(stage, entity, each, deleted_at="2026-03-12T07:00:00.000000Z") for (each,) in found))
    with opened(qtbot, stage) as pane:
        assert pane._instead is not None
        assert pane._instead._title.text() == "No checklist on this order"
        bring(stage, edited(stage, "work_order", stage.order_ids[0], deleted_at="2026-03-12T07:00:00.000000Z"))
        settle(qtbot, pane)
        assert pane._instead._title.text() == "This order left this device"
        assert pane._instead.isVisible()


def test_an_item_of_a_newer_server_can_be_left_out(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    bring(stage, edited(stage, "checklist_item", ids["lockout"], kind="hologram"))
    with opened(qtbot, stage) as pane:
        found = row(qtbot, pane, ids["lockout"])
        assert "does not know this kind" in found.words._under.text()
        press(qtbot, pane, found.words._prompt)
        press(qtbot, pane, found.trouble.cannot)
        qtbot.keyClicks(focus(), "Newer than this app.")
        row(qtbot, pane, ids["valves"]).setFocus()
        assert saved(stage, ids["lockout"])[0] == "na"


def test_hostile_texts_are_plain_and_elided(qtbot: QtBot, stage: Stage) -> None:
    evil = "<b>bold</b><img src=x onerror=alert(1)> & " + "long " * 150
    made = issue(
        stage,
        stage.order_ids[0],
        [
            {"key": "a", "kind": "pass_fail", "prompt": evil, "section": evil[:199]},
            {
                "key": "b",
                "kind": "choice",
                "prompt": evil,
                "section": evil[:199],
                "choices": [evil[:190].strip(), "no"],
            },
            {"key": "c", "kind": "number", "prompt": "n", "section": evil[:199], "unit": "<i>bar</i>"},
        ],
        name=evil[:199],
    )
    with opened(qtbot, stage, size=(800, 308)) as pane:
        assert "<b>bold</b>" in row(qtbot, pane, made["a"]).words._prompt.text()
        answer(qtbot, pane, made["a"], "pass")
        assert saved(stage, made["a"])[0] == "pass"


# ---- threads, the end of the page, many items


def test_nothing_is_lost_when_the_page_goes_right_after_a_tap(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    background = QtBackground(stage.session, complain=stage.navigator.complain)
    context = replace(stage.context, background=background)
    with opened(qtbot, stage, context=context) as pane:
        qtbot.waitUntil(lambda: bool(pane.rows.places))
        settle(qtbot, pane)
        found = pane.rows.row(ids["lockout"])
        assert isinstance(found.control, PassFailControl)
        qtbot.mouseClick(found.control.answers.button("pass"), LEFT)
        type_number(qtbot, pane, ids["suction"], "1.2")
        pane.stop()
    background.close()
    assert saved(stage, ids["lockout"])[0] == "pass"
    assert saved(stage, ids["suction"])[1] == "1.2"


def test_quick_taps_in_real_threads_end_with_the_last_one(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    background = QtBackground(stage.session, complain=stage.navigator.complain)
    context = replace(stage.context, background=background)
    with opened(qtbot, stage, context=context) as pane:
        qtbot.waitUntil(lambda: bool(pane.rows.places))
        settle(qtbot, pane)
        control = number(qtbot, pane, ids["suction"])
        for _ in range(12):
            qtbot.mouseClick(control.field.plus, LEFT)
        shown = control.field.text()
        qtbot.waitUntil(lambda: saved(stage, ids["suction"])[1] == shown)
        qtbot.waitUntil(lambda: not pane.rows.row(ids["suction"]).state.is_unsaved)
        assert control.field.text() == shown
        answers = pane.rows.row(ids["lockout"]).control
        assert isinstance(answers, PassFailControl)
        pane.rows.area.verticalScrollBar().setValue(0)
        for result in ("pass", "fail", "pass"):
            qtbot.mouseClick(answers.answers.button(result), LEFT)
        qtbot.waitUntil(lambda: saved(stage, ids["lockout"])[0] == "pass")
        settle(qtbot, pane)
        assert answers.answers.answer == "pass"
    background.close()


def test_five_hundred_items_open_without_building_them_all(qtbot: QtBot, stage: Stage) -> None:
    kinds = ("pass_fail", "number", "text", "pass_fail")
    items = [
        {"key": f"k{n}", "kind": kinds[n % 4], "prompt": f"Item {n}", "section": f"Section {n // 50}"}
        for n in range(500)
    ]
    made = issue(stage, stage.order_ids[0], items, last={})
    with opened(qtbot, stage) as pane:
        built = sum(place.row is not None for place in pane.rows.places)
        assert built < 40
        pane.go_to(made["k480"])
        settle(qtbot, pane)
        assert focus() is pane.rows.row(made["k480"])
        assert not focus().visibleRegion().isEmpty()
        qtbot.keyClick(focus(), Qt.Key.Key_1)
        assert saved(stage, made["k480"])[0] == "pass"
        for _ in range(20):
            qtbot.keyClick(focus(), Qt.Key.Key_Up)
            settle(qtbot, pane)
            assert not focus().visibleRegion().isEmpty()
        assert focus() is pane.rows.row(made["k460"])
        bar = pane.rows.area.verticalScrollBar()
        for at in range(0, bar.maximum(), 900):
            bar.setValue(at)
            settle(qtbot, pane)
        built = [place for place in pane.rows.places if place.row is not None]
        assert len(built) < 120  # those far away are dropped again
        assert pane.rows.row(made["k480"]).state.answer == "pass"


@pytest.mark.parametrize(
    ("look", "size", "font"),
    [
        ("light", (1192, 560), "normal"),
        ("dark", (790, 560), "normal"),
        ("sunlight", (1192, 560), "normal"),
        ("light", (800, 308), "largest"),
    ],
)
def test_it_can_be_hit_read_and_named(
    qtbot: QtBot, stage: Stage, ids: Ids, look: str, size: tuple[int, int], font: str
) -> None:
    theme().use(name=look, font_setting=font)
    with opened(qtbot, stage, size=size) as pane:
        answer(qtbot, pane, ids["lockout"], "pass")
        control = type_number(qtbot, pane, ids["discharge"], "6.8")
        qtbot.keyClick(control.field.edit, Qt.Key.Key_Return)
        settle(qtbot, pane)
        for key in ("lockout", "discharge", "clean"):
            row(qtbot, pane, ids[key])
            found = [*small_targets(pane), *nameless(pane), *out_of_window(pane)]
            found += unreadable(pane, least=7.0 if look == "sunlight" else 4.5)
            assert not found, found


def test_right_to_left_mirrors_the_pane(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    app.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        with opened(qtbot, stage) as pane:
            assert pane.sections.x() > pane.rows.x()
            answer(qtbot, pane, ids["lockout"], "pass")
            assert saved(stage, ids["lockout"])[0] == "pass"
    finally:
        app.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
