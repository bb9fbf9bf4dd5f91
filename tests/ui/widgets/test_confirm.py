"""Asking in place: the harmless answer has the focus, and silence is that answer."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.confirm import ConfirmInPlace, is_asking
from tests.ui.widgets.showing import show


def asked(qtbot: QtBot, falls_back_ms: int = 10_000) -> tuple[ConfirmInPlace, list[str]]:
    button = ActionButton("Delete photo", role="danger")
    confirm = ConfirmInPlace(button, "Delete this photo?", "Keep it", "Delete photo", falls_back_ms=falls_back_ms)
    show(qtbot, confirm)
    told: list[str] = []
    confirm.confirmed.connect(lambda: told.append("confirmed"))
    confirm.kept.connect(lambda: told.append("kept"))
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    return confirm, told


def test_a_press_asks_and_gives_the_focus_to_keeping(qtbot: QtBot) -> None:
    confirm, told = asked(qtbot)

    assert confirm.is_asking
    assert confirm.keep_button.hasFocus()
    assert told == []


def test_the_act_is_told_once_and_the_button_is_back(qtbot: QtBot) -> None:
    confirm, told = asked(qtbot)

    qtbot.mouseClick(confirm.act_button, Qt.MouseButton.LeftButton)

    assert (told, confirm.is_asking) == (["confirmed"], False)


def test_enter_and_escape_keep(qtbot: QtBot) -> None:
    confirm, told = asked(qtbot)
    qtbot.keyClick(confirm.keep_button, Qt.Key.Key_Space)
    assert (told, confirm.is_asking) == (["kept"], False)

    confirm.ask()
    qtbot.keyClick(confirm.keep_button, Qt.Key.Key_Escape)
    assert (told, confirm.is_asking) == (["kept", "kept"], False)


def test_a_page_knows_that_escape_belongs_to_the_question(qtbot: QtBot) -> None:
    confirm, _ = asked(qtbot)
    assert is_asking(confirm.keep_button)

    confirm.take_back()

    assert not is_asking(confirm.keep_button)
    assert not is_asking(None)


def test_unanswered_it_falls_back(qtbot: QtBot) -> None:
    confirm, told = asked(qtbot, falls_back_ms=20)

    qtbot.waitUntil(lambda: not confirm.is_asking)

    assert told == []


def test_nothing_moves_while_it_asks(qtbot: QtBot) -> None:
    confirm, _ = asked(qtbot)
    height = confirm.height()

    confirm.take_back()

    assert confirm.height() == height
