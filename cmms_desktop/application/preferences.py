"""What people prefer on this installation: theme, size of text, the receiver of positions, where the window was.

A small file beside the replicas, for everybody who works here; it holds no work and no secret. It is replaced whole or
not at all, and rubbish in it costs the preferences, never the start. Nothing here knows Qt or a receiver.
"""

import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec

from sync_server.contract.rules.profile import Policies

FILE_NAME: Final = "preferences.json"
UNREADABLE: Final = "Your settings could not be read, so the usual ones are in use. Look at Settings."
BYTES_MAX: Final = 65_536
"""More than any window geometry needs; a longer file is not ours."""
GPSD_PORT: Final = 2947
SPEEDS_BAUD: Final = (4800, 9600, 19200, 38400, 57600, 115200)
"""Bits a second of receivers on a serial line; NMEA 0183 says 4800."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """Everything that is kept. Of the positioning values only those of `positioning` are used; the others wait."""

    theme: Literal["light", "dark", "sunlight"] = "light"
    font_setting: Literal["small", "normal", "large", "largest"] = "normal"
    positioning: Literal["none", "nmea_file", "network", "serial"] = "none"
    nmea_file: str = ""
    """Path of a recording."""
    receiver_host: str = ""
    receiver_port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] = GPSD_PORT
    serial_line: str = ""
    """Name of the line, such as /dev/ttyACM0 or COM3."""
    serial_speed_baud: Annotated[int, msgspec.Meta(ge=300, le=4_000_000)] = SPEEDS_BAUD[0]
    photos_on_metered: Literal["wait", "send"] = "wait"
    """Whether photos go and come where each byte costs something."""
    window_geometry: str = ""
    """What the window wrote down about its place, as text; empty: never."""


def fixed_by(policies: Policies) -> dict[str, Any]:
    """Give what an organization fixes of the preferences, by name."""
    fixed: dict[str, Any] = {}
    if policies.photos_on_metered is not None:
        fixed["photos_on_metered"] = policies.photos_on_metered
    receiver = policies.positioning
    if receiver is not None:
        fixed["positioning"] = receiver.source
        fixed |= {"receiver_host": receiver.host, "receiver_port": receiver.port, "nmea_file": ""}
        fixed |= {"serial_line": receiver.line, "serial_speed_baud": receiver.speed_baud}
    return fixed


@dataclass(frozen=True, slots=True)
class Loaded:
    """Preferences from a file, and what there is to say about it; None: nothing."""

    preferences: Preferences
    problem: str | None = None


class PreferencesFile:
    """The file. One call at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Loaded:
        """Read it. A missing file means the usual preferences; a bad value costs that value alone."""
        try:
            with self._path.open("rb") as file:
                content = file.read(BYTES_MAX + 1)
            values = msgspec.json.decode(content, type=dict[str, Any]) if len(content) <= BYTES_MAX else None
        except FileNotFoundError:
            return Loaded(Preferences())
        except (OSError, ValueError, RecursionError):
            return Loaded(Preferences(), UNREADABLE)
        return Loaded(Preferences(), UNREADABLE) if values is None else _from_values(values)

    def store(self, preferences: Preferences) -> None:
        """Replace the file. On a full or read-only disk the preferences last as long as the program."""
        part = self._path.with_suffix(".part")
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(preferences)))
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._path)


def _from_values(values: dict[str, Any]) -> Loaded:
    """Take every value that can be right; unknown names are a newer program's and cost nothing."""
    preferences, problem = Preferences(), None
    for name in Preferences.__dataclass_fields__:
        if name not in values:
            continue
        try:
            found = msgspec.convert({name: values[name]}, Preferences)
            preferences = replace(preferences, **{name: getattr(found, name)})
        except msgspec.ValidationError:
            problem = UNREADABLE
    return Loaded(preferences, problem)


class KeptPreferences:
    """The preferences of a running program, written behind each change. GUI thread; without a file, memory only."""

    def __init__(
        self,
        preferences: Preferences | None = None,
        *,
        file: PreferencesFile | None = None,
        later: Callable[[Callable[[], None]], None] | None = None,
        problem: str | None = None,
        fixed: Mapping[str, Any] | None = None,
    ) -> None:
        """Begin with what was loaded; `later` runs a write outside the GUI thread, else it is done at once.

        `problem` is the sentence about the file; the first change makes it untrue. `fixed` is what the organization
        says: it counts in place of what is in the file, which keeps what people chose.
        """
        self._preferences = preferences or Preferences()
        self._fixed = dict(fixed or {})
        self._file, self._later = file, later
        self._listeners: list[Callable[[Preferences], None]] = []
        self._one_at_a_time = threading.Lock()
        self.problem = problem

    def get(self) -> Preferences:
        """Give them as they are now."""
        return replace(self._preferences, **self._fixed)

    @property
    def fixed(self) -> frozenset[str]:
        """Names of those that the organization fixes."""
        return frozenset(self._fixed)

    def fix(self, fixed: Mapping[str, Any]) -> None:
        """Let the organization fix others than before, and tell the listeners."""
        before, self._fixed = self.get(), dict(fixed)
        if self.get() != before:
            self._tell()

    def change(self, **values: Any) -> None:
        """Change some by name and tell the listeners at once; what is fixed stays.

        Raises TypeError for a name that there is not.
        """
        changed = replace(self._preferences, **{name: values[name] for name in values if name not in self._fixed})
        if changed == self._preferences:
            return
        self._preferences, self.problem = changed, None
        self._tell()
        if self._later is None:
            self._write()
        else:
            self._later(self._write)

    def on_changed(self, listener: Callable[[Preferences], None]) -> Callable[[], None]:
        """Tell about every change, in the thread that made it; the answer ends that."""
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener(self.get())

    def _write(self) -> None:
        """Write the newest, whichever change asked for it."""
        if self._file is not None:
            with self._one_at_a_time:
                self._file.store(self._preferences)
