"""The program as its start puts it together, with the test in place of the event loop: window and front door."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent

from cmms_desktop.app.front_door import Opener
from cmms_desktop.app.window import OpenWindow
from cmms_desktop.application.preferences import Preferences
from cmms_desktop.ui.theme import theme
from tests.ui.hands import Hand
from tests.ui.person import Person

if TYPE_CHECKING:
    from cmms_desktop.app.at_work import AtWork, Receiver
    from cmms_desktop.app.desk import Desk

REGULAR, COMPACT = (1280, 800), (800, 480)
MakeReceiver = Callable[[Callable[[], Preferences]], "Receiver"]


class Program:
    """An open window with a person in front of it."""

    def __init__(self, opened: OpenWindow, person: Person) -> None:
        self.opened, self.person = opened, person

    @property
    def shown(self) -> AtWork:
        """Whoever is at work in the window."""
        shown = self.opened.door.shown
        assert shown is not None, "nobody is signed in"
        return shown


@contextmanager
def a_program(
    desk: Desk,
    *,
    opener: Opener | None = None,
    make_receiver: MakeReceiver | None = None,
    size: tuple[int, int] = REGULAR,
    hand: Hand | None = None,
) -> Iterator[Program]:
    """Open the window of an installation on its sign-in page, and end it all in good order."""
    opened = OpenWindow(desk.settings.data_folder)
    opened.window.resize(*size)
    opened.furnish(desk, opener=opener, make_receiver=make_receiver).show_sign_in()
    try:
        yield Program(opened, Person(opened.window, hand=hand))
    finally:
        opened.close()
        theme().dress_only(None)  # a process has one window; the next test makes another
        opened.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # type: ignore[arg-type]  # None: everybody's
