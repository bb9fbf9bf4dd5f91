"""How long a device may work without hearing from its server, counted so that no clock makes it longer (trust.md §1).

Arithmetic alone: what a look at both clocks adds to what was counted before. Who may work is decided elsewhere.
Why time is counted and not compared: D-140, D-144.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from cmms_desktop.errors import LEASE_DAYS
from cmms_desktop.uptime import Uptime

LEASE: Final = timedelta(days=LEASE_DAYS)
"""Without a profile; what an organization's profile says is shorter."""

PUT_RIGHT: Final = timedelta(days=365)
"""A clock that went on by more, to an instant that it had said before, lost the time in between and was set."""


@dataclass(frozen=True, slots=True)
class LeaseMark:
    """What was counted up to the last look. Clock values are Unix seconds of this device."""

    used_s: float
    """Seconds without an answer, as far as anybody can tell; never less than the last time."""
    seen_s: float
    """What the clock said at the last look."""
    latest_s: float
    """The latest that it ever said since the server's answer."""
    start: str
    running_s: float
    """`Uptime` of the last look."""

    def left_of(self, lease: timedelta) -> timedelta:
        """What is left of a lease, at least nothing."""
        return lease - timedelta(seconds=min(self.used_s, lease.total_seconds()))


def answered(now_s: float, uptime: Uptime) -> LeaseMark:
    """Begin to count: the server has just answered, whatever the clock says."""
    return LeaseMark(0.0, now_s, now_s, uptime.start, uptime.seconds)


def looked(mark: LeaseMark, now_s: float, uptime: Uptime, *, ahead_s: float = 0.0) -> LeaseMark:
    """Count what has passed since the last look: by the clock only where nothing better tells.

    Args:
        mark: The last look.
        now_s: What the clock says.
        uptime: The computer's running time.
        ahead_s: Server's clock minus this one, as last measured. Used when it is more than a year (D-144).
    """
    running_s = uptime.since(mark.start, mark.running_s)
    if running_s is not None and uptime.counts_sleep:
        passed_s = running_s
    else:
        passed_s = max(0.0, running_s or 0.0, _by_clock_s(mark, now_s, ahead_s))
    return LeaseMark(mark.used_s + passed_s, now_s, max(mark.latest_s, now_s), uptime.start, uptime.seconds)


def _by_clock_s(mark: LeaseMark, now_s: float, ahead_s: float) -> float:
    """Give how far the clock went on; what of that is its being put right does not count."""
    went_on_s = _went_on_s(mark, now_s)
    right_s = mark.seen_s + ahead_s
    is_nearer_to_right = abs(now_s - right_s) < abs(now_s - mark.seen_s)
    if abs(ahead_s) <= PUT_RIGHT.total_seconds() or not is_nearer_to_right:
        return went_on_s
    since_s = now_s - right_s
    return since_s if now_s < mark.seen_s else min(since_s, went_on_s)


def _went_on_s(mark: LeaseMark, now_s: float) -> float:
    """Give how far the clock went on, or what it lacks of the latest that it said when it was just put right."""
    if now_s > mark.latest_s:
        return now_s - mark.latest_s
    went_on_s = now_s - mark.seen_s
    is_put_right = went_on_s > PUT_RIGHT.total_seconds()
    return min(went_on_s, mark.latest_s - now_s) if is_put_right else went_on_s
