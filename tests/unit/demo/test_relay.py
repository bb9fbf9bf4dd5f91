"""The network of the demonstration: what gets through, and that cutting it is felt at once."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from cmms_desktop.demo.relay import HOST, Relay

GUARD_S = 60.0


class Echo:
    """A server that sends everything back."""

    def __init__(self) -> None:
        self.listening = socket.create_server((HOST, 0))
        self.port = self.listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self._echo, args=(peer,), daemon=True).start()

    @staticmethod
    def _echo(peer: socket.socket) -> None:
        with peer:
            while piece := peer.recv(65536):
                peer.sendall(piece)


@pytest.fixture
def echo() -> Iterator[Echo]:
    made = Echo()
    yield made
    made.listening.close()


@pytest.fixture
def relay(echo: Echo) -> Iterator[Relay]:
    with Relay(echo.port) as made:
        yield made


def connect(relay: Relay) -> socket.socket:
    return socket.create_connection((HOST, int(relay.url.rpartition(":")[2])), timeout=GUARD_S)


def echoed(client: socket.socket, content: bytes) -> bytes:
    threading.Thread(target=client.sendall, args=(content,), daemon=True).start()
    found = b""
    while len(found) < len(content):
        piece = client.recv(65536)
        assert piece
        found += piece
    return found


def test_bytes_arrive_as_they_were_sent(relay: Relay) -> None:
    content = bytes(range(256)) * 8_000
    with connect(relay) as client:
        assert echoed(client, content) == content


def test_a_cut_ends_a_connection_at_once_and_refuses_new_ones(relay: Relay) -> None:
    with connect(relay) as client:
        assert echoed(client, b"before") == b"before"
        relay.cut()
        with suppress(ConnectionError):  # as it is felt when bytes were under way
            assert client.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        connect(relay)
    assert not relay.is_mended


def test_mended_it_is_the_same_address_again(relay: Relay) -> None:
    url = relay.url
    for _ in range(20):
        relay.cut()
        relay.mend()
        with connect(relay) as client:
            assert echoed(client, b"again") == b"again"
    assert relay.url == url


def test_cutting_and_mending_twice_is_fine(relay: Relay) -> None:
    relay.mend()
    relay.cut()
    relay.cut()
    relay.mend()
    with connect(relay) as client:
        assert echoed(client, b"fine") == b"fine"
    relay.close()
    relay.close()


def test_nobody_gets_through_before_it_is_mended(echo: Echo) -> None:
    relay = Relay(echo.port)
    with pytest.raises(ConnectionRefusedError):
        connect(relay)
    relay.close()


def test_a_server_that_is_not_there_is_a_connection_that_ends() -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
    with Relay(port) as relay, connect(relay) as client:
        assert client.recv(1) == b""


def test_the_end_of_one_side_reaches_the_other(echo: Echo, relay: Relay) -> None:
    with connect(relay) as client:
        assert echoed(client, b"last") == b"last"
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""
