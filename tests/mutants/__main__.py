"""Runs the mutants: a table, and as the last line {"mutants_red", "mutants_total"}. Exit code 1 when one survives.

Before them the same tests run without any mutant and must be green.
"""

import argparse
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

from tests.mutants.every import EVERY
from tests.mutants.mutant import ROOT, Edit, Mutant
from tests.mutants.runs import Runs
from tests.mutants.tally import GREEN, Tally, Told

COPIED: Final = ("cmms_desktop", "sync_server", "tests", "pyproject.toml")
PATIENCE_S: Final = 600.0
"""For a mutant: eight times what the slowest has taken beside the work of six. One that hangs costs no more."""
GREEN_PATIENCE_S: Final = 1_500.0
"""For the tests of all of them, or half."""
STACK_S: Final = 480
"""When a test that hangs is shown: its mutant, or we, made it wait for ever."""
QUIET: Final = ("-p", "no:cacheprovider", "-o", f"faulthandler_timeout={STACK_S}")


class Trees:
    """Copies of the tree, one for each process that runs at once."""

    def __init__(self, folder: Path, count: int, runs: Runs) -> None:
        self._runs = runs
        self._free: queue.Queue[Path] = queue.Queue()
        for number in range(count):
            self._free.put(_copied(folder / f"tree-{number}"))

    def run(self, name: str, mutant: Mutant | None, tests: Sequence[str]) -> Told:
        """Run tests in a free copy, with a mutant's edits for as long as that takes."""
        tree = self._free.get()
        try:
            with _mutated(tree, mutant.edits if mutant else ()):
                patience_s = PATIENCE_S if mutant else GREEN_PATIENCE_S
                return _run(self._runs, tree, name, tests, patience_s=patience_s)
        finally:
            self._free.put(tree)


@contextmanager
def _mutated(tree: Path, edits: Sequence[Edit]) -> Iterator[None]:
    """Make edits in a copy, and put back what was there."""
    before = {tree / edit.file: ((tree / edit.file).read_bytes(), (tree / edit.file).stat()) for edit in edits}
    try:
        for edit in edits:
            edit.make(tree)
        yield
    finally:
        for path, (content, facts) in before.items():
            path.write_bytes(content)
            os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def _copied(tree: Path) -> Path:
    tree.mkdir()
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(ROOT / name, tree / name)
    (tree / "resources").symlink_to(ROOT / "resources")
    return tree


def _run(runs: Runs, tree: Path, name: str, tests: Sequence[str], *, patience_s: float) -> Told:
    began = time.monotonic()
    own = {"PYTHONPATH": str(tree), "PYTHONPYCACHEPREFIX": str(tree.parent / "compiled")}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-rfs", "--tb=no", *QUIET, *tests]
    try:
        done = runs.run(command, folder=tree, env=os.environ | own, limit_s=patience_s)
    except subprocess.TimeoutExpired as hung:
        stack = (hung.stderr or b"").decode()[-4_000:]  # bytes, though text was asked for
        return Told(name, -1, f"no end within {patience_s:.0f} s\n{stack}", time.monotonic() - began)
    lines = done.stdout.splitlines()
    failed = [line.removeprefix("FAILED ").split(" - ")[0] for line in lines if line.startswith("FAILED ")]
    said = failed[0] if failed else "" if done.returncode == GREEN else done.stdout[-2_000:] + done.stderr[-2_000:]
    ended = lines[-1] if lines else ""
    return Told(
        name,
        done.returncode,
        said.split("::", maxsplit=1)[-1],
        time.monotonic() - began,
        is_skipped=done.returncode == GREEN and "skipped" in ended and "passed" not in ended,
    )


def run(mutants: Sequence[Mutant], *, jobs: int, report: Path | None = None) -> int:
    """Run them all; give the exit code. `report` tells after every one how many of all were noticed so far."""
    tally = Tally(len(mutants), report)
    tests = sorted({test for mutant in mutants for test in mutant.tests})
    whole = {test for test in tests if "::" not in test}
    tests = [test for test in tests if test in whole or test.split("::")[0] not in whole]
    with (
        tempfile.TemporaryDirectory(prefix="cmms-mutants-") as folder,
        ThreadPoolExecutor(jobs) as many,
        closing(Runs()) as runs,
    ):
        trees = Trees(Path(folder), jobs, runs)
        halves = [part for part in (tests[number::jobs] for number in range(jobs)) if part]
        green = list(many.map(lambda part: trees.run("without a mutant", None, part), halves))
        for told in green:
            said = "green" if told.code == GREEN else "NOT GREEN"
            print(f"{said:<10} {told.seconds:6.1f} s  {told.name} {told.failed}", flush=True)
        running = [many.submit(trees.run, mutant.name, mutant, mutant.tests) for mutant in mutants]
        for each in as_completed(running):
            tally.take(each.result())
            print(each.result().line(), flush=True)
    print(tally.line())
    return 0 if tally.red == tally.total and all(told.code == GREEN for told in green) else 1


def end(number: int, frame: FrameType | None) -> None:
    """Whoever ends us ends the tests that run."""
    sys.exit(128 + number)


def main() -> int:
    """Take the names of the mutants to run; none: all."""
    every = {mutant.name: mutant for mutant in EVERY}
    parser = argparse.ArgumentParser(prog="mutants", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(every))
    parser.add_argument("--jobs", type=int, default=2, help="so many at once")
    parser.add_argument("--report", type=Path, default=None, help="keep what is known so far in this file")
    wished = parser.parse_args()
    if unknown := [name for name in wished.names if name not in every]:
        parser.error(f"there is no mutant called {', '.join(unknown)}")
    signal.signal(signal.SIGTERM, end)
    return run([every[name] for name in wished.names or every], jobs=wished.jobs, report=wished.report)


if __name__ == "__main__":
    sys.exit(main())
