"""Measures the real engine against the bare pipe, on the same rows, in the same run. See README.md.

    python tests/benchmarks/sync.py [--json] [--rows 50000] [--rounds 5] [--profile] [--assigned] [--floor PATH]

Rates are ours/floor and times floor/ours, so that more is better everywhere and 1 is the bare pipe.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parents[2])  # not this folder, whose names would shadow others

from tests.benchmarks import device, profiling  # noqa: E402
from tests.benchmarks.bare_pipe import BarePipe  # noqa: E402
from tests.benchmarks.command_line import (  # noqa: E402
    floor_of,
    machine,
    machine_told,
    options_beside_floor,
    tell,
)
from tests.benchmarks.world import Wishes, World  # noqa: E402

FIGURES = {
    "initial": ("rows/s, from nothing to queryable", "initial_rows_per_s"),
    "no_change": ("ms a cycle, p50 of 50", "no_change_ms_p50"),
    "push": ("edits/s, 5,000 made before", "push_edits_per_s"),
    "local_edit": ("edits/s, one commit each", "local_edits_per_s"),
}
"""Figure → what it is, and its name in the floor's answer."""
TIMES = frozenset({"no_change"})
DECIMALS = {"no_change": 2, "bare": 2}
MOST_ROUND_TRIPS = 2.0
"""A cycle that finds nothing takes at most so many bare round trips to the same server."""


def main() -> int:
    """Run the rounds and print the table; 2 with a sentence when there is no floor."""
    options = _options()
    pipe = floor_of(options)
    wishes = Wishes(options.rows, assigned=options.assigned, profile=options.profile)
    with World(wishes, pipe.rows_module) as world:
        if options.profile:
            profiling.run(world, options.rows)
            return 0
        ours: list[dict[str, float]] = []
        floors: list[dict[str, float]] = []
        for number in range(options.rounds):
            if number % 2 == 0:  # who goes first gets the colder caches: in turn
                ours.append(_ours(world, options.rows))
            floors.append(_floors(pipe, world, options.rows))
            if number % 2 == 1:
                ours.append(_ours(world, options.rows))
            told = f"round {number + 1} of {options.rounds}: {_short(ours[-1])}; floor {_short(floors[-1])}"
            print(told, file=sys.stderr)
        quiet = in_round_trips(ours)
        answer = {
            **compared(ours, floors),
            "quiet": quiet,
            "rows": options.rows,
            "rounds": options.rounds,
            "machine": machine(postgres=world.postgres_version()),
        }
    tell(options, table(answer), answer)
    return 0


def _options() -> argparse.Namespace:
    parser = options_beside_floor(__doc__)
    parser.add_argument("--rows", type=int, default=50_000, help="orders in the technician's scope")
    parser.add_argument("--rounds", type=int, default=5, help="times that each side is measured")
    parser.add_argument("--profile", action="store_true", help="say where our time goes instead; no floor is run")
    parser.add_argument(
        "--assigned", action="store_true", help="one row of assignment beside each order, counted as none"
    )
    return parser.parse_args()


def _ours(world: World, rows: int) -> dict[str, float]:
    with (
        tempfile.TemporaryDirectory(dir=world.folder) as folder,
        device.enrolled(Path(folder), world.server_url) as workplace,
    ):
        return device.measure(workplace, rows)


def _floors(pipe: BarePipe, world: World, rows: int) -> dict[str, float]:
    found = pipe.measure(world.floor_dsn, rows)
    return {name: found[theirs] for name, (_, theirs) in FIGURES.items()}


def compared(ours: list[dict[str, float]], floors: list[dict[str, float]]) -> dict[str, dict[str, float]]:
    """Medians of both sides by figure, with their ratio."""
    answer = {}
    for name in FIGURES:
        mine, theirs = (statistics.median(each[name] for each in found) for found in (ours, floors))
        ratio = theirs / mine if name in TIMES else mine / theirs
        places = DECIMALS.get(name)
        answer[name] = {"ours": round(mine, places), "floor": round(theirs, places), "ratio": round(ratio, 3)}
    return answer


def in_round_trips(ours: list[dict[str, float]]) -> dict[str, float]:
    """A cycle that finds nothing beside a bare authenticated round trip: milliseconds, and how many it takes."""
    mine, bare = (statistics.median(each[name] for each in ours) for name in ("no_change", "bare"))
    return {"ours": round(mine, 2), "bare": round(bare, 2), "ratio": round(mine / bare, 2), "bound": MOST_ROUND_TRIPS}


def table(answer: dict[str, Any]) -> list[str]:
    """The answer for people."""
    lines = [f"{'':12}{'ours':>10}{'floor':>10}{'ratio':>8}"]
    for name, (what, _) in FIGURES.items():
        found = answer[name]
        lines.append(f"{name:12}{found['ours']:>10}{found['floor']:>10}{found['ratio']:>8}  {what}")
    quiet = answer["quiet"]
    mark = ": broken" if quiet["ratio"] > quiet["bound"] else ""
    bare = f"bare round trips of {quiet['bare']} ms; bound {quiet['bound']}{mark}."
    lines.append(f"A cycle without news takes {quiet['ratio']} {bare}")
    lines.append(f"{answer['rows']} rows, medians of {answer['rounds']} rounds; {machine_told(answer)}.")
    lines.append("ratio: ours/floor of rates, floor/ours of times: more is better everywhere.")
    return lines


def _short(figures: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.{DECIMALS.get(name, 0)}f}" for name, value in figures.items())


if __name__ == "__main__":
    sys.exit(main())
