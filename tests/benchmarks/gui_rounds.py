"""Runs the measurements of the window, each in a process of its own, in turn with the bare window or beside it.

Beside: both windows live at the same time, so that what other programs do to one of them they do to the other.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from cmms_desktop.demo.server import DemoServer
from tests.benchmarks.heartbeat import THEME
from tests.benchmarks.world import ROOT, Wishes, World

Figures = dict[str, Any]
CARDS = 25
"""Orders of a day."""
TIMEOUT_S = 600.0
PASSABLE = 0o711


@dataclass(slots=True)
class Pairs:
    """What was measured of a kind, ours and the bare window's of the same rounds."""

    ours: list[Figures] = field(default_factory=list)
    bare: list[Figures] = field(default_factory=list)


class Runner:
    """Starts measurements without a display, with one folder for compiled modules: an installation has them, too."""

    def __init__(self, folder: Path, *, explain: bool) -> None:
        self._explain = ["--explain"] if explain else []
        self._environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPYCACHEPREFIX": str(folder)}
        self._environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def run(self, module: str, *arguments: object) -> Figures:
        """Measure once. Raises CalledProcessError; what it said is on standard error."""
        command = [*self._command(module, *arguments), *self._explain]
        done = subprocess.run(
            command, cwd=ROOT, env=self._environment, stdout=subprocess.PIPE, text=True, timeout=TIMEOUT_S, check=True
        )
        return _last_line(done.stdout)

    @contextmanager
    def bare_beside(self) -> Iterator[list[Figures]]:
        """Keep the bare window open meanwhile; its figures are in the list afterwards."""
        figures: list[Figures] = []
        bare = subprocess.Popen(
            self._command("gui_bare", "--beside"),
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield figures
            figures.append(_last_line(bare.communicate(timeout=TIMEOUT_S)[0]))
        finally:
            bare.kill()
            bare.wait()

    def _command(self, module: str, *arguments: object) -> list[str]:
        return [sys.executable, "-m", f"tests.benchmarks.{module}", *map(str, arguments)]


def starts(runner: Runner, floor: ModuleType, rounds: int) -> Pairs:
    """Measure the start of a day, in turn with the bare window's."""
    pairs = Pairs()
    with World(Wishes(CARDS, assigned=True, open_orders=CARDS), floor) as world:
        device = world.folder / "device"
        device.mkdir()
        runner.run("gui_start", world.server_url, device, "--prepare")
        for number in range(rounds):
            if number % 2 == 0:  # who goes first gets the colder caches: in turn
                pairs.ours.append(runner.run("gui_start", world.server_url, device))
            pairs.bare.append(runner.run("gui_bare"))
            if number % 2 == 1:
                pairs.ours.append(runner.run("gui_start", world.server_url, device))
            _tell(number, rounds, "start", f"first row {pairs.ours[-1]['first_row_ms']:.0f} ms")
    return pairs


def syncs(runner: Runner, floor: ModuleType, rounds: int, *, rows: int) -> Pairs:
    """Measure first syncs into empty stores, each beside the bare window."""
    pairs = Pairs()
    with World(Wishes(rows, assigned=True, open_orders=min(CARDS, rows)), floor) as world:
        for number in range(rounds):
            with tempfile.TemporaryDirectory(dir=world.folder) as device, runner.bare_beside() as bare:
                pairs.ours.append(runner.run("gui_sync", world.server_url, device, rows))
            pairs.bare += bare
            _tell(number, rounds, "sync", _stalls(pairs))
    return pairs


def days(runner: Runner, rounds: int) -> Pairs:
    """Measure whole days, each with a server of its own and beside the bare window."""
    pairs = Pairs()
    for number in range(rounds):
        with _folder() as folder, DemoServer(folder / "server") as server, runner.bare_beside() as bare:
            accounts = {person["login"]: person["password"] for person in server.organization["people"]}
            told = folder / "accounts.json"
            told.write_text(json.dumps({**accounts, "organization": server.organization["slug"]}))
            (folder / "device").mkdir()
            pairs.ours.append(runner.run("gui_day", server.url, folder / "device", told))
        pairs.bare += bare
        _tell(number, rounds, "day", _stalls(pairs))
    return pairs


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="cmms-day-") as name:
        Path(name).chmod(PASSABLE)  # the unprivileged user that runs PostgreSQL for root passes through
        yield Path(name)


def _stalls(pairs: Pairs) -> str:
    ours, bare = pairs.ours[-1], pairs.bare[-1]
    worst = max((name for name in ours["phases"] if name != THEME), key=lambda name: ours["phases"][name][0])
    return f"stall {ours['stall_ms']:.0f} ms ({worst}), bare window beside it {bare['stall_ms']:.0f} ms"


def _tell(number: int, rounds: int, what: str, text: str) -> None:
    print(f"{what}, round {number + 1} of {rounds}: {text}; load {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)


def _last_line(text: str) -> Figures:
    figures: Figures = json.loads(text.splitlines()[-1])
    return figures
