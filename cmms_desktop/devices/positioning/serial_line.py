"""A receiver on a serial line as a door of bytes: the only place that knows pyserial.

An unplugged receiver raises; it is not reopened here, because after plugging in again its name may be another.
"""

from collections.abc import Callable
from typing import Protocol, cast

import serial

from cmms_desktop.devices.positioning.fix import PositionUnavailable

DEFAULT_BAUD = 4800
"""NMEA 0183; USB receivers accept any rate, many others speak 9600."""

CHUNK_BYTES = 4096


class SerialPort(Protocol):
    """What is used of `serial.Serial`."""

    timeout: float | None

    @property
    def in_waiting(self) -> int:
        """Bytes that can be read without waiting."""
        ...

    def read(self, size: int) -> bytes:
        """Wait until `size` bytes came or the timeout is over."""
        ...

    def cancel_read(self) -> None:
        """End a `read` that waits in another thread."""
        ...

    def close(self) -> None:
        """Let go of the line."""
        ...


class SerialLine:
    """Gives what arrives on a serial line. Opening discards what the line had stored: those fixes are old.

    `opener` opens the port; tests that need a failing port inject theirs, all others use a pseudo-terminal.
    """

    def __init__(
        self, device: str, *, baud: int = DEFAULT_BAUD, opener: Callable[[str, int], SerialPort] | None = None
    ) -> None:
        self._device = device
        self._baud = baud
        self._opener = opener or _open_port
        self._port: SerialPort | None = None
        self.connections = 0

    def open(self) -> None:
        self.close()
        try:
            self._port = self._opener(self._device, self._baud)
        except (OSError, ValueError) as exc:  # SerialException is an OSError; a wrong rate is a ValueError
            raise self._unavailable("cannot be opened. Is it plugged in, and may this account use it?") from exc
        self.connections = 1

    def read(self, timeout_s: float) -> bytes | None:
        port = self._port
        if port is None:
            return None
        try:
            port.timeout = timeout_s
            first = port.read(1)
            return first + port.read(min(port.in_waiting, CHUNK_BYTES)) if first else b""
        except OSError as exc:
            raise self._unavailable("stopped answering. Plug it in again, or enter the position by hand.") from exc

    def wake(self) -> None:
        port = self._port
        if port is not None:
            port.cancel_read()

    def close(self) -> None:
        port, self._port = self._port, None
        if port is not None:
            port.close()

    def _unavailable(self, what: str) -> PositionUnavailable:
        return PositionUnavailable(f"The position receiver at {self._device} {what}")


def _open_port(device: str, baud: int) -> SerialPort:
    return cast(SerialPort, serial.Serial(device, baud, timeout=0))
