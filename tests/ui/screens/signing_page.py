"""The signing page as tests use it: opened at a size, drawn on, signed; and statements that are proved from bytes."""

import json
from collections.abc import Iterator

import rfc8785
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.bridge.doors import Place, ScreenContext
from cmms_desktop.ui.screens.sign.view import SignPage
from sync_server.application.signatures import verify
from sync_server.contract.fields import Row
from sync_server.contract.problems import Problem
from sync_server.contract.rules import signed_body
from sync_server.contract.rules.signed_shape import Body
from tests.ui.screens.signing_work import DRAWN, rows_of
from tests.ui.stage import PASSWORD, Stage

WAVE = (QPoint(60, 120), QPoint(110, 60), QPoint(160, 130), QPoint(220, 70), QPoint(300, 120))
WIDE, SMALL = (1192, 752), (800, 432)
"""Size of a page in a window of 1280 × 800 and of 800 × 480, in px."""


def open_page(
    qtbot: QtBot,
    stage: Stage,
    order_id: str,
    *,
    context: ScreenContext | None = None,
    size: tuple[int, int] = WIDE,
) -> SignPage:
    page = SignPage(context or stage.context, Place.of("sign", order_id=order_id))
    qtbot.addWidget(page)
    page.resize(*size)
    page.show()
    page.follow_size()
    page.start()
    return page


def draw(pad: QWidget, way: tuple[QPoint, ...] = WAVE) -> None:
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=way[0])
    for place in way[1:]:
        QTest.mouseMove(pad, place)
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=way[-1])


def sign(qtbot: QtBot, page: SignPage, secret: str = PASSWORD) -> None:
    qtbot.keyClicks(page.sides.panel.secret.line, secret)
    click(qtbot, page.footer.primary)


def click(qtbot: QtBot, widget: QWidget) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def signatures(stage: Stage, order_id: str, meaning: str | None = None) -> list[Row]:
    return [row for row in rows_of(stage, "signature", order_id) if meaning in {None, row["meaning"]}]


def said(row: Row) -> Body:
    """What a genuine statement says: whole, canonical, signed by the device of who it names."""
    body = str(row["body"]).encode()
    assert signed_body.check_body(body) == []
    assert rfc8785.dumps(json.loads(body)) == body
    assert signed_body.sha256_of(body) == row["body_sha256"]
    read = signed_body.read_body(body)
    assert not isinstance(read, Problem)
    return read


def is_signed_by(stage: Stage, login: str, row: Row) -> bool:
    key = stage.session.people.signers[login].public_key  # type: ignore[attr-defined]
    message = signed_body.signing_input(str(row["meaning"]), str(row["body"]).encode())
    return verify(key, str(row["signature"]), message)


def digits(page: SignPage) -> str:
    """The record number as it is shown, without its spaces."""
    return page.sides.record._digits._words.text().removeprefix("Record ").replace(" ", "")


def steps(page: SignPage, stage: Stage) -> Iterator[str]:
    """Go through everything that the page can show."""
    yield "read"
    page.presenter.draw(DRAWN)
    page.restore(page.presenter.entries.load())
    if page.size_class == "compact":
        page._press_primary()
    yield "draw"
    page.presenter.sign("wrong")
    yield "wrong"
    page.presenter.sign(PASSWORD)
    yield "customer"
    if page.size_class == "compact":
        page._press_primary()
    for choice in ("accept", "refuse", "absent"):
        page.presenter.choose(choice)  # type: ignore[arg-type]
        yield choice
    page.presenter.hand_over()
    yield "locked"
