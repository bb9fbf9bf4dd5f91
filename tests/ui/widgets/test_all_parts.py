"""Every part together, in each theme and size: large enough, readable, named, nothing cut off."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.text import ElidedText, Text
from tests.ui.gallery import components, lists
from tests.ui.rendered import nameless, small_targets, unreadable

LOOKS = [(name, setting) for name in ("light", "dark", "sunlight") for setting in ("normal", "largest")]


@pytest.fixture(params=[components, lists])
def make(request: pytest.FixtureRequest) -> object:
    return request.param


def page_of(qtbot: QtBot, make: object, name: str, setting: str) -> QWidget:
    assert callable(make)
    theme().use(name=name, font_setting=setting)
    page: QWidget = make()
    qtbot.addWidget(page)
    page.setFixedWidth(1800)
    page.show()
    page.adjustSize()
    return page


@pytest.mark.parametrize(("name", "setting"), LOOKS)
def test_nothing_is_too_small_for_a_glove(qtbot: QtBot, make: object, name: str, setting: str) -> None:
    assert small_targets(page_of(qtbot, make, name, setting)) == []


@pytest.mark.parametrize(("name", "setting"), LOOKS)
def test_every_word_can_be_read(qtbot: QtBot, make: object, name: str, setting: str) -> None:
    least = 7.0 if name == "sunlight" else 4.5

    assert unreadable(page_of(qtbot, make, name, setting), least=least) == []


def test_every_control_has_a_name(qtbot: QtBot, make: object) -> None:
    assert nameless(page_of(qtbot, make, "light", "normal")) == []


@pytest.mark.parametrize(("name", "setting"), LOOKS)
def test_no_line_is_cut_off(qtbot: QtBot, make: object, name: str, setting: str) -> None:
    page = page_of(qtbot, make, name, setting)

    cut = [
        label.text()
        for label in page.findChildren(Text)
        if label.isVisible()
        and not isinstance(label, ElidedText)
        and (label.width() < label.minimumSizeHint().width() or label.height() < label.heightForWidth(label.width()))
    ]

    assert cut == []
