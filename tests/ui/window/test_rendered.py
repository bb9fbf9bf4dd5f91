"""The eyes of test_every_page notice what they are there for: planted faults are found, and good widgets are not."""

import pytest
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QListView, QPushButton, QVBoxLayout
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.text import Text
from tests.ui import rendered


@pytest.fixture
def window(qtbot: QtBot) -> QFrame:
    """An empty page of 600 × 400."""
    frame = QFrame()
    frame.setProperty("kind", "page")
    frame.resize(600, 400)
    QVBoxLayout(frame)
    qtbot.addWidget(frame)
    return frame


def put(window: QFrame, widget: QPushButton | QLabel | QLineEdit | QListView, qtbot: QtBot) -> None:
    layout = window.layout()
    assert layout is not None
    layout.addWidget(widget)
    widget.show()
    window.show()
    qtbot.waitExposed(window)


def test_a_button_of_38_px_is_too_small(window: QFrame, qtbot: QtBot) -> None:
    button = QPushButton("Save the reading")
    button.setStyleSheet("min-height: 36px; max-height: 36px; border: 1px solid black; padding: 0")
    put(window, button, qtbot)
    assert [finding.what for finding in rendered.small_targets(window)] == [f"{button.width()} × 38 px"]


def test_grey_on_grey_cannot_be_read(window: QFrame, qtbot: QtBot) -> None:
    label = QLabel("Nobody can read this")
    label.setStyleSheet("color: #9AA5AC; background: #F1F4F5")
    put(window, label, qtbot)
    (found,) = rendered.unreadable(window, least=4.5)
    assert "Nobody can read this" in str(found)


def test_grey_letters_on_a_button_cannot_be_read(window: QFrame, qtbot: QtBot) -> None:
    button = QPushButton("Nor this")
    button.setStyleSheet("color: #B0B8BD; background: white")
    put(window, button, qtbot)
    assert len(rendered.unreadable(window, least=4.5)) == 1


def test_a_button_without_words_or_name_is_found(window: QFrame, qtbot: QtBot) -> None:
    put(window, QPushButton(), qtbot)
    assert [finding.what for finding in rendered.nameless(window)] == ["has no name"]


def test_a_field_and_a_list_without_a_name_are_found(window: QFrame, qtbot: QtBot) -> None:
    put(window, QLineEdit(), qtbot)
    put(window, QListView(), qtbot)
    assert len(rendered.nameless(window)) == 2


def test_a_control_beyond_the_edge_is_found(window: QFrame, qtbot: QtBot) -> None:
    put(window, QLabel("Something"), qtbot)
    button = QPushButton("Far out", window)
    button.setGeometry(560, 20, 120, 44)
    button.show()
    assert len(rendered.out_of_window(window)) == 1


def test_good_widgets_are_left_alone(window: QFrame, qtbot: QtBot) -> None:
    put(window, Text("Readable", role="body"), qtbot)
    put(window, ActionButton("Save the reading", role="primary"), qtbot)
    findings = [
        *rendered.small_targets(window),
        *rendered.unreadable(window, least=4.5),
        *rendered.nameless(window),
        *rendered.out_of_window(window),
    ]
    assert findings == []


@pytest.mark.parametrize(("one", "other", "ratio"), [(0x000000, 0xFFFFFF, 21.0), (0x777777, 0xFFFFFF, 4.48)])
def test_contrast_is_the_one_of_wcag(one: int, other: int, ratio: float) -> None:
    assert rendered.contrast(one, other) == pytest.approx(ratio, abs=0.01)
