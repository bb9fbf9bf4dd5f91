"""A backup on the disk: a dump of the database, the files of blobs, and a list of what is in it.

    cmms-backup-20260302T081500Z/
      manifest.json   written last: a folder without it is no backup
      database.dump   pg_dump, custom format
      blobs/          as in the store, complete ones only

Compares bytes; knows neither PostgreSQL nor what a table is.
"""

import hashlib
import os
from pathlib import Path

import msgspec

from sync_server.errors import EnvironmentFailure

MANIFEST = "manifest.json"
DUMP = "database.dump"
BLOBS = "blobs"
MAKING = ".making"
"""End of the name of a backup that is being written."""
FORMAT = 1


class ClockThen(msgspec.Struct, frozen=True, kw_only=True):
    """Where an organization stood."""

    seq: int
    epoch: str
    nonce: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds. `files`: path below the backup → SHA-256."""

    format: int
    made_at: str
    revision: str
    postgres: int
    """Major version that it was dumped from."""
    clocks: dict[str, ClockThen]
    files: dict[str, str]


def read(folder: Path) -> Manifest:
    """Read what a backup says of itself.

    Raises:
        EnvironmentFailure: it is none, or of another release.
    """
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError as error:
        raise EnvironmentFailure(f"There is no backup in {folder}.") from error
    except (OSError, msgspec.DecodeError) as error:
        raise EnvironmentFailure(f"The backup in {folder} cannot be read.") from error
    if manifest.format != FORMAT:
        raise EnvironmentFailure(f"The backup in {folder} was made by another release.")
    return manifest


def require_whole(folder: Path, manifest: Manifest) -> None:
    """Raise EnvironmentFailure unless every file of a backup is there and has the bytes that were written."""
    for name, digest in manifest.files.items():
        try:
            is_same = digest_of(folder / name) == digest
        except OSError:
            is_same = False
        if not is_same:
            raise EnvironmentFailure(f"The backup in {folder} is damaged: {name} is missing or was changed.")


def digest_of(path: Path) -> str:
    """SHA-256 of a file, 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write(folder: Path, manifest: Manifest) -> None:
    """Write the list of what is in a backup."""
    path = folder / MANIFEST
    path.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=1))
    sync(path)
    sync(folder)


def sync(path: Path) -> None:
    """Bring a file or folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
