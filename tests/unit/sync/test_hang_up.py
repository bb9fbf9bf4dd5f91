"""Letting go of a request from another thread: whoever waits is told at once, whatever the timeout says."""

import socket
import threading
from collections.abc import Iterator

import httpx
import pytest

from cmms_desktop.errors import ServerUnreachable
from cmms_desktop.sync.transport import Transport

GUARD_S = 60.0
REQUEST_S = 10 * GUARD_S
"""That a request may take: what ends before was ended by somebody."""


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def patient(silent: socket.socket) -> Transport:
    """A transport that would wait for an answer much longer than the test waits for it."""
    url = f"http://127.0.0.1:{silent.getsockname()[1]}"
    return Transport(url, prove=lambda token: token, client=httpx.Client(base_url=url, timeout=REQUEST_S))


def ask(transport: Transport, told: list[Exception]) -> None:
    try:
        transport.refresh("token")
    except ServerUnreachable as error:
        told.append(error)


def test_who_waits_for_an_answer_is_told_at_once(silent: socket.socket) -> None:
    transport = patient(silent)
    told: list[Exception] = []
    thread = threading.Thread(target=ask, args=(transport, told), daemon=True)
    thread.start()
    peer, _ = silent.accept()
    with peer:
        assert peer.recv(4096).startswith(b"POST /v1/refresh")
        transport.hang_up()
        thread.join(GUARD_S)
        assert not thread.is_alive()
        assert len(told) == 1
    transport.close()


def test_nothing_is_asked_afterwards(silent: socket.socket) -> None:
    transport = patient(silent)
    transport.hang_up()
    with pytest.raises(ServerUnreachable):
        transport.refresh("token")
    transport.close()
    silent.setblocking(False)
    with pytest.raises(BlockingIOError):
        silent.accept()
