"""The window of an installation: application, preferences, look, one window with its front door, and their end."""

import sys
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from cmms_desktop.app.at_work import AtWork, Receiver
from cmms_desktop.app.desk import Desk
from cmms_desktop.app.front_door import FrontDoor, Opener
from cmms_desktop.app.positions import PreferredPositions
from cmms_desktop.app.process import LastResort, SignalWatch
from cmms_desktop.application.preferences import FILE_NAME, KeptPreferences, Preferences, PreferencesFile
from cmms_desktop.ui.bridge.applied_look import apply_look
from cmms_desktop.ui.theme import install
from cmms_desktop.ui.window.main_window import TITLE, MainWindow

MakeReceiver = Callable[[Callable[[], Preferences]], Receiver]
"""Makes the receiver of one person at work from what gives the preferences."""


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


@dataclass(slots=True)
class OpenWindow:
    """The window with all that belongs to it. `close` ends everything in order; twice is fine."""

    window: MainWindow
    door: FrontDoor
    preferences: KeptPreferences

    def close(self) -> None:
        """Close the window and end whoever is at work."""
        self.window.close()
        self.door.close()


def open_window(
    desk: Desk,
    *,
    opener: Opener | None = None,
    make_receiver: MakeReceiver | None = None,
    make_band: Callable[[], QWidget] | None = None,
) -> OpenWindow:
    """Make the window of an installation; it shows nothing yet, and nobody is asked to sign in yet.

    Args:
        desk: The installation.
        opener: Signs somebody in; None: as the desk does.
        make_receiver: Gives positions to whoever signs in; None: the preferred receiver.
        make_band: Makes what stands above everything else, once there is an application; None: nothing does.
    """
    file = PreferencesFile(desk.settings.data_folder / FILE_NAME)
    loaded = file.load()
    install(make_application(), name=loaded.preferences.theme, font_setting=loaded.preferences.font_setting)

    def later(work: Callable[[], None]) -> None:
        door.errands.later(work)

    preferences = KeptPreferences(loaded.preferences, file=file, later=later, problem=loaded.problem)
    preferences.on_changed(apply_look)
    window = MainWindow(band=None if make_band is None else make_band())
    if loaded.preferences.window_geometry:
        window.restore_kept_geometry(loaded.preferences.window_geometry)

    def sign_in(login: str, password: str) -> AtWork:
        receiver = (make_receiver or _preferred(desk))(preferences.get)
        return AtWork.begin(desk, login, password, positions=receiver)

    def use_theme(name: str) -> None:
        preferences.change(theme=name)

    def keep_geometry() -> None:
        preferences.change(window_geometry=window.keep_geometry())

    window.theme_wanted.connect(use_theme)
    window.closed.connect(keep_geometry)
    door = FrontDoor(desk, window, preferences, opener=opener or sign_in)
    return OpenWindow(window, door, preferences)


def run_window(opened: OpenWindow) -> int:
    """Show the window and stay until it is closed; gives the exit code. Signals close it in good order."""
    application = make_application()
    watch, last_resort = SignalWatch(), LastResort(opened.door.complain)
    watch.heard.connect(opened.window.close)
    opened.window.show()
    try:
        return application.exec()
    finally:
        opened.close()
        watch.close()
        last_resort.close()


def _preferred(desk: Desk) -> MakeReceiver:
    def make(preferences: Callable[[], Preferences]) -> Receiver:
        return PreferredPositions(preferences, clock=desk.clock)

    return make
