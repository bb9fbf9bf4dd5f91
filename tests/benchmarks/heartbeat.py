"""The heartbeat of a window: a timer of 5 ms in the GUI thread, and the longest time that it was late by.

A stall is the longest gap between two beats, nothing taken off: an idle window shows 5 to 9 ms. Everything that holds
the GUI thread, or the lock of the interpreter, from outside or inside, shows up here. It drives and changes nothing.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTimer, Slot

from tests.benchmarks.watchdog import Watchdog

BEAT_MS = 5
THEME = "theme"
"""Phase of a day that is told apart: another theme dresses every widget anew, because somebody asked for it."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment, or a time between two: by the clock, and of this process at work in all its threads."""

    at_s: float = 0.0
    cpu_s: float = 0.0

    @classmethod
    def now(cls) -> "Moment":
        return cls(time.perf_counter(), time.process_time())

    def __add__(self, other: "Moment") -> "Moment":
        return Moment(self.at_s + other.at_s, self.cpu_s + other.cpu_s)

    def __sub__(self, other: "Moment") -> "Moment":
        return Moment(self.at_s - other.at_s, self.cpu_s - other.cpu_s)


@dataclass(slots=True)
class Phase:
    """The longest gap while something went on."""

    name: str
    stall_ms: float = 0.0
    busy_ms: float = 0.0
    """The longest that this process itself was at work during one gap: the rest was other programs'."""
    beats: int = 0


class Heartbeat(QObject):
    """Beats from `start` to `stop`; made and used in the GUI thread."""

    def __init__(self, *, explain: bool = False) -> None:
        """Beat not yet. `explain`: say where everybody was when a beat was late; slows everything down a little."""
        super().__init__()
        self.phases: list[Phase] = []
        self._explain = explain
        self._timer = QTimer(self, interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._last = self._left_out_since = Moment()
        self._left_out = Moment()
        self._is_left_out = False
        self._watchdog: Watchdog | None = None

    @property
    def stall_ms(self) -> float:
        """Longest gap of all phases."""
        return max((phase.stall_ms for phase in self.phases), default=0.0)

    @property
    def busy_ms(self) -> float:
        """Longest work of this process within one gap, of all phases."""
        return max((phase.busy_ms for phase in self.phases), default=0.0)

    @property
    def late_ms(self) -> float:
        """How long ago the last beat was; 0 while nothing counts. Any thread may ask."""
        return 0.0 if self._is_left_out else (time.perf_counter() - self._last.at_s) * 1e3

    @property
    def phase(self) -> str:
        """What goes on now."""
        return self.phases[-1].name

    @property
    def beat_s(self) -> float:
        """When it beat last, by the performance counter."""
        return self._last.at_s

    def start(self, phase: str) -> None:
        """Begin to beat; what happens now is this phase."""
        self.enter(phase)
        self._last = Moment.now()
        self._timer.start()
        if self._explain:
            self._watchdog = Watchdog(self)

    def enter(self, phase: str) -> None:
        """Count what happens from now on apart."""
        if self.phases and self._timer.isActive():
            self._note()
        self.phases.append(Phase(phase))

    def stop(self) -> None:
        """Take the last gap and end."""
        self._note()
        self._timer.stop()
        if self._watchdog is not None:
            self._watchdog.close()
            self._watchdog = None

    @contextmanager
    def leaving_out(self) -> Iterator[None]:
        """Do not count what happens inside: whoever drives the window looks for a button."""
        was_left_out = self._is_left_out
        if not was_left_out:
            self._leave_out()
        try:
            yield
        finally:
            if not was_left_out:
                self._count()

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count, also inside of `leaving_out`: the button is pressed."""
        was_left_out = self._is_left_out
        if was_left_out:
            self._count()
        try:
            yield
        finally:
            if was_left_out:
                self._leave_out()

    def _leave_out(self) -> None:
        self._left_out_since, self._is_left_out = Moment.now(), True

    def _count(self) -> None:
        self._left_out = self._left_out + (Moment.now() - self._left_out_since)
        self._is_left_out = False

    @Slot()
    def _beat(self) -> None:
        self._note()
        self.phases[-1].beats += 1

    def _note(self) -> None:
        now, phase = Moment.now(), self.phases[-1]
        if self._is_left_out:
            self._left_out = self._left_out + (now - self._left_out_since)
            self._left_out_since = now
        gap = now - self._last - self._left_out
        self._last, self._left_out = now, Moment()
        phase.stall_ms = max(phase.stall_ms, gap.at_s * 1e3)
        phase.busy_ms = max(phase.busy_ms, min(gap.at_s, gap.cpu_s) * 1e3)


def phases_of(heart: Heartbeat) -> dict[str, tuple[float, float]]:
    """Each phase by name: longest gap, and longest work of this process within one, in milliseconds."""
    return {phase.name: (round(phase.stall_ms, 1), round(phase.busy_ms, 1)) for phase in heart.phases}
