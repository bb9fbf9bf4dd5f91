"""From a checked sentence to a typed reading: pynmeagps parses, this module distrusts.

pynmeagps accepts latitude 89°60′, speed "inf" and a day that does not exist; here every field that a fix rests on is
checked again. Only RMC (status, date), GGA (quality, dilution), ZDA (date) and GST (the receiver's own error
estimate) are read. Whether a date is plausible is decided by the decoder, which knows the clock.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

from pynmeagps import NMEAReader
from pynmeagps.exceptions import NMEAMessageError, NMEAParseError, NMEAStreamError, NMEATypeError

from cmms_desktop.devices.positioning.statistics import Flaw

FASTEST_KNOTS: Final = 1000.0
"""Commercial receivers stop working at 1,000 knots (the COCOM limit)."""

WORST_ERROR_M: Final = 100_000.0
"""An error estimate above this is no estimate."""

_TIME = re.compile(r"\d{6}(\.\d{1,6})?")
_LATITUDE = re.compile(r"\d{2}[0-5]\d\.\d+")
_LONGITUDE = re.compile(r"\d{3}[0-5]\d\.\d+")
_NUMBER = re.compile(r"-?(\d+\.?\d*|\.\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one sentence adds to its instant; None where it says nothing.

    `at`: UTC time of day, None before the receiver knows it. `position`: latitude and longitude in degrees. With a
    flaw in it, no fix may be made of this instant, whatever the other sentences say.
    """

    at: time | None
    flaws: tuple[Flaw, ...] = ()
    on: date | None = None
    position: tuple[float, float] | None = None
    hdop: float | None = None
    satellites: int | None = None
    accuracy_m: float | None = None
    is_mock: bool = False


class UnreadableError(ValueError):
    """A sentence with a right checksum whose fields are not what their places demand."""


def read_sentence(raw: bytes) -> Reading | None:
    """Read one checked sentence; None for the kinds that are not used.

    Raises:
        UnreadableError: the sentence cannot be parsed.
    """
    kind = raw[3:6].decode("ascii", "replace")
    if kind not in _READERS or raw[1:2] == b"P":
        return None
    try:
        message = NMEAReader.parse(raw)
    except (NMEAMessageError, NMEAParseError, NMEAStreamError, NMEATypeError) as exc:
        raise UnreadableError(str(exc)) from exc
    fewest, read = _READERS[kind]
    if message is None or len(message.payload) < fewest:
        raise UnreadableError(f"{kind} with too few fields")
    return read(message, message.payload)


def _read_rmc(message: Any, fields: Sequence[str]) -> Reading:
    status, mode = fields[1], fields[11] if len(fields) > 11 else ""
    if status not in {"A", "V"}:
        raise UnreadableError("RMC with an unknown status")
    on, date_flaws = _date_of_rmc(fields[8])
    if status == "V" or mode == "N":
        return Reading(at=_time(message, fields[0]), flaws=("void_status", *date_flaws), on=on)
    flaws: list[Flaw] = [*date_flaws]
    if mode == "E":
        flaws.append("estimated")
    position = _position(message, fields[2:6])
    speed_knots = _number(fields[6])
    if position == _NOWHERE or not 0 <= (speed_knots or 0.0) <= FASTEST_KNOTS:
        flaws.append("out_of_range")
    at, is_mock = _time(message, fields[0]), mode in {"M", "S"}
    return Reading(at=at, flaws=tuple(flaws), on=on, position=position, is_mock=is_mock)


def _read_gga(message: Any, fields: Sequence[str]) -> Reading:
    at, quality = _time(message, fields[0]), fields[5]
    if quality in {"", "0"}:
        return Reading(at=at, flaws=("quality_zero",))
    if quality == "6":
        return Reading(at=at, flaws=("estimated",))
    position, hdop = _position(message, fields[1:5]), _number(fields[7])
    if position == _NOWHERE or not (hdop or 0.0) >= 0:
        return Reading(at=at, flaws=("out_of_range",))
    satellites = message.numSV if fields[6].isdecimal() and len(fields[6]) <= 3 else None
    is_mock = quality in {"7", "8"}
    return Reading(at=at, position=position, hdop=hdop or None, satellites=satellites, is_mock=is_mock)


def _read_zda(message: Any, fields: Sequence[str]) -> Reading:
    at = _time(message, fields[0])
    if not any(fields[1:4]):
        return Reading(at=at)
    try:
        return Reading(at=at, on=date(message.year, message.month, message.day))
    except (OverflowError, TypeError, ValueError):
        return Reading(at=at, flaws=("impossible_date",))


def _read_gst(message: Any, fields: Sequence[str]) -> Reading:
    north_m, east_m = _number(fields[5]), _number(fields[6])
    error_m = math.hypot(north_m, east_m) if north_m is not None and east_m is not None else 0.0
    is_estimate = 0 < error_m <= WORST_ERROR_M
    return Reading(at=_time(message, fields[0]), accuracy_m=round(error_m, 2) if is_estimate else None)


def _time(message: Any, text: str) -> time | None:
    if text == "":
        return None
    if _TIME.fullmatch(text) is None or not isinstance(message.time, time):
        raise UnreadableError("a time of day that is none")
    return message.time


def _date_of_rmc(text: str) -> tuple[date | None, tuple[Flaw, ...]]:
    """Read `ddmmyy`: 69 to 99 are 1969 to 1999, as in POSIX; the decoder refuses those."""
    if text == "":
        return None, ()
    try:
        if len(text) != 6 or not text.isdecimal():
            raise ValueError
        return datetime.strptime(text, "%d%m%y").date(), ()  # noqa: DTZ007 - a day, no instant
    except ValueError:
        return None, ("impossible_date",)


def _position(message: Any, fields: Sequence[str]) -> tuple[float, float] | None:
    """Give degrees, None for an empty position and `_NOWHERE` for one that is not on this planet."""
    latitude, north_south, longitude, east_west = fields
    if not latitude and not longitude:
        return None
    is_written_right = _LATITUDE.fullmatch(latitude) and _LONGITUDE.fullmatch(longitude)
    if not is_written_right or north_south not in {"N", "S"} or east_west not in {"E", "W"}:
        return _NOWHERE
    return (message.lat, message.lon) if abs(message.lat) <= 90 and abs(message.lon) <= 180 else _NOWHERE


def _number(text: str) -> float | None:
    """Give a plain decimal number, None for an empty field and NaN for anything else that float() would take."""
    if text == "":
        return None
    return float(text) if _NUMBER.fullmatch(text) else math.nan


_NOWHERE: Final = (math.inf, math.inf)

_READERS: Final[dict[str, tuple[int, Callable[[Any, Sequence[str]], Reading]]]] = {
    "RMC": (9, _read_rmc),
    "GGA": (8, _read_gga),
    "ZDA": (4, _read_zda),
    "GST": (8, _read_gst),
}
