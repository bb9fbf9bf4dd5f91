"""A computer's two clocks under test: one that anybody sets, and how long it has been running, which nobody does."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cmms_desktop.uptime import Uptime

IN_1970 = datetime(1970, 1, 1, 0, 5, tzinfo=UTC)
IN_2090 = datetime(2090, 6, 1, tzinfo=UTC)


@dataclass
class SetClock:
    """Stands still until time passes, or somebody sets it."""

    now: datetime = datetime(2026, 3, 2, 9, tzinfo=UTC)
    start: str = "first start"
    running_s: float = 1_000.0
    counts_sleep: bool = False
    """Whether the system tells that its running time counts suspended time, as Linux does."""

    def __call__(self) -> datetime:
        return self.now

    def uptime(self) -> Uptime:
        return Uptime(self.start, self.running_s, self.counts_sleep)

    def pass_time(self, **span: float) -> None:
        """Let time pass while the computer runs."""
        self.now += timedelta(**span)
        self.running_s += timedelta(**span).total_seconds()

    def stand_off(self, **span: float) -> None:
        """Let time pass while the computer is off."""
        self.now += timedelta(**span)
        self.start_anew()

    def start_anew(self) -> None:
        """Start the computer again."""
        self.start, self.running_s = f"{self.start}, again", 1.0

    def set_to(self, now: datetime) -> None:
        """Set the clock; no time passes."""
        self.now = now
