"""Measures the window: whether it ever stands still, how soon a day is on it, what it takes of memory. See README.md.

    python tests/benchmarks/gui.py [--json] [--rounds 5] [--rows 50000] [--only day|sync|start] [--explain]

Ratios are ours to the bare PySide6 window: 1 is the window that does nothing, less is better everywhere.
"""

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parents[2])  # not this folder, whose names would shadow others

import PySide6  # noqa: E402

from tests.benchmarks import gui_rounds  # noqa: E402
from tests.benchmarks.command_line import (  # noqa: E402
    floor_of,
    machine,
    machine_told,
    options_beside_floor,
    tell,
)
from tests.benchmarks.gui_rounds import Pairs, Runner  # noqa: E402
from tests.benchmarks.heartbeat import THEME  # noqa: E402

KINDS = ("day", "sync", "start")
STALL_MS = 50.0
"""The longest that the window may stand still (issue 3)."""
FIGURES = {
    "day_stall_ms": ("day", "stall_ms", "longest stall of a whole day"),
    "sync_stall_ms": ("sync", "stall_ms", "longest stall during a first sync"),
    "first_row_ms": ("start", "first_row_ms", "from the unlocked key to the first painted row of My day"),
    "memory_mb": ("start", "memory_mb", "resident memory then"),
    "memory_after_day_mb": ("day", "memory_mb", "resident memory after the whole day"),
}
"""Figure → kind of measurement, its name there, and what it is."""
BOUNDS = {"day_stall_ms": STALL_MS, "sync_stall_ms": STALL_MS}


def main() -> int:
    """Run the rounds and print the tables.

    Returns:
        0; 1 when a bound is broken; 2, with a sentence, when there is no floor to take the rows from.
    """
    options = _options()
    floor = floor_of(options).rows_module
    wanted = [options.only] if options.only else list(KINDS)
    with tempfile.TemporaryDirectory(prefix="cmms-compiled-") as compiled:
        runner = Runner(Path(compiled), explain=options.explain)
        measure: dict[str, Callable[[], Pairs]] = {
            "start": lambda: gui_rounds.starts(runner, floor, options.rounds),
            "sync": lambda: gui_rounds.syncs(runner, floor, options.rounds, rows=options.rows),
            "day": lambda: gui_rounds.days(runner, options.rounds),
        }
        found = {kind: measure[kind]() for kind in wanted}
    here = machine(load=round(os.getloadavg()[0], 1), pyside=PySide6.__version__)
    answer = {**compared(found), "rows": options.rows, "rounds": options.rounds, "machine": here}
    tell(options, [*table(answer), *(_parts(found["day"]) if "day" in found else ())], answer)
    return 1 if broken(answer) else 0


def _options() -> argparse.Namespace:
    parser = options_beside_floor(__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="times that each is measured; medians are given")
    parser.add_argument("--rows", type=int, default=50_000, help="orders that a first sync fetches")
    parser.add_argument("--only", choices=KINDS, help="one kind of measurement alone")
    parser.add_argument("--explain", action="store_true", help="say where everybody was when a beat was late")
    return parser.parse_args()


def compared(found: dict[str, Pairs]) -> dict[str, dict[str, float]]:
    """Medians of both windows by figure, with their ratio; a figure has a bound where the issue names one."""
    answer = {}
    for name, (kind, figure, _) in FIGURES.items():
        if kind in found:
            pairs = found[kind]
            ours, bare = (statistics.median(each[figure] for each in side) for side in (pairs.ours, pairs.bare))
            answer[name] = {"ours": round(ours, 1), "bare": round(bare, 1), "ratio": round(ours / bare, 2)}
            answer[name] |= {"bound": BOUNDS[name]} if name in BOUNDS else {}
    return answer


def broken(answer: dict[str, Any]) -> list[str]:
    """Names of the figures that are beyond their bound."""
    return [name for name in BOUNDS if name in answer and answer[name]["ours"] > answer[name]["bound"]]


def table(answer: dict[str, Any]) -> list[str]:
    """The answer for people."""
    lines = [f"{'':20}{'ours':>8}{'bare':>8}{'ratio':>8}{'bound':>8}"]
    for name, (_, _, what) in FIGURES.items():
        if name in answer:
            found = answer[name]
            bound = f"≤ {found['bound']:.0f}" if "bound" in found else ""
            mark = "  BROKEN" if name in broken(answer) else ""
            lines.append(f"{name:20}{found['ours']:>8}{found['bare']:>8}{found['ratio']:>8}{bound:>8}  {what}{mark}")
    lines.append(
        f"medians of {answer['rounds']} rounds, {answer['rows']} orders in a first sync; {machine_told(answer)}."
    )
    lines.append("ratio: ours/bare; less is better everywhere. A stall is the longest gap between beats of 5 ms.")
    return lines


def _parts(day: Pairs) -> list[str]:
    """The longest stall of each part of the day, and the longest work of this process within one gap."""
    lines = [f"{'part of the day, ms':24}{'stall':>8}{'of it ours':>12}"]
    for name in day.ours[0]["phases"]:
        stall, busy = (statistics.median(each["phases"][name][place] for each in day.ours) for place in (0, 1))
        apart = "  told apart" if name == THEME else ""
        lines.append(f"{name:24}{stall:>8.1f}{busy:>12.1f}{apart}")
    return lines


if __name__ == "__main__":
    sys.exit(main())
