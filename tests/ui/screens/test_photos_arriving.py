"""Photos of others on open pages: said to be on the way, and there by themselves when their bytes have come."""

import hashlib
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from cmms_desktop.application.item_ids import photo_id
from cmms_desktop.replica.arriving_blobs import WantedBlob
from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.screens.review.view import ReviewPage
from cmms_desktop.ui.widgets.photo_tile import PhotoTile
from sync_server.contract import codec
from sync_server.contract.column_types import instant_text
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row
from tests.ui.screens.day_pages import SMALL, WIDE, open_order, tab_of
from tests.ui.screens.office_news import bring
from tests.ui.screens.signing_work import failed, review, rows_of, stage
from tests.ui.stage import Stage, person

__all__ = ["failed", "review", "stage"]


@pytest.fixture
def content(tmp_path: Path) -> bytes:
    """A photo as the technician's device sent it."""
    image = QImage(640, 480, QImage.Format.Format_RGB32)
    image.fill(QColor("steelblue"))
    path = tmp_path / "photo.png"
    assert image.save(str(path))
    return path.read_bytes()


@pytest.fixture
def wanted(stage: Stage, failed: str, content: bytes) -> WantedBlob:
    """The technician's photo of a failed item: its row is here, its bytes are not."""
    item = next(row for row in rows_of(stage, "checklist_item", failed) if row["result"] == "fail")
    sha256 = hashlib.sha256(content).hexdigest()
    who, when = person("technician").person_id, instant_text(stage.clock.now)
    values: Row = {
        "id": photo_id(str(item["id"]), sha256),
        "aggregate_id": failed,
        "work_order_id": failed,
        "version": 1,
        "created_at": when,
        "created_by": who,
        "updated_at": when,
        "updated_by": who,
        "author_id": who,
        "sha256": sha256,
        "media_type": "image/png",
        "size_bytes": len(content),
        "caption": "Strainer",
        "taken_at": when,
    }
    bring(stage, ("attachment", codec.completed(REGISTRY["attachment"], values)))
    return WantedBlob(sha256, len(content), "image/png", is_missing=False)


def arrive(stage: Stage, blob: WantedBlob, content: bytes) -> None:
    """What the sync thread does with bytes that came."""
    is_usable = stage.session.blobs.receive(blob.sha256, content)
    stage.replica.note_arrival(blob, is_usable=is_usable)


def open_review(qtbot: QtBot, stage: Stage, order_id: str, frame: QWidget | None = None) -> ReviewPage:
    page = ReviewPage(stage.context, Place.of("review", order_id=order_id), frame)
    qtbot.addWidget(frame or page)
    page.resize(*WIDE)
    page.show()
    page.follow_size()
    page.start()
    return page


def titles(page: ReviewPage) -> list[str]:
    assert page._state.order is not None
    return [finding.title for finding in page._state.order.findings]


def is_shown(tile: PhotoTile) -> bool:
    return tile._thumb is not None


def test_the_review_says_what_is_on_the_way_and_shows_it_when_it_comes(
    qtbot: QtBot, stage: Stage, failed: str, wanted: WantedBlob, content: bytes
) -> None:
    page = open_review(qtbot, stage, failed)
    (tile,) = [each for each in page.findChildren(PhotoTile) if each.isVisibleTo(page)]
    assert "1 photo on the way" in titles(page)
    assert not is_shown(tile)
    arrive(stage, wanted, content)
    assert "1 photo on the way" not in titles(page)
    assert is_shown(tile)
    page.stop()


def test_the_review_says_when_what_came_cannot_be_used(
    qtbot: QtBot, stage: Stage, failed: str, wanted: WantedBlob, content: bytes
) -> None:
    page = open_review(qtbot, stage, failed)
    arrive(stage, wanted, content + b"?")
    assert "1 photo missing" in titles(page)
    assert "1 photo on the way" not in titles(page)
    arrive(stage, wanted, content)
    assert not any("photo" in title for title in titles(page))
    page.stop()


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_the_photos_of_an_order_say_so_and_can_be_opened_when_they_are_here(
    qtbot: QtBot, stage: Stage, failed: str, wanted: WantedBlob, content: bytes, size: tuple[int, int]
) -> None:
    page = open_order(qtbot, stage, failed, "photos", size=size)
    tab = tab_of(page, "photos")
    (row,) = [each for each in tab._presenter._rows if each.sha256 == wanted.sha256]
    assert ([badge.text for badge in row.badges], row.can_open) == (["Not here yet"], False)
    arrive(stage, wanted, content)
    (row,) = [each for each in tab._presenter._rows if each.sha256 == wanted.sha256]
    assert ([badge.text for badge in row.badges], row.can_open) == (["On this device"], True)
    (line,) = [each for each in tab.rows.widgets() if each.sha256 == wanted.sha256]
    assert is_shown(line.tile)
    page.stop()


def test_the_checklist_shows_it_too(
    qtbot: QtBot, stage: Stage, failed: str, wanted: WantedBlob, content: bytes
) -> None:
    page = open_order(qtbot, stage, failed, "checklist")

    def tiles() -> list[PhotoTile]:
        return page.findChildren(PhotoTile, wanted.sha256)

    qtbot.waitUntil(lambda: bool(tiles()))
    (tile,) = tiles()
    assert "not on this device yet" in tile.toolTip()
    arrive(stage, wanted, content)
    assert is_shown(tile)
    assert "not on this device yet" not in tile.toolTip()
    page.stop()


def test_a_page_that_is_closed_is_left_in_peace_when_a_photo_comes(
    qtbot: QtBot, stage: Stage, failed: str, wanted: WantedBlob, content: bytes
) -> None:
    frame = QWidget()
    page = open_review(qtbot, stage, failed, frame)
    page.stop()
    page.deleteLater()
    QApplication.sendPostedEvents(page, QEvent.Type.DeferredDelete)
    arrive(stage, wanted, content)
