"""The demonstration's window: the real client in front of a world of its own, under a band that says so.

Everything slow happens in the window's errands, one after another; the band only says what is wanted.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from cmms_desktop.app.loading import load_every_page, load_front_door
from cmms_desktop.app.window import OpenWindow, run_window
from cmms_desktop.demo.choices import MORE, PASSWORD, PEOPLE, STANDINGS, SUPERVISOR, TECHNICIAN, TURNS
from cmms_desktop.demo.folder import DemoFolder, held_folder
from cmms_desktop.errors import CmmsError
from cmms_desktop.ui.window.demo_band import DemoBand
from cmms_desktop.ui.window.waiting_page import WaitingPage

if TYPE_CHECKING:
    from cmms_desktop.app.at_work import AtWork
    from cmms_desktop.demo.world import DemoWorld
    from cmms_desktop.ui.bridge.doors import Refusal

PREPARING: Final = "Preparing the demonstration"
FIRST_TIME: Final = "The server makes its database and an organization to try things on. This takes some seconds, once."
AGAIN: Final = "The server starts with everything as you left it."
NOT_STARTED: Final = "The demonstration did not start"
NO_ORDER: Final = "Open an order first; the office then does it to that one."
CUT: Final = "The connection to the server is cut. The office goes on without you."
FAILED: Final = 1
T = TypeVar("T")


class DemoWindow:
    """World, window and band, and what a press on the band leads to. `start` returns at once."""

    def __init__(self, folder: DemoFolder) -> None:
        """Make the window over a held folder; nothing is shown, and there is no world yet."""
        self._folder = folder
        self.opened = OpenWindow(folder.client, make_band=self._make_band)
        self._world: DemoWorld | None = None
        self.exit_code = 0

    def _make_band(self) -> DemoBand:
        self.band = DemoBand(people=PEOPLE, standings=STANDINGS, turns=TURNS, fact=f"Everybody’s password: {PASSWORD}")
        self.band.person_wanted.connect(self.switch_to)
        self.band.online_wanted.connect(self.set_online)
        self.band.standing_wanted.connect(self.stand)
        self.band.turn_wanted.connect(self.let_office)
        return self.band

    @property
    def world(self) -> DemoWorld:
        """What is behind the window. There is one once the band takes presses."""
        assert self._world is not None, "the demonstration is still being prepared"
        return self._world

    def start(self) -> None:
        """Start the world, then show the technician at work; meanwhile the window says what it waits for."""
        is_first = self._folder.organizations() is None
        self.opened.window.show_page(WaitingPage(PREPARING, FIRST_TIME if is_first else AGAIN))
        self._errand(self._begin, self._began, self._failed)

    def close(self) -> None:
        """Close the window, then the world. Slow."""
        self.opened.close()
        if self._world is not None:
            self._world.close()

    # ---- the presses

    def switch_to(self, login: str) -> None:
        """Show somebody else at work; whoever was shown stays at work behind the window."""
        if self._shown_login() == login:
            return
        self.band.say("")
        self._errand(partial(self.world.at_work, login), self._show, self._tell)

    def set_online(self, is_online: bool) -> None:
        """Cut the network of the clients, or mend it: at once, and whatever is under way."""
        if is_online:
            self.world.go_online()
        else:
            self.world.go_offline()
        self.band.set_online(is_online)
        self.band.say("" if is_online else CUT)

    def stand(self, standing: str) -> None:
        """Put the receiver somewhere else."""
        self.world.standing = standing

    def let_office(self, turn: str) -> None:
        """Let the office do something to the order on screen."""
        person, order_id = self.opened.door.shown, self._order_on_screen()
        if person is None or (not order_id and turn != MORE):
            self.band.say(NO_ORDER)
            return
        self.band.set_busy(True)
        self._errand(partial(self._take_turn, turn, person, order_id), self._turn_taken, self._tell)

    # ---- threads

    def _begin(self) -> AtWork:
        """Load what takes long, while the window is there already, and start everything."""
        load_front_door()
        from cmms_desktop.demo.world import DemoWorld

        self._world = DemoWorld(self._folder, preferences=self.opened.preferences.get)
        loading = threading.Thread(target=load_every_page)  # while the server starts, which takes longer
        loading.start()
        self._world.start()
        loading.join()
        return self._world.at_work(TECHNICIAN)

    def _take_turn(self, turn: str, person: AtWork, order_id: str) -> str:
        sentence = self.world.office_turn().take(turn, person, order_id)
        self.world.poke()  # what the server's own word will do one day: without it a minute may pass
        return sentence

    # ---- what came of it

    def _began(self, person: AtWork) -> None:
        self.opened.furnish(self.world.desk, opener=self.world.sign_in)
        self._show(person)
        self.band.set_ready(True)
        self._errand(partial(self.world.at_work, SUPERVISOR), None, self._tell)  # so that he can sign here as well

    def _show(self, person: AtWork) -> None:
        self.opened.door.take_away()
        self.opened.door.show(person)
        self.band.set_person(person.login)

    def _turn_taken(self, sentence: str) -> None:
        self.band.set_busy(False)
        self.band.say(sentence if self.world.is_online else f"{sentence} You will see it when you are online.")

    def _tell(self, problem: CmmsError) -> None:
        self.band.set_busy(False)
        self.band.say(problem.sentence)
        self.band.set_person(self._shown_login())

    def _failed(self, problem: CmmsError) -> None:
        self.exit_code = FAILED
        print(f"{NOT_STARTED}: {problem.sentence}", file=sys.stderr)
        self.opened.window.show_page(WaitingPage(NOT_STARTED, problem.sentence, icon="out-of-range"))

    def _errand(self, work: Callable[[], T], then: Callable[[T], None] | None, refused: Refusal) -> None:
        self.opened.errands.run(work, then, refused=refused)

    def _shown_login(self) -> str:
        shown = self.opened.door.shown
        return "" if shown is None else shown.login

    def _order_on_screen(self) -> str:
        frame = self.opened.window.frame
        return "" if frame is None else frame.place.get("order_id")


def run_demo_window(root: Path, *, is_fresh: bool) -> int:
    """Open the demonstration kept in a folder and stay until its window is closed; gives the exit code.

    Raises:
        CmmsError: the folder cannot be used, or another window uses it.
    """
    with held_folder(root, is_fresh=is_fresh) as folder:
        demo = DemoWindow(folder)
        demo.start()
        try:
            code = run_window(demo.opened)
        finally:
            demo.close()
        return code or demo.exit_code
