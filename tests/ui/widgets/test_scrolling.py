"""Scrolling with a finger: it throws, and never presses or chooses what it started on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QStringListModel, Qt
from PySide6.QtGui import QPointingDevice
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QPushButton, QScroller, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.widgets.answers import AnswerButtons
from cmms_desktop.ui.widgets.quick_taps import QuickTaps
from cmms_desktop.ui.widgets.scrolling import RowList, list_view, scroll_area
from cmms_desktop.ui.widgets.signature_pad import SignaturePad
from tests.ui.widgets.showing import show


class Finger:
    """One finger on the window of a widget, as the platform would report it."""

    def __init__(self, qtbot: QtBot, on: QWidget) -> None:
        self._qtbot, self._window = qtbot, on.window()
        self._screen: QPointingDevice = QTest.createTouchDevice()

    def drag(self, start: QPoint, up: int, *, steps: int = 10) -> None:
        """Go up by some px in steps, rest, and lift."""
        window = self._window.windowHandle()
        QTest.touchEvent(window, self._screen).press(0, start, window).commit()
        place = start
        for step in range(steps):
            self._qtbot.wait(12)  # a finger has a speed, and Qt measures it
            place = start - QPoint(0, up * (step + 1) // steps)
            QTest.touchEvent(window, self._screen).move(0, place, window).commit()
        self._qtbot.wait(60)
        QTest.touchEvent(window, self._screen).release(0, place, window).commit()

    def throw(self, area: QAbstractScrollArea, *, until_m_per_s: float) -> QScroller:
        """Go up quickly, lift at once, and wait until it glides no quicker than that."""
        window, start = self._window.windowHandle(), middle_of(area)
        QTest.touchEvent(window, self._screen).press(0, start, window).commit()
        for up in (25, 33, 41):
            self._qtbot.wait(12)
            QTest.touchEvent(window, self._screen).move(0, start - QPoint(0, up), window).commit()
        QTest.touchEvent(window, self._screen).release(0, start - QPoint(0, 41), window).commit()
        scroller = QScroller.scroller(area.viewport())
        self._qtbot.waitUntil(lambda: scroller.velocity().y() < until_m_per_s)
        return scroller

    def tap(self, at: QPoint) -> None:
        window = self._window.windowHandle()
        QTest.touchEvent(window, self._screen).press(0, at, window).commit()
        QTest.touchEvent(window, self._screen).release(0, at, window).commit()


class Rows(QWidget):
    """A pad above many answers."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        self.pad = SignaturePad()
        column.addWidget(self.pad)
        self.told: list[str] = []
        self.answers = [AnswerButtons() for _ in range(20)]
        for each in self.answers:
            each.answered.connect(self.told.append)
            column.addWidget(each)


@pytest.fixture
def quick_taps() -> Iterator[QuickTaps]:
    """What the window of the program watches taps with; to be started once there is a window."""
    taps = QuickTaps(QApplication.instance())  # type: ignore[arg-type]  # there is one
    yield taps
    taps.stop()


def middle_of(widget: QWidget) -> QPoint:
    return widget.mapTo(widget.window(), widget.rect().center())


def test_a_finger_that_scrolls_answers_nothing(qtbot: QtBot) -> None:
    rows = Rows()
    area = show(qtbot, scroll_area(rows), width=500)
    area.setFixedHeight(600)
    finger = Finger(qtbot, area)
    button = rows.answers[3].button("pass")

    finger.drag(middle_of(button), 150)

    assert area.verticalScrollBar().value() > 50
    assert rows.told == []
    assert not button.isDown()


def test_a_tap_answers(qtbot: QtBot) -> None:
    rows = Rows()
    area = show(qtbot, scroll_area(rows), width=500)
    area.setFixedHeight(600)

    Finger(qtbot, area).tap(middle_of(rows.answers[3].button("fail")))

    assert rows.told == ["fail"]


def test_quick_taps_are_presses_each(qtbot: QtBot, quick_taps: QuickTaps) -> None:
    rows = Rows()
    area = show(qtbot, scroll_area(rows), width=500)
    area.setFixedHeight(600)
    quick_taps.start()
    finger = Finger(qtbot, area)

    for button in (rows.answers[0].button("pass"), rows.answers[1].button("pass"), rows.answers[1].button("fail")):
        finger.tap(middle_of(button))

    assert rows.told == ["pass", "pass", "fail"]


