"""Makes recordings of a receiver that never was: for the demonstration and for tests where no real one is beside.

Writes plain NMEA 0183; nothing here is read by the sources themselves.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import xor


def nmea_sentences(
    latitude: float, longitude: float, *, started_at: datetime, seconds: int, hdop: float = 0.9
) -> Iterator[bytes]:
    """Give GGA and RMC of a receiver that stands still, once a second, each line with its CRLF.

    Position in degrees; `started_at` is an aware instant; `seconds` instants are given, none for 0.
    """
    for second in range(seconds):
        at = started_at + timedelta(seconds=second)
        yield gga(at, latitude, longitude, hdop=hdop)
        yield rmc(at, latitude, longitude)


def gga(
    at: datetime, latitude: float, longitude: float, *, hdop: float | None = 0.9, quality: int = 1, satellites: int = 9
) -> bytes:
    """Write a GGA line: time, position, quality, satellites, dilution."""
    dilution = "" if hdop is None else f"{hdop:.2f}"
    place = _place(latitude, longitude)
    return checked(f"GPGGA,{_time(at)},{place},{quality},{satellites:02d},{dilution},35.0,M,47.0,M,,")


def rmc(at: datetime, latitude: float, longitude: float, *, status: str = "A", mode: str = "A") -> bytes:
    """Write an RMC line: time, status, position, no speed, date, mode."""
    place, on = _place(latitude, longitude), at.astimezone(UTC).strftime("%d%m%y")
    return checked(f"GPRMC,{_time(at)},{status},{place},0.0,,{on},,,{mode}")


def checked(body: str) -> bytes:
    """Put `$`, checksum and CRLF around the text of a sentence."""
    digits = reduce(xor, body.encode("ascii"), 0)
    return f"${body}*{digits:02X}\r\n".encode("ascii")


def _time(at: datetime) -> str:
    utc = at.astimezone(UTC)
    return f"{utc:%H%M%S}.{utc.microsecond // 10_000:02d}"


def _place(latitude: float, longitude: float) -> str:
    """Write ddmm.mmmmm and dddmm.mmmmm; five decimals of a minute are 2 cm."""
    south_north, west_east = "NS"[latitude < 0], "EW"[longitude < 0]
    return f"{_degrees_minutes(latitude, 2)},{south_north},{_degrees_minutes(longitude, 3)},{west_east}"


def _degrees_minutes(degrees: float, width: int) -> str:
    whole, parts = divmod(round(abs(degrees) * 60 * 100_000), 60 * 100_000)
    return f"{whole:0{width}d}{parts // 100_000:02d}.{parts % 100_000:05d}"
