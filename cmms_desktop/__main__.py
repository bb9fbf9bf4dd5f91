"""`cmms-field` and `python -m cmms_desktop`: chooses what to start, and does nothing else."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

USAGE = """usage: cmms-field           the window of this installation: CMMS_SERVER_URL and CMMS_ORGANIZATION are set
       cmms-field demo …    a demonstration; cmms-field demo --help tells the rest
       cmms-field --version its version"""
NO_DEMONSTRATION = "The demonstration is not part of an installed program; it runs from the source: packaging/run demo."


def main(argv: Sequence[str] | None = None) -> int:
    """Starts the client, or the sub-command named first, and returns the exit code; 2 when there is no such one.

    Args:
        argv: The arguments after the program's name; None takes those of the process.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments:
        from cmms_desktop.app.client import run_client

        return run_client(os.environ, home=Path.home())
    if arguments == ["--version"]:
        from cmms_desktop.application.installed import version
        from cmms_desktop.version import PROGRAM

        print(PROGRAM, version())
        return 0
    if arguments[0] == "demo":
        return _demonstrate(arguments[1:])
    print(USAGE, file=sys.stderr)
    return 2


def _demonstrate(arguments: list[str]) -> int:
    try:
        from cmms_desktop.demo.command import main as demo_main
    except ModuleNotFoundError as missing:
        if not (missing.name or "").startswith("cmms_desktop.demo"):
            raise
        print(NO_DEMONSTRATION, file=sys.stderr)
        return 2
    return demo_main(arguments)


if __name__ == "__main__":
    sys.exit(main())
