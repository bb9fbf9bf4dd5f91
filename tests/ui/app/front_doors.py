"""The front door of a window and what people do at it, over a server that may be away."""

import json

import httpx
import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from cmms_desktop.app.window import OpenWindow
from cmms_desktop.ui.screens.sign_in.view import SignInPage
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
        self.password = PASSWORD
        self.signed_in = 0
        self.device_id = ""
        self.recovery_key: str | None = None
        self.renews = False
        """Whether a refresh token still counts."""
        self.sends: httpx.BaseTransport = httpx.MockTransport(self._answer)

    def __call__(self) -> httpx.Client:
        return httpx.Client(transport=self.sends, base_url=URL)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if self.recall and not self.is_away:
            return self._recall(request)
        path = request.url.path.removeprefix("/v1/")
        if self.is_away or path not in {"sign-in", "refresh"}:
            raise httpx.ConnectError("no network")
        asked = json.loads(request.content)
        if path == "refresh":
            return self._session(self.device_id) if self.renews else problem("session_expired", 401)
        if asked["password"] != self.password:
            return problem("sign_in_failed", 403, detail="Login or password is wrong.")
        self.signed_in += 1
        self.device_id = asked["device"]["id"]
        return self._session(self.device_id)

    def _session(self, device_id: str) -> httpx.Response:
        said = {
            "organization_id": ORGANIZATION,
            "person_id": TECHNICIAN,
            "role": "technician",
            "device_id": device_id,
            "access_token": "access",
            "access_expires_at": INSTANT,
            "refresh_token": "refresh",
            "server_time": INSTANT,
            "server_public_key": self.key.public_key,
            "recovery_public_key": self.recovery_key,
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


def page_of(opened: OpenWindow) -> SignInPage | None:
    return next((page for page in opened.window.findChildren(SignInPage) if page.isVisible()), None)


def sign_in(opened: OpenWindow, qtbot: QtBot, *, login: str | None = "technician", password: str = PASSWORD) -> None:
    """Type into the page and press Enter, as somebody at a keyboard does."""
    page = page_of(opened)
    assert page is not None
    fields = [field for field in page.findChildren(QLineEdit) if field.isVisible()]
    if login is not None:
        qtbot.keyClicks(fields[0], login)
    *_, secret = (field for field in fields if field.echoMode() is not QLineEdit.EchoMode.Normal)
    qtbot.keyClicks(secret, password)
    qtbot.keyClick(secret, Qt.Key.Key_Return)


def notice_of(opened: OpenWindow) -> str:
    page = page_of(opened)
    return "" if page is None else " ".join(text.text() for text in page._notice.findChildren(QLabel))
