"""Seconds of a clock that is never set back, and sleeping by it. Never the time of day."""

import threading
import time
from typing import Protocol


class Steady(Protocol):
    """Time as a thread lives it; tests bring a clock that goes when they say so."""

    def seconds(self) -> float:
        """Give the steady seconds."""
        ...

    def wait(self, wake: threading.Condition, timeout_s: float | None) -> None:
        """Sleep on a held condition until it is notified or the time is over (None: never); it may return early."""
        ...


class SystemTime:
    """The computer's own."""

    def seconds(self) -> float:
        return time.monotonic()

    def wait(self, wake: threading.Condition, timeout_s: float | None) -> None:
        wake.wait(timeout_s)
