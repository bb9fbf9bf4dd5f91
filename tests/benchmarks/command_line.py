"""What is the same wherever a measurement is asked for: its options, the floor it needs, its last lines.

Measures nothing and knows no figure.
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from tests.benchmarks.bare_pipe import BarePipe, FloorMissingError

MISSING = 2
"""Exit code when something that the measurement needs is not here."""


def options_for(description: str | None) -> argparse.ArgumentParser:
    """Options that every measurement has; it is described by the first line of its module."""
    parser = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    return parser


def options_beside_floor(description: str | None) -> argparse.ArgumentParser:
    """Options of a measurement that takes its rows from the floor."""
    parser = options_for(description)
    parser.add_argument("--floor", type=Path, help="the floor program, when it is not beside this checkout")
    return parser


def floor_of(options: argparse.Namespace) -> BarePipe:
    """Give the floor program; without one, say where it was looked for and end with 2."""
    try:
        return BarePipe(options.floor)
    except FloorMissingError as missing:
        end_without(str(missing))


def end_without(sentence: str) -> NoReturn:
    """Say what is missing and end with 2."""
    print(sentence, file=sys.stderr)
    raise SystemExit(MISSING)


def machine(**more: object) -> dict[str, object]:
    """What the figures were taken on: processor cores this process may use, the interpreter, and what else counts."""
    return {"cores": len(os.sched_getaffinity(0)), "python": platform.python_version(), **more}


def machine_told(answer: dict[str, Any]) -> str:
    """The machine of an answer, for people."""
    return ", ".join(f"{name} {value}" for name, value in answer["machine"].items())


def tell(options: argparse.Namespace, lines: Sequence[str], answer: dict[str, Any]) -> None:
    """Print the lines for people, and the object when it was asked for."""
    print("\n".join(lines))
    if options.json:
        print(json.dumps(answer))
