"""The reason for the pin of PySide6: a Qt call that returns nothing must not cost a reference to None.

PySide6 6.12.0 on Python 3.11 loses references to None, True and False in calls like these and aborts with
`none_dealloc` after some five thousand of them: short tests stay green, and the application dies within minutes.
"""

from __future__ import annotations

import subprocess
import sys

CALLS = 20_000
PROGRAM = f"""
import sys
from PySide6.QtCore import QObject

thing = QObject()
before = [sys.getrefcount(constant) for constant in (None, True, False)]
for number in range({CALLS}):
    thing.setObjectName("a name")
    thing.blockSignals(number % 2 == 0)
after = [sys.getrefcount(constant) for constant in (None, True, False)]
print(*(b - a for b, a in zip(before, after)))
"""


def test_twenty_thousand_void_calls_leave_the_constants_alone() -> None:
    answer = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120, check=False)
    assert answer.returncode == 0, answer.stderr
    lost = [int(count) for count in answer.stdout.split()]
    assert len(lost) == 3
    assert max(lost) < CALLS // 100, "references to None, True and False that went missing"
