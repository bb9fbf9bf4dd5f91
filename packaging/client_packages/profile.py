"""The organization's profile that is put into a package: where it lies, and which one where none was given.

What a profile says and who signed it is judged by the client when it starts; here it is only looked at for what would
make a package that nobody can use.
"""

from __future__ import annotations

import json
from pathlib import Path

from client_packages.failures import WRONG_CALL, PackagingError

FILE_NAME = "cmms-field.profile"
"""Beside the program: /usr/lib/cmms-field/cmms-field.profile where a package was installed. The client looks there."""
MOST_BYTES = 64 * 1024


def profile_to_bake(given: Path | None) -> bytes | None:
    """Give the bytes of the profile that goes into the package; None: it goes without.

    This is where a self-signed demonstration profile is made once profiles exist: when nothing was given.

    Raises:
        PackagingError: the file cannot be read, is larger than 64 KiB or is no JSON object.
    """
    if given is None:
        return None
    try:
        content = given.read_bytes()
    except OSError as error:
        raise PackagingError(f"The profile {given} cannot be read: {error.strerror}.", code=WRONG_CALL) from error
    if len(content) > MOST_BYTES:
        raise PackagingError(f"The profile {given} is larger than {MOST_BYTES // 1024} KiB.", code=WRONG_CALL)
    try:
        is_object = isinstance(json.loads(content), dict)
    except (ValueError, RecursionError):
        is_object = False
    if not is_object:
        raise PackagingError(f"The profile {given} is no JSON object.", code=WRONG_CALL)
    return content
