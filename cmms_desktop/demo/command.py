"""`demo`: plays the technician's day and says what happened."""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cmms_desktop.demo.story import Wishes, play
from cmms_desktop.errors import CmmsError

FAILED = 1
WRONG_ARGUMENTS = 2
EXPECTED = {"converged": True, "replica_encrypted": True, "pending_after": 0, "parked_after": 0, "held_after": 0}
"""What every demonstration has to find at its end."""


def main(argv: Sequence[str] | None = None) -> int:
    """Play the demonstration. Exit code 0: every step worked; 1: one failed; 2: wrong arguments."""
    options = _parser().parse_args(argv)
    if options.import_file is not None and not options.import_file.is_file():
        print(f"There is no file {options.import_file} to import.", file=sys.stderr)
        return WRONG_ARGUMENTS
    wishes = Wishes(options.json, options.import_file, tuple(options.map))
    # short, and open to the unprivileged user that PostgreSQL runs as when this is root
    folder = Path(tempfile.mkdtemp(prefix="cmms-demo-"))
    folder.chmod(0o755)
    try:
        found = play(folder, wishes)
    except CmmsError as error:
        print(f"The demonstration stopped: {error.sentence}", file=sys.stderr)
        return FAILED
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        print(json.dumps(found, ensure_ascii=False))
    wrong = {name: found[name] for name, value in EXPECTED.items() if found[name] != value}
    if wrong:
        print(f"The demonstration ended wrongly: {wrong}.", file=sys.stderr)
        return FAILED
    if not options.json:
        print(f"Done in {found['seconds']:.0f} seconds. Everything shown was read back from the replica or the server.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="demo", description="Play a technician's day on a real server and replica.")
    parser.add_argument("--headless", action="store_true", help="without a window (there is none yet)")
    parser.add_argument("--json", action="store_true", help="print one JSON object on standard output")
    parser.add_argument("--import", dest="import_file", type=Path, metavar="FILE", help="import work orders as well")
    parser.add_argument("--map", action="append", default=[], metavar="COLUMN=field", help="for --import")
    return parser
