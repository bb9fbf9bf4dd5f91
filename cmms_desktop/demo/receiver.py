"""The demonstration's receiver: it stands where somebody chose, relative to the site of the work at hand.

Each question writes a recording of a real receiver's sentences and reads it as any recording is read, marked as such.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cmms_desktop.app.positions import PreferredPositions, position_from
from cmms_desktop.application.positions import Position
from cmms_desktop.application.preferences import Preferences
from cmms_desktop.application.session import NoPosition
from cmms_desktop.demo.choices import NO_FIX, OUTSIDE
from cmms_desktop.devices.positioning.nmea_source import recorded_file
from cmms_desktop.devices.positioning.recording import gga, nmea_sentences, rmc
from sync_server.contract.rules.geofence import EARTH_RADIUS_M

BESIDE_CENTRE_M: Final = 12.0
BEYOND_FENCE_M: Final = 340.0
RECORDED_S: Final = 20
NOWHERE: Final = "No order of this person says where the receiver would be. Open one first."


@dataclass(frozen=True, slots=True)
class SitePoint:
    """Centre of a site in degrees, and the radius of its fence in metres."""

    latitude: float
    longitude: float
    radius_m: float


class DemoReceiver:
    """`Positions` of one person. `where` reads which site he works at; `standing` is one of STANDINGS."""

    def __init__(
        self,
        preferences: Callable[[], Preferences],
        *,
        where: Callable[[], SitePoint | None],
        standing: Callable[[], str],
        recording: Path,
        clock: Callable[[], datetime],
    ) -> None:
        """Use a receiver of the person's own once he has set one up in Settings, and this one until then."""
        self._preferences = preferences
        self._own = PreferredPositions(preferences, clock=clock)
        self._where, self._standing, self._recording, self._clock = where, standing, recording, clock

    def locate(self, *, within_s: float) -> Position:
        """Give the position that was chosen. Raises NoPosition where there is none."""
        if self._preferences().positioning != "none":
            return self._own.locate(within_s=within_s)
        site = self._where()
        if site is None:
            raise NoPosition(NOWHERE)
        now = self._clock()
        self._recording.write_bytes(b"".join(sentences(site, self._standing(), now=now)))
        return position_from(recorded_file(self._recording, clock=self._clock), within_s=within_s, clock=self._clock)

    def close(self) -> None:
        """End a search of the person's own receiver."""
        self._own.close()


def sentences(site: SitePoint, standing: str, *, now: datetime) -> Iterator[bytes]:
    """Give what a receiver that stands there says in the seconds up to now."""
    began = now - timedelta(seconds=RECORDED_S)
    if standing == NO_FIX:
        for second in range(RECORDED_S):
            at = began + timedelta(seconds=second)
            yield gga(at, site.latitude, site.longitude, quality=0, satellites=0, hdop=None)
            yield rmc(at, site.latitude, site.longitude, status="V", mode="N")
        return
    east_m = site.radius_m + BEYOND_FENCE_M if standing == OUTSIDE else BESIDE_CENTRE_M
    longitude = site.longitude + math.degrees(east_m / (EARTH_RADIUS_M * math.cos(math.radians(site.latitude))))
    yield from nmea_sentences(site.latitude, longitude, started_at=began, seconds=RECORDED_S)
