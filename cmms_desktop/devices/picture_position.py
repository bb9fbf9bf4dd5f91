"""The position that a camera wrote into a JPEG, and nothing else of what it wrote.

Reads the four coordinates of the Exif GPS directory (Exif 2.32, 4.6.6) and writes them anew; what cannot be read is no
position. It never copies bytes of the original.
"""

import math
import struct
from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from cmms_desktop.devices.picture_content import kind_of, segments

_EXIF: Final = b"Exif\0\0"
_GPS_POINTER: Final = 0x8825
_LATITUDE, _LONGITUDE = 2, 4
"""Tags of three rationals: degrees, minutes, seconds. The tag before each says N or S, E or W."""
_ASCII, _LONG, _RATIONAL = 2, 4, 5
_MOST_ENTRIES: Final = 200
_SECONDS_SCALE: Final = 10_000
"""Seconds are written to 0.0001, which is 3 mm."""


def position_segment(data: bytes) -> bytes | None:
    """Give an APP1 segment that holds only the position of a photo; None: it carries none that makes sense."""
    found = _position(data)
    return None if found is None else _segment(*found)


def with_segment(jpeg: bytes, segment: bytes) -> bytes:
    """Put a segment behind the start of a JPEG."""
    return jpeg[:2] + segment + jpeg[2:]


def _position(data: bytes) -> tuple[float, float] | None:
    """Latitude and longitude in degrees."""
    if kind_of(data) != "jpeg":
        return None
    for marker, start, end in segments(data):
        if marker == 0xE1 and data[start : start + 6] == _EXIF:
            try:
                return _read(data[start + 6 : end])
            except (struct.error, IndexError, ZeroDivisionError):
                return None
    return None


def _read(tiff: bytes) -> tuple[float, float] | None:
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or struct.unpack(order + "H", tiff[2:4])[0] != 42:
        return None
    (first,) = struct.unpack(order + "I", tiff[4:8])
    pointers = [value for tag, kind, value in _entries(tiff, order, first) if (tag, kind) == (_GPS_POINTER, _LONG)]
    if not pointers:
        return None
    (gps,) = struct.unpack(order + "I", pointers[0])
    fields = {tag: (kind, value) for tag, kind, value in _entries(tiff, order, gps)}
    degrees = [_degrees(tiff, order, fields, tag) for tag in (_LATITUDE, _LONGITUDE)]
    latitude, longitude = degrees
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        return None
    return latitude, longitude


def _entries(tiff: bytes, order: str, at: int) -> Iterator[tuple[int, int, bytes]]:
    """Tag, type and the four bytes of value or offset of a directory's entries."""
    (count,) = struct.unpack(order + "H", tiff[at : at + 2])
    for place in range(at + 2, at + 2 + 12 * min(count, _MOST_ENTRIES), 12):
        tag, kind, _ = struct.unpack(order + "HHI", tiff[place : place + 8])
        yield tag, kind, tiff[place + 8 : place + 12]


def _degrees(tiff: bytes, order: str, fields: dict[int, tuple[int, bytes]], tag: int) -> float | None:
    if tag not in fields or tag - 1 not in fields or fields[tag][0] != _RATIONAL or fields[tag - 1][0] != _ASCII:
        return None
    (at,) = struct.unpack(order + "I", fields[tag][1])
    numbers = struct.unpack(order + "6I", tiff[at : at + 24])
    parts = [Fraction(numbers[n], numbers[n + 1]) for n in (0, 2, 4)]
    degrees = float(parts[0] + parts[1] / 60 + parts[2] / 3600)
    side = fields[tag - 1][1][:1]
    if side not in b"NSEW" or not side or not math.isfinite(degrees):
        return None
    return -degrees if side in b"SW" else degrees


def _segment(latitude: float, longitude: float) -> bytes:
    """A TIFF with one directory that points to the other: reference, three rationals, twice."""
    gps_at, rationals_at = 26, 26 + 2 + 4 * 12 + 4
    first = struct.pack(">HHHIII", 1, _GPS_POINTER, _LONG, 1, gps_at, 0)
    entries = b"".join(
        struct.pack(">HHI", tag - 1, _ASCII, 2)
        + side.ljust(4, b"\0")
        + struct.pack(">HHII", tag, _RATIONAL, 3, rationals_at + 24 * n)
        for n, (tag, side) in enumerate(
            ((_LATITUDE, b"S" if latitude < 0 else b"N"), (_LONGITUDE, b"W" if longitude < 0 else b"E"))
        )
    )
    gps = struct.pack(">H", 4) + entries + struct.pack(">I", 0)
    tiff = b"MM" + struct.pack(">HI", 42, 8) + first + gps + _rationals(latitude) + _rationals(longitude)
    body = _EXIF + tiff
    return struct.pack(">HH", 0xFFE1, len(body) + 2) + body


def _rationals(degrees: float) -> bytes:
    scaled = round(abs(degrees) * 3600 * _SECONDS_SCALE)
    minutes, seconds = divmod(scaled, 60 * _SECONDS_SCALE)
    return struct.pack(">6I", minutes // 60, 1, minutes % 60, 1, seconds, _SECONDS_SCALE)
