"""Inbox, sync, settings and sign-in as rendered: targets, contrast, names, nothing beside the window."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.screens.inbox.view import InboxPage
from cmms_desktop.ui.screens.settings.view import SettingsPage
from cmms_desktop.ui.screens.sign_in.view import SignInPage
from cmms_desktop.ui.screens.sync.view import SyncPage
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.page import Page
from tests.ui.rendered import nameless, small_targets, unreadable
from tests.ui.screens.office_news import bring, conflict, conflict_id, edited
from tests.ui.screens.test_sign_in import NotedDesk
from tests.ui.screens.test_sync import refuse_an_answer
from tests.ui.stage import Stage, a_stage

LONG = "Check the booster pump behind the second door on the left before anybody opens the valve of the main line " * 3
LOOKS = [("sunlight", "normal", (1280, 724)), ("light", "largest", (800, 372))]


def an_inbox(stage: Stage) -> Page:
    order = stage.order_ids[0]
    bring(
        stage,
        conflict(stage, 1, order, "description", ("Old", LONG, "Office")),
        conflict(stage, 2, order, "priority", ("medium", "high", "critical")),
        edited(stage, "work_order", order, title=LONG[:200]),
    )
    return InboxPage(stage.context, Place.of("inbox", conflict_id=conflict_id(1)))


def a_sync_page(stage: Stage) -> Page:
    refuse_an_answer(stage, note=LONG)
    return SyncPage(stage.context, Place.of("sync"))


def a_sign_in(stage: Stage) -> Page:
    return SignInPage(NotedDesk())


def settings(stage: Stage) -> Page:
    stage.context.preferences.change(positioning="serial", theme=theme().name, font_setting=theme().font_setting)
    return SettingsPage(stage.context, Place.of("settings"))


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with a_stage(tmp_path) as made:
        yield made


def render(qtbot: QtBot, page: Page, size: tuple[int, int]) -> Page:
    qtbot.addWidget(page)
    page.resize(*size)
    page.show()
    page.follow_size()
    page.start()
    for _ in range(4):
        QApplication.processEvents()
    return page


@pytest.mark.parametrize("make", [an_inbox, a_sync_page, settings, a_sign_in])
@pytest.mark.parametrize(("look", "setting", "size"), LOOKS)
def test_every_page_can_be_hit_read_and_named(
    qtbot: QtBot, stage: Stage, make: Callable[[Stage], Page], look: str, setting: str, size: tuple[int, int]
) -> None:
    theme().use(name=look, font_setting=setting)
    page = render(qtbot, make(stage), size)
    assert small_targets(page) == []
    assert unreadable(page, least=7.0 if look == "sunlight" else 4.5) == []
    assert nameless(page) == []
    assert beside(page) == []


def beside(page: QWidget) -> list[str]:
    """Widgets that stand out of the page to the side, where nobody can scroll."""
    found = []
    for widget in page.findChildren(QWidget):
        if not widget.isVisible() or widget.visibleRegion().isEmpty():
            continue
        left = widget.mapTo(page, widget.rect().topLeft()).x()
        right = widget.mapTo(page, widget.rect().topRight()).x()
        if left < 0 or right > page.width():
            found.append(f"{type(widget).__name__} {left}…{right}")
    return found


@pytest.mark.parametrize("make", [an_inbox, a_sync_page])
def test_pages_that_are_read_from_right_to_left_are_mirrored_and_whole(
    qtbot: QtBot, stage: Stage, make: Callable[[Stage], Page]
) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    app.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        page = render(qtbot, make(stage), (1280, 724))
        assert beside(page) == []
        assert nameless(page) == []
    finally:
        app.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
