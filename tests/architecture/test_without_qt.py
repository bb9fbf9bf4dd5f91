"""A machine that cannot load Qt still runs every other test: those of the window are skipped, and nothing ends."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT

WITHOUT_QT = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("PySide6", "shiboken6"):
            raise ImportError("libGL.so.1: cannot open shared object file")

sys.meta_path.insert(0, Missing())
"""


@pytest.mark.slow
def test_the_tests_of_the_window_are_skipped_where_qt_is_missing(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(WITHOUT_QT)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "tests/ui"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    ended = done.stdout.splitlines()[-1]
    assert "Qt cannot be loaded here" in done.stdout, done.stdout + done.stderr
    assert "skipped" in ended, ended
    assert not {"passed", "failed", "error"} & set(ended.replace(",", "").split()), ended
