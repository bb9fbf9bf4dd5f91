"""Lines of `tests/faults/LEDGER.tsv`: what a shard of a large run did, on which versions, and what it found.

A pytest plugin, loaded by `tests/conftest.py`. Nothing is written unless `--ledger FILE` or `--report FILE` names a
place: the ledger takes a line more, the report is one JSON object of its own. A shard that fails is written down too.
"""

from __future__ import annotations

import json
import platform
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

COLUMNS: Final = ("kind", "seeds", "commit", "versions", "count", "seconds", "violations")
"""`seeds`: first and last, joined by "-". `count`: kills, cuts or histories. `violations`: 0, or what was found."""
KILLS: Final = 30
"""Of an ordinary run."""
FIRST_SEED: Final = 20_261_128
ROOT: Final = Path(__file__).resolve().parents[2]


@dataclass
class Shard:
    """One run of many faults of a kind. `count` goes up as they happen: a broken off shard tells the truth."""

    kind: str
    first_seed: int
    last_seed: int
    count: int = 0
    seconds: float = 0.0
    violations: int = 0
    duplicates: int = 0
    """Requests that the network delivered once more; told by the report only."""
    ran_on: str = ""
    """The commit when the shard began, whatever was committed meanwhile."""

    def line(self) -> str:
        """Give the line of the ledger, without its end."""
        seeds = f"{self.first_seed}-{self.last_seed}"
        told = (self.kind, seeds, self.ran_on, versions(), self.count, f"{self.seconds:.0f}", self.violations)
        return "\t".join(map(str, told))


@dataclass(frozen=True)
class FaultLedger:
    """Where shards are written down. None: nowhere."""

    ledger: Path | None = None
    report: Path | None = None

    @contextmanager
    def shard(self, kind: str, *, first_seed: int, last_seed: int) -> Iterator[Shard]:
        """Time a shard and write it down at its end. Whatever it raises is a violation, and is raised on."""
        shard = Shard(kind, first_seed, last_seed, ran_on=commit() if self.ledger else "")
        began = time.monotonic()
        try:
            yield shard
        except BaseException as error:
            if not isinstance(error, KeyboardInterrupt):
                shard.violations += 1
            raise
        finally:
            shard.seconds = time.monotonic() - began
            self._write(shard)

    def _write(self, shard: Shard) -> None:
        if self.ledger is not None:
            head = "" if self.ledger.exists() else "\t".join(COLUMNS) + "\n"
            with self.ledger.open("a", encoding="utf-8") as file:
                file.write(head + shard.line() + "\n")  # one write: two shards may run side by side
        if self.report is not None:
            import fcntl  # only where large runs are made: Windows has none

            with self.report.open("a+", encoding="utf-8") as file:
                fcntl.flock(file, fcntl.LOCK_EX)  # two shards may run side by side
                file.seek(0)
                found = json.loads(file.read() or "{}")
                for name, count in (("violations", shard.violations), ("duplicates", shard.duplicates)):
                    found[name] = found.get(name, 0) + count
                kind = shard.kind.split()[0]
                found[kind] = found.get(kind, 0) + shard.count
                file.truncate(0)
                file.write(json.dumps(found))


def last_seed_of(kind: str, ledger: Path) -> int:
    """Give the last seed of a kind that a ledger tells of; 0: none. "kills": whatever was killed."""
    lines = [line.split("\t") for line in ledger.read_text("utf-8").splitlines()[1:]] if ledger.exists() else []
    return max((int(line[1].split("-")[1]) for line in lines if line[0].split()[0] == kind), default=0)


def commit() -> str:
    """Give the commit that runs, 12 digits; "+" when files differ from it; "unknown" outside of a repository."""
    try:
        said = [
            subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
            for words in (["rev-parse", "--short=12", "HEAD"], ["status", "--porcelain", "-uno", "--", ":!*.tsv"])
        ]
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return said[0] + ("+" if said[1] else "")


def versions() -> str:
    """Give the versions that a claim depends on, in one word each."""
    from sqlcipher3 import dbapi2

    from sync_server.storage.postgres_binaries import choose_binaries

    connection = dbapi2.connect(":memory:")
    try:
        (sqlcipher,) = connection.execute("PRAGMA cipher_version").fetchone()
    finally:
        connection.close()
    postgres = choose_binaries()
    parts = {
        "python": platform.python_version(),
        "postgresql": f"{postgres.major}.{postgres.minor}",
        "sqlcipher": sqlcipher.split()[0],
        "sqlite": dbapi2.sqlite_version,
    }
    return " ".join(f"{name}-{version}" for name, version in parts.items())


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("faults")
    group.addoption("--ledger", type=Path, default=None, help="take a line for each shard of faults into this file")
    group.addoption("--kills", type=int, default=None, help="kill so many processes, with seeds from --first-seed on")
    group.addoption("--power-cuts", type=int, default=None, help="cut the power so often, likewise")
    group.addoption("--duplicates", type=int, default=None, help="deliver at least so many mutations once more")
    group.addoption("--disk-faults", type=int, default=None, help="let so many operations of a day fail; 0: each one")
    group.addoption("--report", type=Path, default=None, help="count the faults of this run in this file (JSON)")


def share_of_kills(config: pytest.Config, place: int) -> range:
    """Seeds of the kills of one of the three programs that are killed: client 0, server 1, PostgreSQL 2."""
    kills = config.getoption("--kills") or KILLS
    first = config.getoption("--first-seed") or FIRST_SEED
    return range(first, first + kills // 3 + (place < kills % 3))


@pytest.fixture(scope="session")
def fault_ledger(request: pytest.FixtureRequest) -> FaultLedger:
    """Where the shards of this run are written down."""
    return FaultLedger(request.config.getoption("--ledger"), request.config.getoption("--report"))
