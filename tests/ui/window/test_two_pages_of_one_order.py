"""One order on two pages: what is entered on one is taken up by the other, and nothing is entered twice or lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from cmms_desktop.application.commands import remarks
from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.screens.order.beside import BesidePage
from cmms_desktop.ui.screens.order.pane import OrderPane
from cmms_desktop.ui.screens.order.view import OrderPage
from cmms_desktop.ui.screens.order_comments.view import CommentsTab
from cmms_desktop.ui.window.frame import Frame
from cmms_desktop.ui.window.main_window import MainWindow
from tests.ui.stage import Stage, a_stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with a_stage(tmp_path) as made:
        yield made


@pytest.fixture
def frame(stage: Stage, qtbot: QtBot) -> Iterator[Frame]:
    window = MainWindow()
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show_frame(
        Frame(stage.session, stage.conversation, clock=stage.clock, preferences=stage.context.preferences)
    )
    window.show()
    qtbot.waitExposed(window)
    assert window.frame is not None
    yield window.frame
    window.take_frame()


def pane_of(frame: Frame, qtbot: QtBot, order_id: str) -> OrderPane:
    """The pane of an order on the page on top, once it shows it."""

    def found() -> OrderPane | None:
        page = frame.page
        pane = page.pane if isinstance(page, (BesidePage, OrderPage)) else None
        return pane if pane is not None and pane.order_id == order_id and not pane.footer.isHidden() else None

    qtbot.waitUntil(lambda: found() is not None)
    pane = found()
    assert pane is not None
    return pane


def comments_of(pane: OrderPane, qtbot: QtBot) -> CommentsTab:
    pane.header.tab_chosen.emit("comments")
    qtbot.waitUntil(lambda: isinstance(pane.tabs.currentWidget(), CommentsTab))
    tab = pane.tabs.currentWidget()
    assert isinstance(tab, CommentsTab)
    return tab


def written(stage: Stage, order_id: str) -> list[str]:
    with stage.session.reading() as reading:
        found = reading.cursor.execute("SELECT text FROM comment WHERE aggregate_id = ?", (order_id,)).fetchall()
    return [text for (text,) in found]


def test_a_page_of_an_order_stays_in_front_when_rows_change(frame: Frame, stage: Stage, qtbot: QtBot) -> None:
    order_id = stage.order_ids[0]
    pane = pane_of(frame, qtbot, order_id)
    tab = comments_of(pane, qtbot)
    qtbot.keyClicks(tab.editor.field.area, "The seal")
    before = len(tab.cards)
    frame.background.write(lambda write: remarks.add_comment(write, order_id, "Seen"))
    qtbot.waitUntil(lambda: len(tab.cards) == before + 1)
    done: list[None] = []
    frame.background.read(lambda reading: None, done.append)
    qtbot.waitUntil(lambda: bool(done))
    qtbot.wait(150)  # touched rows are told ten times a second; My day reads them again
    assert pane.tabs.currentWidget() is tab
    assert tab.editor.field.text() == "The seal"


def test_what_another_page_saved_is_not_offered_again(frame: Frame, stage: Stage, qtbot: QtBot) -> None:
    order_id = stage.order_ids[0]
    qtbot.keyClicks(comments_of(pane_of(frame, qtbot, order_id), qtbot).editor.field.area, "The seal")
    frame.open(Place.of("order", order_id=order_id, tab="comments"))
    there = comments_of(pane_of(frame, qtbot, order_id), qtbot)
    assert there.editor.field.text() == "The seal"
    qtbot.keyClicks(there.editor.field.area, " leaks")
    there.editor.field.area.moveCursor(there.editor.field.area.textCursor().MoveOperation.End)
    qtbot.mouseClick(there.editor.save_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: there.editor.field.text() == "")
    frame.back()
    here = comments_of(pane_of(frame, qtbot, order_id), qtbot)
    assert here.editor.field.text() == ""
    assert len(written(stage, order_id)) == 1


def test_what_another_page_typed_goes_on_here(frame: Frame, stage: Stage, qtbot: QtBot) -> None:
    order_id = stage.order_ids[0]
    qtbot.keyClicks(comments_of(pane_of(frame, qtbot, order_id), qtbot).editor.field.area, "The seal")
    frame.open(Place.of("order", order_id=order_id, tab="comments"))
    there = comments_of(pane_of(frame, qtbot, order_id), qtbot)
    there.editor.field.area.setPlainText("The seal leaks")
    frame.back()
    here = comments_of(pane_of(frame, qtbot, order_id), qtbot)
    assert here.editor.field.text() == "The seal leaks"
    here.editor.field.area.appendPlainText("badly")
    assert frame.context.drafts.get(f"comment:{order_id}") == "The seal leaks\nbadly"
