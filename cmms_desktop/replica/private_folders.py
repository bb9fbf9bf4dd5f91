"""Folders of this account alone, and names in them that outlive a power cut."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

from cmms_desktop.errors import ReplicaUnavailable
from cmms_desktop.lasting_names import sync_folder

NOT_WRITABLE: Final = "The data folder of this program cannot be written. Ask whoever looks after this computer."
_OWN_FOLDERS: Final = 3
"""Person, organization, data folder (`config`): any of them may be new."""


class FolderNotWritable(ReplicaUnavailable):
    """The data folder refuses new or changed files."""


def make_private_folder(folder: Path) -> None:
    """Create the folder and its parents, readable by this account alone.

    Raises:
        FolderNotWritable: the operating system said no.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise FolderNotWritable(NOT_WRITABLE) from error


def sync_names(store: Path) -> None:
    """Make the names of an opened store, of what lies beside it, and of the folders above it durable.

    SQLite syncs the folder as well, and says nothing when that fails.

    Raises:
        FolderNotWritable: the disk failed.
    """
    try:
        sync_folder(store.parent)
        for above in store.parents[1:_OWN_FOLDERS]:
            with suppress(PermissionError):  # somebody else's folder, which was there before
                sync_folder(above)
    except OSError as error:
        raise FolderNotWritable(NOT_WRITABLE) from error
