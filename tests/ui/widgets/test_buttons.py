"""Buttons react at once, keep their place while busy, and carry a name."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import BUSY_TEXT, ActionButton, IconButton
from tests.ui.widgets.showing import colors_of, show


def presses(button: QPushButton) -> list[int]:
    counted: list[int] = []
    button.clicked.connect(lambda: counted.append(1))
    return counted


def test_a_busy_button_keeps_its_size_and_says_so_after_a_while(qtbot: QtBot) -> None:
    button = show(qtbot, ActionButton("Sign and lock the record", icon="sign", role="primary"))
    before = button.size()

    button.set_busy(True)
    assert button.text() == "Sign and lock the record"
    qtbot.waitUntil(lambda: button.text() == BUSY_TEXT, timeout=60_000)
    assert button.size() == before

    button.set_busy(False)
    assert button.text() == "Sign and lock the record"
    assert not button.icon().isNull()


def test_a_busy_button_takes_no_presses(qtbot: QtBot) -> None:
    button = show(qtbot, ActionButton("Finish", role="primary"))
    counted = presses(button)
    button.set_busy(True)

    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    button.click()
    assert counted == []

    button.set_busy(False)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert counted == [1]


def test_words_that_change_while_busy_show_afterwards(qtbot: QtBot) -> None:
    button = show(qtbot, ActionButton("Arrive", role="primary"))
    button.set_busy(True)
    button.set_text("Start")

    button.set_busy(False)

    assert (button.text(), button.accessibleName()) == ("Start", "Start")


def test_heights(qtbot: QtBot) -> None:
    assert show(qtbot, ActionButton("Finish", role="primary")).height() == theme().target("primary")
    assert show(qtbot, ActionButton("Enrol a device", role="primary", small=True)).height() == 44
    assert show(qtbot, ActionButton("Back to checklist", large=True)).height() == theme().target("primary")
    assert show(qtbot, ActionButton("Open", role="quiet")).height() >= 44


def test_an_icon_button_has_a_name_and_room_for_a_glove(qtbot: QtBot) -> None:
    button = show(qtbot, IconButton("search", "Search this device"))

    assert (button.accessibleName(), button.toolTip()) == ("Search this device", "Search this device")
    assert min(button.width(), button.height()) >= theme().target("minimum")


def test_icons_follow_the_theme_and_the_role(qtbot: QtBot) -> None:
    button = show(qtbot, IconButton("search", "Search"))
    assert theme().color("text").name() in colors_of(button)

    theme().use(name="dark")
    assert theme().color("text").name() in colors_of(button)

    quiet = show(qtbot, ActionButton("Week", icon="calendar", role="quiet"))
    assert theme().color("accent").name() in colors_of(quiet)


def test_a_key_cap_stands_behind_the_words(qtbot: QtBot) -> None:
    plain, hinted = ActionButton("Approve"), ActionButton("Approve", shortcut_hint="A")

    assert hinted.sizeHint().width() > plain.sizeHint().width() + 20
    show(qtbot, hinted)
    assert theme().color("text").name() in colors_of(hinted)
