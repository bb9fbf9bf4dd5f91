"""The real client: an installation as its profile or its settings describe it, with the operating system's keyring."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cmms_desktop.app.display import has_display
from cmms_desktop.app.loading import load_every_page, load_front_door, load_qt
from cmms_desktop.config import (
    ClientSettings,
    data_folder_of,
    is_set_up_by_hand,
    settings_from_environment,
    settings_from_profile,
)
from cmms_desktop.errors import CmmsError, Refused

if TYPE_CHECKING:
    from cmms_desktop.app.desk import Desk
    from cmms_desktop.app.window import OpenWindow
    from cmms_desktop.profile.taking import Profiles, Start
    from sync_server.contract.rules.profile import Profile

WRONG_START: Final = 2
NO_DISPLAY: Final = (
    "There is no display to open a window on. Start it on a desktop; the demonstration alone also runs without one,"
    " as demo --headless."
)
OPENING: Final = "Opening your work"
NOT_OPENED: Final = "Your work could not be opened"


def run_client(environment: Mapping[str, str], *, home: Path) -> int:
    """Open the window of this installation and stay until it is closed.

    Gives the exit code: 2, after one sentence on standard error, when settings are wrong or a display is missing.
    """
    profiles = _profiles(environment, home)
    start = profiles.start()
    try:
        settings = _settings(start, environment, home)
    except Refused as refusal:
        print(refusal.sentence, file=sys.stderr)
        return WRONG_START
    if not has_display(environment):
        print(NO_DISPLAY, file=sys.stderr)
        return WRONG_START
    logging.basicConfig(level=logging.WARNING)
    load_qt()
    from cmms_desktop.app.window import OpenWindow, run_window

    opened = OpenWindow(data_folder_of(environment, home=home))
    client = Client(opened, profiles, start, environment, home=home)
    if settings is None:
        client.ask_for_profile()
    else:
        client.open(settings)
    return run_window(opened)


class Client:
    """What is shown in the window of an installation: a page for its profile, or its front door. GUI thread."""

    def __init__(
        self, opened: OpenWindow, profiles: Profiles, start: Start, environment: Mapping[str, str], *, home: Path
    ) -> None:
        """Show nothing yet."""
        self._opened, self._profiles, self._start = opened, profiles, start
        self._environment, self._home = environment, home

    def open(self, settings: ClientSettings) -> None:
        """Load what takes long, then ask who works here."""
        from cmms_desktop.ui.window.waiting_page import WaitingPage

        self._opened.wear(settings)
        self._opened.window.show_page(WaitingPage(OPENING))
        self._opened.errands.run(partial(_desk, settings), self._ask_who_works, refused=self._say)

    def ask_for_profile(self, *, can_leave: bool = False) -> None:
        """Show the page for profiles; `can_leave`: there is a sign-in page to go back to."""
        from cmms_desktop.app.profile_door import ProfileDoor

        back = self._opened.door.show_sign_in if can_leave else None
        window, errands = self._opened.window, self._opened.errands
        ProfileDoor(self._profiles, self._start, window, errands=errands, adopt=self._adopt, back=back).show()

    def _adopt(self, profile: Profile) -> None:
        """Go on with a profile that was just put in force."""
        from cmms_desktop.profile.taking import Start

        self._start = Start(profile)
        try:
            settings = settings_from_profile(profile, self._environment, home=self._home)
        except Refused as refusal:
            self._say(refusal)
        else:
            self.open(settings)

    def _ask_who_works(self, desk: Desk) -> None:
        from cmms_desktop.app.profile_door import notes_of
        from cmms_desktop.version import app_version

        notes = notes_of(self._start, desk.settings.profile, app_version())
        ask = partial(self.ask_for_profile, can_leave=True)
        self._opened.furnish(desk, notes=notes, ask_for_profile=ask).show_sign_in()
        self._opened.errands.later(load_every_page)  # while somebody types his password

    def _say(self, problem: CmmsError) -> None:
        from cmms_desktop.ui.window.waiting_page import WaitingPage

        self._opened.window.show_page(WaitingPage(NOT_OPENED, problem.sentence, icon="out-of-range"))


def _profiles(environment: Mapping[str, str], home: Path) -> Profiles:
    from cmms_desktop.profile.places import places_here
    from cmms_desktop.profile.taking import Profiles

    folder = data_folder_of(environment, home=home)
    return Profiles(folder, places_here(environment, folder), clock=lambda: datetime.now(UTC))


def _settings(start: Start, environment: Mapping[str, str], home: Path) -> ClientSettings | None:
    """Give the settings; None: nobody has set this installation up yet. Raises Refused.

    What somebody has set up by hand counts before a demonstration's profile, which came with the package (D-265).
    """
    in_force, by_hand = start.in_force, is_set_up_by_hand(environment)
    if in_force is not None and not (in_force.is_demonstration and by_hand):
        return settings_from_profile(in_force, environment, home=home)
    return settings_from_environment(environment, home=home) if by_hand else None


def _desk(settings: ClientSettings) -> Desk:
    """Load what takes long, while the window is there already."""
    load_front_door()
    from cmms_desktop.app.desk import Desk
    from cmms_desktop.app.late_keyring import LateKeyring

    return Desk(settings, LateKeyring())
