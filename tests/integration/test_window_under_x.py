"""The same day in a real X window: the window's own tests, again, on a display without a screen (Xvfb)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.architecture.source_tree import ROOT
from tests.support.qt_here import why_qt_is_missing

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(why_qt_is_missing()), reason=why_qt_is_missing() or "Qt is here"),
    pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed here; apt-get install xvfb"),
]
OPENS = "import sys; from PySide6.QtWidgets import QApplication, QWidget; QApplication(sys.argv); QWidget().show()"


@pytest.fixture
def display() -> Iterator[str]:
    """The name of a free display of this test's own."""
    with subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1600x1000x24", "-nolisten", "tcp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout is not None
        number = server.stdout.readline().strip()
        assert number, "Xvfb did not start"
        yield f":{number}"
        server.terminate()


def run_under(display: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=400)


def test_the_technicians_and_the_supervisors_day_in_a_real_window(display: str) -> None:
    opens = run_under(display, "-c", OPENS)
    if opens.returncode != 0:
        pytest.skip("The X libraries that Qt needs are not installed here: " + opens.stderr.strip()[-200:])
    done = run_under(
        display, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "fair", "tests/integration/test_window_day.py"
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert "2 passed" in done.stdout
