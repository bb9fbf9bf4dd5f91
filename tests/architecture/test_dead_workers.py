"""A process of the suite that dies ends the run at once, and the run says in which test."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.source_tree import ROOT

PATIENCE_S: Final = 60.0
DIES_AGAIN: Final = "import os, signal\ndef test_dies():\n    os.kill(os.getpid(), signal.SIGKILL)\n"
LIVES: Final = "import pytest\n@pytest.mark.parametrize('turn', range(6))\ndef test_lives(turn):\n    pass\n"


def options() -> list[str]:
    """Read what `packaging/run test` gives to pytest."""
    script = (ROOT / "packaging" / "run").read_text(encoding="utf-8")
    found = re.findall(r'exec "\$python" -m pytest (-n .+) "\$@"', script)
    assert len(found) == 1
    return str(found[0]).split()


@pytest.mark.skipif(sys.platform == "win32", reason="the suite's one command is a shell script")
def test_a_file_that_kills_every_process_does_not_hold_the_run(tmp_path: Path) -> None:
    for number in range(8):
        (tmp_path / f"test_{number}.py").write_text(DIES_AGAIN if number == 2 else LIVES, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "xdist", "-p", "no:cacheprovider", *options()],
        cwd=tmp_path,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout
    assert "FAILED test_2.py::test_dies" in done.stdout
