"""Answers, segments and chips: what is pressed is told, what is shown is not."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.answers import AnswerButtons
from cmms_desktop.ui.widgets.segmented import Chips, Segmented
from tests.ui.widgets.showing import colors_of, show

STATES = (("pending", "Pending 7"), ("returned", "Returned 2"), ("approved", "Approved 31"))
AREAS = (("dry", "Dry"), ("damp", "Damp"), ("flooded", "Flooded"))


def press(qtbot: QtBot, button: QPushButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_an_answer_is_told_and_the_same_press_takes_it_back(qtbot: QtBot) -> None:
    answers = show(qtbot, AnswerButtons())
    told: list[str] = []
    answers.answered.connect(told.append)

    press(qtbot, answers.button("fail"))
    press(qtbot, answers.button("pass"))
    press(qtbot, answers.button("pass"))

    assert told == ["fail", "pass", ""]
    assert answers.answer == ""


def test_answers_by_keyboard(qtbot: QtBot) -> None:
    answers = show(qtbot, AnswerButtons())
    told: list[str] = []
    answers.answered.connect(told.append)
    answers.button("flag").setFocus()

    qtbot.keyClick(answers.button("flag"), Qt.Key.Key_Space)
    answers.press("fail")

    assert told == ["flag", "fail"]


def test_a_shown_answer_is_not_told(qtbot: QtBot) -> None:
    answers = show(qtbot, AnswerButtons())
    told: list[str] = []
    answers.answered.connect(told.append)

    answers.set_answer("fail")

    assert (told, answers.answer) == ([], "fail")
    assert theme().color("danger-fill").name() in colors_of(answers)


def test_answers_are_large_and_named_after_their_subject(qtbot: QtBot) -> None:
    answers = show(qtbot, AnswerButtons())
    answers.set_subject("Shaft seal free of leaks")

    for result in ("pass", "flag", "fail"):
        button = answers.button(result)
        assert button.width() >= theme().target("answer_width")
        assert button.height() >= theme().target("answer")
        assert "Shaft seal" in button.accessibleName()


def test_an_answered_button_does_not_change_its_size(qtbot: QtBot) -> None:
    answers = show(qtbot, AnswerButtons())
    before = answers.size()

    answers.set_answer("pass")

    assert answers.sizeHint() == before


def test_always_one_segment_is_chosen(qtbot: QtBot) -> None:
    segments = show(qtbot, Segmented(STATES))
    told: list[str] = []
    segments.chosen.connect(told.append)
    assert segments.current == "pending"

    press(qtbot, segments.button("approved"))
    press(qtbot, segments.button("approved"))
    segments.set_current("returned")
    segments.set_current("unknown")

    assert segments.current == "returned"
    assert told == ["approved"]


def test_segments_share_their_borders(qtbot: QtBot) -> None:
    segments = show(qtbot, Segmented(STATES))
    edges = [segments.button(key).geometry() for key, _ in STATES]

    assert [edge.left() for edge in edges[1:]] == [edge.right() + 1 for edge in edges[:-1]]


def test_one_chip_can_be_chosen_and_taken_back(qtbot: QtBot) -> None:
    chips = show(qtbot, Chips(AREAS))
    told: list[str] = []
    chips.chosen.connect(told.append)

    press(qtbot, chips.button("dry"))
    press(qtbot, chips.button("damp"))
    assert chips.keys() == ("damp",)
    press(qtbot, chips.button("damp"))

    assert chips.keys() == ()
    assert told == ["dry", "damp", "damp"]


def test_several_chips_where_several_are_meant(qtbot: QtBot) -> None:
    chips = show(qtbot, Chips(AREAS, multiple=True))

    press(qtbot, chips.button("dry"))
    press(qtbot, chips.button("flooded"))

    assert chips.keys() == ("dry", "flooded")


def test_what_was_chosen_stays_when_other_chips_are_offered(qtbot: QtBot) -> None:
    chips = show(qtbot, Chips(AREAS))
    chips.set_keys(("damp",))

    chips.set_options((*AREAS, ("none", "Not reached")))

    assert chips.keys() == ("damp",)
