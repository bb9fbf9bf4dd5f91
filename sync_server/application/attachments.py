"""Bytes of attachments: uploaded in chunks, checked whole, readable to those who may see an attachment that names them.

A hash is no capability (sync.md §9): an upload belongs to its author until he has sent every byte.
"""

import hashlib
import logging
import re
from collections.abc import Iterator
from pathlib import Path

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application.access import not_found
from sync_server.authz.visibility import Caller, load_actors, may_hold
from sync_server.contract.messages import BLOB_CHUNK_BYTES, MAX_BLOB_BYTES
from sync_server.errors import Refused
from sync_server.storage import blobs
from sync_server.storage.engine import Database

log = logging.getLogger(__name__)

SHA256 = re.compile(r"[0-9a-f]{64}")
RANGE = re.compile(r"bytes=([0-9]{1,11})-")
"""The only kind of range that is answered as one: the rest of a file."""


def number(text: str | None) -> int:
    """Read a header that has to be a whole number. Raises Refused."""
    if text is None or not (text.isascii() and text.isdigit() and len(text) < 12):
        raise Refused("bad_request", "The upload does not say where it stands.")
    return int(text)


def offset(database: Database, caller: Caller, sha256: str, *, folder: Path) -> int:
    """Give how many bytes of the caller's own upload have arrived and are still here; 0 when there is none."""
    _check(sha256)
    with database.transaction("app_sync", caller.organization_id, read_only=True) as connection:
        found = blobs.find(connection, caller.organization_id, sha256, caller.person_id)
    path = blobs.path_of(folder, caller.organization_id, caller.person_id, sha256)
    return blobs.stands_at(found, path) if found else 0


def append(database: Database, caller: Caller, sha256: str, *, folder: Path, at: int, size: int, chunk: bytes) -> int:
    """Add a chunk and give the new offset. Raises Refused when it does not fit what is here."""
    _check(sha256)
    if len(chunk) > BLOB_CHUNK_BYTES or not 0 < size <= MAX_BLOB_BYTES or at + len(chunk) > size:
        raise Refused("too_large", "A chunk has at most 1 MiB, a file at most 64 MiB.")
    path = blobs.path_of(folder, caller.organization_id, caller.person_id, sha256)
    with database.transaction("app_sync", caller.organization_id) as connection:
        found = blobs.open_upload(connection, caller.organization_id, sha256, caller.person_id, size)
        stands = blobs.stands_at(found, path)
        if found.is_complete and stands == found.size_bytes:
            return stands
        if at != stands or size != found.size_bytes:
            raise Refused("bad_request", f"The upload stands at byte {stands} of {found.size_bytes}.")
        blobs.write_chunk(path, at, chunk)
        received = at + len(chunk)
        is_complete = received == size
        if is_complete and _digest(path) != sha256:
            received, is_complete = 0, False
        blobs.note(connection, caller.organization_id, sha256, caller.person_id, received, is_complete=is_complete)
    if received == 0 and chunk:
        raise Refused("invalid_value", "The bytes do not match their digest; the upload starts again.")
    return received


def readable(database: Database, caller: Caller, sha256: str, *, folder: Path) -> Path:
    """Give the file of a complete blob that the caller uploaded, or that an attachment of his scopes names."""
    _check(sha256)
    with database.transaction("app_sync", caller.organization_id, read_only=True) as connection:
        author_id = _author_for(connection, caller, sha256)
    if author_id is None:
        raise not_found()
    path = blobs.path_of(folder, caller.organization_id, author_id, sha256)
    if not path.is_file():
        log.error("the bytes of an attachment are missing")
        raise not_found()
    return path


def _author_for(connection: Connection[TupleRow], caller: Caller, sha256: str) -> str | None:
    own = blobs.find(connection, caller.organization_id, sha256, caller.person_id)
    if own and own.is_complete:
        return caller.person_id
    actor = load_actors(connection, caller.organization_id, [caller.person_id]).get(caller.person_id)
    if actor is None:
        return None
    holders = blobs.holders(connection, caller.organization_id, sha256)
    return next((author for author, scope in holders if may_hold(actor, scope)), None)


def first_byte(text: str | None, *, size: int) -> int | None:
    """Read where a download goes on; None: it asks for the whole file, or for something that is not answered in parts.

    Raises Refused when the file ends before that.
    """
    asked = RANGE.fullmatch(text or "")
    if asked is None:
        return None
    if int(asked[1]) >= size:
        raise Refused("bad_request", f"The file has only {size} bytes.")
    return int(asked[1])


def chunks(path: Path, at: int = 0) -> Iterator[bytes]:
    """Give the bytes of a file from `at` on, 256 KiB at a time."""
    with path.open("rb") as file:
        file.seek(at)
        while chunk := file.read(256 << 10):
            yield chunk


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check(sha256: str) -> None:
    if not SHA256.fullmatch(sha256):
        raise not_found()
