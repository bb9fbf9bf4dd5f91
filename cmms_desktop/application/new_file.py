"""Files that a person has written for himself: new ones only, for nobody else to read, and whole or not there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from cmms_desktop.errors import EnvironmentFailure, Refused
from cmms_desktop.lasting_names import sync_folder

EXISTS: Final = "A file of this name is there already. Choose another name."
NO_FOLDER: Final = "This folder does not exist. Choose another one."
NO_NAME: Final = "Enter a file name with its folder."
NOT_WRITTEN: Final = "The file could not be written. Choose another folder, or free some space."


def folder_for_documents() -> Path:
    """Give the person's documents, or his home where there are none."""
    documents = Path.home() / "Documents"
    return documents if documents.is_dir() else Path.home()


def target_of(text: str) -> Path:
    """Read what somebody typed as the name of a file. Raises Refused."""
    target = Path(text.strip()).expanduser()
    if not text.strip() or not target.name:
        raise Refused("file_invalid", NO_NAME)
    return target


def free_path(suggested: str) -> str:
    """Give a suggested name, or the first numbered one of which there is no file yet."""
    path, number = Path(suggested), 2
    while path.exists():
        path, number = Path(suggested).with_stem(f"{Path(suggested).stem}-{number}"), number + 1
    return str(path)


@contextmanager
def new_file(target: Path) -> Iterator[BinaryIO]:
    """Open a new file; on the disk when the block ends, gone when it fails.

    Raises:
        Refused: such a file exists, or its folder does not.
        EnvironmentFailure: the disk or the folder does not take it.
    """
    file = _opened(target)
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        sync_folder(target.parent)
    except BaseException as error:
        target.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise EnvironmentFailure(NOT_WRITTEN) from error
        raise


def _opened(target: Path) -> BinaryIO:
    try:
        return open(target, "xb", opener=_for_its_writer_only)
    except FileExistsError as error:
        raise Refused("file_exists", EXISTS) from error
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Refused("file_invalid", NO_FOLDER) from error
    except (OSError, ValueError) as error:
        raise EnvironmentFailure(NOT_WRITTEN) from error


def _for_its_writer_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
