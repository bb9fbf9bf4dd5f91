"""A compressed answer that is complete before its first byte is sent, so that no transaction waits for a client."""

from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import IO, Self

from zstandard import ZstdCompressor

MEMORY_BYTES = 8 << 20
"""Beyond this the spool goes to a private temporary file."""
CHUNK_BYTES = 256 << 10
LEVEL = 3


class Spool:
    """Write lines in a `with` block, which drops them all when it fails; then read the compressed bytes once."""

    def __init__(self) -> None:
        """Open an empty spool in memory."""
        self._file: IO[bytes] = SpooledTemporaryFile(max_size=MEMORY_BYTES)  # noqa: SIM115 - closed in chunks()
        self._writer = ZstdCompressor(level=LEVEL).stream_writer(self._file, closefd=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is not None:
            self._file.close()

    def __del__(self) -> None:
        """Close the file of an answer that nobody came to read: its generator never began."""
        self._file.close()

    def write(self, line: bytes) -> None:
        """Add one line."""
        self._writer.write(line)

    def end(self) -> int:
        """End the compression; give how many bytes there are."""
        self._writer.close()  # type: ignore[no-untyped-call]
        return self._file.tell()

    def chunks(self) -> Iterator[bytes]:
        """End the compression and give the bytes, 256 KiB at a time; closes the spool."""
        self.end()
        self._file.seek(0)
        with self._file as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk
