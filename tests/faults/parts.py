"""What the large runs of faults consist of: the command of each part, its seeds, and how long it may take.

A part that makes many faults is cut into shards, each a process of its own that tells its own figures: a run that is
broken off has told of what it did. Nothing here runs anything.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.fault_ledger import ROOT, last_seed_of
from tests.support.fuse_disk import why_no_fuse

LEDGER: Final = ROOT / "tests/faults/LEDGER.tsv"
START_S: Final = 300.0
EACH_S: Final = {"kills": 20.0, "power_cuts": 20.0, "histories": 60.0, "duplicates": 0.02}
"""What one may take: ten times what it takes on a quiet machine. A history has taken 25 s beside the work of six."""
CORES: Final = {"histories": 2}
MUTANTS_S: Final = 3_300.0
"""Four times what 45 of them take on a quiet machine."""
PYTEST: Final = (sys.executable, "-m", "pytest", "-q", "--tb=short")
FILES: Final = {
    "kills": ("tests/faults/test_client_killed.py", "tests/faults/test_server_killed.py"),
    "power_cuts": ("tests/faults/test_power_cuts.py", "tests/faults/test_postgres_power_cuts.py"),
    "histories": ("-n", "2", "tests/property/test_sync_machine.py"),
    "duplicates": ("tests/faults/test_sent_again.py",),
}


@dataclass(frozen=True)
class Amounts:
    """How often each thing happens. `is_seeded`: with the same seeds every time, so that a gate never fails by chance.

    Otherwise seeds go on after the last one of the ledger.
    """

    kills: int
    power_cuts: int
    duplicates: int
    histories: int
    is_seeded: bool


QUICK: Final = Amounts(kills=30, power_cuts=10, duplicates=10_000, histories=300, is_seeded=True)
WHOLE: Final = Amounts(kills=1_000, power_cuts=200, duplicates=100_000, histories=1_000, is_seeded=False)
PER_SHARD: Final = {"kills": 100, "power_cuts": 50, "histories": 1_000_000, "duplicates": 1_000_000}
"""Histories shard themselves, twenty with one seed each, over both cores; every other shard counts its seeds up."""
PER_TEST: Final = {"kills": 34, "power_cuts": 50, "histories": 20, "duplicates": 100_000}
"""So many at most are one test of a shard."""


@dataclass(frozen=True)
class Part:
    """One process to be run. `limit_s`: when it is ended; long before, pytest shows where a test hangs and ends it."""

    name: str
    command: tuple[str, ...]
    limit_s: float


def parts(amounts: Amounts, report: Path, ledger: Path | None) -> list[Part]:
    """Give all parts in their order. `report`: where each writes its figures."""
    made = [
        Part(name, (*command, f"--report={report}", *([f"--ledger={ledger}"] if ledger else [])), limit_s)
        for name in ("kills", "power_cuts", "duplicates", "histories")
        for command, limit_s in _shards(name, amounts, ledger or LEDGER)
    ]
    return [*made, Part("mutants", (sys.executable, "-m", "tests.mutants", f"--report={report}"), MUTANTS_S)]


def _shards(name: str, amounts: Amounts, ledger: Path) -> list[tuple[tuple[str, ...], float]]:
    left: int = getattr(amounts, name)
    seed = 1 if amounts.is_seeded else last_seed_of(name, ledger) + 1
    made = []
    while left > 0:
        size = min(left, PER_SHARD[name])
        words = (f"--{name.replace('_', '-')}={size}", f"--first-seed={seed}")
        limit_s = START_S + size * EACH_S[name] / CORES.get(name, 1)
        made.append(((*PYTEST, *_ends_hanging_tests(name, size), *FILES[name], *words), limit_s))
        left, seed = left - size, seed + size
    return made


def _ends_hanging_tests(name: str, size: int) -> tuple[str, ...]:
    """Tell pytest when to show every thread of a test that hangs, and to end that process."""
    patience_s = START_S / 2 + min(size, PER_TEST[name]) * EACH_S[name]
    return ("-o", f"faulthandler_timeout={patience_s:.0f}", "-o", "faulthandler_exit_on_timeout=true")


def why_not(name: str) -> str | None:
    """Say why a part may be left out on this machine; None: it may not."""
    return why_no_fuse() if name == "power_cuts" else None
