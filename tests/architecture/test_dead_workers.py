"""A process of the suite that dies ends the run, which says so, whatever the process was at."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.source_tree import ROOT

PATIENCE_S: Final = 60.0
DIES: Final = "import os, signal\ndef test_dies():\n    os.kill(os.getpid(), signal.SIGKILL)\n"
LIVES: Final = "import pytest\n@pytest.mark.parametrize('turn', range(6))\ndef test_lives(turn):\n    pass\n"
DIES_AT: Final = """
import os, signal
def {hook}():
    if os.environ.get("PYTEST_XDIST_WORKER") == "gw0":
        os.kill(os.getpid(), signal.SIGKILL)
"""
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="the suite's one command is a shell script"),
]


def options() -> dict[str, list[str]]:
    """Read what `packaging/run` gives to pytest: by task, without the choice of tests."""
    script = (ROOT / "packaging" / "run").read_text(encoding="utf-8")
    (every,) = re.findall(r'exec "\$python" -m pytest (-n .+) "\$@"', script)
    (quick,) = re.findall(r'"\$python" -m pytest (-q -n .+) -m ', script)
    return {"test": every.split(), "check": quick.split()}


def run(folder: Path, task: str) -> subprocess.CompletedProcess[str]:
    none = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "", "PYTEST_XDIST_WORKER": ""}
    chosen = ["-p", "xdist", "-p", "tests.support.dead_workers", "-p", "no:cacheprovider", *options()[task]]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *chosen],
        cwd=folder,
        env=os.environ | none | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


@pytest.mark.parametrize("task", ["test", "check"])
def test_a_file_that_kills_every_process_does_not_hold_the_run(tmp_path: Path, task: str) -> None:
    for number in range(8):
        (tmp_path / f"test_{number}.py").write_text(DIES if number == 2 else LIVES, encoding="utf-8")
    done = run(tmp_path, task)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout
    assert "FAILED test_2.py::test_dies" in done.stdout


@pytest.mark.parametrize("hook", ["pytest_collection_finish", "pytest_sessionfinish"])
def test_a_process_that_dies_between_its_tests_fails_the_run(tmp_path: Path, hook: str) -> None:
    (tmp_path / "conftest.py").write_text(DIES_AT.format(hook=hook), encoding="utf-8")
    for number in range(8):
        (tmp_path / f"test_{number}.py").write_text(LIVES, encoding="utf-8")
    done = run(tmp_path, "test")
    noticed = (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.TESTS_FAILED)  # before it was given tests, or after
    assert done.returncode in noticed, done.stdout
    assert "gw0 died while the tests ran" in done.stdout


def test_a_run_whose_processes_live_passes(tmp_path: Path) -> None:
    (tmp_path / "test_all.py").write_text(LIVES, encoding="utf-8")
    assert run(tmp_path, "test").returncode == pytest.ExitCode.OK
