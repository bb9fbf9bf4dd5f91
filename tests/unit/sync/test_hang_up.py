"""Letting go of a request from another thread: whoever waits is told at once, whatever the timeout says."""

import socket
import threading
from collections.abc import Iterator

import pytest

from cmms_desktop.errors import ServerUnreachable
from cmms_desktop.sync.transport import Transport

GUARD_S = 60.0


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def ask(transport: Transport, told: list[Exception]) -> None:
    try:
        transport.refresh("token")
    except ServerUnreachable as error:
        told.append(error)


def test_who_waits_for_an_answer_is_told_at_once(silent: socket.socket) -> None:
    transport = Transport(f"http://127.0.0.1:{silent.getsockname()[1]}", prove=lambda token: token)
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
    transport = Transport(f"http://127.0.0.1:{silent.getsockname()[1]}", prove=lambda token: token)
    transport.hang_up()
    with pytest.raises(ServerUnreachable):
        transport.refresh("token")
    transport.close()
    silent.setblocking(False)
    with pytest.raises(BlockingIOError):
        silent.accept()
