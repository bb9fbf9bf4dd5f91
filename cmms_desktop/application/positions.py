"""A position as a command takes it: what was measured or entered, without knowing the receiver; and a site's fence."""

from dataclasses import dataclass

from sync_server.contract.fields import Row
from sync_server.contract.rules.geofence import Fence


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where somebody was. Degrees in WGS 84; `accuracy_m` None: not said; `age_s`: seconds since it was received."""

    latitude: float
    longitude: float
    accuracy_m: float | None
    age_s: float
    source: str
    is_mock: bool = False


def fence_of_site(site: Row | None) -> Fence | None:
    """Give the circle around a site; None: the site is not here, or nobody has drawn its fence."""
    if site is None or site["latitude"] is None or site["longitude"] is None or site["fence_radius_m"] is None:
        return None
    return Fence(
        latitude=float(site["latitude"]), longitude=float(site["longitude"]), radius_m=float(site["fence_radius_m"])
    )
