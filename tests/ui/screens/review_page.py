"""The review page on a stage, and a supervisor's hand on it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.bridge.doors import Place, ScreenContext
from cmms_desktop.ui.screens.review.state import QueueRow
from cmms_desktop.ui.screens.review.view import ReviewPage
from sync_server.application.signatures import verify
from sync_server.contract.fields import Row
from sync_server.contract.rules import signed_body
from tests.ui.screens.signing_work import (
    rows_of,
)
from tests.ui.stage import Stage

WIDE, SMALL = (1192, 752), (800, 432)
"""Size of a page in a window of 1280 × 800 and of 800 × 480, in px."""


def open_page(
    qtbot: QtBot,
    stage: Stage,
    order_id: str = "",
    *,
    context: ScreenContext | None = None,
    size: tuple[int, int] = WIDE,
) -> ReviewPage:
    place = Place.of("review", order_id=order_id) if order_id else Place.of("review")
    page = ReviewPage(context or stage.context, place)
    qtbot.addWidget(page)
    page.resize(*size)
    page.show()
    page.follow_size()
    page.start()
    return page


def click(qtbot: QtBot, widget: QWidget) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def press_row(qtbot: QtBot, page: ReviewPage, order_id: str) -> None:
    view = page.queue.view
    index = page.queue.model.index_of(order_id)
    view.scrollTo(index)
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(index).center())


def ids(page: ReviewPage) -> list[str]:
    return [row.id for row in page.queue.model.rows() if isinstance(row, QueueRow)]


def signed(stage: Stage, order_id: str, meaning: str) -> list[Row]:
    return [row for row in rows_of(stage, "signature", order_id) if row["meaning"] == meaning]


def is_signed_by(stage: Stage, login: str, row: Row) -> bool:
    body = str(row["body"]).encode()
    assert signed_body.check_body(body) == []
    key = stage.session.people.signers[login].public_key  # type: ignore[attr-defined]
    return verify(key, str(row["signature"]), signed_body.signing_input(str(row["meaning"]), body))
