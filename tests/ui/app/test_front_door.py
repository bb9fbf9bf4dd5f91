"""The front door of the window: signing in, out and in again, as people do it, over a server that may be away."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from cmms_desktop.app.desk import Desk
from cmms_desktop.app.window import OpenWindow
from cmms_desktop.application.preferences import FILE_NAME, PreferencesFile
from cmms_desktop.config import ClientSettings
from cmms_desktop.credentials import keys
from cmms_desktop.credentials.secret_store import MemoryStore
from cmms_desktop.errors import Refused
from cmms_desktop.sync.status import Connection
from cmms_desktop.ui.bridge.network import NetworkWatch
from cmms_desktop.ui.screens.sign_in.view import SignInPage
from cmms_desktop.ui.theme import theme
from tests.support.command_key import CommandKey
from tests.support.replicas import ORGANIZATION, TECHNICIAN
from tests.unit.sync.wire import problem

URL = "https://cmms.example"
PASSWORD = "correct horse battery"
PATIENCE_MS = 60_000
INSTANT = "2026-03-02T09:10:00.000000Z"


class Network:
    """A server that signs the technician in with the right password and is no server of ours otherwise."""

    def __init__(self) -> None:
        self.is_away = False
        self.recall = ""
        """What the organization tells this device to do; "": nothing."""
        self.key = CommandKey()
        self.wiped: list[dict[str, object]] = []
        """Reports of wipes."""

    def __call__(self) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self._answer), base_url=URL)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if self.recall and not self.is_away:
            return self._recall(request)
        if self.is_away or request.url.path != "/v1/sign-in":
            raise httpx.ConnectError("no network")
        asked = json.loads(request.content)
        if asked["password"] != PASSWORD:
            headers = {"Content-Type": "application/problem+json"}
            said = {"title": "No", "status": 401, "code": "sign_in_refused", "detail": "Login or password is wrong."}
            return httpx.Response(401, headers=headers, content=json.dumps(said).encode())
        said = {
            "organization_id": ORGANIZATION,
            "person_id": TECHNICIAN,
            "role": "technician",
            "device_id": asked["device"]["id"],
            "access_token": "access",
            "access_expires_at": INSTANT,
            "refresh_token": "refresh",
            "server_time": INSTANT,
            "server_public_key": self.key.public_key,
        }
        return httpx.Response(200, json=said)

    def _recall(self, request: httpx.Request) -> httpx.Response:
        """Refuse everything, and say why to whoever asks."""
        asked = json.loads(request.content)
        if request.url.path == "/v1/wiped":
            self.wiped.append(asked)
            return httpx.Response(204)
        if request.url.path != "/v1/standing":
            return problem("device_revoked", 403)
        command = self.key.command(self.recall, nonce=asked["nonce"], device_id=asked["device_id"])
        content = msgspec.json.encode({"standing": "revoked", "commands": [command]})
        return httpx.Response(200, headers={"Content-Type": "application/json"}, content=content)


@pytest.fixture
def network() -> Network:
    return Network()


@pytest.fixture
def desk(tmp_path: Path, network: Network) -> Desk:
    settings = ClientSettings(tmp_path, URL, "north-works")
    return Desk(settings, MemoryStore(), profile=keys.CHEAPEST, network=network)


@pytest.fixture
def opened(desk: Desk, qtbot: QtBot) -> Iterator[OpenWindow]:
    made = OpenWindow(desk.settings.data_folder)
    made.furnish(desk).show_sign_in()
    made.window.show()
    qtbot.waitUntil(lambda: page_of(made) is not None)
    yield made
    made.close()
    made.window.deleteLater()


def page_of(opened: OpenWindow) -> SignInPage | None:
    return next((page for page in opened.window.findChildren(SignInPage) if page.isVisible()), None)


def sign_in(opened: OpenWindow, qtbot: QtBot, *, login: str | None = "technician", password: str = PASSWORD) -> None:
    """Type into the page and press Enter, as somebody at a keyboard does."""
    page = page_of(opened)
    assert page is not None
    fields = [field for field in page.findChildren(QLineEdit) if field.isVisible()]
    if login is not None:
        qtbot.keyClicks(fields[0], login)
    qtbot.keyClicks(fields[-1], password)
    qtbot.keyClick(fields[-1], Qt.Key.Key_Return)


def test_the_first_sign_in_opens_the_day(opened: OpenWindow, qtbot: QtBot) -> None:
    sign_in(opened, qtbot)
    qtbot.waitUntil(lambda: opened.window.frame is not None)
    assert opened.door.shown is not None
    assert opened.door.shown.session.signed_in.role == "technician"
    conversation = opened.window.frame.context.conversation  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: conversation.status.problem is not None)
    assert conversation.status.connection is Connection.OFFLINE
    qtbot.waitUntil(lambda: page_of(opened) is None)


def test_the_photos_hear_what_the_person_prefers_and_what_the_network_costs(
    opened: OpenWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NetworkWatch, "is_metered", property(lambda watch: True))
    sign_in(opened, qtbot)
    qtbot.waitUntil(lambda: opened.window.frame is not None)
    assert opened.door.shown is not None
    scheduler = opened.door.shown.scheduler
    qtbot.waitUntil(lambda: scheduler.status.are_photos_waiting_for_unmetered, timeout=PATIENCE_MS)
    opened.preferences.change(photos_on_metered="send")
    assert not scheduler.status.are_photos_waiting_for_unmetered
    opened.preferences.change(photos_on_metered="wait")
    assert scheduler.status.are_photos_waiting_for_unmetered


def test_a_wrong_password_opens_nothing_and_may_be_typed_again(opened: OpenWindow, qtbot: QtBot) -> None:
    sign_in(opened, qtbot, password="not this one")
    page = page_of(opened)
    assert page is not None
    button = page.primary()
    assert button is not None
    qtbot.waitUntil(lambda: not button.is_busy)  # type: ignore[attr-defined]
    assert opened.window.frame is None
    sign_in(opened, qtbot, login=None)
    qtbot.waitUntil(lambda: opened.window.frame is not None)


def test_who_signed_out_is_offered_and_comes_back_without_network(
    opened: OpenWindow, qtbot: QtBot, network: Network
) -> None:
    sign_in(opened, qtbot)
    qtbot.waitUntil(lambda: opened.window.frame is not None)
    first = opened.door.shown
    network.is_away = True
    opened.window.frame.sign_out_wanted.emit()  # type: ignore[union-attr]
    assert opened.window.frame is None
    qtbot.waitUntil(lambda: page_of(opened) is not None)
    assert first is not None
    assert first.is_closed
    assert [person.login for person in opened.door.enrolled()] == ["technician"]
    sign_in(opened, qtbot, login=None)
    qtbot.waitUntil(lambda: opened.window.frame is not None)
    assert opened.door.shown is not first


def test_closing_the_window_ends_the_work_and_lets_the_store_go(opened: OpenWindow, qtbot: QtBot, desk: Desk) -> None:
    sign_in(opened, qtbot)
    qtbot.waitUntil(lambda: opened.window.frame is not None)
    person = opened.door.shown
    opened.window.close()
    opened.close()
    assert person is not None
    assert person.is_closed
    desk.open("technician", PASSWORD).close()


def test_closing_the_window_while_somebody_signs_in_lets_the_store_go_too(
    opened: OpenWindow, qtbot: QtBot, desk: Desk
) -> None:
    sign_in(opened, qtbot)
    opened.close()  # before anybody heard that he is in
    assert [thread.name for thread in threading.enumerate() if thread.name == "sync"] == []
    desk.open("technician", PASSWORD).close()


def test_one_person_works_in_one_window(opened: OpenWindow, qtbot: QtBot, desk: Desk) -> None:
    with desk.open("technician", PASSWORD):
        sign_in(opened, qtbot)
        page = page_of(opened)
        assert page is not None
        button = page.primary()
        qtbot.waitUntil(lambda: not button.is_busy)  # type: ignore[union-attr]
        assert opened.window.frame is None


def test_what_people_prefer_is_kept_for_the_next_start(opened: OpenWindow, qtbot: QtBot, tmp_path: Path) -> None:
    with qtbot.waitActive(opened.window):
        opened.window.activateWindow()
    qtbot.keyClick(opened.window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: theme().name == "dark")
    opened.close()
    kept = PreferencesFile(tmp_path / FILE_NAME).load().preferences
    assert kept.theme == "dark"
    assert kept.window_geometry


def test_a_complaint_finds_the_person_who_works(opened: OpenWindow, qtbot: QtBot) -> None:
    sign_in(opened, qtbot)
    qtbot.waitUntil(lambda: opened.window.frame is not None)
    opened.complain(Refused("no", "Not like this."))
    frame = opened.window.frame
    assert frame is not None
    assert frame.complaint.isVisible()


def notice_of(opened: OpenWindow) -> str:
    page = page_of(opened)
    return "" if page is None else " ".join(text.text() for text in page._notice.findChildren(QLabel))


def test_a_locked_device_asks_for_the_password_and_says_why(opened: OpenWindow, qtbot: QtBot, network: Network) -> None:
    sign_in(opened, qtbot)
    qtbot.waitUntil(lambda: opened.window.frame is not None, timeout=PATIENCE_MS)
    person = opened.door.shown
    network.recall = "lock"
    opened.window.frame.context.conversation.sync_now()  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: page_of(opened) is not None, timeout=PATIENCE_MS)
    assert opened.window.frame is None
    assert person is not None
    assert person.is_closed
    assert "Your organization has locked this device." in notice_of(opened)
    network.is_away = True
    sign_in(opened, qtbot, login=None)
    qtbot.waitUntil(lambda: opened.window.frame is not None, timeout=PATIENCE_MS)


def test_a_wiped_device_says_so_and_nobody_is_left_to_unlock(
    opened: OpenWindow, qtbot: QtBot, network: Network, desk: Desk
) -> None:
    sign_in(opened, qtbot)
    qtbot.waitUntil(lambda: opened.window.frame is not None, timeout=PATIENCE_MS)
    network.recall = "wipe_now"
    opened.window.frame.context.conversation.sync_now()  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: page_of(opened) is not None, timeout=PATIENCE_MS)
    assert opened.door.enrolled() == ()
    assert "Your organization has taken this device back" in notice_of(opened)
    assert [report["lost"] for report in network.wiped] == [0]
    assert not desk.settings.person_folder(TECHNICIAN).exists()
    assert desk.wiping.begun() == ()
