"""The style sheet lies on the application, or on one window alone; what stands in that window looks the same."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.text import Text


def window_with_parts(qtbot: QtBot) -> QFrame:
    window = QFrame()
    window.setProperty("kind", "page")
    row = QHBoxLayout(window)
    for part in (ActionButton("Finish", icon="pass", role="primary"), Text("Ready", tone="success"), QLabel("Words")):
        row.addWidget(part)
    qtbot.addWidget(window)
    window.resize(400, 80)
    window.show()
    return window


def test_a_window_that_wears_the_style_sheet_alone_looks_as_before(qtbot: QtBot, qapp: QApplication) -> None:
    window = window_with_parts(qtbot)
    before = window.grab().toImage()
    theme().dress_only(window)
    assert qapp.styleSheet() == ""
    assert window.grab().toImage() == before
    assert window_with_parts(qtbot).grab().toImage() != before  # somewhere else nothing is dressed
    theme().dress_only(None)
    assert window_with_parts(qtbot).grab().toImage() == before


def test_another_theme_reaches_the_dressed_window(qtbot: QtBot, qapp: QApplication) -> None:
    window = window_with_parts(qtbot)
    theme().dress_only(window)
    light = window.grab().toImage()
    theme().use(name="dark")
    assert qapp.styleSheet() == ""
    assert window.grab().toImage() != light


def test_the_dressed_window_is_painted_in_the_turn_after(qtbot: QtBot) -> None:
    window = window_with_parts(qtbot)
    theme().dress_only(window)
    theme().use(name="dark")
    theme().use(name="sunlight")
    assert not window.updatesEnabled()
    qtbot.waitUntil(window.updatesEnabled)
