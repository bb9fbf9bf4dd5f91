"""Fields tell what a person types, normalised, and say in words what to enter instead."""

from __future__ import annotations

from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import IconButton
from cmms_desktop.ui.widgets.fields import LabelledField, LabelledText, NumberField, SecretField
from tests.ui.widgets.showing import colors_of, show


def number(qtbot: QtBot, *, minimum: str | None = None, maximum: str | None = None) -> NumberField:
    low, high = (None if text is None else Decimal(text) for text in (minimum, maximum))
    return show(qtbot, NumberField("bar", minimum=low, maximum=high, step=Decimal("0.1"), name="Pressure"))


def test_every_typed_letter_is_told_and_what_is_shown_is_not(qtbot: QtBot) -> None:
    field = show(qtbot, LabelledField("Reason"))
    told: list[str] = []
    field.edited.connect(told.append)

    field.set_text("Gate")
    qtbot.keyClicks(field.line, "s!")

    assert told == ["Gates", "Gates!"]


def test_leaving_a_field_is_told(qtbot: QtBot) -> None:
    field = show(qtbot, LabelledField("Reason"))
    with qtbot.waitSignal(field.finished) as done:
        qtbot.keyClicks(field.line, "Gate")
        qtbot.keyClick(field.line, Qt.Key.Key_Return)

    assert done.args == ["Gate"]


def test_an_error_says_what_to_enter_and_is_read_out(qtbot: QtBot) -> None:
    field = show(qtbot, LabelledField("Quantity", hint="Pieces"))

    field.set_error("Enter 1 or more pieces.")

    assert field.error == "Enter 1 or more pieces."
    assert field.line.accessibleDescription() == "Enter 1 or more pieces."
    assert field.line.accessibleName() == "Quantity"
    assert theme().color("danger").name() in colors_of(field)

    field.set_error(None)
    assert field.error == ""
    assert field.line.accessibleDescription() == "Pieces"
    assert theme().color("danger").name() not in colors_of(field)


def test_a_field_keeps_its_height_with_an_error(qtbot: QtBot) -> None:
    field = show(qtbot, LabelledField("Quantity"))
    before = field.line.height()

    field.set_error("Enter 1 or more pieces.")
    qtbot.wait(1)

    assert field.line.height() == before >= theme().target("field")


def test_a_locked_field_takes_no_keys_and_says_who_set_it(qtbot: QtBot) -> None:
    field = show(qtbot, LabelledField("Template", locked_by="Set by the office."))
    field.set_text("Booster pump v7")

    qtbot.keyClicks(field.line, "x")

    assert field.text() == "Booster pump v7"
    assert field.line.accessibleDescription() == "Set by the office."


def test_the_button_in_a_field_is_large_and_told(qtbot: QtBot) -> None:
    field = show(qtbot, LabelledField("Serial", icon_action=("scan", "Scan the serial number")))
    button = field.findChild(IconButton)
    assert isinstance(button, IconButton)
    assert min(button.width(), button.height()) >= 44

    with qtbot.waitSignal(field.icon_pressed):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_words_never_run_under_the_button_of_a_field(qtbot: QtBot) -> None:
    field = show(qtbot, LabelledField("Serial", icon_action=("scan", "Scan")), width=260)
    button = field.findChild(IconButton)
    assert isinstance(button, IconButton)

    assert field.line.textMargins().right() >= field.line.width() - button.geometry().left() - 12


def test_a_long_text_grows_with_its_lines(qtbot: QtBot) -> None:
    field = show(qtbot, LabelledText("Note"))
    before = field.area.sizeHint().height()
    told: list[str] = []
    field.edited.connect(told.append)

    qtbot.keyClicks(field.area, "one")
    for _ in range(3):
        qtbot.keyClick(field.area, Qt.Key.Key_Return)

    assert told[-1] == "one\n\n\n"
    assert field.area.sizeHint().height() > before


def test_tab_leaves_a_long_text(qtbot: QtBot) -> None:
    field = show(qtbot, LabelledText("Note"))
    told: list[str] = []
    field.finished.connect(told.append)
    field.area.setFocus()
    qtbot.keyClicks(field.area, "Drips")

    field.area.clearFocus()

    assert told == ["Drips"]


