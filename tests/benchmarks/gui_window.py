"""What every measurement of a window needs: waiting that holds nothing, the first painted row, memory, an answer.

A measurement is a process of its own that prints one JSON object. Nothing of ours is imported here: the bare window
uses it, too.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer, Slot
from PySide6.QtWidgets import QAbstractItemView

LOOK_MS = 10
SIZE = (1280, 800)
WAIT_S = 90.0


class NeverHappened(SystemExit):
    """What was waited for did not come; the text says what."""


class Waiting(QObject):
    """Runs the event loop until something is so; looks every 10 ms."""

    def __init__(self, is_so: Callable[[], bool], *, within_s: float) -> None:
        super().__init__()
        self._is_so = is_so
        self._loop = QEventLoop()
        self._ends_s = time.perf_counter() + within_s
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._look)

    def run(self) -> bool:
        """Give whether it became so in time."""
        if not self._is_so():
            self._timer.start()
            self._loop.exec()
            self._timer.stop()
        return self._is_so()

    @Slot()
    def _look(self) -> None:
        if self._is_so() or time.perf_counter() > self._ends_s:
            self._loop.quit()


def wait_for(what: str, is_so: Callable[[], bool], *, within_s: float = WAIT_S) -> None:
    """Wait for something. Raises NeverHappened."""
    if not Waiting(is_so, within_s=within_s).run():
        raise NeverHappened(f"This did not happen within {within_s:.0f} s: {what}")


def pause(seconds: float) -> None:
    """Let the window live for a while."""
    Waiting(lambda: False, within_s=seconds).run()


class FirstRow(QObject):
    """Notes the moment after a list was painted with rows in it for the first time."""

    def __init__(self, view: QAbstractItemView) -> None:
        super().__init__()
        self.at_s = 0.0
        self._view = view
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._painted)
        view.viewport().installEventFilter(self)

    @property
    def is_there(self) -> bool:
        return self.at_s > 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Paint and not self._later.isActive() and self._has_rows():
            self._later.start()
        return False

    def _has_rows(self) -> bool:
        model = self._view.model()
        return model is not None and model.rowCount() > 0

    @Slot()
    def _painted(self) -> None:
        """The painting is over, and what was drawn has been handed on."""
        self.at_s = time.perf_counter()
        self._view.viewport().removeEventFilter(self)


def resident_mb() -> float:
    """Memory of this process that is in use, in MB of 10⁶ bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def answer(figures: dict[str, object]) -> None:
    """Print what was measured, as the last line."""
    print(json.dumps(figures))
    sys.stdout.flush()