def test_a_mouse_still_opens_with_a_double_click(qtbot: QtBot, quick_taps: QuickTaps) -> None:
    view, _ = listed(qtbot)
    opened: list[int] = []
    view.doubleClicked.connect(lambda index: opened.append(index.row()))
    quick_taps.start()
    window = view.window().windowHandle()
    Finger(qtbot, view).tap(middle_of(view))

    QTest.mouseDClick(window, Qt.MouseButton.LeftButton, pos=middle_of(view))

    assert opened == [view.currentIndex().row()]


@pytest.mark.parametrize("speed_m_per_s", [0.3, 0.05], ids=["fast", "slow"])
@pytest.mark.parametrize("up", [0, 30])
def test_a_finger_that_catches_a_list_while_it_glides_chooses_nothing(
    qtbot: QtBot, quick_taps: QuickTaps, up: int, speed_m_per_s: float
) -> None:
    view, chosen = listed(qtbot, lines=6)
    quick_taps.start()
    finger = Finger(qtbot, view)
    scroller = finger.throw(view, until_m_per_s=speed_m_per_s)

    finger.drag(middle_of(view), up)

    assert chosen == []
    qtbot.waitUntil(lambda: scroller.state() == QScroller.State.Inactive)
    finger.tap(middle_of(view))
    assert len(chosen) == 1


@pytest.mark.parametrize("speed_m_per_s", [0.3, 0.05], ids=["fast", "slow"])
def test_a_finger_that_catches_a_page_while_it_glides_presses_nothing(
    qtbot: QtBot, quick_taps: QuickTaps, speed_m_per_s: float
) -> None:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setSpacing(0)
    pressed: list[bool] = []
    for _ in range(200):
        button = QPushButton("As wide as the page")
        button.setFixedHeight(150)
        button.clicked.connect(lambda: pressed.append(True))
        column.addWidget(button)
    area = show(qtbot, scroll_area(page), width=500)
    area.setFixedHeight(400)
    quick_taps.start()
    finger = Finger(qtbot, area)
    finger.throw(area, until_m_per_s=speed_m_per_s)

    finger.drag(middle_of(area), 0)

    assert pressed == []
    finger.tap(middle_of(area))
    assert len(pressed) == 1


def test_a_finger_that_signs_scrolls_nothing(qtbot: QtBot) -> None:
    rows = Rows()
    area = show(qtbot, scroll_area(rows), width=500)
    area.setFixedHeight(600)

    Finger(qtbot, area).drag(middle_of(rows.pad), 60)

    assert area.verticalScrollBar().value() == 0
    assert len(rows.pad.strokes()[0]) > 5


def listed(qtbot: QtBot, *, lines: int = 1) -> tuple[RowList, list[int]]:
    view = list_view("Orders")
    view.setModel(QStringListModel([f"row {number}" + "\n" * (lines - 1) for number in range(200)], view))
    view.setFixedHeight(400)
    show(qtbot, view, width=300)
    clicked: list[int] = []
    view.clicked.connect(lambda index: clicked.append(index.row()))
    return view, clicked


def test_a_finger_that_scrolls_a_list_chooses_nothing(qtbot: QtBot) -> None:
    view, clicked = listed(qtbot)

    Finger(qtbot, view).drag(middle_of(view), 150)

    assert view.verticalScrollBar().value() > 50
    assert clicked == []
    assert view.selectionModel().selectedIndexes() == []


def test_a_tap_chooses_when_the_finger_is_lifted(qtbot: QtBot) -> None:
    view, clicked = listed(qtbot)

    Finger(qtbot, view).tap(middle_of(view))

    assert clicked == [view.currentIndex().row()]
    assert view.hasFocus()


def test_the_mouse_chooses_at_once_and_keys_go_on_from_there(qtbot: QtBot) -> None:
    view, clicked = listed(qtbot)

    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(20, 5))
    qtbot.keyClick(view, Qt.Key.Key_Down)

    assert clicked == [0]
    assert view.currentIndex().row() == 1
