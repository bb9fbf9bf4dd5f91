"""The command that runs at once what is run every night."""

import json
from argparse import Namespace, _SubParsersAction

from sync_server.cli.parsing import Parser

ROUTINES = ("windows", "notices", "gc", "schedules", "recompute", "usage", "metrics", "files", "activity")
DIFFERENT = 1
"""Exit code of a routine that found something to be looked at."""


def add_routine(commands: "_SubParsersAction[Parser]") -> None:
    """Describe it. What it needs is imported when it runs."""
    routine = commands.add_parser("routine", help="run what is run every night")
    actions = routine.add_subparsers(dest="action", required=True, metavar="ACTION")
    run = actions.add_parser("run", help="run one at once; exit code 1 when something differs")
    run.add_argument("routine", choices=ROUTINES, metavar="|".join(ROUTINES))
    run.add_argument("--organization", metavar="SLUG", help="else all of them")
    run.add_argument("--at", metavar="INSTANT", help="as of this moment (UTC), else now")
    run.add_argument("--repair", action="store_true", help="recompute: put right what differs; devices hear of it")
    run.add_argument("--json", action="store_true", help="print one JSON object instead of sentences")
    run.set_defaults(run=_run_routine)


def _run_routine(options: Namespace) -> None:
    from sync_server.cli import routines

    said, is_well = routines.run(options.routine, at=options.at, slug=options.organization, repair=options.repair)
    print(json.dumps(said[0]) if options.json else said[1])
    if not is_well:
        raise SystemExit(DIFFERENT)
