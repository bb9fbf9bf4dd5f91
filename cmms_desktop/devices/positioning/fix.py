"""What a receiver says: one fix, and the interface that every source of fixes has.

Holds values only; it never judges whether a fix is at the site (that is `contract.rules.geofence`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from cmms_desktop.devices.positioning.statistics import Statistics
from cmms_desktop.errors import EnvironmentFailure

SourceKind = Literal["nmea-file", "nmea-tcp", "nmea-serial", "manual"]


class PositionUnavailable(EnvironmentFailure):
    """The receiver cannot be reached or went away. A position can always be entered by hand, with a reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """One position of one instant.

    Latitude and longitude in degrees (±90, ±180), WGS 84. `accuracy_m` is the radius that holds about two thirds of
    the errors, None where the receiver does not say. `taken_at` is the receiver's own UTC time, `received_at` this
    device's; their difference is the device's clock offset. `is_mock`: replayed, simulated or set by hand in the
    receiver. `hdop` is the horizontal dilution of precision, without unit.
    """

    latitude: float
    longitude: float
    accuracy_m: float | None
    taken_at: datetime
    received_at: datetime
    source: SourceKind
    is_mock: bool = False
    hdop: float | None = None
    satellites: int | None = None

    def age_s(self, now: datetime) -> float:
        """Give the seconds since this device received the fix, by the clock that stamped `received_at`."""
        return (now - self.received_at).total_seconds()


class PositionSource(Protocol):
    """A row of fixes from somewhere. One thread uses it at a time; only `close` may be called from another."""

    @property
    def statistics(self) -> Statistics:
        """A copy of the counts since `open`: what was read and what was dropped."""
        ...

    @property
    def is_exhausted(self) -> bool:
        """True when no further fix can come: the recording ended or the source was closed."""
        ...

    def open(self) -> None:
        """Start. Raises PositionUnavailable with a sentence for the person."""
        ...

    def next_fix(self, timeout_s: float) -> Fix | None:
        """Wait at most `timeout_s` for the next fix; None when there is none. Raises PositionUnavailable."""
        ...

    def fixes(self) -> Iterator[Fix]:
        """Give fixes until the source is exhausted; waits as long as it takes. Raises PositionUnavailable."""
        ...

    def close(self) -> None:
        """End. Closing twice is fine."""
        ...
