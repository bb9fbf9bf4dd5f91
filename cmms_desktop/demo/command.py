"""`demo`: opens the client's window on a world of its own, or plays the technician's day without one."""

import argparse
import json
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cmms_desktop.app.display import has_display
from cmms_desktop.app.loading import load_qt
from cmms_desktop.errors import CmmsError

NO_DISPLAY = "There is no display to open a window on. Without one the demonstration plays with --headless."
FAILED = 1
WRONG_ARGUMENTS = 2
EXPECTED = {"converged": True, "replica_encrypted": True, "pending_after": 0, "parked_after": 0, "held_after": 0}
"""What every demonstration has to find at its end."""


def main(argv: Sequence[str] | None = None) -> int:
    """Open or play the demonstration. Exit code 0: all is well; 1: it failed; 2: wrong arguments, or no display."""
    options = _parser().parse_args(argv)
    if options.import_file is not None and not options.import_file.is_file():
        print(f"There is no file {options.import_file} to import.", file=sys.stderr)
        return WRONG_ARGUMENTS
    if options.headless or options.json or options.import_file is not None:
        return _play(options)
    if options.screenshots is not None:
        return _photograph(options.screenshots)
    if not has_display(os.environ):
        print(NO_DISPLAY, file=sys.stderr)
        return WRONG_ARGUMENTS
    return _open(options)


def _open(options: argparse.Namespace) -> int:
    """Open the window, over a folder that is kept."""
    logging.basicConfig(level=logging.WARNING)
    load_qt()
    from cmms_desktop.demo.folder import default_folder
    from cmms_desktop.demo.window import run_demo_window

    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    folder = options.data or default_folder(os.environ, home=Path.home(), is_root=is_root)
    try:
        return run_demo_window(folder, is_fresh=options.fresh)
    except CmmsError as error:
        print(error.sentence, file=sys.stderr)
        return FAILED


def _photograph(pictures: Path) -> int:
    """Take pictures on a throw-away demonstration; a display is not needed."""
    if not has_display(os.environ):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    logging.basicConfig(level=logging.WARNING)
    load_qt()
    from cmms_desktop.demo.screenshots import take_screenshots

    root = Path(tempfile.mkdtemp(prefix="cmms-demo-"))
    root.chmod(0o755)
    try:
        count = len(take_screenshots(root, pictures, tell=print))
    except CmmsError as error:
        print(f"The pictures could not be taken: {error.sentence}", file=sys.stderr)
        return FAILED
    finally:
        shutil.rmtree(root, ignore_errors=True)
    print(f"{count} pictures are in {pictures}.")
    return 0


def _play(options: argparse.Namespace) -> int:
    """Play the day in a folder that is thrown away."""
    from cmms_desktop.demo.story import Wishes, play

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
    return _judge(options, found)


def _judge(options: argparse.Namespace, found: dict[str, Any]) -> int:
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
    parser = argparse.ArgumentParser(
        prog="demo", description="The client on generated data, with a real server behind it: in a window, or told."
    )
    window = parser.add_argument_group("in a window")
    window.add_argument("--data", type=Path, metavar="FOLDER", help="where the demonstration is kept")
    window.add_argument("--fresh", action="store_true", help="forget what was kept and begin again")
    window.add_argument(
        "--screenshots", type=Path, metavar="FOLDER", help="write a picture of every screen and state, and end"
    )
    told = parser.add_argument_group("told, without a window, in a folder that is thrown away")
    told.add_argument("--headless", action="store_true", help="play a technician's day and tell it in sentences")
    told.add_argument("--json", action="store_true", help="play it and print one JSON object on standard output")
    told.add_argument("--import", dest="import_file", type=Path, metavar="FILE", help="import work orders on the way")
    told.add_argument("--map", action="append", default=[], metavar="COLUMN=field", help="for --import")
    return parser
