"""A receiver on the network as a door of bytes: gpsd, or anything that sends NMEA lines.

gpsd greets with one line of JSON and sends NMEA only when asked; a raw stream just begins. Policy after a loss: try
again every `RETRY_S`, give up with a sentence after `GIVE_UP_S`. A peer that is silent for `SILENCE_S` counts as lost
(a connection that slept through a suspend never reports an error). Opening fails at once, so that a wrong address is
told when it is entered.
"""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from cmms_desktop.devices.positioning.fix import PositionUnavailable

CONNECT_TIMEOUT_S = 5.0
RETRY_S = 2.0
GIVE_UP_S = 30.0
SILENCE_S = 30.0
CHUNK_BYTES = 4096

GPSD_GREETING = b'{"class":"VERSION"'
GPSD_WATCH = b'?WATCH={"enable":true,"nmea":true};\n'


class TcpStream:
    """Gives what a TCP peer sends, across lost connections. `monotonic` gives steady seconds."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        retry_s: float = RETRY_S,
        give_up_s: float = GIVE_UP_S,
        silence_s: float = SILENCE_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._address = (host, port)
        self._retry_s = retry_s
        self._give_up_s = give_up_s
        self._silence_s = silence_s
        self._monotonic = monotonic
        self._socket: socket.socket | None = None
        self._closing = threading.Event()
        self._closing.set()
        self._greeting: bytes | None = None
        self._last_try_s = 0.0
        self._heard_at_s = 0.0
        self._lost_at_s: float | None = None
        self.connections = 0

    def open(self) -> None:
        self.close()
        self._closing.clear()
        self.connections = 0
        self._lost_at_s = None
        try:
            self._connect(CONNECT_TIMEOUT_S)
        except OSError as exc:
            raise self._unavailable("cannot be reached") from exc

    def read(self, timeout_s: float) -> bytes | None:
        if self._closing.is_set():
            return None
        if self._socket is None:
            return self._try_again(timeout_s)
        try:
            return self._receive(self._socket, timeout_s)
        except TimeoutError:
            return b"" if self._patience_left_s() > 0 else self._lose()
        except OSError:
            return None if self._closing.is_set() else self._lose()

    def wake(self) -> None:
        self._closing.set()
        peer = self._socket
        if peer is not None:
            with suppress(OSError):  # a dead connection refuses it
                peer.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._closing.set()
        self._disconnect()

    def _connect(self, timeout_s: float) -> None:
        self._last_try_s = self._monotonic()
        self._socket = socket.create_connection(self._address, timeout=timeout_s)
        self._heard_at_s = self._monotonic()
        self._greeting = b""
        self.connections += 1

    def _receive(self, peer: socket.socket, timeout_s: float) -> bytes:
        wait_s = min(timeout_s, self._patience_left_s())
        peer.settimeout(max(0.001, wait_s))  # 0 would mean "do not wait" and raise another error
        chunk = peer.recv(CHUNK_BYTES)
        if not chunk:
            return self._lose()
        self._heard_at_s = self._monotonic()
        self._lost_at_s = None
        self._answer_greeting(peer, chunk)
        return chunk

    def _patience_left_s(self) -> float:
        """Give how long the peer may still say nothing."""
        return self._heard_at_s + self._silence_s - self._monotonic()

    def _answer_greeting(self, peer: socket.socket, chunk: bytes) -> None:
        """Ask gpsd for NMEA once its first line shows that it is gpsd."""
        if self._greeting is None:
            return
        self._greeting = (self._greeting + chunk)[: len(GPSD_GREETING)]
        if self._greeting == GPSD_GREETING:
            peer.sendall(GPSD_WATCH)
            self._greeting = None
        elif not GPSD_GREETING.startswith(self._greeting):
            self._greeting = None

    def _lose(self) -> bytes:
        """Let go of a dead connection; the line end keeps halves from before and after from joining."""
        self._disconnect()
        self._last_try_s = self._monotonic()
        self._lost_at_s = self._last_try_s if self._lost_at_s is None else self._lost_at_s
        return b"\r\n"

    def _try_again(self, timeout_s: float) -> bytes:
        now_s = self._monotonic()
        if self._lost_at_s is not None and now_s - self._lost_at_s > self._give_up_s:
            raise self._unavailable("stopped answering")
        pause_s = self._last_try_s + self._retry_s - now_s
        if pause_s > 0:
            self._closing.wait(min(pause_s, timeout_s))
            return b""
        with suppress(OSError):
            self._connect(min(CONNECT_TIMEOUT_S, max(0.1, timeout_s)))
        return b""

    def _disconnect(self) -> None:
        peer, self._socket = self._socket, None
        if peer is not None:
            peer.close()

    def _unavailable(self, what: str) -> PositionUnavailable:
        host, port = self._address
        return PositionUnavailable(
            f"The position receiver at {host}:{port} {what}. Check address and network, or enter the position by hand."
        )
