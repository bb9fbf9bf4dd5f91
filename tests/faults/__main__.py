"""Every large run of faults, one after the other: `sh packaging/run faults [--quick]`.

Kills, power cuts with their controls, requests that arrive again, histories by chance, and the mutants. Prints what
each part prints, then a sentence for each part that failed or was left out, and as the last line one JSON object:
{"kills", "power_cuts", "histories", "duplicates", "mutants_red", "mutants_total", "violations"}. Exit code 1 when
anything was violated, a mutant lived, or a part did not run.

`--claims` runs nothing: its last line is what the ledger's lines of the last 20 commits add up to; exit code 1 when
they tell of violations, or there are none.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Final

from tests.faults.claims import COMMITS, claims, last_commits
from tests.faults.parts import LEDGER, QUICK, WHOLE, Amounts, Part, parts, why_not
from tests.support.fault_ledger import ROOT

ENDING_S: Final = 30.0
LIKE: Final = ("kills", "power_cuts", "histories", "duplicates", "mutants_red", "mutants_total", "violations")


@dataclass
class Found:
    """What all parts did and found so far. `said`: a sentence for each that failed or was left out."""

    report: Path
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(LIKE, 0))
    said: list[str] = field(default_factory=list)

    def take(self, part: Part) -> None:
        """Run a part and add what it did. One that failed without saying so is a violation, too."""
        self.report.unlink(missing_ok=True)
        began = time.monotonic()
        code = run(part)
        took = f"{time.monotonic() - began:.0f} s"
        told = json.loads(self.report.read_text("utf-8")) if self.report.exists() else {}
        for name in self.counts:
            self.counts[name] += told.get(name, 0)
        if code is None:
            self.fail(f"{part.name}: it hung, and was ended after {took}.")
        elif part.name == "mutants":
            self.judge_mutants(code)
        elif code != 0:
            self.fail(f"{part.name}: a test failed; it is told above.", violations=not told.get("violations"))
        elif not told.get(part.name):
            self.judge_absence(part.name)
        print(f"· {part.name}: {took}", flush=True)

    def judge_mutants(self, code: int) -> None:
        """Say which of their two ways of failing it was. A mutant that lives is no violation: nothing is wrong yet."""
        alive, total = self.counts["mutants_total"] - self.counts["mutants_red"], self.counts["mutants_total"]
        if alive:
            self.said.append(f"mutants: {alive} of {total} lived or were not judged; the table above says which.")
        elif code != 0:
            self.fail("mutants: the tests were not green without a mutant, or it did not come so far.")

    def judge_absence(self, name: str) -> None:
        """Nothing was done and nothing failed: this machine cannot do it, or nobody would ever notice."""
        reason = why_not(name)
        if reason is None:
            self.fail(f"{name}: nothing was done.")
        else:
            sentence = f"{name}: left out. {reason[:1].upper()}{reason[1:]}."
            self.said += [sentence] if sentence not in self.said else []

    def fail(self, sentence: str, *, violations: int = 1) -> None:
        """Note what failed."""
        self.said.append(sentence)
        self.counts["violations"] += violations

    @property
    def is_good(self) -> bool:
        """Whether nothing was violated and every mutant was noticed."""
        return not self.counts["violations"] and self.counts["mutants_red"] == self.counts["mutants_total"] > 0


def run(part: Part) -> int | None:
    """Run a part in a group of processes of its own; give its exit code. None: it hung."""
    print(f"· {part.name}: {' '.join(part.command[1:])}", flush=True)
    process = subprocess.Popen(part.command, cwd=ROOT, start_new_session=True)
    try:
        return process.wait(part.limit_s)
    except subprocess.TimeoutExpired:
        return None
    finally:
        process.terminate()  # it may have to end groups that it has started itself, as the mutants do
        with suppress(subprocess.TimeoutExpired):
            process.wait(ENDING_S)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # whoever is left of it; PostgreSQL ends by itself then
        process.wait()


def run_all(amounts: Amounts, ledger: Path | None) -> Found:
    """Run all parts, one after the other."""
    with tempfile.TemporaryDirectory(prefix="cmms-faults-") as folder:
        found = Found(Path(folder) / "report.json")
        for part in parts(amounts, found.report, ledger):
            found.take(part)
    return found


def tell(found: Found) -> int:
    """Print what was found, the object last; give the exit code."""
    for sentence in found.said:
        print(sentence)
    print(json.dumps(found.counts))
    return 0 if found.is_good else 1


def tell_claims(ledger: Path) -> int:
    """Print what the ledger's lines of the last commits add up to; give the exit code."""
    commits = last_commits()
    found = claims(ledger.read_text("utf-8"), commits)
    print(f"Lines of the {len(commits)} newest of at most {COMMITS} commits, {commits[-1]} to {commits[0]}:")
    for kind, sums in found.items():
        print(f"{kind:<22} {sums['count']:>7} in {sums['seconds']} s, {sums['violations']} violations")
    if not found:
        print("Nothing may be claimed: the ledger has no line of a run on one of them.")
    print(json.dumps(found))
    return 0 if found and not any(sums["violations"] for sums in found.values()) else 1


def end(number: int, frame: FrameType | None) -> None:
    """Whoever ends us ends the part that runs."""
    sys.exit(128 + number)


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="faults", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="a short run: 30 kills, 10 cuts, 300 histories, every mutant"
    )
    parser.add_argument("--ledger", type=Path, default=None, help="take a line for each shard into this file")
    parser.add_argument("--claims", action="store_true", help="only add up the ledger's lines of the last 20 commits")
    wished = parser.parse_args()
    ledger = wished.ledger and wished.ledger.absolute()
    if wished.claims:
        return tell_claims(ledger or LEDGER)
    signal.signal(signal.SIGTERM, end)
    return tell(run_all(QUICK if wished.quick else WHOLE, ledger))


if __name__ == "__main__":
    sys.exit(main())
