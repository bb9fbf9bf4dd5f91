"""A machine with the three places where profiles lie, the data folder of one account, and a clock set by hand."""

import os
import sys
from pathlib import Path

import pytest

from cmms_desktop.profile.in_force import read_in_force
from cmms_desktop.profile.places import Place
from cmms_desktop.profile.taking import Profiles
from tests.support.profiles import NOW

PERSON = "0198f000-0000-7000-8000-00000000000a"
as_root = pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() != 0,
    reason="only an administrator can make his files",
)


class Machine:
    """A data folder, the three places of a machine, and a clock."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.baked, self.dropped, self.own = (folder / name / "p" for name in ("program", "machine", "data"))
        for path in (self.baked, self.dropped, self.own):
            path.parent.mkdir(mode=0o755)
            if hasattr(os, "geteuid") and os.geteuid() == 0 and path is not self.own:
                os.chown(path.parent, 0, 0)
        self.data.chmod(0o777)  # whatever lies there is nobody's in particular
        self.now = NOW
        self.people: tuple[str, ...] = ()

    def profiles(self) -> Profiles:
        places = (Place(self.baked), Place(self.dropped), Place(self.own))
        return Profiles(self.data, places, clock=lambda: self.now)

    def enrol(self, organization: str, made: str = "keys.json") -> None:
        folder = self.data / organization / PERSON
        folder.mkdir(parents=True)
        (folder / made).touch()

    def take(self, content: bytes) -> None:
        """A person scans it and says yes."""
        profiles = self.profiles()
        profiles.take(profiles.offer(content))

    @property
    def serial(self) -> int | None:
        found = read_in_force(self.data)
        return None if found is None else found.serial
