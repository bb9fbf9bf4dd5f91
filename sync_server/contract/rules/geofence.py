"""Is a position at the site? Geometry and the offers drawn from it, the same on the device and on the server.

Decides only: it reads no clock and no receiver, and it never sets an arrival. Distances are great-circle metres on
the mean sphere; SQL may pre-select with a 1 % margin, the verdict is always made here.
"""

import math
from dataclasses import dataclass, replace
from typing import Literal

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius R1 of the WGS 84 ellipsoid (IUGG), metres."""

FRESH_FOR_S = 60.0
"""A fix further than this from now (or from the fix before it) says nothing about now. Seconds."""

DWELL_S = 60.0
"""How long fixes must agree without a break before an offer is made. Seconds."""

LEAVE_FACTOR = 1.2
"""Leaving is measured at a wider circle than arriving, so that a receiver wandering at the edge makes no visits."""

FenceWord = Literal["inside", "outside", "unknown"]
Offer = Literal["arrive", "leave"]


def haversine_m(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Give the great-circle distance in metres between two positions in degrees.

    Raises:
        ValueError: a coordinate is not finite or outside ±90° / ±180°.
    """
    _check_position(lat1, lon1)
    _check_position(lat2, lon2)
    half_lat = math.radians(lat2 - lat1) / 2
    half_lon = math.radians(lon2 - lon1) / 2
    parallels = math.cos(math.radians(lat1)) * math.cos(math.radians(lat2))
    chord = math.sin(half_lat) ** 2 + parallels * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(chord)))


def _check_position(latitude: float, longitude: float) -> None:
    if not abs(latitude) <= 90:  # written so that NaN is refused too
        raise ValueError("a latitude is a finite number of degrees from -90 to 90")
    if not abs(longitude) <= 180:
        raise ValueError("a longitude is a finite number of degrees from -180 to 180")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """The circle around a site: centre in degrees, radius in metres (finite, more than 0).

    Raises:
        ValueError: centre or radius outside these bounds.
    """

    latitude: float
    longitude: float
    radius_m: float

    def __post_init__(self) -> None:
        _check_position(self.latitude, self.longitude)
        if not 0 < self.radius_m < math.inf:
            raise ValueError("a fence has a finite radius above 0 metres")


@dataclass(frozen=True, slots=True, kw_only=True)
class FenceVerdict:
    """Where a fix lies, and its distance from the centre of the fence in metres."""

    fence: FenceWord
    distance_m: float


def judge(
    fence: Fence, *, latitude: float, longitude: float, accuracy_m: float | None, age_s: float | None
) -> FenceVerdict:
    """Judge one fix: inside or outside only when its whole circle of accuracy is, otherwise unknown.

    Args:
        accuracy_m: radius of the circle; None, NaN or a negative number count as a fix without accuracy: unknown.
        age_s: now minus the instant of the fix; None, NaN or more than 60 s away, earlier or later: unknown.

    Raises:
        ValueError: the position is not one on this planet.
    """
    distance_m = haversine_m(fence.latitude, fence.longitude, latitude, longitude)
    is_fresh = age_s is not None and abs(age_s) <= FRESH_FOR_S
    word = _compare(distance_m, accuracy_m, fence.radius_m) if is_fresh else "unknown"
    return FenceVerdict(fence=word, distance_m=distance_m)


def _compare(distance_m: float, accuracy_m: float | None, radius_m: float) -> FenceWord:
    if accuracy_m is None or not accuracy_m >= 0:
        return "unknown"
    if distance_m + accuracy_m <= radius_m:
        return "inside"
    return "outside" if distance_m - accuracy_m > radius_m else "unknown"


@dataclass(frozen=True, slots=True)
class FenceWatch:
    """Turns a row of fixes into offers: *arrive* after 60 s inside, *leave* after 60 s beyond 1.2 R.

    A value: `feed` gives the next one. One fix that does not agree, a gap of more than 60 s or an instant that runs
    backwards starts the wait again; so do fixes without accuracy. Each offer is made once, then the other is awaited.
    Start with `is_present` when the technician said himself that he arrived.
    """

    fence: Fence
    is_present: bool = False
    agreeing_since_s: float | None = None
    last_fed_s: float | None = None

    def feed(
        self, instant_s: float, *, latitude: float, longitude: float, accuracy_m: float | None
    ) -> tuple["FenceWatch", Offer | None]:
        """Take the next fix, with its instant in seconds of any steady clock, and say what to offer now.

        Raises:
            ValueError: the instant is not finite or the position is not one on this planet.
        """
        if not math.isfinite(instant_s):
            raise ValueError("the instant of a fix is a finite number of seconds")
        distance_m = haversine_m(self.fence.latitude, self.fence.longitude, latitude, longitude)
        if not self._agrees(distance_m, accuracy_m):
            return replace(self, agreeing_since_s=None, last_fed_s=instant_s), None
        since_s = self._unbroken_since(instant_s)
        if instant_s - since_s < DWELL_S:
            return replace(self, agreeing_since_s=since_s, last_fed_s=instant_s), None
        offer: Offer = "leave" if self.is_present else "arrive"
        return FenceWatch(self.fence, is_present=not self.is_present, last_fed_s=instant_s), offer

    def _agrees(self, distance_m: float, accuracy_m: float | None) -> bool:
        """Say whether a fix speaks for the offer that is awaited."""
        if self.is_present:
            return _compare(distance_m, accuracy_m, LEAVE_FACTOR * self.fence.radius_m) == "outside"
        return _compare(distance_m, accuracy_m, self.fence.radius_m) == "inside"

    def _unbroken_since(self, instant_s: float) -> float:
        """Give the start of the stretch of agreeing fixes that this one continues or begins."""
        if self.agreeing_since_s is None or self.last_fed_s is None:
            return instant_s
        return self.agreeing_since_s if 0 <= instant_s - self.last_fed_s <= FRESH_FOR_S else instant_s
