"""A person in front of the window on a stage: what is shown is real, there is only nobody at the other end."""

from collections.abc import Iterator
from contextlib import contextmanager

from pytestqt.qtbot import QtBot

from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.window.frame import Frame
from cmms_desktop.ui.window.main_window import MainWindow
from tests.ui.person import Person
from tests.ui.stage import Stage

REGULAR, COMPACT = (1280, 800), (800, 480)
SIZES = {"regular": REGULAR, "compact": COMPACT}


@contextmanager
def a_window(stage: Stage, qtbot: QtBot, size: tuple[int, int] = REGULAR) -> Iterator[Person]:
    """Open the window on somebody's stage, and let go of his session in the end."""
    window = MainWindow()
    qtbot.addWidget(window)
    window.resize(*size)
    window.show_frame(
        Frame(stage.session, stage.conversation, clock=stage.clock, preferences=stage.context.preferences)
    )
    try:
        yield Person(window)
    finally:
        window.take_frame()


def frame_of(at: Person) -> Frame:
    """The frame in the window."""
    assert isinstance(at.window, MainWindow)
    assert at.window.frame is not None
    return at.window.frame


def go(at: Person, page: str, **values: str) -> None:
    """Open a page and let everything that it asks for come back."""
    frame_of(at).open(Place.of(page, **values))
    settle(at)


def settle(at: Person) -> None:
    """Let everything that was asked for be answered and shown."""
    background = frame_of(at).background
    for _ in range(2):
        done: list[None] = []
        background.read(lambda reading: None, done.append)
        at.until("everything is read", lambda found=done: bool(found))  # type: ignore[misc]
        at.rest()
