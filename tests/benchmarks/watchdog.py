"""Says where everybody was while a heartbeat was late, for whoever looks for a cause. It slows everything down."""

import faulthandler
import sys
import threading
from typing import Protocol

LATE_MS = 40.0
LOOK_S = 0.004


class Beating(Protocol):
    """What is watched. Any thread may ask."""

    @property
    def late_ms(self) -> float:
        """How long ago the last beat was."""
        ...

    @property
    def beat_s(self) -> float:
        """When that was."""
        ...

    @property
    def phase(self) -> str:
        """What goes on."""
        ...


class Watchdog:
    """Writes from a thread of its own where everybody is while a beat is late, to standard error.

    It keeps no frame: a painter that lived as long as its frame would end too late.
    """

    def __init__(self, heart: Beating) -> None:
        """Watch from now on, until `close`."""
        self._heart = heart
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Watch no more."""
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        told_s = 0.0
        while not self._over.wait(LOOK_S):
            late_ms, beat_s = self._heart.late_ms, self._heart.beat_s
            if late_ms > LATE_MS and beat_s != told_s:
                told_s = beat_s
                print(f"\n{late_ms:.0f} ms late in {self._heart.phase}", file=sys.stderr, flush=True)
                faulthandler.dump_traceback(sys.stderr, all_threads=True)
