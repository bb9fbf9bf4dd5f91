"""Steady time for a thread under test: it goes when the test says so, and the test knows when the thread sleeps."""

import threading

GUARD_S = 60.0
"""Only a bound on a test that hangs."""


class HandClock:
    """A `Steady` that one thread sleeps by."""

    def __init__(self) -> None:
        self._now_s = 1_000.0
        self._known = threading.Condition()
        self._naps = 0
        self._asleep: tuple[threading.Condition, float | None] | None = None

    def seconds(self) -> float:
        return self._now_s

    def wait(self, wake: threading.Condition, timeout_s: float | None) -> None:
        """Sleep until notified; time alone wakes nobody."""
        with self._known:
            self._naps += 1
            self._asleep = wake, timeout_s
            self._known.notify_all()
        wake.wait(GUARD_S)
        with self._known:
            self._asleep = None

    def until_asleep(self) -> float | None:
        """Wait until the thread has looked at everything and sleeps; give for how long it means to, None: for ever."""
        with self._known:
            wake, nap = self._wait_for_nap(), self._naps
        with wake:
            wake.notify_all()  # it looks again, also at what it was told a moment ago and has not seen yet
        with self._known:
            assert self._known.wait_for(lambda: self._naps > nap, GUARD_S), "the thread does not wake"
            self._wait_for_nap()
            return self._asleep[1] if self._asleep else None

    def _wait_for_nap(self) -> threading.Condition:
        assert self._known.wait_for(lambda: self._asleep is not None, GUARD_S), "the thread does not sleep"
        assert self._asleep is not None
        return self._asleep[0]

    def let_pass(self, seconds: float) -> None:
        """Let time pass and wake the thread; what it does then may take long."""
        with self._known:
            wake = self._wait_for_nap()
        self._now_s += seconds
        with wake:
            wake.notify_all()

    def advance(self, seconds: float) -> None:
        """Let time pass and the thread do what is due."""
        self.until_asleep()
        self._now_s += seconds
        self.until_asleep()
