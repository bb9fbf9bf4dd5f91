"""The sync page as tests use it: opened at a size, its cards and figures, and what is refused on it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from cmms_desktop.application.commands.checklists import complete_checklist_item
from cmms_desktop.sync.status import Connection, SyncStatus
from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.screens.sync.attention_card import AttentionCard
from cmms_desktop.ui.screens.sync.attention_parts import ExportPart, FixPart
from cmms_desktop.ui.screens.sync.view import SyncPage
from cmms_desktop.ui.widgets.buttons import ActionButton
from tests.ui.screens.office_news import send_all
from tests.ui.stage import Stage, rows

AT = "2026-03-12T06:58:00.000000Z"
REASON = "The office closed this checklist at 09:12."


def open_page(qtbot: QtBot, stage: Stage, *, width: int = 1280) -> SyncPage:
    page = SyncPage(stage.context, Place.of("sync"))
    qtbot.addWidget(page)
    page.resize(width, 720)
    page.show()
    page.follow_size()
    page.start()
    QApplication.processEvents()
    return page


def an_item(stage: Stage, number: int = 0) -> str:
    order = stage.order_ids[0]
    items = [
        id_
        for (entity, id_), row in rows().items()
        if entity == "checklist_item" and row["aggregate_id"] == order and row["kind"] == "pass_fail"
    ]
    return items[number]


def refuse_an_answer(stage: Stage, note: str = "Door was open") -> str:
    """An answer that the server refused; gives its item."""
    item = an_item(stage)
    with stage.session.writing() as write:
        complete_checklist_item(write, item, result="fail", note=note)
    send_all(stage, checklist_item__set=("record_locked", REASON))
    return item


def card(page: SyncPage) -> AttentionCard:
    QApplication.processEvents()
    found = page.attention.widgets()[0]
    assert isinstance(found, AttentionCard)
    return found


def button(widget: AttentionCard | FixPart | ExportPart, text: str) -> QPushButton:
    return next(each for each in widget.findChildren(ActionButton) if each.text() == text and each.isVisible())


def press(qtbot: QtBot, widget: QPushButton) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)
    QApplication.processEvents()


def a_cycle_ends(stage: Stage) -> None:
    """The server accepted everything, and the sync thread tells."""
    send_all(stage)
    stage.conversation.say(SyncStatus(connection=Connection.ONLINE, last_sync_at=AT, received_rows=1))
    QApplication.processEvents()


def figures(page: SyncPage) -> list[str]:
    return [cell._number.text() for cell in page.figures._cells]
