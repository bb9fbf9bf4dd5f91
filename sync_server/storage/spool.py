"""A compressed answer that is complete before its first byte is sent, so that no transaction waits for a client."""

from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import IO

from zstandard import ZstdCompressor

MEMORY_BYTES = 8 << 20
"""Beyond this the spool goes to a private temporary file."""
CHUNK_BYTES = 256 << 10
LEVEL = 3


class Spool:
    """Write lines, close, then read the compressed bytes once."""

    def __init__(self) -> None:
        """Open an empty spool in memory."""
        self._file: IO[bytes] = SpooledTemporaryFile(max_size=MEMORY_BYTES)  # noqa: SIM115 - closed in chunks()
        self._writer = ZstdCompressor(level=LEVEL).stream_writer(self._file, closefd=False)

    def write(self, line: bytes) -> None:
        """Add one line."""
        self._writer.write(line)

    def chunks(self) -> Iterator[bytes]:
        """End the compression and give the bytes, 256 KiB at a time; closes the spool."""
        self._writer.close()  # type: ignore[no-untyped-call]
        self._file.seek(0)
        with self._file as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk
