"""The demonstration's network: a relay between client and server whose cable can be pulled and plugged in again.

While it is cut nothing listens on its port and every connection is gone, as if the network were; the server itself
goes on, and so does the office.
"""

import socket
import struct
import threading
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

HOST: Final = "127.0.0.1"
BACKLOG: Final = 64
PIECE_BYTES: Final = 1 << 16
RESET: Final = struct.pack("ii", 1, 0)
"""SO_LINGER of a connection that ends with a reset, as a pulled cable looks after a while."""


class Relay:
    """Always the same address. Made cut; `mend` plugs it in."""

    def __init__(self, server_port: int) -> None:
        """Reserve a port for clients of a server on a port of this machine."""
        self._server_port = server_port
        self._one_at_a_time = threading.Lock()
        self._listening = _reserved(0)
        self._port: int = self._listening.getsockname()[1]
        self._ends: set[socket.socket] = set()
        self._is_mended = False

    @property
    def url(self) -> str:
        """Where clients find the server."""
        return f"http://{HOST}:{self._port}"

    @property
    def is_mended(self) -> bool:
        """Whether anything gets through."""
        return self._is_mended

    def mend(self) -> None:
        """Let connections through; mending twice is fine."""
        with self._one_at_a_time:
            if self._is_mended:
                return
            self._listening.listen(BACKLOG)
            self._is_mended = True
            threading.Thread(target=self._accept, args=(self._listening,), name="relay", daemon=True).start()

    def cut(self) -> None:
        """End every connection now and take no new one; cutting twice is fine."""
        with self._one_at_a_time:
            if not self._is_mended:
                return
            self._is_mended = False
            self._end()
            self._listening = _reserved(self._port)

    def close(self) -> None:
        """Cut for good."""
        with self._one_at_a_time:
            self._is_mended = False
            self._end()

    def __enter__(self) -> Self:
        """Mend."""
        self.mend()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close."""
        self.close()

    def _end(self) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._listening.close()
        for end in self._ends:
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                end.shutdown(socket.SHUT_RDWR)
        self._ends.clear()

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:  # cut
                return
            self._connect(client)

    def _connect(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection((HOST, self._server_port))
        except OSError:  # the server is not there (yet); the client sees a connection that ends
            client.close()
            return
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._one_at_a_time:
            self._ends |= {client, server}
            if not self._is_mended:
                self._end_pair(client, server)
        for source, target in ((client, server), (server, client)):
            threading.Thread(target=self._pump, args=(source, target), name="relay", daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        """Carry bytes one way until one of both ends is over; the last way closes both."""
        with suppress(OSError):
            while piece := source.recv(PIECE_BYTES):
                target.sendall(piece)
        self._end_pair(source, target)
        with suppress(OSError):
            source.close()

    @staticmethod
    def _end_pair(*pair: socket.socket) -> None:
        for end in pair:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def _reserved(port: int) -> socket.socket:
    """Bind a port without listening: whoever connects is refused, and nobody else can take it."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((HOST, port))
    return bound
