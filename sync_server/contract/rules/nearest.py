"""Which assets are nearest to a position: one rule, wherever it is asked. An index only chooses who is looked at.

Pure: whoever asks brings the places, and at least every one that could be among the nearest.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sync_server.contract.rules.geofence import haversine_m


@dataclass(frozen=True, slots=True)
class Place:
    """Where an asset stands: degrees, WGS 84."""

    id: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Near:
    """An asset and how far it is, in great-circle metres."""

    id: str
    distance_m: float


def nearest(places: Iterable[Place], *, latitude: float, longitude: float, limit: int) -> list[Near]:
    """Give the nearest places, the nearest first; of those that are equally far the smaller id first.

    Args:
        limit: How many at most; below 1 gives none.

    Raises:
        ValueError: A coordinate is not finite or outside ±90° / ±180°.
    """
    haversine_m(latitude, longitude, latitude, longitude)  # refused also where there is no place to compare with
    near = [Near(each.id, haversine_m(latitude, longitude, each.latitude, each.longitude)) for each in places]
    return sorted(near, key=lambda each: (each.distance_m, each.id))[: max(0, limit)]
