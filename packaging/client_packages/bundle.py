"""Runs PyInstaller, and refuses what it made when anything is missing in it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from client_packages.commands import clean_environment, run
from client_packages.contents import NEVER_WANTED
from client_packages.failures import PackagingError
from client_packages.release import NAME, Release
from client_packages.shared_libraries import Needs, elf_files, forget_build_paths, needs_of

HERE = Path(__file__).resolve().parents[1]
_COMPLAINT = re.compile(r"^\d+ (?:ERROR|WARNING): Hidden import ['\"](.+)['\"] not found", re.MULTILINE)
START_S = 6
END_S = 60


@dataclass(frozen=True, slots=True)
class Bundle:
    """The program's folder. `sources` are the files of the build machine that went into it."""

    folder: Path
    needs: Needs
    sources: tuple[Path, ...]


def make_bundle(source: Path, release: Release, work: Path) -> Bundle:
    """Build the program's folder below `work`, which is empty before; about a minute.

    Raises:
        PackagingError: PyInstaller failed, a module or a library is missing, or the program does not start.
    """
    collected = work / "collected.json"
    env = clean_environment(release.epoch_s) | {
        "CMMS_SOURCE": str(source),
        "CMMS_COLLECTED": str(collected),
        "PYTHONPATH": str(source),  # an older source than the one that is installed here must win
        "PYINSTALLER_CONFIG_DIR": str(work / "cache"),
    }
    places = ["--distpath", work / "program", "--workpath", work / "pyinstaller"]
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--clean", *places, HERE / "cmms-field.spec"]
    said = run(command, log=work / "pyinstaller.log", folder=work, env=env)
    refuse_missing_modules(said)
    entries = json.loads(collected.read_text("utf-8"))
    _refuse_foreign_code(entries, source)
    folder = work / "program" / NAME
    forget_build_paths(elf_files(folder))
    needs = needs_of(folder)
    _try_it(folder / NAME, work)
    return Bundle(folder, needs, tuple(Path(entry[1]) for entry in entries if entry[1]))


def refuse_missing_modules(said: str) -> None:
    """Raise PackagingError when PyInstaller says that a module that was asked for is not there."""
    missing = sorted(set(_COMPLAINT.findall(said)) - NEVER_WANTED)
    if missing:
        raise PackagingError(f"The package would lack modules: {', '.join(missing)}")


def _refuse_foreign_code(entries: list[list[str]], source: Path) -> None:
    ours = [Path(path) for name, path, _ in entries if re.match(r"(?:cmms_desktop|sync_server)(?:\.|$)", name) and path]
    foreign = [path for path in ours if not path.resolve().is_relative_to(source.resolve())]
    if foreign or not ours:
        raise PackagingError(f"The program was put together from another source than {source}: {foreign[:3]}")


def _try_it(program: Path, work: Path) -> None:
    """Start it as a person without our environment would, let it load everything, and end it in good order."""
    tried = work / "tried"
    tried.mkdir()
    env = {
        "PATH": os.defpath,
        "HOME": str(tried),
        "LC_ALL": "C.UTF-8",
        "QT_QPA_PLATFORM": "offscreen",
        "CMMS_SERVER_URL": "https://localhost:1",
        "CMMS_ORGANIZATION": "trial",
        "CMMS_DATA_FOLDER": str(tried / "data"),
    }
    with subprocess.Popen([program], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as started:
        try:
            said, _ = started.communicate(timeout=START_S)
        except subprocess.TimeoutExpired:
            started.send_signal(signal.SIGTERM)
            said, _ = started.communicate(timeout=END_S)
    if started.returncode != 0 or "Traceback" in said:
        raise PackagingError(f"The program that was built does not run; code {started.returncode}: {said.strip()}")
