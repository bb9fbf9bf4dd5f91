"""The ring shows where the keyboard is, to whoever uses it, and to nobody else."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.focus_ring import FocusRing, install_focus_ring
from tests.ui.widgets.showing import colors_of, show


class Form(QWidget):
    """Two buttons and a field."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.field = ActionButton("Return"), ActionButton("Approve"), QLineEdit()
        column = QVBoxLayout(self)
        for part in (self.first, self.second, self.field):
            column.addWidget(part)


def form(qtbot: QtBot) -> tuple[Form, FocusRing]:
    made = show(qtbot, Form(), width=400)
    ring = install_focus_ring(made.window())
    made.first.setFocus()
    return made, ring


def press_tab(widget: QWidget) -> None:
    QTest.keyClick(widget.window().windowHandle(), Qt.Key.Key_Tab)


def tap(button: QPushButton) -> None:
    window = button.window()
    place = button.mapTo(window, QPoint(button.width() // 2, button.height() // 2))
    QTest.mouseClick(window.windowHandle(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)


def test_it_stands_around_what_tab_reached(qtbot: QtBot) -> None:
    made, ring = form(qtbot)
    assert not ring.isVisible()

    press_tab(made)

    assert made.second.hasFocus()
    assert ring.isVisible()
    assert ring.widget() is made.second
    assert theme().color("focus").name() in colors_of(made.window())


def test_it_stands_off_by_its_gap(qtbot: QtBot) -> None:
    made, ring = form(qtbot)
    press_tab(made)
    inner = made.second.rect().translated(made.second.mapTo(made.window(), QPoint(0, 0)))

    assert ring.geometry() == inner.adjusted(-5, -5, 5, 5)


def test_a_tap_takes_it_away(qtbot: QtBot) -> None:
    made, ring = form(qtbot)
    press_tab(made)

    tap(made.first)

    assert not ring.isVisible()


def test_the_tap_before_a_key_does_not_count_any_more(qtbot: QtBot) -> None:
    made, ring = form(qtbot)
    tap(made.first)
    assert not ring.isVisible()

    QTest.keyClick(made.window().windowHandle(), Qt.Key.Key_Space)

    assert ring.isVisible()


def test_a_field_shows_its_own_border(qtbot: QtBot) -> None:
    made, ring = form(qtbot)
    press_tab(made)
    press_tab(made)

    assert made.field.hasFocus()
    assert not ring.isVisible()
    assert theme().color("focus").name() in colors_of(made.field)


def test_it_goes_with_its_widget(qtbot: QtBot) -> None:
    made, ring = form(qtbot)
    press_tab(made)

    made.second.hide()

    assert not ring.isVisible() or ring.widget() is not made.second
