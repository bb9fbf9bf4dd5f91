"""The window of an installation: application, preferences, look, one window, and its end.

The window is there before the replica's libraries are loaded, which takes long: `furnish` gives it its front door.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

import cmms_desktop.app.plain_imports  # noqa: F401  before everything else of ours
from cmms_desktop.app.garbage import GarbageTurns
from cmms_desktop.app.process import LastResort, ShortTurns, SignalWatch
from cmms_desktop.application.preferences import FILE_NAME, KeptPreferences, Preferences, PreferencesFile, fixed_by
from cmms_desktop.errors import CmmsError
from cmms_desktop.ui.bridge.applied_look import apply_look
from cmms_desktop.ui.bridge.errands import Errands
from cmms_desktop.ui.theme import install, theme
from cmms_desktop.ui.window.main_window import TITLE, MainWindow

if TYPE_CHECKING:
    from cmms_desktop.app.at_work import AtWork, Receiver
    from cmms_desktop.app.desk import Desk
    from cmms_desktop.app.front_door import FrontDoor, Opener
    from cmms_desktop.config import ClientSettings

log = logging.getLogger(__name__)


def make_application() -> QApplication:
    """Make the one application of this process, or give the one that is there."""
    running = QApplication.instance()
    if isinstance(running, QApplication):
        return running
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    made = QApplication(sys.argv[:1])
    made.setApplicationDisplayName(TITLE)
    made.setDesktopFileName("cmms-field")
    return made


class OpenWindow:
    """A window with its preferences and errands, and a front door once it is furnished. `close` ends it all."""

    def __init__(self, data_folder: Path, *, make_band: Callable[[], QWidget] | None = None) -> None:
        """Make the window of an installation; it shows nothing yet.

        Args:
            data_folder: Where the preferences lie.
            make_band: Makes what stands above everything else, once there is an application; None: nothing does.
        """
        file = PreferencesFile(data_folder / FILE_NAME)
        loaded = file.load()
        chosen = loaded.preferences
        application = make_application()
        self._garbage = GarbageTurns()  # before any other thread, which would end what the window has left
        install(application, name=chosen.theme, font_setting=chosen.font_setting)
        self.errands = Errands(complain=self.complain)
        self.preferences = KeptPreferences(chosen, file=file, later=self.errands.later, problem=loaded.problem)
        self.preferences.on_changed(apply_look)
        self.window = MainWindow(band=None if make_band is None else make_band())
        theme().dress_only(self.window)
        self.window.theme_wanted.connect(self._use_theme)
        self.window.closed.connect(self._keep_geometry)
        if chosen.window_geometry:
            self.window.restore_kept_geometry(chosen.window_geometry)
        self._door: FrontDoor | None = None

    @property
    def door(self) -> FrontDoor:
        """The front door. There is one from `furnish` on."""
        assert self._door is not None, "the window has no front door yet"
        return self._door

    def furnish(
        self,
        desk: Desk,
        *,
        opener: Opener | None = None,
        make_receiver: Callable[[Callable[[], Preferences]], Receiver] | None = None,
        notes: tuple[str, ...] = (),
        ask_for_profile: Callable[[], None] | None = None,
    ) -> FrontDoor:
        """Give the window the front door of an installation; nobody is asked to sign in yet.

        A door that it had before is closed: nobody is at work behind it.

        Args:
            desk: The installation.
            opener: Signs somebody in; None: as the desk does.
            make_receiver: Gives positions to whoever signs in; None: the preferred receiver.
            notes: What the sign-in page tells about the installation.
            ask_for_profile: Shows the page for profiles; None: none is taken here.
        """
        from cmms_desktop.app.front_door import FrontDoor

        def sign_in(login: str, password: str, *, code: str | None) -> AtWork:
            from cmms_desktop.app.at_work import AtWork

            receiver = (make_receiver or _preferred(desk))(self.preferences.get)
            return AtWork.begin(desk, login, password, positions=receiver, code=code)

        if self._door is not None:
            self._door.close()
        self.wear(desk.settings)
        self._door = FrontDoor(
            desk,
            self.window,
            errands=self.errands,
            preferences=self.preferences,
            opener=opener or sign_in,
            notes=notes,
            ask_for_profile=ask_for_profile,
        )
        return self._door

    def wear(self, settings: ClientSettings) -> None:
        """Let the organization name the window and say that it is for exercise, and fix what it wants to be fixed."""
        title = self.window.wear(settings.branding.name, is_training=settings.is_training)
        make_application().setApplicationDisplayName(title)
        self.preferences.fix(fixed_by(settings.policies))

    def complain(self, problem: CmmsError) -> None:
        """Say what nobody else says, to whoever is at work."""
        frame = self.window.frame
        if frame is not None:
            frame.complain(problem)
        else:
            log.warning("told to nobody: %s", problem.sentence)

    def close(self) -> None:
        """Close the window, finish its errands and end whoever is at work. Twice is fine."""
        self.window.close()
        self.errands.close()
        if self._door is not None:
            self._door.close()
        self._garbage.close()

    def _use_theme(self, name: str) -> None:
        self.preferences.change(theme=name)

    def _keep_geometry(self) -> None:
        self.preferences.change(window_geometry=self.window.keep_geometry())


def run_window(opened: OpenWindow) -> int:
    """Show the window and stay until it is closed; gives the exit code. Signals close it in good order."""
    application = make_application()
    watch, last_resort, turns = SignalWatch(), LastResort(opened.complain), ShortTurns()
    watch.heard.connect(opened.window.close)
    opened.window.show()
    try:
        return application.exec()
    finally:
        opened.close()
        watch.close()
        last_resort.close()
        turns.close()


def _preferred(desk: Desk) -> Callable[[Callable[[], Preferences]], Receiver]:
    from cmms_desktop.app.positions import PreferredPositions

    def make(preferences: Callable[[], Preferences]) -> Receiver:
        return PreferredPositions(preferences, clock=desk.clock)

    return make
