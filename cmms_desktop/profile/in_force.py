"""The profile in force: one file in the data folder, replaced whole or not at all, checked again at each start."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from cmms_desktop.config import is_canonical_uuid
from cmms_desktop.errors import EnvironmentFailure, Refused
from cmms_desktop.lasting_names import sync_folder
from cmms_desktop.profile.genuine import genuine
from cmms_desktop.profile.places import Place, read_place
from sync_server.contract.rules.profile import Profile, SignedProfile, written

FILE_NAME: Final = "profile.json"
DAMAGED: Final = (
    "The profile of this installation is damaged and not in use. Your work is kept; take the profile again from your"
    " administrator."
)
NOT_KEPT: Final = "The profile could not be kept: the disk of this device does not take it. The one before stays."
_MADE_HERE: Final = ("keys.json", "replica.db")


def read_in_force(data_folder: Path) -> Profile | None:
    """Read the profile that was taken last; None: there is none.

    Raises:
        Refused: ``profile_damaged``: it is not what was written.
    """
    try:
        found = read_place(Place(data_folder / FILE_NAME))
        return None if found is None else genuine(found.content, looks=False).profile
    except Refused as error:
        raise Refused("profile_damaged", DAMAGED) from error


def keep(data_folder: Path, signed: SignedProfile) -> None:
    """Put a profile in force, durably; a crash leaves the one before or this one.

    Raises:
        EnvironmentFailure: the disk does not take it; the one before stays.
    """
    path = data_folder / FILE_NAME
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        data_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(written(signed))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        sync_folder(data_folder)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise EnvironmentFailure(NOT_KEPT) from error


def enrolled_for(data_folder: Path) -> frozenset[str]:
    """Give what people's keys or work are `kept_under` in the data folder.

    Raises:
        EnvironmentFailure: it cannot be looked at.
    """
    try:
        folders = [folder for folder in data_folder.iterdir() if folder.is_dir()]
        return frozenset(folder.name for folder in folders if _has_people(folder))
    except FileNotFoundError:
        return frozenset()
    except OSError as error:
        raise EnvironmentFailure(NOT_KEPT) from error


def _has_people(folder: Path) -> bool:
    people = (person for person in folder.iterdir() if is_canonical_uuid(person.name))
    return any((person / name).exists() for person in people for name in _MADE_HERE)
