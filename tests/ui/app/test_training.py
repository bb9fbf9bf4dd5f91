"""An installation for training says so on every page, sign-in and locked screen included, whatever it looks like."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from cmms_desktop.app.desk import Desk
from cmms_desktop.app.window import OpenWindow
from cmms_desktop.profile.genuine import genuine
from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.screens.about.view import AboutPage
from cmms_desktop.ui.screens.sign_in.presenter import LOCKED
from cmms_desktop.ui.theme import THEMES, theme
from cmms_desktop.ui.window.main_window import TITLE, TRAINING_TITLE
from sync_server.contract.rules.profile import TRAINING
from tests.support.profiles import profile
from tests.support.set_clock import SetClock
from tests.ui import rendered
from tests.ui.app.front_doors import PATIENCE_MS, Network, notice_of, page_of, sign_in

SIZES = [(800, 480), (1280, 800), (480, 400)]
LEAST_CONTRAST = {"light": 4.5, "dark": 4.5, "sunlight": 7.0}


@pytest.fixture
def desk(desk: Desk) -> Desk:
    taken = genuine(profile(policies={"training": True})).profile
    return replace(desk, settings=replace(desk.settings, profile=taken))


@pytest.fixture
def light() -> Iterator[None]:
    yield
    theme().use(name="light", font_setting="normal")


def band_is_read(opened: OpenWindow) -> bool:
    """Whether the whole sentence is in sight, above everything else."""
    window = opened.window
    words = window.training.words
    place = QRect(words.mapTo(window, words.rect().topLeft()), words.size())
    is_whole = words.width() >= words.minimumSizeHint().width() and words.height() >= words.heightForWidth(
        words.width()
    )
    is_there = words.isVisible() and window.rect().contains(place) and window.training.y() == 0
    covered = window.childAt(place.center()) not in (words, window.training)
    return words.text() == TRAINING and is_there and is_whole and not covered


def work(opened: OpenWindow, qtbot: QtBot) -> None:
    sign_in(opened, qtbot, login="technician" if not opened.door.enrolled() else None)
    qtbot.waitUntil(lambda: opened.window.frame is not None, timeout=PATIENCE_MS)


@pytest.mark.parametrize("size", SIZES, ids=[f"{width}x{height}" for width, height in SIZES])
@pytest.mark.parametrize("look", THEMES)
@pytest.mark.parametrize("setting", ["normal", "largest"])
def test_the_sign_in_page_says_it_in_every_look_and_size(
    opened: OpenWindow, qtbot: QtBot, light: None, look: str, setting: str, size: tuple[int, int]
) -> None:
    theme().use(name=look, font_setting=setting)
    opened.window.resize(*size)
    QApplication.processEvents()
    assert band_is_read(opened)
    found = rendered.unreadable(opened.window.training, least=LEAST_CONTRAST[look])
    assert [str(each) for each in found] == []


def test_every_page_at_work_says_it_and_no_sheet_covers_it(opened: OpenWindow, qtbot: QtBot) -> None:
    work(opened, qtbot)
    frame = opened.window.frame
    assert frame is not None
    for page in ("my_day", "orders", "sync", "settings", "about"):
        frame.open(Place.of(page))
        QApplication.processEvents()
        assert band_is_read(opened), page
    for show in (frame.open_search, frame.open_sign_in, frame.show_keys):
        show()
        qtbot.waitUntil(lambda: frame.is_sheet_open)
        assert band_is_read(opened)
        frame.back()


def test_a_locked_device_says_it(opened: OpenWindow, qtbot: QtBot, network: Network, clock: SetClock) -> None:
    work(opened, qtbot)
    network.is_away = True
    opened.door.sign_out()
    qtbot.waitUntil(lambda: page_of(opened) is not None, timeout=PATIENCE_MS)
    assert band_is_read(opened)
    clock.pass_time(days=20)
    sign_in(opened, qtbot, login=None)
    qtbot.waitUntil(lambda: LOCKED in notice_of(opened), timeout=PATIENCE_MS)
    assert band_is_read(opened)


def test_about_and_the_title_say_it_and_a_screen_reader_hears_the_sentence(opened: OpenWindow, qtbot: QtBot) -> None:
    work(opened, qtbot)
    assert opened.window.windowTitle() == f"{TRAINING_TITLE} – {TITLE}"
    heard = QAccessible.queryAccessibleInterface(opened.window.training)
    assert heard.text(QAccessible.Text.Name) == TRAINING
    words = QAccessible.queryAccessibleInterface(opened.window.training.words)
    assert words.text(QAccessible.Text.Name) == TRAINING
    assert not words.state().invisible  # type: ignore[attr-defined]
    frame = opened.window.frame
    assert frame is not None
    frame.open(Place.of("about"))
    qtbot.waitUntil(lambda: isinstance(frame.page, AboutPage) and frame.page.isVisible())
    assert frame.page is not None
    qtbot.waitUntil(lambda: "Training" in [label.text() for label in frame.page.findChildren(QLabel)])  # type: ignore[union-attr]


def test_no_key_and_no_press_takes_it_away(opened: OpenWindow, qtbot: QtBot) -> None:
    work(opened, qtbot)
    band = opened.window.training
    qtbot.mouseClick(band, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(band.words, Qt.MouseButton.LeftButton)
    qtbot.keyClick(opened.window, Qt.Key.Key_Escape)
    qtbot.keyClick(opened.window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert band_is_read(opened)
    theme().use(name="light", font_setting="normal")
