"""Keys reach the page although nothing has the keyboard: right after signing in, or when what had it went away."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.screens.review.view import ReviewPage
from cmms_desktop.ui.window.frame import Frame
from cmms_desktop.ui.window.main_window import MainWindow
from tests.ui.person import Person
from tests.ui.screens.signing_work import a_supervisor


@pytest.fixture
def window(tmp_path: Path, qtbot: QtBot) -> Iterator[MainWindow]:
    """A supervisor's window with three orders to review."""
    with a_supervisor(tmp_path / "supervisor") as (stage, _):
        shown = MainWindow()
        qtbot.addWidget(shown, before_close_func=_take_frame)
        shown.show_frame(
            Frame(stage.session, stage.conversation, clock=stage.clock, preferences=stage.context.preferences)
        )
        yield shown
        shown.take_frame()


def _take_frame(window: QWidget) -> None:
    assert isinstance(window, MainWindow)
    window.take_frame()


def let_go_of_the_keyboard(person: Person) -> None:
    focus = QApplication.focusWidget()
    if focus is not None:
        focus.clearFocus()
    assert QApplication.focusWidget() is None


def test_letters_lead_through_the_queue(window: MainWindow) -> None:
    person = Person(window)
    frame = window.frame
    assert frame is not None
    page = frame.page
    assert isinstance(page, ReviewPage)
    person.until_sees("Orders to review", "With exceptions")
    person.until("an order is shown", lambda: page.queue.view.currentIndex().isValid())
    first = page.queue.view.currentIndex().row()
    let_go_of_the_keyboard(person)
    person.write("j")
    person.until("the next order is shown", lambda: page.queue.view.currentIndex().row() > first)
    person.until("it can be decided", lambda: page.may_decide)
    person.write("r")
    person.until("the reason is asked for", lambda: person.has_cursor("What has to be done"))


def test_escape_leads_back(window: MainWindow) -> None:
    person = Person(window)
    frame = window.frame
    assert frame is not None
    frame.open(Place.of("settings"))
    let_go_of_the_keyboard(person)
    person.key(Qt.Key.Key_Escape)
    person.until("the review is shown", lambda: frame.place.page == "review")