@pytest.mark.parametrize(
    ("typed", "text"), [("6,8", "6.8"), ("6.80", "6.80"), (" -3 ", "-3"), ("−3", "-3"), ("", ""), ("abc", "abc")]
)
def test_a_number_is_told_with_a_point(qtbot: QtBot, typed: str, text: str) -> None:
    field = number(qtbot)
    field.set_text("1")
    with qtbot.waitSignal(field.edited) as done:
        field.edit.selectAll()
        qtbot.keyClick(field.edit, Qt.Key.Key_Delete)
        field.edit.insert(typed)  # as an input method does; key events of the test library know ASCII alone
        qtbot.keyClick(field.edit, Qt.Key.Key_Return)

    assert done.args == [text]


def test_a_number_that_did_not_change_is_not_told_again(qtbot: QtBot) -> None:
    field = number(qtbot)
    told: list[str] = []
    field.edited.connect(told.append)
    field.set_text("5.6")

    qtbot.keyClick(field.edit, Qt.Key.Key_Return)

    assert told == []


def test_steps_by_button_and_arrow_stay_within_the_limits(qtbot: QtBot) -> None:
    field = number(qtbot, minimum="0", maximum="0.2")
    told: list[str] = []
    field.edited.connect(told.append)

    qtbot.mouseClick(field.plus, Qt.MouseButton.LeftButton)
    for _ in range(3):
        qtbot.mouseClick(field.plus, Qt.MouseButton.LeftButton)
    qtbot.keyClick(field.edit, Qt.Key.Key_Down)
    for _ in range(3):
        qtbot.mouseClick(field.minus, Qt.MouseButton.LeftButton)

    assert told == ["0.0", "0.1", "0.2", "0.1", "0.0"]


def test_what_was_typed_past_a_limit_is_not_pulled_back_by_a_step(qtbot: QtBot) -> None:
    field = number(qtbot, minimum="0", maximum="10")
    field.set_text("12")

    qtbot.mouseClick(field.plus, Qt.MouseButton.LeftButton)
    assert field.text() == "12"

    qtbot.mouseClick(field.minus, Qt.MouseButton.LeftButton)
    assert field.text() == "11.9"


def test_the_buttons_of_a_number_are_as_high_as_the_field(qtbot: QtBot) -> None:
    for setting in ("normal", "largest"):
        theme().use(font_setting=setting)
        field = number(qtbot)
        heights = {part.height() for part in (field.minus, field.edit, field.plus)}
        assert len(heights) == 1
        assert heights.pop() >= theme().target("answer")


def test_a_number_out_of_its_limits_has_a_red_frame(qtbot: QtBot) -> None:
    field = number(qtbot)

    field.set_error("0.8 bar above the limit.")

    assert theme().color("danger").name() in colors_of(field)
    assert field.edit.accessibleDescription() == "0.8 bar above the limit."


def test_the_unit_stays_readable_beside_a_long_number(qtbot: QtBot) -> None:
    field = number(qtbot)
    field.set_text("123456.789")

    assert field.edit.textMargins().right() > 0
    assert theme().color("text-muted").name() in colors_of(field.edit)


def test_a_pin_is_never_shown(qtbot: QtBot) -> None:
    field = show(qtbot, SecretField("Your PIN"))
    qtbot.keyClicks(field.line, "123456")

    assert field.line.echoMode() == QLineEdit.EchoMode.Password
    assert field.line.displayText() != "123456"
    field.clear()
    assert field.text() == ""


def test_the_keypad_types_and_leaves_the_keyboard_in_the_field(qtbot: QtBot) -> None:
    field = show(qtbot, SecretField("Your PIN"))
    told: list[str] = []
    field.edited.connect(told.append)
    assert not field.keypad.isVisible()
    qtbot.mouseClick(field.keypad_button, Qt.MouseButton.LeftButton)
    assert field.keypad.isVisible()

    for key in ("1", "2", "back", "7", "clear", "9"):
        qtbot.mouseClick(field.keypad.button(key), Qt.MouseButton.LeftButton)

    assert told == ["1", "12", "1", "17", "", "9"]
    assert field.line.hasFocus()
    assert all(min(field.keypad.button(str(n)).width(), field.keypad.button(str(n)).height()) >= 44 for n in range(10))


def test_enter_submits_a_pin(qtbot: QtBot) -> None:
    field = show(qtbot, SecretField("Your PIN"))
    with qtbot.waitSignal(field.submitted) as done:
        qtbot.keyClicks(field.line, "1234")
        qtbot.keyClick(field.line, Qt.Key.Key_Return)

    assert done.args == ["1234"]


def test_a_placeholder_is_not_taken_for_text(qtbot: QtBot) -> None:
    field = show(qtbot, LabelledField("Search", placeholder="Device, person, site"))

    assert field.text() == ""
    assert field.line.palette().color(QPalette.ColorRole.PlaceholderText) == theme().color("text-muted")
