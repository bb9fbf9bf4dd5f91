"""Files written whole or not at all, and on the disk before anything is said of them: new ones, and ones replaced."""

import errno
import os
import tempfile
from pathlib import Path

from sync_server.errors import EnvironmentFailure, Refused
from sync_server.storage.blob_store import sync

EXISTS = "There is a file {} already; choose another name."
NO_FILE = "what is there is no ordinary file"
NOT_WRITTEN = "{} cannot be written. Nothing was changed."
SECRET = 0o600
PUBLIC = 0o644


def write_new_file(path: Path, content: bytes, *, mode: int) -> None:
    """Write a file that was not there, whole or not at all.

    Raises:
        Refused: `already_exists`: a file of that name.
        EnvironmentFailure: the disk or the folder does not take it.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError as error:
        raise Refused("already_exists", EXISTS.format(path.name)) from error
    except (OSError, ValueError) as error:
        raise EnvironmentFailure(NOT_WRITTEN.format(path.name)) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        sync(path.absolute().parent)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise EnvironmentFailure(NOT_WRITTEN.format(path.name)) from error


def replace_file(path: Path, content: bytes, *, mode: int) -> None:
    """Put a file in place of another, so that at any time it is the old one or the new one.

    Raises:
        OSError: The disk or the folder does not take it, or what is there is a device, a pipe or a folder; nothing is
            left beside the file.
    """
    if path.exists() and not path.is_file():
        raise FileExistsError(errno.EEXIST, NO_FILE, str(path))
    descriptor, making = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(making, mode)
        os.replace(making, path)
        sync(path.absolute().parent)
    except BaseException:
        Path(making).unlink(missing_ok=True)
        raise
