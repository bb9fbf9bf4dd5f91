"""What an arrival rests on: the first trustworthy fix, or a position by hand with a reason. Decides no fence."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cmms_desktop.devices.positioning.fix import Fix, PositionSource
from cmms_desktop.devices.positioning.statistics import Statistics
from cmms_desktop.errors import Refused

REASON_CAP = 500
"""Longest reason kept, in characters."""

_IMPOSSIBLE_DATE = "The receiver reports an impossible date. Check this device's own date, then wait for satellites."
_FROZEN = "The receiver is frozen: it repeats one instant. Switch it off and on again."
_POOR_DILUTION = "The satellites stand too close together for a useful position. Step away from walls and try again."
_NO_SATELLITES = "The receiver has no satellite fix yet. Go outside or to a window and try again."
_NO_ACCURACY = "The receiver gives positions but does not say how exact they are."
_UNREADABLE = "What the receiver sends cannot be read. Check its speed setting and its cable."
_SILENT = "The receiver sends nothing. Check that it is on and connected."


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualPosition:
    """A position that a person entered, and why. Its fix has no accuracy: against every fence it is unknown."""

    fix: Fix
    reason: str


def first_trustworthy_fix(
    source: PositionSource, *, within_s: float, monotonic: Callable[[], float] = time.monotonic
) -> Fix | None:
    """Wait at most `within_s` for a fix that says how good it is; None when there was none.

    The source is open already and stays open. It drops what is void, undated, out of range or too diluted itself;
    a fix without accuracy is passed over here, because no fence can be judged with it.

    Raises:
        PositionUnavailable: the receiver went away.
    """
    deadline_s = monotonic() + within_s
    while not source.is_exhausted and (left_s := deadline_s - monotonic()) > 0:
        fix = source.next_fix(left_s)
        if fix is not None and fix.accuracy_m is not None:
            return fix
    return None


def why_no_fix(statistics: Statistics) -> str:
    """Give one plain sentence for the person who waited in vain, from the likeliest cause down."""
    no_satellites = statistics.void_status + statistics.quality_zero + statistics.estimated
    unreadable = statistics.bad_checksum + statistics.no_checksum + statistics.unparsable + statistics.stray_lines
    causes = (
        (statistics.fixes == 0 and statistics.impossible_date > 0, _IMPOSSIBLE_DATE),
        (statistics.repeated > statistics.fixes, _FROZEN),
        (statistics.poor_dilution > 0, _POOR_DILUTION),
        (no_satellites > 0, _NO_SATELLITES),
        (statistics.fixes > 0, _NO_ACCURACY),
        (unreadable > 0, _UNREADABLE),
    )
    return next((sentence for applies, sentence in causes if applies), _SILENT)


def manual_position(latitude: float, longitude: float, *, reason: str, now: datetime) -> ManualPosition:
    """Take a position by hand. `now` is this device's UTC time.

    Raises:
        Refused: no reason was given, or the coordinates are not on this planet.
    """
    kept = " ".join(reason.split())[:REASON_CAP]
    if not kept:
        raise Refused("reason_required", "Please say why the position is entered by hand.")
    if not (math.isfinite(latitude) and math.isfinite(longitude) and abs(latitude) <= 90 and abs(longitude) <= 180):
        raise Refused("position_invalid", "A latitude lies between -90 and 90 degrees, a longitude -180 and 180.")
    fix = Fix(latitude=latitude, longitude=longitude, accuracy_m=None, taken_at=now, received_at=now, source="manual")
    return ManualPosition(fix=fix, reason=kept)
