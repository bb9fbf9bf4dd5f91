"""Labels show what they are given, letter by letter, in the theme's line height."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.segmented import Chips
from cmms_desktop.ui.widgets.text import ElidedText, Text
from tests.ui.widgets.showing import colors_of, show

LONG = "Pressure at the top floor falls from 5.2 to 3.1 bar between 01:00 and 05:00, no visible water."


def test_marks_of_a_rich_text_are_shown_as_they_are(qtbot: QtBot) -> None:
    marked, plain = show(qtbot, Text("<b>bold</b>")), show(qtbot, Text("bold"))

    assert marked.textFormat() == Qt.TextFormat.PlainText
    assert marked.sizeHint().width() > plain.sizeHint().width() * 2


def test_a_line_is_as_high_as_the_theme_says(qtbot: QtBot) -> None:
    text = show(qtbot, Text("12/12 ready", role="body"))
    assert text.sizeHint().height() == theme().line("body")

    theme().use(font_setting="largest")

    assert text.sizeHint().height() == theme().line("body")


def test_a_wrapped_text_takes_whole_lines_and_shows_all_of_itself(qtbot: QtBot) -> None:
    text = show(qtbot, Text(LONG, wrap=True), width=300)

    assert text.height() >= text.heightForWidth(text.width()) >= 3 * theme().line("body")
    assert text.heightForWidth(text.width()) % theme().line("body") == 0


def test_the_tone_gives_the_colour(qtbot: QtBot) -> None:
    text = show(qtbot, Text("Refused", role="figure", tone="danger"))
    assert theme().color("danger").name() in colors_of(text)

    text.set_tone("success")
    assert theme().color("success").name() in colors_of(text)


def test_a_new_theme_recolours_a_text(qtbot: QtBot) -> None:
    text = show(qtbot, Text("Sync", role="figure"))

    theme().use(name="dark")

    assert theme().color("text").name() in colors_of(text)


def test_a_text_in_a_toast_has_the_colour_of_the_toast(qtbot: QtBot) -> None:
    text = show(qtbot, Text("18 items set OK", role="figure"), kind="toast")

    assert theme().color("on-toast").name() in colors_of(text)


def test_what_is_elided_is_whole_in_the_tooltip(qtbot: QtBot) -> None:
    text = show(qtbot, ElidedText(LONG, role="title"), width=300)
    assert text.toolTip() == LONG

    text.setText("Short")
    assert text.toolTip() == ""

    text.setText(LONG)
    text.window().setFixedWidth(2000)
    qtbot.waitUntil(lambda: text.toolTip() == "")


def test_two_lines_come_before_eliding(qtbot: QtBot) -> None:
    text = show(qtbot, ElidedText(LONG, lines=2), width=300)

    assert text.heightForWidth(text.width()) == 2 * theme().line("body")
    assert text.toolTip() == LONG


def test_a_selectable_text_can_be_copied_by_keyboard(qtbot: QtBot) -> None:
    text = show(qtbot, Text("9f3a 61c0 e27b", selectable=True))
    field = QLineEdit()
    qtbot.addWidget(field)
    text.setFocus()

    text.setSelection(0, 4)

    assert text.selectedText() == "9f3a"


def test_a_tip_shows_the_letters_of_what_looks_like_html(qtbot: QtBot) -> None:
    hostile = '<img src="file:///etc/hostname">Pressure at the top floor falls <b>every night</b>'
    text = show(qtbot, ElidedText(hostile), width=80)
    assert text.toolTip() != ""
    seen = QTextDocument()
    seen.setHtml(text.toolTip())
    assert seen.toPlainText() == hostile
    assert "<img" not in text.toolTip()


def test_an_ampersand_of_a_text_is_seen_and_makes_no_shortcut(qtbot: QtBot) -> None:
    chips = show(qtbot, Chips((("r&d", "R&D"),)))
    button = show(qtbot, ActionButton("Use 2 R&D"))
    button.set_text("Use 3 R&D")
    assert (chips.button("r&d").text(), button.text()) == ("R&&D", "Use 3 R&&D")
    assert chips.button("r&d").shortcut().isEmpty()
    assert button.shortcut().isEmpty()
    assert (chips.button("r&d").accessibleName(), button.accessibleName()) == ("R&D", "Use 3 R&D")
