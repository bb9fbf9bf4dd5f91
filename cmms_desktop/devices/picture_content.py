"""What kind of picture some bytes are, and whether their end is there. Looks at bytes only; decodes nothing."""

import struct
from collections.abc import Iterator
from typing import Final

_OTHERS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"ftyphei", "This is a HEIC photo. Set the camera to JPEG, or save it as JPEG first."),
    (b"ftypmif1", "This is a HEIC photo. Set the camera to JPEG, or save it as JPEG first."),
    (b"ftyp", "This is a film. Take a photo instead."),
    (b"%PDF", "This is a PDF. Add a photo of it instead."),
)
ANOTHER_KIND: Final = "This file is not a photo that can be kept. Choose a JPEG, PNG or WebP."


def kind_of(data: bytes) -> str | None:
    """Give jpeg, png or webp by the first bytes; None for everything else, whatever its name was."""
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    return "webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else None


def sentence_of_other(data: bytes) -> str:
    """Say to the person what to do with a file that is no photo of ours."""
    return next((sentence for mark, sentence in _OTHERS if mark in data[:16]), ANOTHER_KIND)


def is_whole(data: bytes, kind: str) -> bool:
    """Whether the end of a picture is there. Decoders fill a missing end with grey, which would be false evidence."""
    if kind == "webp":
        return len(data) >= 12 and len(data) - 8 >= struct.unpack("<I", data[4:8])[0]
    if kind == "png":
        return b"IEND" in data[-4096:]
    scan = next((place for marker, place, _ in segments(data) if marker == 0xDA), None)
    return scan is not None and data.find(b"\xff\xd9", scan) != -1


def segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Give marker, start and end of the payload of a JPEG's segments up to and with the first scan (0xDA)."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # fill bytes may stand before a marker
            at += 1
            continue
        length = struct.unpack(">H", data[at + 2 : at + 4])[0]
        yield marker, at + 4, at + 2 + length
        if marker == 0xDA or length < 2:
            return
        at += 2 + length
