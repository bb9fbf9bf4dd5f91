"""Seconds that nobody can set: how long this computer, or at least this program, has been running.

It never tells the time of day, and says nothing about the time in which the computer was off.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from uuid import uuid4

BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
"""Linux names each start of the computer there (random(4)), so that its seconds outlive a program."""


@dataclass(frozen=True, slots=True)
class Uptime:
    """Seconds since a start. Two of them can only be compared when they name the same start."""

    start: str
    seconds: float
    counts_sleep: bool = False
    """Whether seconds in which the computer was suspended are certainly among them."""

    def since(self, start: str, seconds: float) -> float | None:
        """Give the seconds that have passed since an earlier look, at least 0; None: it was before this start."""
        return max(0.0, self.seconds - seconds) if start == self.start else None


UptimeClock = Callable[[], Uptime]
"""Injected, so that tests decide how long something took."""


def system_uptime() -> Uptime:
    """Look at the computer's own; suspended time counts where the system tells it."""
    seconds = time.clock_gettime(time.CLOCK_BOOTTIME) if sys.platform == "linux" else time.monotonic()
    return Uptime(_start(), seconds, counts_sleep=sys.platform == "linux")


@cache
def _start() -> str:
    """Name the computer's start, or that of this program where the system names none."""
    if sys.platform == "linux":
        try:
            return BOOT_ID.read_text("ascii").strip()
        except OSError:
            pass
    return uuid4().hex
