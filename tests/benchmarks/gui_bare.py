"""Measures the bare window: PySide6 with its own list of 25 plain rows, and nothing of ours around it.

`gui_bare` gives the time from its construction to the first painted row, and its memory then. `gui_bare --beside` stays
until its standard input ends and gives its own longest stall: what the machine itself does to a window meanwhile.
"""

import select
import sys
import time

from PySide6.QtCore import QStringListModel
from PySide6.QtWidgets import QApplication, QListView, QMainWindow

from tests.benchmarks.gui_window import SIZE, FirstRow, Waiting, answer, resident_mb, wait_for
from tests.benchmarks.heartbeat import Heartbeat

ROWS = 25
LONGEST_S = 600.0


class BareWindow(QMainWindow):
    """A list of plain rows in a window."""

    def __init__(self) -> None:
        super().__init__()
        self.resize(*SIZE)
        self.list = QListView()
        self.list.setModel(QStringListModel([f"Work order {number}" for number in range(ROWS)], self))
        self.setCentralWidget(self.list)


def main() -> None:
    """Measure once."""
    application = QApplication(sys.argv[:1])
    application.setStyle("Fusion")
    began_s = time.perf_counter()
    window = BareWindow()
    first_row = FirstRow(window.list)
    window.show()
    wait_for("the first painted row", lambda: first_row.is_there)
    took_ms = (first_row.at_s - began_s) * 1e3
    figures: dict[str, object] = {"first_row_ms": took_ms, "memory_mb": resident_mb()}
    if "--beside" in sys.argv:
        heart = Heartbeat()
        heart.start("beside")
        Waiting(_is_over, within_s=LONGEST_S).run()
        heart.stop()
        figures["stall_ms"] = heart.stall_ms
    answer(figures)


def _is_over() -> bool:
    """Whether whoever started this has closed its input."""
    return bool(select.select([sys.stdin], [], [], 0)[0])


if __name__ == "__main__":
    main()
