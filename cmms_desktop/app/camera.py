"""Looks at the window as a person does: waits until it is calm, presses what is named, takes pictures in every look.

For the demonstration's pictures. It reads nothing but what can be seen and changes nothing but by pressing.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QListView, QPlainTextEdit, QWidget

from cmms_desktop.app.window import OpenWindow
from cmms_desktop.errors import Bug
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.window.frame import Frame

CALM_S: Final = 0.1
"""The window is calm when it looks the same after so long."""
RESTLESS_S: Final = 4.0
"""A window that never looks the same twice, such as one that counts seconds, is taken as it is after so long."""
PATIENCE_S: Final = 30.0
W = TypeVar("W", bound=QWidget)


@dataclass(frozen=True, slots=True)
class Look:
    """One way to see a page."""

    theme: str
    width: int
    height: int

    @property
    def name(self) -> str:
        """As files are named: `light-1280`."""
        return f"{self.theme}-{self.width}"


LOOKS: Final = (
    Look("light", 1280, 800),
    Look("dark", 1280, 800),
    Look("sunlight", 1280, 800),
    Look("light", 800, 480),
)


class Camera:
    """A person's eyes and one finger on an open window."""

    def __init__(self, opened: OpenWindow, folder: Path, *, looks: tuple[Look, ...] = LOOKS) -> None:
        """Show the window; pictures go into `folder`, which is made. It is worked with in the first of all looks."""
        self._window, self._folder, self._looks = opened.window, folder, looks
        folder.mkdir(parents=True, exist_ok=True)
        self._count = 0
        self.taken: list[Path] = []
        self._see(LOOKS[0])
        self._window.show()

    @property
    def frame(self) -> Frame:
        """The frame of whoever is at work."""
        if self._window.frame is None:
            raise Bug("Nobody is at work in the window.")
        return self._window.frame

    def take(self, name: str) -> None:
        """Take one picture in each look, named `03-my-day-light-1280.png`, and put the first look back."""
        self._count += 1
        for look in self._looks:
            self._see(look)
            self.settle()
            path = self._folder / f"{self._count:02}-{name}-{look.name}.png"
            if not self._window.grab().save(str(path)):
                raise Bug(f"The picture {path.name} could not be written.")
            self.taken.append(path)
        self._see(LOOKS[0])
        self.settle()

    def _see(self, look: Look) -> None:
        if theme().name != look.theme:
            theme().use(name=look.theme)
        self._window.resize(look.width, look.height)

    def settle(self) -> None:
        """Let everything that was asked for come back, until the picture stands still."""
        frame = self._window.frame
        if frame is not None:
            done: list[None] = []
            frame.background.read(lambda reading: None, done.append)
            self.wait_for(lambda: bool(done))
        deadline, before = time.monotonic() + RESTLESS_S, None
        while time.monotonic() < deadline:
            self._live(CALM_S)
            now = self._window.grab().toImage()
            if now == before:
                return
            before = now

    def _live(self, length_s: float) -> None:
        end = time.monotonic() + length_s
        while time.monotonic() < end:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)

    def wait_for(self, condition: Callable[[], object]) -> None:
        """Wait until a callable gives something true. Raises Bug when it never does."""
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > deadline:
                raise Bug("The window did not show what was expected.")
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)

    def press(self, words: str, *, number: int = 0) -> None:
        """Press the visible button with these words (its own, or its accessible name)."""
        self.wait_for(lambda: len(self._buttons(words)) > number)
        self._buttons(words)[number].click()
        self.settle()

    def choose_row(self, list_name: str) -> None:
        """Press Enter on the row that is chosen in a list."""
        view = next(each for each in self._window.findChildren(QListView) if each.accessibleName() == list_name)
        view.activated.emit(view.currentIndex())
        self.settle()

    def type_into(self, label: str, text: str) -> None:
        """Type into the visible field with this accessible name, as a person: key by key is not needed here."""
        fields: list[QWidget] = [*self._window.findChildren(QLineEdit), *self._window.findChildren(QPlainTextEdit)]
        fields = [each for each in fields if each.isVisible() and each.accessibleName().startswith(label)]
        if not fields:
            raise Bug(f"There is no field “{label}” to type into.")
        field = fields[0]
        field.setFocus()
        if isinstance(field, QLineEdit):
            field.clear()
            field.insert(text)
            field.textEdited.emit(text)
        elif isinstance(field, QPlainTextEdit):
            field.setPlainText(text)
        self.settle()

    def sees(self, words: str) -> bool:
        """Whether a visible label begins with these words."""
        labels = self._window.findChildren(QLabel)
        return any(each.isVisible() and each.text().startswith(words) for each in labels)

    def find(self, kind: type[W]) -> W:
        """Give the visible widget of a kind, once there is one."""
        found: list[W] = []

        def look() -> bool:
            found[:] = [each for each in self._window.findChildren(kind) if each.isVisible()]
            return bool(found)

        self.wait_for(look)
        return found[0]

    def _buttons(self, words: str) -> list[QAbstractButton]:
        return [
            each
            for each in self._window.findChildren(QAbstractButton)
            if each.isVisible() and each.isEnabled() and words in (each.text(), each.accessibleName())
        ]
