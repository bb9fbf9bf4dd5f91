"""The inbox on a stage of its own, and a hand on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cmms_desktop.application.queries.inbox import ConflictLine, inbox
from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.screens.inbox.field_block import FieldBlockView
from cmms_desktop.ui.screens.inbox.view import InboxPage
from tests.ui.screens.office_news import bring, conflict, conflict_id, edited
from tests.ui.stage import Stage, a_stage

BEFORE = "Runs normally. Remote works."
MINE = "Runs normally. Safety edge is torn."
THEIRS = "Runs normally. Remote fails too."


@contextmanager
def a_stage_in_conflict(tmp_path: Path) -> Iterator[Stage]:
    """A technician with two orders on which the office changed what he did."""
    with a_stage(tmp_path) as made:
        order, other = made.order_ids[:2]
        bring(
            made,
            conflict(made, 1, order, "description", (BEFORE, MINE, THEIRS)),
            conflict(made, 2, order, "priority", ("medium", "high", "critical")),
            conflict(made, 3, other, "title", ("Old", "Mine", "Theirs")),
            edited(made, "work_order", order, description=THEIRS, priority="critical"),
            edited(made, "work_order", other, title="Theirs"),
        )
        yield made


def open_page(qtbot: QtBot, stage: Stage, *, width: int = 1280, **values: str) -> InboxPage:
    page = InboxPage(stage.context, Place.of("inbox", **values))
    qtbot.addWidget(page)
    page.resize(width, 720 if width > 1000 else 372)
    page.show()
    page.follow_size()
    page.start()
    return page


def block(page: InboxPage, number: int) -> FieldBlockView:
    QApplication.processEvents()
    found = page.detail.conflict._blocks.widget(conflict_id(number))
    assert isinstance(found, FieldBlockView)
    return found


def lines(stage: Stage) -> dict[str, ConflictLine]:
    with stage.session.reading() as reading:
        page = inbox(reading)
    return {line.id: line for group in (*page.open, *page.settled) for line in group.conflicts}


def click(qtbot: QtBot, widget: object) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)  # type: ignore[arg-type]
