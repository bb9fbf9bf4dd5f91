"""The real client: an installation as its settings describe it, with the operating system's keyring."""

import logging
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cmms_desktop.app.display import has_display
from cmms_desktop.config import settings_from_environment
from cmms_desktop.errors import Refused

WRONG_START: Final = 2
NO_DISPLAY: Final = (
    "There is no display to open a window on. Start it on a desktop; the demonstration alone also runs without one,"
    " as demo --headless."
)


def run_client(environment: Mapping[str, str], *, home: Path) -> int:
    """Open the window of this installation and stay until it is closed.

    Gives the exit code: 2, after one sentence on standard error, when settings or a display are missing.
    """
    try:
        settings = settings_from_environment(environment, home=home)
    except Refused as refusal:
        print(refusal.sentence, file=sys.stderr)
        return WRONG_START
    if not has_display(environment):
        print(NO_DISPLAY, file=sys.stderr)
        return WRONG_START
    logging.basicConfig(level=logging.WARNING)
    from cmms_desktop.app.desk import Desk
    from cmms_desktop.app.late_keyring import LateKeyring
    from cmms_desktop.app.window import open_window, run_window

    opened = open_window(Desk(settings, LateKeyring()))
    opened.door.show_sign_in()
    return run_window(opened)
