"""Where profiles lie on a machine, and reading what is there. A file that is no ordinary small file is not read.

The first profile of an installation may be trusted when only the machine's administrator can have written it.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cmms_desktop.errors import Refused
from sync_server.contract.rules.profile import MOST_BYTES

FILE_NAME: Final = "cmms-field.profile"
UNREADABLE: Final = "This profile cannot be read by this account, and was passed over."
_OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class Place:
    """A file that may be there. `is_programs`: it lies beside the program, or where only an installer writes."""

    path: Path
    is_programs: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What lies in a place, and whether only the machine's administrator can have put it there."""

    content: bytes
    is_administrators: bool


def places_here(environment: Mapping[str, str], data_folder: Path) -> tuple[Place, ...]:
    """Give the places of this machine: baked beside the program, dropped for the machine, dropped for this account."""
    return (
        Place(program_folder() / FILE_NAME, is_programs=True),
        Place(_machine_folder(environment) / FILE_NAME),
        Place(data_folder / FILE_NAME),
    )


def program_folder() -> Path:
    """Give the folder for a baked profile: that of the frozen program, otherwise of its Python environment."""
    return Path(sys.executable).resolve().parent if getattr(sys, "frozen", False) else Path(sys.prefix)


def read_place(place: Place) -> Found | None:
    """Read what lies there; None: nothing.

    Raises:
        Refused: ``profile_unreadable``: something is there that this account cannot read, or that is no file.
    """
    try:
        descriptor = os.open(place.path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise Refused("profile_unreadable", UNREADABLE) from error
    try:
        with os.fdopen(descriptor, "rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise Refused("profile_unreadable", UNREADABLE)
            content = file.read(2 * MOST_BYTES + 1)
    except OSError as error:
        raise Refused("profile_unreadable", UNREADABLE) from error
    return Found(content, _is_administrators(place, about))


def _is_administrators(place: Place, about: os.stat_result) -> bool:
    """Tell whether only the machine's administrator can have written this file.

    Windows tells no owner this way: there the folder of the program counts, which installers alone may write.
    """
    if sys.platform == "win32":
        return place.is_programs
    try:
        folder = place.path.parent.stat()
    except OSError:
        return False
    return all(each.st_uid == 0 and not each.st_mode & _OTHERS_WRITE for each in (about, folder))


def _machine_folder(environment: Mapping[str, str]) -> Path:
    if sys.platform == "win32":
        return Path(environment.get("PROGRAMDATA") or "C:/ProgramData") / "cmms-field"
    if sys.platform == "darwin":
        return Path("/Library/Application Support/cmms-field")
    return Path("/etc/cmms-field")
