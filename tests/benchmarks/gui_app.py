"""The measured client: put together as its own start does it, on a data folder of its own, with its window open.

A device that signs in here is new to its server. Nothing of ours is replaced: settings, Argon2, store and threads are
those of the shipped client; the keyring alone is one in memory.
"""

from pathlib import Path

from cmms_desktop.app.at_work import AtWork
from cmms_desktop.app.desk import Desk
from cmms_desktop.app.loading import load_every_page
from cmms_desktop.app.process import ShortTurns
from cmms_desktop.app.window import OpenWindow
from cmms_desktop.config import ClientSettings
from cmms_desktop.credentials.secret_store import MemoryStore, SecretStore
from cmms_desktop.errors import CmmsError
from cmms_desktop.ui.screens.sign_in.view import SignInPage
from tests.benchmarks.gui_window import SIZE, NeverHappened, pause, wait_for

SETTLED_S = 1.0


class Client:
    """The client as `run_window` runs it, without handing over the event loop."""

    def __init__(self, folder: Path, server_url: str, *, organization: str, store: SecretStore | None = None) -> None:
        """Open the window on an installation, with its sign-in page up."""
        settings = ClientSettings(folder, server_url, organization)
        self.desk = Desk(settings, store or MemoryStore(), device_name="Benchmark")
        self.opened = OpenWindow(settings.data_folder)
        self._turns = ShortTurns()
        self.opened.window.resize(*SIZE)
        self.opened.window.show()
        self.opened.furnish(self.desk).show_sign_in()
        self.opened.errands.later(load_every_page)
        loaded: list[None] = []
        self.opened.errands.run(_nothing, loaded.append)
        wait_for("the sign-in page", lambda: bool(loaded) and self.opened.window.findChild(SignInPage) is not None)
        pause(SETTLED_S)

    @property
    def person(self) -> AtWork:
        """Whoever is at work."""
        person = self.opened.door.shown
        if person is None:
            raise NeverHappened("Nobody is at work.")
        return person

    def enter(self, login: str, password: str) -> None:
        """Sign somebody in by the door that the sign-in page uses, and wait until his frame is shown."""
        refused: list[CmmsError] = []
        self.opened.door.open(login, password, at_server=None, code=None, then=_done, refused=refused.append)
        wait_for("somebody is at work", lambda: bool(refused) or self.opened.window.frame is not None)
        if refused:
            raise NeverHappened(refused[0].sentence)

    def close(self) -> None:
        """End everything in order."""
        self.opened.close()
        self._turns.close()


def _nothing() -> None:
    """An errand that is done when the ones before it are."""


def _done(_: None) -> None:
    """The frame comes next."""
