"""Whether bytes are a small, whole PNG: looked at chunk by chunk, before anything draws it. Pure.

Takes what a logo needs: 8 bits a channel, not interlaced. What is drawn is bounded by what is checked here.
"""

import zlib
from collections.abc import Iterator
from typing import Final

MOST_BYTES: Final = 24_576
MOST_PX: Final = 512
MARK: Final = b"\x89PNG\r\n\x1a\n"
_PLAIN: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"sRGB", b"gAMA", b"cHRM", b"pHYs", b"bKGD"})
"""Chunks that a logo may have: none that is packed once more, and none for texts, places or cameras."""
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""By colour type (PNG, 11.2.1): grey, RGB, palette, grey and alpha, RGB and alpha."""


def is_logo(content: bytes) -> bool:
    """Tell whether bytes are such a PNG, complete and with nothing behind it."""
    if len(content) > MOST_BYTES or not content.startswith(MARK):
        return False
    try:
        chunks = list(_chunks(content))
        return _is_picture(chunks)
    except (ValueError, zlib.error):
        return False


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give kind and body of each chunk. Raises ValueError for one that is cut off or damaged."""
    at = len(MARK)
    while at < len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        kind, body = content[at + 4 : at + 8], content[at + 8 : at + 8 + size]
        told = content[at + 8 + size : at + 12 + size]
        if len(told) != 4 or int.from_bytes(told, "big") != zlib.crc32(kind + body):
            raise ValueError("a damaged chunk")
        yield kind, body
        at += 12 + size


def _is_picture(chunks: list[tuple[bytes, bytes]]) -> bool:
    kinds = [kind for kind, _ in chunks]
    if kinds[:1] != [b"IHDR"] or kinds[-1:] != [b"IEND"] or len(chunks[0][1]) != 13 or kinds.count(b"IHDR") != 1:
        return False
    head = chunks[0][1]
    width, height = int.from_bytes(head[:4], "big"), int.from_bytes(head[4:8], "big")
    depth, colour_type, interlaced = head[8], head[9], head[12]
    if not _PLAIN.issuperset(kinds):
        return False
    is_bounded = 1 <= width <= MOST_PX and 1 <= height <= MOST_PX
    if not is_bounded or depth != 8 or interlaced or colour_type not in _CHANNELS:
        return False
    if colour_type == 3 and b"PLTE" not in kinds:
        return False
    expected = height * (1 + width * _CHANNELS[colour_type])
    return _unpacked(b"".join(body for kind, body in chunks if kind == b"IDAT"), expected) == expected


def _unpacked(packed: bytes, expected: int) -> int:
    """Count the bytes of the picture, at most one more than it can have. Raises zlib.error."""
    opened = zlib.decompressobj()
    count = len(opened.decompress(packed, expected + 1))
    return count if opened.eof or count > expected else -1
