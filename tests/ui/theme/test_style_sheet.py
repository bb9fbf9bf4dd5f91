"""The rules of the window are understood by Qt, and give widgets the sizes and colours that the look asks for."""

from __future__ import annotations

from itertools import product

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QFocusFrame,
    QFrame,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.theme import FONT_SETTINGS, THEMES, FocusRingStyle, theme
from cmms_desktop.ui.theme.style_sheet import style_sheet
from cmms_desktop.ui.theme.tokens import load_tokens, look
from tests.ui.theme.sampler import BUTTON_ROLES, LABEL_ROLES, Sampler

LOOKS = list(product(THEMES, FONT_SETTINGS))
ANSWERS = ("answer-pass", "answer-flag", "answer-fail")
FIELDS = (QLineEdit, QComboBox)


def shown(qtbot: QtBot, widget: QWidget, **properties: object) -> QWidget:
    """The widget with its properties, dressed, in its natural size."""
    qtbot.addWidget(widget)
    return restyled(widget, **properties)


def restyled(widget: QWidget, **properties: object) -> QWidget:
    for name, value in properties.items():
        assert not widget.metaObject().indexOfProperty(name) >= 0, f"Qt has its own {name}"
        widget.setProperty(name, value)
    widget.ensurePolished()
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.resize(widget.sizeHint())
    return widget


def button(qtbot: QtBot, role: str, **properties: object) -> QWidget:
    return shown(qtbot, QPushButton("Finish"), role=role, **properties)


