"""A recording of a receiver as a door of bytes. Reads only; never follows a growing file."""

from pathlib import Path
from typing import BinaryIO

from cmms_desktop.devices.positioning.fix import PositionUnavailable

CHUNK_BYTES = 4096


class RecordedFile:
    """Gives a file's bytes without waiting, then the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self.connections = 0

    def open(self) -> None:
        self.close()
        try:
            self._file = self._path.open("rb")
        except OSError as exc:
            raise self._unreadable() from exc
        self.connections = 1

    def read(self, timeout_s: float) -> bytes | None:
        if self._file is None:
            return None
        try:
            return self._file.read(CHUNK_BYTES) or None
        except OSError as exc:
            raise self._unreadable() from exc

    def wake(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _unreadable(self) -> PositionUnavailable:
        return PositionUnavailable(f"The recording {self._path.name} cannot be read. Choose another file.")
