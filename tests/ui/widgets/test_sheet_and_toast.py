"""Sheets cover the page alone and keep the keyboard; toasts take nothing from anybody."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.sheet import Sheet
from cmms_desktop.ui.widgets.toast import Toast
from tests.ui.widgets.showing import show


class Stage(QWidget):
    """A rail, and a page area with a button below the sheet."""

    def __init__(self) -> None:
        super().__init__()
        self.rail, self.page, self.below = QPushButton("My day"), QWidget(), QPushButton("Travel")
        row = QHBoxLayout(self)
        row.addWidget(self.rail)
        row.addWidget(self.page, 1)
        QVBoxLayout(self.page).addWidget(self.below)
        self.setFixedSize(900, 500)
        self.sheet = Sheet(self.page)
        self.content = QWidget()
        self.first, self.last = QLineEdit(), QPushButton("Record arrival")
        column = QVBoxLayout(self.content)
        column.addWidget(self.first)
        column.addWidget(self.last)


def opened(qtbot: QtBot) -> Stage:
    stage = show(qtbot, Stage())
    stage.below.setFocus()
    stage.sheet.open(stage.content, "Arrive at Alder Works", detail="WO-24126")
    return stage


def tab(stage: Stage, *, back: bool = False) -> None:
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, Qt.Key.Key_Backtab if back else Qt.Key.Key_Tab)


def test_a_sheet_opens_with_the_focus_in_its_content(qtbot: QtBot) -> None:
    stage = opened(qtbot)

    assert stage.sheet.isVisible()
    assert stage.first.hasFocus()
    assert stage.sheet.accessibleName() == "Arrive at Alder Works"


def test_a_sheet_closes_although_what_had_the_focus_before_is_gone(qtbot: QtBot) -> None:
    stage = opened(qtbot)
    stage.below.deleteLater()
    QApplication.sendPostedEvents(stage.below, QEvent.Type.DeferredDelete.value)

    with qtbot.waitSignal(stage.sheet.closed):
        stage.sheet.close_sheet()

    assert not stage.sheet.is_open


def test_the_scrim_covers_the_page_but_not_the_rail(qtbot: QtBot) -> None:
    stage = opened(qtbot)

    assert stage.sheet.scrim.geometry() == stage.page.rect()
    assert stage.childAt(stage.rail.geometry().center()) is stage.rail


def test_tab_goes_round_inside(qtbot: QtBot) -> None:
    stage = opened(qtbot)
    seen = []
    for _ in range(6):
        tab(stage)
        seen.append(QApplication.focusWidget())

    assert set(seen) == {stage.first, stage.last, stage.sheet.not_yet}
    tab(stage, back=True)
    assert stage.sheet.isAncestorOf(QApplication.focusWidget())


def test_escape_and_not_yet_close_and_give_the_focus_back(qtbot: QtBot) -> None:
    stage = opened(qtbot)
    with qtbot.waitSignal(stage.sheet.closed):
        QTest.keyClick(stage.first, Qt.Key.Key_Escape)
    assert stage.below.hasFocus()

    stage.sheet.open(stage.content, "Arrive")
    with qtbot.waitSignal(stage.sheet.closed):
        qtbot.mouseClick(stage.sheet.not_yet, Qt.MouseButton.LeftButton)
    assert not stage.sheet.is_open


def test_what_was_typed_stays_in_the_content(qtbot: QtBot) -> None:
    stage = opened(qtbot)
    qtbot.keyClicks(stage.first, "Visitor car park")
    stage.sheet.close_sheet()

    stage.sheet.open(stage.content, "Arrive")

    assert stage.first.text() == "Visitor car park"


def test_it_comes_to_rest_and_follows_the_page(qtbot: QtBot) -> None:
    stage = opened(qtbot)
    qtbot.waitUntil(lambda: stage.sheet.geometry().bottom() == stage.page.rect().bottom(), timeout=60_000)

    stage.setFixedSize(800, 480)
    qtbot.waitUntil(lambda: stage.sheet.geometry().bottom() == stage.page.rect().bottom(), timeout=60_000)
    assert stage.page.rect().contains(stage.sheet.geometry())


def test_in_sunlight_it_does_not_move(qtbot: QtBot) -> None:
    theme().use(name="sunlight")

    stage = opened(qtbot)

    assert stage.sheet.geometry().bottom() == stage.page.rect().bottom()


def test_a_press_on_the_scrim_reaches_nothing_below(qtbot: QtBot) -> None:
    stage = opened(qtbot)
    pressed: list[int] = []
    stage.below.clicked.connect(lambda: pressed.append(1))

    target = stage.page.childAt(QPoint(4, 4))
    assert target is not None
    qtbot.mouseClick(target, Qt.MouseButton.LeftButton, pos=QPoint(4, 4))

    assert pressed == []


def test_a_toast_takes_no_focus_and_undoes_once(qtbot: QtBot) -> None:
    stage = show(qtbot, Stage())
    stage.below.setFocus()
    toast = Toast(stage)
    undone: list[int] = []

    toast.show_text("18 items set OK", undo=lambda: undone.append(1))
    assert stage.below.hasFocus()
    qtbot.mouseClick(toast.undo_button, Qt.MouseButton.LeftButton)
    toast.undo()

    assert undone == [1]
    assert not toast.isVisible()


def test_what_was_done_and_is_no_good_news_has_no_friendly_tick(qtbot: QtBot) -> None:
    stage = QWidget()
    qtbot.addWidget(stage)
    toast = Toast(stage)
    shown = []
    for needs_attention in (True, False):
        toast.show_text("Reading saved", needs_attention=needs_attention)
        shown.append(toast.icon)
    assert shown == ["hazard", "pass"]


def test_a_toast_stands_above_the_footer_and_inside_the_window(qtbot: QtBot) -> None:
    stage = show(qtbot, Stage())
    toast = Toast(stage)
    toast.set_lift(76)

    toast.show_text("Photo removed")

    assert stage.rect().contains(toast.geometry())
    assert toast.geometry().bottom() <= stage.height() - 76
    assert not toast.undo_button.isVisible()


def test_a_toast_goes_by_itself(qtbot: QtBot) -> None:
    stage = show(qtbot, Stage())
    toast = Toast(stage, visible_ms=20)
    undone: list[int] = []
    toast.show_text("18 items set OK", undo=lambda: undone.append(1))

    qtbot.waitUntil(lambda: not toast.isVisible())
    toast.undo()

    assert undone == []
