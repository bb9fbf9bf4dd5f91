"""Runs the tools of a build, and says in a sentence which one failed and where its words are."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from client_packages.failures import PackagingError

LAST_LINES = 15


def run(command: Sequence[object], *, log: Path, folder: Path, env: Mapping[str, str]) -> str:
    """Run a tool to its end; give what it wrote, which is also kept in `log`.

    Raises:
        PackagingError: it is not installed or ended with anything but 0; the sentence closes with its last lines.
    """
    words = [str(word) for word in command]
    if shutil.which(words[0]) is None:
        raise PackagingError(f"{words[0]} is not installed here.")
    done = subprocess.run(
        words, cwd=folder, env={**os.environ, **env}, capture_output=True, text=True, errors="replace", check=False
    )
    said = done.stdout + done.stderr
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(said, "utf-8")
    if done.returncode != 0:
        last = "\n".join(said.splitlines()[-LAST_LINES:])
        raise PackagingError(f"{words[0]} ended with code {done.returncode}; all it said is in {log}:\n{last}")
    return said


def clean_environment(epoch_s: int) -> dict[str, str]:
    """The variables that decide whether two builds give the same bytes.

    A set that a module writes out goes round in another order where it was read from a compiled module, so that
    PyInstaller packed Python's first modules otherwise in a second build: what it runs is compiled each time (D-252).
    """
    same = {"SOURCE_DATE_EPOCH": str(epoch_s), "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    return same | {"PYTHONPYCACHEPREFIX": os.devnull, "PYTHONDONTWRITEBYTECODE": "1"}
