"""``keys.json``: the wrapped keys of one enrolment on disk, mode 0600, replaced whole or not at all.

It holds nothing that opens anything by itself. A crash at any moment leaves the old file or the new one.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final

import msgspec

from cmms_desktop.credentials.keys import SALT_BYTES, Argon2Profile, from_base64url
from cmms_desktop.errors import ContractMismatch, ReplicaUnavailable
from cmms_desktop.lasting_names import sync_folder

VERSION: Final = 1
_BYTES_MAX: Final = 65_536
_DIGEST_DOMAIN: Final = b"cmms/keys-file/v1\n"


class KeyFileDamaged(ReplicaUnavailable):
    """``keys.json`` cannot be read or is not what was written. No try is counted for it."""


class SealedKey(msgspec.Struct, frozen=True):
    """The replica key, sealed to the organization's recovery key; both base64url."""

    recipient: str
    sealed: str


class KeyFile(msgspec.Struct, frozen=True):
    """What is known about an enrolment before anything is unlocked. Bytes are base64url.

    ``login`` and ``role`` are for the list of people to choose from; ``wrapped`` is the replica key and the key of the
    device key under the unlock key.
    """

    organization: str
    person_id: str
    login: str
    role: str
    device_id: str
    device_public_key: str
    argon2: Argon2Profile
    salt: str
    wrapped: str
    recovery: SealedKey | None = None
    version: int = VERSION


class _Envelope(msgspec.Struct, frozen=True):
    keys: msgspec.Raw
    sha256: str


class _Version(msgspec.Struct, frozen=True):
    version: int


def _digest(body: bytes) -> str:
    return hashlib.sha256(_DIGEST_DOMAIN + body).hexdigest()


def read_key_file(path: Path) -> KeyFile:
    """Read and check the file.

    Raises:
        KeyFileDamaged: missing, unreadable, changed, or with values that cannot be right.
        ContractMismatch: written by a newer program.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_BYTES_MAX + 1)
        envelope = msgspec.json.decode(content, type=_Envelope)
        body = bytes(envelope.keys)
        if len(content) > _BYTES_MAX or _digest(body) != envelope.sha256:
            raise ValueError("digest differs")
        if msgspec.json.decode(body, type=_Version).version > VERSION:
            raise ContractMismatch("Your keys were written by a newer program. Update this one; your work is kept.")
        keys = msgspec.json.decode(body, type=KeyFile)
        if not keys.argon2.is_sane() or len(from_base64url(keys.salt)) != SALT_BYTES:
            raise ValueError("impossible values")
    except (OSError, ValueError) as error:  # msgspec's errors are ValueErrors
        raise KeyFileDamaged(
            "The key file of your local store is missing or damaged. Nothing was changed; tell your administrator."
        ) from error
    return keys


def write_key_file(path: Path, keys: KeyFile) -> None:
    """Replace the file: written beside it, synced, renamed, folder synced.

    Raises:
        ReplicaUnavailable: it could not be written; the old file is as it was.
    """
    body = msgspec.json.encode(keys)
    content = msgspec.json.encode(_Envelope(keys=msgspec.Raw(body), sha256=_digest(body)))
    beside = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_synced(beside, content)
        beside.replace(path)
        for folder in path.parents[:3]:  # the first time, the person's and the organization's are new
            sync_folder(folder)
    except OSError as error:
        raise ReplicaUnavailable(
            "Your keys could not be written. Check the data folder and the room left on this device."
        ) from error


def delete_key_file(path: Path) -> None:
    """Destroy the wraps, durably; without them nothing opens the store but the organization's recovery."""
    path.with_name(path.name + ".new").unlink(missing_ok=True)
    path.unlink(missing_ok=True)
    if path.parent.is_dir():
        sync_folder(path.parent)


def _write_synced(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)  # a left-over of a crash may have another mode
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
