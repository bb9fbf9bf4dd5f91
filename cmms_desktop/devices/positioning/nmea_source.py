"""One position source over any door that gives bytes: it owns the waiting, the decoder knows the language.

Holds no thread. Memory is bounded: bytes are only asked for when no fix is ready.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from cmms_desktop.devices.positioning.decoder import EARLIEST_LIVE, EARLIEST_RECORDED, NmeaDecoder
from cmms_desktop.devices.positioning.fix import Fix, SourceKind
from cmms_desktop.devices.positioning.recorded_file import RecordedFile
from cmms_desktop.devices.positioning.serial_line import DEFAULT_BAUD, SerialLine
from cmms_desktop.devices.positioning.statistics import Statistics
from cmms_desktop.devices.positioning.tcp_stream import TcpStream

PATIENCE_S = 1.0
"""How long `fixes` waits in one piece; only a bound on how late it notices that the source was closed."""


class ByteDoor(Protocol):
    """Where the bytes come from: a file, a socket, a serial line. Outside errors are translated inside."""

    @property
    def connections(self) -> int:
        """How often the line was reached since `open`."""
        ...

    def open(self) -> None:
        """Reach it. Raises PositionUnavailable."""
        ...

    def read(self, timeout_s: float) -> bytes | None:
        """Wait at most `timeout_s` for bytes: b"" when none came, None at the end. Raises PositionUnavailable."""
        ...

    def wake(self) -> None:
        """End a `read` that waits in another thread, without letting go. Harmless at any time."""
        ...

    def close(self) -> None:
        """Let go, while nobody reads. Closing twice is fine."""
        ...


class NmeaSource:
    """A PositionSource that decodes NMEA 0183 from a door. A context manager: opens on entry, closes on exit.

    `new_decoder` gives a fresh decoder at each `open`; `monotonic` gives steady seconds and is injected by tests.
    """

    def __init__(
        self, door: ByteDoor, new_decoder: Callable[[], NmeaDecoder], *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._door = door
        self._new_decoder = new_decoder
        self._decoder = new_decoder()
        self._monotonic = monotonic
        self._ready: deque[Fix] = deque()
        self._has_ended = False
        self._is_closing = threading.Event()
        self._in_use = threading.Lock()
        """Held while somebody reads: a descriptor closed under him is soon somebody else's, and he waits there."""

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def statistics(self) -> Statistics:
        return replace(self._decoder.statistics, connections=self._door.connections)

    @property
    def is_exhausted(self) -> bool:
        return self._has_ended and not self._ready

    def open(self) -> None:
        self._door.open()
        self._decoder = self._new_decoder()
        self._ready.clear()
        self._has_ended = False
        self._is_closing.clear()

    def next_fix(self, timeout_s: float) -> Fix | None:
        deadline_s = self._monotonic() + timeout_s
        while not self._ready and not self._has_ended:
            left_s = deadline_s - self._monotonic()
            self._read_once(max(0.0, left_s))
            if left_s <= 0:
                break
        return self._ready.popleft() if self._ready else None

    def _read_once(self, timeout_s: float) -> None:
        with self._in_use:
            chunk = None if self._is_closing.is_set() else self._door.read(timeout_s)
        if chunk is None:
            self._has_ended = True
            self._ready.extend(self._decoder.finish())
        else:
            self._ready.extend(self._decoder.feed(chunk))

    def fixes(self) -> Iterator[Fix]:
        while not self.is_exhausted:
            fix = self.next_fix(PATIENCE_S)
            if fix is not None:
                yield fix

    def close(self) -> None:
        """Let go, from any thread. Whoever waits for a fix is woken, and lets go of the line himself."""
        self._is_closing.set()
        self._door.wake()
        if self._in_use.acquire(blocking=False):
            try:
                self._door.close()
            finally:
                self._in_use.release()


def recorded_file(path: Path, *, clock: Callable[[], datetime], earliest: date = EARLIEST_RECORDED) -> NmeaSource:
    """Replay a recording as fast as it is read. Its fixes are marked as mock: they were not taken here and now."""
    return _source(RecordedFile(path), "nmea-file", clock=clock, earliest=earliest, is_mock=True)


def tcp_receiver(host: str, port: int, *, clock: Callable[[], datetime], earliest: date = EARLIEST_LIVE) -> NmeaSource:
    """Listen to gpsd or to a raw NMEA stream on the network; which of both it is shows in the first line."""
    return _source(TcpStream(host, port), "nmea-tcp", clock=clock, earliest=earliest)


def serial_receiver(
    device: str, *, clock: Callable[[], datetime], baud: int = DEFAULT_BAUD, earliest: date = EARLIEST_LIVE
) -> NmeaSource:
    """Listen to a receiver on a serial line, such as /dev/ttyACM0 or COM3."""
    return _source(SerialLine(device, baud=baud), "nmea-serial", clock=clock, earliest=earliest)


def _source(
    door: ByteDoor, kind: SourceKind, *, clock: Callable[[], datetime], earliest: date, is_mock: bool = False
) -> NmeaSource:
    def new_decoder() -> NmeaDecoder:
        return NmeaDecoder(source=kind, clock=clock, earliest=earliest, is_mock=is_mock)

    return NmeaSource(door, new_decoder)
