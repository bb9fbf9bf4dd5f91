"""Going once more to what a page of the rail showed: it shows that again, whatever was looked at there meanwhile."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.screens.assets.view import AssetsPage
from cmms_desktop.ui.screens.parts.view import PartsPage
from cmms_desktop.ui.screens.review.view import ReviewPage
from cmms_desktop.ui.window.frame import Frame
from cmms_desktop.ui.window.main_window import MainWindow
from tests.ui.screens.office_news import bring, conflict, conflict_id
from tests.ui.screens.signing_work import a_supervisor
from tests.ui.stage import Stage, a_stage

COMPACT, REGULAR = (800, 480), (1280, 800)


def frame_on(stage: Stage, qtbot: QtBot, size: tuple[int, int]) -> tuple[MainWindow, Frame]:
    window = MainWindow()
    qtbot.addWidget(window, before_close_func=lambda w: w.take_frame())
    window.resize(*size)
    window.show_frame(
        Frame(stage.session, stage.conversation, clock=stage.clock, preferences=stage.context.preferences)
    )
    window.show()
    qtbot.waitExposed(window)
    assert window.frame is not None
    return window, window.frame


def ids(stage: Stage, entity: str) -> tuple[str, str]:
    with stage.session.reading() as reading:
        lines = reading.cursor.execute(f"SELECT id FROM {entity} ORDER BY id LIMIT 2").fetchall()
    return str(lines[0][0]), str(lines[1][0])


def test_an_order_for_review_is_shown_though_its_list_is_in_front(qtbot: QtBot, tmp_path: Path) -> None:
    with a_supervisor(tmp_path / "supervisor") as (stage, (first, *_)):
        window, frame = frame_on(stage, qtbot, COMPACT)
        frame.open(Place.of("review", order_id=first))
        page = frame.page
        assert isinstance(page, ReviewPage)
        qtbot.waitUntil(page.order.isVisible)
        qtbot.waitUntil(frame.bottom_bar.isHidden)
        frame.back()
        assert page.queue.isVisible()
        assert frame.bottom_bar.isVisible()
        frame.open(Place.of("order", order_id=first))
        frame.open(Place.of("review", order_id=first))
        page = frame.page
        assert isinstance(page, ReviewPage)
        qtbot.waitUntil(page.order.isVisible)
        assert not page.queue.isVisible()
        qtbot.waitUntil(frame.bottom_bar.isHidden)
        window.take_frame()


def test_a_conflict_on_a_small_window_has_the_room_of_the_bottom_bar(qtbot: QtBot, tmp_path: Path) -> None:
    with a_stage(tmp_path / "technician") as stage:
        order_id = stage.order_ids[0]
        bring(stage, conflict(stage, 1, order_id, "priority", ("medium", "high", "critical")))
        window, frame = frame_on(stage, qtbot, COMPACT)
        frame.open(Place.of("inbox", conflict_id=conflict_id(1)))
        qtbot.waitUntil(frame.bottom_bar.isHidden)
        frame.back()
        assert frame.bottom_bar.isVisible()
        window.take_frame()


@pytest.mark.parametrize("size", [REGULAR, COMPACT], ids=["regular", "compact"])
def test_a_label_scanned_again_shows_its_asset_again(qtbot: QtBot, tmp_path: Path, size: tuple[int, int]) -> None:
    with a_stage(tmp_path / "technician") as stage:
        window, frame = frame_on(stage, qtbot, size)
        first, other = ids(stage, "asset")
        frame.open(Place.of("assets", asset_id=first))
        page = frame.page
        assert isinstance(page, AssetsPage)
        qtbot.waitUntil(page.card.isVisible)
        frame.back()
        frame.open(Place.of("assets", asset_id=first))
        assert isinstance(frame.page, AssetsPage)
        frame.page._presenter.select(other)
        frame.page.step_back()
        frame.open(Place.of("assets", asset_id=first))
        assert frame.page._presenter.selected_id == first
        qtbot.waitUntil(frame.page.card.isVisible)
        window.take_frame()


def test_a_part_looked_up_again_is_shown_again(qtbot: QtBot, tmp_path: Path) -> None:
    with a_stage(tmp_path / "technician") as stage:
        window, frame = frame_on(stage, qtbot, COMPACT)
        first, other = ids(stage, "part")
        frame.open(Place.of("parts", part_id=first))
        page = frame.page
        assert isinstance(page, PartsPage)
        page._presenter.select(other)
        page.step_back()
        frame.open(Place.of("parts", part_id=first))
        assert page._presenter.selected_id == first
        qtbot.waitUntil(page.card.isVisible)
        window.take_frame()
