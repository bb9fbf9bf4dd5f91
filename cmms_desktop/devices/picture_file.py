"""The bytes of a photo that a person chose on this device. It reads one file, never more than a photo may have."""

from pathlib import Path

from cmms_desktop.devices.picture import MAX_BYTES
from cmms_desktop.errors import Refused


def read_picture_file(path: Path) -> bytes:
    """Give the content; one byte more than allowed of a file that is too large, so that the encoder refuses it.

    Raises:
        Refused: the file cannot be read; the sentence says what to do.
    """
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Refused("not_found", "This file cannot be read. Choose another one.") from error
