"""Garbage that reference counts cannot free: looked for in the GUI thread alone, between two events, in short turns.

Left to itself the interpreter looks for it in whichever thread allocates, at any moment. Half a million objects take a
tenth of a second, in which no window moves; and a Qt object that is found in another thread than its own dies there.
"""

import gc
import sys
from typing import Final

from PySide6.QtCore import QObject, QTimer, Slot

EVERY_MS: Final = 250
YOUNG: Final = 1_000
"""Objects made since the last turn that are worth a look."""
TURNS: Final = 10
"""Turns of one generation before the next older one is looked at too, as in the interpreter itself."""


class GarbageTurns(QObject):
    """Takes over for the rest of the process; made in the GUI thread, before any other thread.

    What modules made when they were imported stays as long as the program and is never looked at again.
    """

    def __init__(self) -> None:
        super().__init__()
        gc.disable()
        gc.freeze()
        self._modules = self._modules_before = len(sys.modules)
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self._take_turn)
        self._timer.start()

    def close(self) -> None:
        """Take no more turns. Nobody looks for garbage then: what the window left may not end in another thread."""
        self._timer.stop()
        gc.unfreeze()

    @Slot()
    def _take_turn(self) -> None:
        modules, before = len(sys.modules), self._modules_before
        self._modules_before = modules
        if modules != before:  # somebody imports just now
            return
        if modules != self._modules:
            self._modules = modules
            gc.freeze()
            return
        young, middle, old = gc.get_count()
        if young >= YOUNG:
            gc.collect(2 if min(middle, old) > TURNS else 1 if middle > TURNS else 0)
