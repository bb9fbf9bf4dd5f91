"""The real client: an installation as its settings describe it, with the operating system's keyring."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cmms_desktop.app.display import has_display
from cmms_desktop.app.loading import load_every_page, load_front_door, load_qt
from cmms_desktop.config import ClientSettings, settings_from_environment
from cmms_desktop.errors import CmmsError, Refused

if TYPE_CHECKING:
    from cmms_desktop.app.desk import Desk
    from cmms_desktop.app.window import OpenWindow

WRONG_START: Final = 2
NO_DISPLAY: Final = (
    "There is no display to open a window on. Start it on a desktop; the demonstration alone also runs without one,"
    " as demo --headless."
)
OPENING: Final = "Opening your work"
NOT_OPENED: Final = "Your work could not be opened"


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
    load_qt()
    from cmms_desktop.app.window import OpenWindow, run_window
    from cmms_desktop.ui.window.waiting_page import WaitingPage

    opened = OpenWindow(settings.data_folder)
    opened.window.show_page(WaitingPage(OPENING))
    opened.errands.run(partial(_desk, settings), partial(_ask_who_works, opened), refused=partial(_say, opened))
    return run_window(opened)


def _desk(settings: ClientSettings) -> Desk:
    """Load what takes long, while the window is there already."""
    load_front_door()
    from cmms_desktop.app.desk import Desk
    from cmms_desktop.app.late_keyring import LateKeyring

    return Desk(settings, LateKeyring())


def _ask_who_works(opened: OpenWindow, desk: Desk) -> None:
    opened.furnish(desk).show_sign_in()
    opened.errands.later(load_every_page)  # while somebody types his password


def _say(opened: OpenWindow, problem: CmmsError) -> None:
    from cmms_desktop.ui.window.waiting_page import WaitingPage

    opened.window.show_page(WaitingPage(NOT_OPENED, problem.sentence, icon="out-of-range"))
