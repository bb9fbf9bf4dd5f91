"""Every large run of faults, one after the other: `sh packaging/run faults [--quick]`.

Kills, power cuts with their controls, requests that arrive again, histories by chance, and the mutants. Prints what
each part prints, and as the last line one JSON object: {"kills", "power_cuts", "histories", "duplicates",
"mutants_red", "mutants_total", "violations"}. Exit code 1 when anything was violated, a mutant lived, or a part did not
run.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.fault_ledger import ROOT
from tests.support.fuse_disk import why_no_fuse

LIKE: Final = ("kills", "power_cuts", "histories", "duplicates", "mutants_red", "mutants_total", "violations")
PYTEST: Final = (sys.executable, "-m", "pytest", "-q", "--tb=short")


@dataclass(frozen=True)
class Amounts:
    """How often each thing happens. `is_seeded`: the same histories every time, so that a gate never fails by chance.

    Otherwise histories go on after the last seed of the ledger. Kills and cuts have the same seeds in every run.
    """

    kills: int
    power_cuts: int
    duplicates: int
    histories: int
    is_seeded: bool


QUICK: Final = Amounts(kills=30, power_cuts=10, duplicates=10_000, histories=300, is_seeded=True)
WHOLE: Final = Amounts(kills=1_000, power_cuts=200, duplicates=100_000, histories=1_000, is_seeded=False)


def parts(amounts: Amounts, report: Path, ledger: Path | None) -> dict[str, list[str]]:
    """Give the command of each part of the runs that count for themselves."""
    told = [f"--report={report}", *([f"--ledger={ledger}"] if ledger else [])]
    seeded = ["--first-seed=1"] if amounts.is_seeded else []
    killed = ["tests/faults/test_client_killed.py", "tests/faults/test_server_killed.py"]
    return {
        "kills": [*PYTEST, *killed, f"--kills={amounts.kills}", *told],
        "power_cuts": [*PYTEST, "tests/faults/test_power_cuts.py", f"--power-cuts={amounts.power_cuts}", *told],
        "duplicates": [*PYTEST, "tests/faults/test_sent_again.py", f"--duplicates={amounts.duplicates}", *told],
        "histories": [
            *(*PYTEST, "-n", "2", "tests/property/test_sync_machine.py"),
            *(f"--histories={amounts.histories}", *seeded, *told),
        ],
        "mutants": [sys.executable, "-m", "tests.mutants"],
    }


def run(amounts: Amounts, ledger: Path | None) -> dict[str, int]:
    """Run all parts; count what each did, and as a violation each that failed without saying so in the report."""
    found = dict.fromkeys(LIKE, 0)
    with tempfile.TemporaryDirectory(prefix="cmms-faults-") as folder:
        report = Path(folder) / "report.json"
        for name, command in parts(amounts, report, ledger).items():
            print(f"· {name}", flush=True)
            if name == "mutants":
                run_mutants(command, found)
            else:
                run_part(name, command, report, found)
    return found


def run_part(name: str, command: list[str], report: Path, found: dict[str, int]) -> None:
    """Run one part, and take over what its report says."""
    before = found["violations"]
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    told = json.loads(report.read_text("utf-8")) if report.exists() else {}
    found |= {key: value for key, value in told.items() if key in found}
    has_run = code == 0 and (found[name] > 0 or why_not(name) is not None)
    if not has_run and found["violations"] <= before:
        found["violations"] = before + 1
    report.write_text(json.dumps({**told, "violations": found["violations"]}), "utf-8")


def run_mutants(command: list[str], found: dict[str, int]) -> None:
    """Run the mutants, and take over what their last line says."""
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    print(done.stdout, flush=True)
    with suppress(IndexError, ValueError):
        found |= json.loads(done.stdout.splitlines()[-1])
    if done.returncode != 0 and found["mutants_red"] == found["mutants_total"]:
        found["violations"] += 1  # the tests were not green without a mutant, or it did not come so far


def why_not(name: str) -> str | None:
    """Say why a part may be left out on this machine; None: it may not."""
    return why_no_fuse() if name == "power_cuts" else None


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="faults", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="a short run: 30 kills, 10 cuts, 300 histories, every mutant"
    )
    parser.add_argument("--ledger", type=Path, default=None, help="take a line for each shard into this file")
    wished = parser.parse_args()
    found = run(QUICK if wished.quick else WHOLE, wished.ledger and wished.ledger.absolute())
    print(json.dumps(found))
    return 0 if not found["violations"] and found["mutants_red"] == found["mutants_total"] > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
