"""Where the bytes of attachments lie: one file per organization, author and digest, and a row that says how far it is.

Paths are made of ids and digests only, never of what somebody typed.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from psycopg import Connection
from psycopg.rows import TupleRow

FOLDERS = 4
"""Folders of a blob that its first chunk may make: two digits, author, organization, and the one that holds them."""


@dataclass(frozen=True, slots=True)
class Upload:
    """How far an author's upload is."""

    size_bytes: int
    received_bytes: int
    is_complete: bool


def path_of(folder: Path, organization_id: str, author_id: str, sha256: str) -> Path:
    """Give the place of an author's bytes."""
    return folder / organization_id / author_id / sha256[:2] / sha256


def stands_at(upload: Upload, path: Path) -> int:
    """Give how many bytes of an upload are here: fewer than its row says when the database outlived the files."""
    try:
        return min(upload.received_bytes, path.stat().st_size)
    except FileNotFoundError:
        return 0


def find(connection: Connection[TupleRow], organization_id: str, sha256: str, author_id: str) -> Upload | None:
    """Read an upload; None: never begun."""
    found = connection.execute(
        "select size_bytes, received_bytes, complete_at is not null from blob"
        " where organization_id = %s and sha256 = %s and author_id = %s",
        (organization_id, sha256, author_id),
    ).fetchone()
    return Upload(*found) if found else None


def open_upload(
    connection: Connection[TupleRow], organization_id: str, sha256: str, author_id: str, size_bytes: int
) -> Upload:
    """Begin an upload or go on with it; keeps other requests for it waiting."""
    connection.execute(
        "insert into blob (organization_id, sha256, author_id, size_bytes, received_bytes, created_at)"
        " values (%s, %s, %s, %s, 0, clock_timestamp()) on conflict do nothing",
        (organization_id, sha256, author_id, size_bytes),
    )
    found = connection.execute(
        "select size_bytes, received_bytes, complete_at is not null from blob"
        " where organization_id = %s and sha256 = %s and author_id = %s for no key update",
        (organization_id, sha256, author_id),
    ).fetchone()
    if found is None:
        raise LookupError("the upload that was just begun is gone")
    return Upload(*found)


def note(
    connection: Connection[TupleRow],
    organization_id: str,
    sha256: str,
    author_id: str,
    received_bytes: int,
    *,
    is_complete: bool,
) -> None:
    """Write down how far an upload is."""
    connection.execute(
        "update blob set received_bytes = %s, complete_at = case when %s then clock_timestamp() end"
        " where organization_id = %s and sha256 = %s and author_id = %s",
        (received_bytes, is_complete, organization_id, sha256, author_id),
    )


def write_chunk(path: Path, at: int, chunk: bytes) -> None:
    """Write a chunk at its place, on the disk before this returns; what lay behind it is cut off."""
    is_new = not path.exists()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        written = 0
        while written < len(chunk):  # a disk that is nearly full takes less than it was given
            written += os.pwrite(descriptor, chunk[written:], at + written)
        os.ftruncate(descriptor, at + len(chunk))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if is_new:
        for folder in path.parents[:FOLDERS]:
            sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Bring the name of a new file or folder to the disk too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def holders(connection: Connection[TupleRow], organization_id: str, sha256: str) -> list[tuple[str, str]]:
    """Give (author, scope) of every complete upload whose own author attached it to an aggregate that a scope holds.

    Its own author: whose device made the row, whatever the row says.
    """
    found = connection.execute(
        "select b.author_id::text, s.scope_id from attachment a"
        " join blob b on b.organization_id = a.organization_id and b.sha256 = a.sha256 and b.author_id = a.author_id"
        " join scope_aggregate s on s.organization_id = a.organization_id and s.aggregate_id = a.aggregate_id"
        " where a.organization_id = %s and a.sha256 = %s and a.created_by = a.author_id and s.live"
        " and b.complete_at is not null and a.deleted_at is null",
        (organization_id, sha256),
    )
    return [(row[0], row[1]) for row in found]
