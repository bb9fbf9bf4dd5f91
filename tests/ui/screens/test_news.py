"""News on the sync page: told in words, counted, opened and read without network."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from cmms_desktop.application.commands.notifications import read_news
from cmms_desktop.application.queries.counts import place_counts
from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.screens.sync.view import SyncPage
from sync_server.contract.codec import completed
from sync_server.contract.column_types import instant_text
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row, Scalar
from tests.ui.screens.day_pages import SMALL, WIDE, press, rows, shown, stumbling_blocks
from tests.ui.screens.office_news import bring
from tests.ui.stage import MORNING, Stage, a_stage

READ = "SELECT id FROM notification WHERE read_at IS NOT NULL ORDER BY id"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with a_stage(tmp_path / "first") as made:
        yield made


def news_id(number: int) -> str:
    return f"00000000-0000-7000-8000-0000000b{number:04x}"


def told(stage: Stage, number: int, kind: str, subject: str, subject_id: str, **values: Scalar) -> tuple[str, Row]:
    when = instant_text(MORNING)
    row: Row = {
        "id": news_id(number),
        "aggregate_id": news_id(number),
        "version": 1,
        "created_at": when,
        "updated_at": when,
        "person_id": stage.person_id,
        "kind": kind,
        "subject": subject,
        "subject_id": subject_id,
        "received_on": when[:10],
        **values,
    }
    return "notification", completed(REGISTRY["notification"], row)


def open_page(qtbot: QtBot, stage: Stage, size: tuple[int, int] = WIDE) -> SyncPage:
    return shown(qtbot, SyncPage(stage.context, Place.of("sync")), size)


@pytest.mark.smoke
def test_news_is_told_counted_opened_and_read(qtbot: QtBot, stage: Stage) -> None:
    order_id, gone = stage.order_ids[0], "00000000-0000-7000-8000-00000000dead"
    bring(
        stage,
        told(stage, 1, "returned", "work_order", order_id, title="WO-0001 Pump leaks", detail="The valve drips."),
        told(stage, 2, "assigned", "work_order", gone, title="WO-0002 Fan"),
    )
    with stage.session.reading() as reading:
        assert place_counts(reading, stage.person_id).news == 2
    page = open_page(qtbot, stage)
    qtbot.waitUntil(lambda: len(page.news.lines) == 2, timeout=60_000)
    first, second = page.news.lines
    assert first.text.text() == "Returned to you: WO-0001 Pump leaks"
    assert first.detail.text().startswith("The valve drips. · ")
    assert second.text.text() == "Assigned to you: WO-0002 Fan"
    assert (first.open_button.isVisible(), second.open_button.isVisible()) == (True, False), "it is not here"
    press(first.open_button)
    assert stage.navigator.places[-1].get("order_id") == order_id
    assert rows(stage, READ) == [(news_id(1),)]
    qtbot.waitUntil(lambda: not page.news.lines[0].new.isVisible(), timeout=60_000)
    press(page.news.read_all)
    assert rows(stage, READ) == [(news_id(1),), (news_id(2),)]
    assert not page.news.read_all.isVisible()
    page.stop()


def test_what_was_read_is_not_read_again_and_many_are_read_at_once(stage: Stage) -> None:
    ids = [news_id(number) for number in range(1, 121)]
    bring(stage, *(told(stage, n, "assigned", "work_order", stage.order_ids[0], title="W") for n in range(1, 121)))
    with stage.session.writing() as write:
        assert read_news(write, [*ids, news_id(999)]) == 120
    with stage.session.writing() as write:
        assert read_news(write, ids) == 0
    sizes = rows(stage, "SELECT count(*) FROM outbox WHERE entity = 'notification' GROUP BY group_id")
    assert (sum(size for (size,) in sizes), max(size for (size,) in sizes)) == (120, 50)


def test_without_news_there_is_no_place_for_it(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage)
    assert not page.news.isVisible()
    page.stop()


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
def test_news_fits_the_page(qtbot: QtBot, stage: Stage, size: tuple[int, int]) -> None:
    long = "WO-0001 The pump behind the second door of the third floor leaks again, and nobody knows why it does"
    bring(stage, told(stage, 1, "returned", "work_order", stage.order_ids[0], title=long, detail=long))
    page = open_page(qtbot, stage, size)
    qtbot.waitUntil(lambda: len(page.news.lines) == 1, timeout=60_000)
    qtbot.waitUntil(lambda: stumbling_blocks(page) == [], timeout=60_000)
    page.stop()
