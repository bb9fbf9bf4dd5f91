"""Synthetic receivers for tests: what a real one sends around a position, and what goes wrong with it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from cmms_desktop.devices.positioning.decoder import EARLIEST_LIVE, NmeaDecoder
from cmms_desktop.devices.positioning.fix import Fix
from cmms_desktop.devices.positioning.recording import gga, nmea_sentences, rmc
from sync_server.contract.rules.geofence import EARTH_RADIUS_M

SITE = (52.372, 4.9096)
"""Latitude and longitude of an imagined site, degrees."""

STARTED_AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
"""The instant at which synthetic recordings begin."""

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""This device's time in tests: later than every recording, by less than a day for the synthetic ones."""

METRES_PER_DEGREE = EARTH_RADIUS_M * 3.141592653589793 / 180
"""Along a meridian."""

UBX_NOISE = b"\xb5b\x01\x35\x10\x00$\x00\xff\n\r*7\x00\xd3" * 3
"""u-blox binary: it holds a dollar sign, a star and line ends."""


def standing_still(seconds: int, *, hdop: float = 0.9, started_at: datetime = STARTED_AT) -> bytes:
    """A receiver at the site that does not move."""
    return b"".join(nmea_sentences(*SITE, started_at=started_at, seconds=seconds, hdop=hdop))


def walk_north(metres_by_second: list[float], *, hdop: float = 0.9) -> bytes:
    """A receiver that is so many metres north of the site at each second."""
    return b"".join(_walk(metres_by_second, hdop))


def _walk(metres_by_second: list[float], hdop: float) -> Iterator[bytes]:
    for second, metres in enumerate(metres_by_second):
        at = STARTED_AT + timedelta(seconds=second)
        latitude = SITE[0] + metres / METRES_PER_DEGREE
        yield gga(at, latitude, SITE[1], hdop=hdop)
        yield rmc(at, latitude, SITE[1])


def new_decoder(*, earliest: date = EARLIEST_LIVE, now: datetime = NOW) -> NmeaDecoder:
    """A decoder whose clock stands at `now`."""
    return NmeaDecoder(source="nmea-file", clock=lambda: now, earliest=earliest)


def decode(stream: bytes, *, decoder: NmeaDecoder | None = None) -> list[Fix]:
    """All fixes of a whole stream."""
    chosen = decoder or new_decoder()
    return [*chosen.feed(stream), *chosen.finish()]
