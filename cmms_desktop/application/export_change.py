"""A refused step as a file that a person may keep or hand on. It changes nothing, and overwrites nothing.

Only its writer may read it: what stands in it lies encrypted everywhere else on this device.
"""

import os
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from cmms_desktop.application.session import Session
from cmms_desktop.errors import EnvironmentFailure, Refused

EXISTS: Final = "A file of this name is there already. Choose another name."
NO_FOLDER: Final = "This folder does not exist. Choose another one."
NO_NAME: Final = "Enter a file name with its folder."
NOT_WRITTEN: Final = "The file could not be written. Choose another folder, or free some space."


def export_path(name: str, on: date) -> str:
    """Suggest where to: in the person's documents, or at home where there are none."""
    documents = Path.home() / "Documents"
    folder = documents if documents.is_dir() else Path.home()
    plain = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in name).strip("-")
    return str(folder / f"{plain or 'change'}-refused-{on.isoformat()}.json")


def export_refused(session: Session, mutation_id: str, path: str) -> str:
    """Write a refused mutation, with those that were refused with it, as JSON; give the path.

    Raises:
        Refused: it is not there any more, the name is no file's name, or such a file exists.
        EnvironmentFailure: the disk or the folder does not take it; nothing is left behind.
    """
    parked = session.outbox.parked()
    chosen = next((entry for entry in parked if entry.mutation_id == mutation_id), None)
    if chosen is None:
        raise Refused("not_found", "This change is not kept here any more.")
    target = Path(path.strip()).expanduser()
    if not path.strip() or not target.name:
        raise Refused("file_invalid", NO_NAME)
    step = [entry for entry in parked if entry.group_id == chosen.group_id]
    content = {"format": "cmms-field/refused/1", "signed_in": session.signed_in, "changes": step}
    _write_new(target, msgspec.json.format(msgspec.json.encode(content)))
    return str(target)


def _write_new(target: Path, content: bytes) -> None:
    try:
        file = open(target, "xb", opener=_for_its_writer_only)  # noqa: SIM115  it is closed below
    except FileExistsError as error:
        raise Refused("file_exists", EXISTS) from error
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Refused("file_invalid", NO_FOLDER) from error
    except (OSError, ValueError) as error:
        raise EnvironmentFailure(NOT_WRITTEN) from error
    try:
        with file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        target.unlink(missing_ok=True)
        raise EnvironmentFailure(NOT_WRITTEN) from error


def _for_its_writer_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
