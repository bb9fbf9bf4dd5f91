"""An installation that nobody has set up, from its first start on: a profile, a yes, and the sign-in page wears it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from cmms_desktop.app.client import Client
from cmms_desktop.app.profile_door import DEMONSTRATION as NOTE
from cmms_desktop.app.window import OpenWindow
from cmms_desktop.config import settings_from_profile
from cmms_desktop.errors import ServerNotTrusted
from cmms_desktop.profile.genuine import genuine
from cmms_desktop.profile.in_force import keep, read_in_force
from cmms_desktop.profile.places import Place
from cmms_desktop.profile.taking import Profiles
from cmms_desktop.sync.server_trust import WRONG_PIN
from cmms_desktop.ui.screens.profile.presenter import UNREAL
from cmms_desktop.ui.screens.profile.view import ProfilePage
from cmms_desktop.ui.screens.sign_in.view import BY_PROFILE, SignInPage
from cmms_desktop.ui.window.main_window import TITLE, TRAINING_TITLE
from cmms_desktop.ui.window.waiting_page import WaitingPage
from sync_server.contract.rules.profile import DEMONSTRATION
from sync_server.contract.rules.profile_reading import text_of
from tests.support.profiles import NOW, OTHER_KEY, b64, png, profile
from tests.ui.app.front_doors import PATIENCE_MS, notice_of, page_of, sign_in

LOOKS = {"name": "Nordwerke Service", "colour": "#0a5e70", "dark_colour": "#56bbcd", "logo": b64(png(64, 32))}
EXERCISE = profile(serial=6, branding={"name": "Nordwerke Service"}, policies={"training": True})
BRANDED = profile(branding=LOOKS, policies={"photos_on_metered": "send", "minimum_version": "9.0.0"})


class Started:
    """A client of a data folder, with a window."""

    def __init__(self, folder: Path, qtbot: QtBot, environment: dict[str, str]) -> None:
        self.folder, self.qtbot = folder, qtbot
        profiles = Profiles(folder, (Place(folder / "dropped"),), clock=lambda: NOW)
        self.opened = OpenWindow(folder)
        start = profiles.start()
        self.client = Client(
            self.opened, profiles, start, {"CMMS_DATA_FOLDER": str(folder), **environment}, home=folder
        )
        self.opened.window.show()

    @property
    def page(self) -> ProfilePage:
        return self._shown(ProfilePage)

    @property
    def sign_in_page(self) -> SignInPage:
        return self._shown(SignInPage)

    def _shown(self, kind: type) -> object:  # type: ignore[type-arg]
        found: list[object] = []

        def is_there() -> bool:
            found[:] = [page for page in self.opened.window.findChildren(kind) if page.isVisible()]
            return bool(found)

        self.qtbot.waitUntil(is_there, timeout=PATIENCE_MS)
        return found[0]

    def scan(self, content: bytes) -> ProfilePage:
        page = self.page
        page.field.line.setText(text_of(content))
        self.qtbot.keyClick(page.field.line, Qt.Key.Key_Return)
        self.qtbot.waitUntil(lambda: page.take.isVisible() or bool(page.field.error), timeout=PATIENCE_MS)
        return page

    def take(self, content: bytes) -> SignInPage:
        self.qtbot.mouseClick(self.scan(content).take, Qt.MouseButton.LeftButton)
        return self.sign_in_page


@pytest.fixture
def start(tmp_path: Path, qtbot: QtBot) -> Iterator[Callable[..., Started]]:
    made: list[Started] = []

    def begin(**environment: str) -> Started:
        made.append(Started(tmp_path, qtbot, environment))
        return made[-1]

    yield begin
    for each in made:
        each.opened.close()
        each.opened.window.deleteLater()


def said(page: SignInPage) -> str:
    return "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def test_a_profile_sets_up_a_device_and_the_sign_in_page_wears_it(start: Callable[..., Started]) -> None:
    here = start()
    here.client.ask_for_profile()
    page = here.take(BRANDED)
    assert "north-works on https://sync.north-works.example" in said(page)
    assert BY_PROFILE in said(page)
    assert "Nordwerke Service" in said(page)
    assert page.brand.logo.is_shown
    assert "version 9.0.0" in notice_of(here.opened)
    assert here.opened.window.windowTitle() == "Nordwerke Service"
    assert here.opened.preferences.get().photos_on_metered == "send"
    assert read_in_force(here.folder) is not None


def test_a_demonstration_says_on_sign_in_what_it_is_and_the_real_profile_takes_over(
    start: Callable[..., Started], qtbot: QtBot
) -> None:
    here = start()
    here.client.ask_for_profile()
    trial = profile(OTHER_KEY, organization=DEMONSTRATION, branding={"name": "Demonstration"}, serial=90)
    page = here.take(trial)
    assert NOTE in notice_of(here.opened)
    assert here.opened.window.windowTitle() == "Demonstration"
    assert page.brand.isVisible()
    assert BY_PROFILE not in said(page), "no organization has set it up"
    qtbot.mouseClick(page.profile, Qt.MouseButton.LeftButton)
    here.take(profile())
    assert NOTE not in notice_of(here.opened)
    assert here.opened.window.windowTitle() == TITLE


def test_a_later_profile_changes_what_is_shown_and_a_refused_one_nothing(
    start: Callable[..., Started], qtbot: QtBot
) -> None:
    here = start()
    here.client.ask_for_profile()
    before = here.take(BRANDED)
    qtbot.mouseClick(before.profile, Qt.MouseButton.LeftButton)
    page = here.scan(profile(OTHER_KEY, serial=9))
    assert "another key" in page.field.error
    qtbot.mouseClick(page.back, Qt.MouseButton.LeftButton)
    again = here.sign_in_page
    assert here.opened.window.windowTitle() == "Nordwerke Service"
    qtbot.mouseClick(again.profile, Qt.MouseButton.LeftButton)
    after = here.take(profile(serial=6))
    assert not after.brand.isVisible()
    assert here.opened.window.windowTitle() == TITLE
    assert here.opened.preferences.get().photos_on_metered == "wait", "what people chose counts again"


def test_an_environment_that_says_something_else_is_told_in_the_window(start: Callable[..., Started]) -> None:
    here = start(CMMS_SERVER_URL="https://elsewhere.example")
    here.client.ask_for_profile()
    here.qtbot.mouseClick(here.scan(BRANDED).take, Qt.MouseButton.LeftButton)
    window = here.opened.window
    here.qtbot.waitUntil(
        lambda: any("CMMS_SERVER_URL" in label.text() for label in window.findChildren(QLabel)), timeout=PATIENCE_MS
    )


def test_a_wrong_pin_is_told_where_somebody_signs_in_for_the_first_time(
    opened: OpenWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def distrust(*_: object) -> None:
        raise ServerNotTrusted(WRONG_PIN)

    monkeypatch.setattr("cmms_desktop.sync.transport.Transport.sign_in", distrust)
    sign_in(opened, qtbot)
    qtbot.waitUntil(lambda: WRONG_PIN in notice_of(opened), timeout=PATIENCE_MS)
    assert page_of(opened) is not None


def test_a_device_is_for_training_from_the_yes_on_and_real_again_only_while_nobody_is_enrolled(
    start: Callable[..., Started], qtbot: QtBot
) -> None:
    here = start()
    here.client.ask_for_profile()
    page = here.scan(EXERCISE)
    assert ("Training", UNREAL) in page._presenter._state.facts
    assert not here.opened.window.training.isVisible(), "looking at one changes nothing"
    qtbot.mouseClick(page.take, Qt.MouseButton.LeftButton)
    assert here.sign_in_page.isVisible()
    assert here.opened.window.training.isVisible()
    assert here.opened.window.windowTitle() == f"{TRAINING_TITLE} – Nordwerke Service"
    assert QGuiApplication.applicationDisplayName() == here.opened.window.windowTitle(), "other windows say it, too"
    qtbot.mouseClick(here.sign_in_page.profile, Qt.MouseButton.LeftButton)
    assert here.page.isVisible()
    assert here.opened.window.training.isVisible(), "on the page for profiles as well"
    here.take(profile(serial=7))
    assert not here.opened.window.training.isVisible()
    assert here.opened.window.windowTitle() == TITLE


def test_a_start_says_that_it_is_training_before_anything_else_is_loaded(start: Callable[..., Started]) -> None:
    keep(start().folder, genuine(EXERCISE))
    again = start()
    taken = read_in_force(again.folder)
    assert taken is not None
    again.client.open(settings_from_profile(taken, {"CMMS_DATA_FOLDER": str(again.folder)}, home=again.folder))
    (opening,) = again.opened.window.findChildren(WaitingPage)
    assert opening.isVisible()
    assert again.opened.window.training.isVisible()
    assert again.opened.window.windowTitle().startswith(TRAINING_TITLE)
    assert again.sign_in_page.isVisible()
