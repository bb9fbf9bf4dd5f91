"""The lines of an answer that arrives compressed: cut out of the stream, and decoded by whoever uses them.

However little was sent, never more than a line and one piece of what it decompresses to is in memory.
"""

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Final

import msgspec
import zstandard

from cmms_desktop.errors import ServerUnreachable

MAX_LINE_BYTES: Final = 16 << 20
"""Bound of one line, decompressed."""
PIECE_BYTES: Final = 1 << 20
"""Of the decompressed stream, taken at a time."""
DAMAGED: Final = "The answer was damaged on the way. It is asked for again."


def cut_lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Decompress chunks and cut them into lines, without their ends.

    A cut stream simply ends: whoever applies it misses its `end` line.

    Raises:
        ServerUnreachable: what came is not what was sent, or a line is too long.
    """
    rest = b""
    try:
        # not read_to_iter: it copies a chunk into a buffer of the size it asked for, however large the chunk is
        pieces = zstandard.ZstdDecompressor().stream_reader(_Chunks(chunks))
        while piece := pieces.read(PIECE_BYTES):
            *whole, rest = (rest + piece).split(b"\n")
            if len(rest) > MAX_LINE_BYTES:
                raise ServerUnreachable(DAMAGED)
            yield from whole
    except zstandard.ZstdError as error:
        raise ServerUnreachable(DAMAGED) from error


def decoded(lines: Iterable[bytes]) -> Iterator[list[object]]:
    """Decode lines one by one. Raises ServerUnreachable at the first that is none."""
    decode = msgspec.json.Decoder(list[object]).decode
    for line in lines:
        try:
            yield decode(line)
        except msgspec.DecodeError as error:
            raise ServerUnreachable(DAMAGED) from error


class _Chunks(BytesIO):
    """Chunks as a file that is read one chunk at a time, whatever size is asked for."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._chunks = chunks

    def read(self, _: int | None = -1, /) -> bytes:
        """Give the next chunk; empty: there are no more."""
        return next(self._chunks, b"")
