"""A small photo for the demonstration, drawn here: a grey PNG with a stripe."""

import struct
import zlib

SIDE = 64


def png() -> bytes:
    """Give a valid PNG of 64 × 64 grey pixels."""
    rows = b"".join(b"\0" + bytes((200 if x // 8 == y // 8 else 90) for x in range(SIDE)) for y in range(SIDE))
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


INK = tuple(
    tuple((x, 300 + (x * 7 + stroke * 90) % 120, stroke * 900 + x) for x in range(100 + stroke * 60, 700, 25))
    for stroke in range(3)
)
"""A signature of three strokes: points of x, y and ms."""
