"""What may be claimed: the sum of the ledger's lines of the last 20 commits, by kind. Older lines say nothing of today.

Never counts a line of a tree that differed from its commit ("+"), nor one whose commit is not among those.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

from tests.support.fault_ledger import COLUMNS, ROOT

COMMITS: Final = 20


def last_commits(root: Path = ROOT, count: int = COMMITS) -> list[str]:
    """Give the newest commits, 12 digits each. Raises OSError or CalledProcessError outside of a repository."""
    command = ["git", "log", f"-{count}", "--format=%H"]
    said = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    return [line[:12] for line in said.splitlines()]


def claims(ledger: str, commits: list[str]) -> dict[str, dict[str, int]]:
    """Add up the lines of a ledger that ran on one of these commits: {kind: {"count", "seconds", "violations"}}."""
    found: dict[str, dict[str, int]] = {}
    for line in ledger.splitlines()[1:]:
        told = dict(zip(COLUMNS, line.split("\t"), strict=True))
        if told["commit"] in commits:
            sums = found.setdefault(told["kind"], dict.fromkeys(("count", "seconds", "violations"), 0))
            for name in sums:
                sums[name] += int(told[name])
    return found
