"""What the tools of a build are started with decides whether two builds give the same bytes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from client_packages.commands import clean_environment

FIRST_MODULES = "from PyInstaller import compat; print(*compat.PY3_BASE_MODULES)"
"""Python's own modules that a program starts with, in the order in which PyInstaller goes through them."""


def first_modules(kept: Path) -> str:
    """Ask for them as a build does; `kept`: where Python may have kept compiled modules from the time before."""
    env = {**os.environ, "PYTHONPYCACHEPREFIX": str(kept)}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-c", FIRST_MODULES]
    asked = env | clean_environment(1_700_000_000)
    done = subprocess.run(command, env=asked, capture_output=True, text=True, check=True)
    subprocess.run(command, env=env, capture_output=True, check=True)  # whoever else runs it leaves it compiled
    return done.stdout


def test_a_build_after_others_goes_through_pythons_modules_in_the_same_order(tmp_path: Path) -> None:
    first, second = first_modules(tmp_path), first_modules(tmp_path)
    assert any(tmp_path.rglob("compat.*.pyc")), "the second could have read what the first left"
    assert first == second