def color_at(widget: QWidget, x: int) -> str:
    """The colour at the middle of the height, `x` from the left."""
    return widget.grab().toImage().pixelColor(x, widget.height() // 2).name()


def colour(token: str) -> str:
    return theme().color(token).name()


@pytest.mark.parametrize(("name", "setting"), LOOKS)
def test_qt_understands_every_rule(qtbot: QtBot, qtlog: object, name: str, setting: str) -> None:
    theme().use(name=name, font_setting=setting)
    assert "$(" not in style_sheet(look(name, setting))
    sampler = Sampler()
    qtbot.addWidget(sampler)
    with qtbot.waitExposed(sampler):
        sampler.show()
    sampler.grab()
    assert [record.message for record in qtlog.records if not record.ignored] == []  # type: ignore[attr-defined]


@pytest.mark.qt_log_level_fail("NO")
@pytest.mark.parametrize("rules", ["QLabel { colour: red }", "QLabel { color: red", "} nonsense"])
def test_a_rule_that_qt_does_not_understand_is_said(qtbot: QtBot, qtlog: object, rules: str) -> None:
    label = shown(qtbot, QLabel("x"))
    label.setStyleSheet(rules)
    label.grab()
    assert len(qtlog.records) > 0  # type: ignore[attr-defined]


@pytest.mark.parametrize("role", LABEL_ROLES)
def test_a_label_has_the_size_and_weight_of_its_role(qtbot: QtBot, role: str) -> None:
    theme().use(name="sunlight", font_setting="large")
    label = shown(qtbot, QLabel("Casing"), role=role)
    assert label.font().pixelSize() == theme().font(role).pixelSize()
    assert label.font().weight() == theme().font(role).weight()
    assert label.font().hintingPreference() == theme().font(role).hintingPreference()


@pytest.mark.parametrize("tone", ["muted", "accent", "success", "warning", "danger", "info"])
def test_a_tone_is_the_colour_of_that_name(qtbot: QtBot, tone: str) -> None:
    label = shown(qtbot, QLabel("Casing"), role="body", tone=tone)
    token = "text-muted" if tone == "muted" else tone
    assert label.palette().color(QPalette.ColorRole.WindowText) == theme().color(token)


@pytest.mark.parametrize(("name", "setting"), LOOKS)
def test_nothing_to_touch_is_smaller_than_a_gloved_finger(qtbot: QtBot, name: str, setting: str) -> None:
    theme().use(name=name, font_setting=setting)
    heights = {role: button(qtbot, role).height() for role in BUTTON_ROLES}
    heights |= {kind.__name__: shown(qtbot, kind()).height() for kind in (*FIELDS, QCheckBox, QRadioButton)}
    assert {kind: height for kind, height in heights.items() if height < theme().target("minimum")} == {}
    assert button(qtbot, "icon").width() >= theme().target("minimum")


@pytest.mark.parametrize("name", THEMES)
def test_heights_are_those_of_the_look(qtbot: QtBot, name: str) -> None:
    theme().use(name=name)
    assert button(qtbot, "primary").height() == theme().target("primary")
    assert button(qtbot, "primary", scale="small").height() == theme().target("minimum")
    assert button(qtbot, "secondary").height() == theme().target("minimum")
    assert button(qtbot, "secondary", scale="large").height() == theme().target("primary")
    for role in ANSWERS:
        assert button(qtbot, role).height() == theme().target("answer")
        assert button(qtbot, role).width() >= theme().target("answer_width")
    for kind in FIELDS:
        assert shown(qtbot, kind()).height() == theme().target("field")


@pytest.mark.parametrize("name", THEMES)
def test_nothing_moves_when_a_state_changes(qtbot: QtBot, name: str) -> None:
    theme().use(name=name)
    for kind in FIELDS:
        field = shown(qtbot, kind())
        before = field.sizeHint()
        assert restyled(field, error="true").sizeHint() == before
    for role in ("chip", "segment", "row", *ANSWERS):
        choice = button(qtbot, role)
        assert isinstance(choice, QPushButton)
        height = choice.sizeHint().height()
        choice.setCheckable(True)
        choice.setChecked(True)
        assert choice.sizeHint().height() == height


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize(
    ("role", "token"), [("primary", "accent"), ("danger-fill", "danger-fill"), ("secondary", "surface-raised")]
)
def test_a_button_is_filled_as_its_role_says(qtbot: QtBot, name: str, role: str, token: str) -> None:
    theme().use(name=name)
    assert color_at(button(qtbot, role), 7) == colour(token)


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize(
    ("role", "token"), list(zip(ANSWERS, ("success-fill", "warning-fill", "danger-fill"), strict=True))
)
def test_an_answer_takes_its_colour_when_it_is_given(qtbot: QtBot, name: str, role: str, token: str) -> None:
    theme().use(name=name)
    answer = button(qtbot, role)
    assert isinstance(answer, QPushButton)
    assert color_at(answer, 7) == colour("surface-raised")
    answer.setCheckable(True)
    answer.setChecked(True)
    assert color_at(answer, 7) == colour(token)


def test_a_wrong_field_has_a_border_of_danger_and_loses_it_again(qtbot: QtBot) -> None:
    field = shown(qtbot, QLineEdit("−2"))
    assert color_at(field, 0) == colour("border-strong")
    assert color_at(restyled(field, error="true"), 0) == colour("danger")
    assert color_at(field, 1) == colour("danger")
    assert color_at(restyled(field, error="false"), 0) == colour("border-strong")
    assert color_at(restyled(field, locked="true"), 5) == colour("surface-sunken")


def test_a_focused_field_shows_it(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    rows = QVBoxLayout(page)
    field, other = QLineEdit("Gate closed"), QLineEdit()
    rows.addWidget(other)
    rows.addWidget(field)
    with qtbot.waitExposed(page):
        page.show()
    page.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    assert color_at(field, 0) == color_at(field, 1) == colour("focus")
    assert color_at(other, 0) == colour("border-strong")
    assert field.size() == other.size()


@pytest.mark.parametrize("name", THEMES)
def test_a_card_keeps_its_content_in_place_when_it_is_selected(qtbot: QtBot, name: str) -> None:
    theme().use(name=name)
    card = QFrame()
    inside = QVBoxLayout(card)
    label = QLabel("Casing")
    inside.addWidget(label)
    places = []
    for kind in ("card", "card-selected", "card-danger"):
        shown(qtbot, card, kind=kind)
        card.resize(300, 80)
        inside.activate()
        places.append(label.geometry())
        edge = {"card": "border", "card-selected": "accent", "card-danger": "danger"}[kind]
        assert color_at(card, 0) == colour(edge)
    assert len({place.getRect() for place in places}) == 1


def test_what_no_rule_reaches_still_has_the_colours_of_the_theme(qapp: QApplication) -> None:
    theme().use(name="dark")
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(load_tokens().themes["dark"]["surface"])
    assert qapp.palette().color(QPalette.ColorRole.Text) == QColor(load_tokens().themes["dark"]["text"])


def test_a_switch_is_told_after_everything_is_new(qtbot: QtBot, qapp: QApplication) -> None:
    seen = []

    def look_around() -> None:
        seen.append((theme().name, qapp.palette().color(QPalette.ColorRole.Window).name(), qapp.font().pixelSize()))

    theme().changed.connect(look_around)
    with qtbot.waitSignal(theme().changed):
        theme().use(name="sunlight", font_setting="large")
    theme().changed.disconnect(look_around)
    assert seen == [("sunlight", "#ffffff", 19)]


def test_the_focus_ring_stands_off_its_control(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    rows = QVBoxLayout(page)
    rows.setContentsMargins(20, 20, 20, 20)
    choice = QPushButton("Finish")
    rows.addWidget(choice)
    with qtbot.waitExposed(page):
        page.show()
    ring = QFocusFrame(page)
    style = FocusRingStyle()
    ring.setStyle(style)
    ring.setWidget(choice)
    assert ring.geometry() == choice.geometry().adjusted(-5, -5, 5, 5)
    theme().use(name="dark")
    assert ring.geometry() == choice.geometry().adjusted(-5, -5, 5, 5)
    ring.setWidget(None)
