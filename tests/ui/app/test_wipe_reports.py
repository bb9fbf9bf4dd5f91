"""Reports of wipes go beside: a server that takes the connection and never answers keeps nobody from working."""

import socket
import threading
from collections.abc import Iterator

import httpx
import pytest
from pytestqt.qtbot import QtBot

from cmms_desktop.app.desk import Desk
from cmms_desktop.app.window import OpenWindow
from tests.ui.app.front_doors import PATIENCE_MS, Network, notice_of, page_of, sign_in


class SilentForReports(httpx.BaseTransport):
    """Answers as the network does, but reports of wipes go to a real socket where nobody says anything."""

    def __init__(self, network: Network) -> None:
        self._others = network.sends
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._real = httpx.HTTPTransport()
        self.heard = threading.Event()
        self._taken: list[socket.socket] = []
        self._thread = threading.Thread(target=self._take, daemon=True)
        self._thread.start()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path != "/v1/wiped":
            return self._others.handle_request(request)
        host, port = self._listener.getsockname()
        request.url = request.url.copy_with(scheme="http", host=host, port=port)
        return self._real.handle_request(request)

    def close(self) -> None:
        """Clients come and go; the socket stays."""

    def end(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)  # closing alone would leave the thread in accept
        self._thread.join(PATIENCE_MS / 1000)
        assert not self._thread.is_alive()
        self._listener.close()
        for each in self._taken:
            each.close()
        self._real.close()

    def _take(self) -> None:
        try:
            while True:
                taken, _ = self._listener.accept()
                self._taken.append(taken)
                if taken.recv(1):
                    self.heard.set()
        except OSError:  # closed: the end
            return


@pytest.fixture
def silent(network: Network) -> Iterator[SilentForReports]:
    made = SilentForReports(network)
    network.sends = made
    yield made
    made.end()


def wiped(opened: OpenWindow, qtbot: QtBot, network: Network) -> None:
    sign_in(opened, qtbot)
    qtbot.waitUntil(lambda: opened.window.frame is not None, timeout=PATIENCE_MS)
    network.recall = "wipe_now"
    opened.window.frame.context.conversation.sync_now()  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: page_of(opened) is not None, timeout=PATIENCE_MS)


def test_a_server_that_never_answers_delays_neither_the_page_nor_the_next_person(
    silent: SilentForReports, opened: OpenWindow, qtbot: QtBot, network: Network, desk: Desk
) -> None:
    wiped(opened, qtbot, network)
    assert "taken this device back" in notice_of(opened)
    qtbot.waitUntil(silent.heard.is_set, timeout=PATIENCE_MS)
    network.recall = ""
    sign_in(opened, qtbot)
    qtbot.waitUntil(lambda: opened.window.frame is not None, timeout=PATIENCE_MS)
    assert len(desk.wiping.begun()) == 1, "the report still waits for its answer"
    opened.close()
    assert [thread.name for thread in threading.enumerate() if thread.name == "wipe-reports"] == []
    assert len(desk.wiping.begun()) == 1, "and goes the next time"


def test_the_report_goes_when_the_program_starts_again(
    silent: SilentForReports, opened: OpenWindow, qtbot: QtBot, network: Network, desk: Desk
) -> None:
    wiped(opened, qtbot, network)
    qtbot.waitUntil(silent.heard.is_set, timeout=PATIENCE_MS)
    opened.close()
    network.sends = silent._others
    again = OpenWindow(desk.settings.data_folder)
    again.furnish(desk).show_sign_in()
    qtbot.waitUntil(lambda: len(network.wiped) == 1 and desk.wiping.begun() == (), timeout=PATIENCE_MS)
    again.close()
    again.window.deleteLater()
