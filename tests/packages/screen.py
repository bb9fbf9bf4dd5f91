"""A display without a screen, and hands on it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SOON_S = 60.0
STEP_S = 0.25
PAUSE_S = 1.0
PICTURE = """
import sys
from PySide6.QtGui import QGuiApplication
app = QGuiApplication([])
sys.exit(not app.primaryScreen().grabWindow(0).save(sys.argv[1]))
"""


class Screen:
    """One display; `name` is what DISPLAY says."""

    def __init__(self, name: str) -> None:
        self.name = name

    def window(self, *, within_s: float = SOON_S) -> str:
        """Wait until the client's window is shown; give its number."""
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            found = self._hand("search", "--onlyvisible", "--name", "CMMS|Sign in|My day|Demonstration").split()
            if found:
                return found[-1]
            time.sleep(STEP_S)
        raise AssertionError("no window was shown")

    def type(self, window: str, text: str) -> None:
        """Type into a window as people do, not as scanners, which are not believed; then press Enter."""
        self._hand("windowfocus", window)
        time.sleep(STEP_S)
        self._hand("type", "--delay", "150", text)
        time.sleep(PAUSE_S)
        self._hand("key", "Return")

    def picture(self, file: Path) -> None:
        """Take a picture of everything."""
        file.parent.mkdir(parents=True, exist_ok=True)
        env = {**os.environ, "DISPLAY": self.name, "QT_QPA_PLATFORM": "xcb"}
        subprocess.run([sys.executable, "-c", PICTURE, file], env=env, check=True)

    def _hand(self, *words: str) -> str:
        env = {**os.environ, "DISPLAY": self.name}
        return subprocess.run(["xdotool", *words], env=env, capture_output=True, text=True, check=False).stdout


@contextmanager
def a_screen() -> Iterator[Screen]:
    """A display of 1280 × 800 that programs in another root reach too: by the abstract name of its socket.

    It begins nothing anew when a client ends, as X does after the last one: whoever connects meanwhile is turned away.
    """
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-ac", "-noreset"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        number = server.stdout.readline().strip()
        assert number, "Xvfb did not start"
        try:
            yield Screen(f":{number}")
        finally:
            server.terminate()
