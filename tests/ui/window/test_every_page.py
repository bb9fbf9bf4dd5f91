"""Every page of the window in every theme: large enough for gloves, readable in the sun, named for a screen reader."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.window.frame import Frame
from cmms_desktop.ui.window.main_window import MainWindow
from tests.ui import rendered
from tests.ui.stage import Stage, a_stage

ORDER_TABS = ("summary", "checklist", "parts", "time", "photos", "comments", "history")
PAGES = {
    "technician": (
        *("my_day", "orders", "assets", "parts", "inbox", "sync", "settings", "about", "sign"),
        *(f"order/{tab}" for tab in ORDER_TABS),
    ),
    "supervisor": ("review", "inbox", "orders"),
}
"""Who sees which pages."""
SIZES = {"regular": (1280, 800), "compact": (800, 480)}
LEAST_CONTRAST = {"light": 4.5, "dark": 4.5, "sunlight": 7.0}


def place_of(name: str, stage: Stage) -> Place:
    page, _, tab = name.partition("/")
    if page == "order":
        return Place.of("order", order_id=stage.order_ids[0], tab=tab)
    if page == "sign":
        return Place.of("sign", order_id=stage.order_ids[0], step="technician")
    return Place.of(page)


@pytest.fixture
def look(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[str]:
    name: str = request.param
    theme().use(name=name)
    yield name
    theme().use(name="light", font_setting="normal")


def shown(stage: Stage, qtbot: QtBot, size: tuple[int, int]) -> MainWindow:
    window = MainWindow()
    qtbot.addWidget(window, before_close_func=lambda w: w.take_frame())
    window.resize(*size)
    frame = Frame(stage.session, stage.conversation, clock=stage.clock, preferences=stage.context.preferences)
    window.show_frame(frame)
    window.show()
    qtbot.waitExposed(window)
    return window


def idle(frame: Frame, qtbot: QtBot) -> None:
    """Wait until everything that was asked for has been shown."""
    for _ in range(2):
        done: list[None] = []
        frame.background.read(lambda reading: None, done.append)
        qtbot.waitUntil(lambda found=done: bool(found))
        qtbot.wait(60)


def findings_on(stage: Stage, qtbot: QtBot, names: Sequence[str], size: str, *, least: float | None) -> list[str]:
    """Visit pages one after another in one window; `least` contrast None: letters are not looked at."""
    found: list[str] = []
    stage.context.preferences.change(theme=theme().name, font_setting=theme().font_setting)
    window = shown(stage, qtbot, SIZES[size])
    frame = window.frame
    assert frame is not None
    for name in names:
        frame.open(place_of(name, stage))
        idle(frame, qtbot)
        seen = [*rendered.small_targets(window), *rendered.out_of_window(window)]
        if least is not None:
            seen += [*rendered.unreadable(window, least=least), *rendered.nameless(window)]
        found += [f"{name}: {finding}" for finding in seen]
    window.take_frame()
    return found


LOOKS = [
    pytest.param(look, size, marks=[pytest.mark.smoke] if (look, size) == ("light", "regular") else [])
    for look in LEAST_CONTRAST
    for size in SIZES
]


@pytest.mark.parametrize(("look", "size"), LOOKS, indirect=["look"])
@pytest.mark.parametrize("login", PAGES)
def test_every_page_can_be_hit_read_and_named(login: str, look: str, size: str, tmp_path: Path, qtbot: QtBot) -> None:
    with a_stage(tmp_path, login) as stage:
        found = findings_on(stage, qtbot, PAGES[login], size, least=LEAST_CONTRAST[look])
    assert not found, "\n".join(found)


@pytest.mark.parametrize("login", PAGES)
def test_the_largest_letters_leave_every_control_within_reach(login: str, tmp_path: Path, qtbot: QtBot) -> None:
    theme().use(font_setting="largest")
    try:
        with a_stage(tmp_path, login) as stage:
            found = findings_on(stage, qtbot, PAGES[login], "compact", least=None)
    finally:
        theme().use(font_setting="normal")
    assert not found, "\n".join(found)
