"""Bytes of attachments: uploaded in chunks, checked whole, readable to those who may see an attachment that names them.

A hash is no capability (sync.md §9): an upload belongs to its author until he has sent every byte. No transaction is
open while the store is asked: one that answers slowly keeps photos waiting, never text.
"""

import base64
import binascii
import hashlib
import logging
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application.access import not_found
from sync_server.application.records.desk import is_office
from sync_server.application.tenants.suspending import is_being_removed
from sync_server.authz.visibility import Caller, load_actors, may_hold
from sync_server.contract.messages import BLOB_CHUNK_BYTES, MAX_BLOB_BYTES
from sync_server.contract.rules.draft import Actor
from sync_server.errors import Refused, RetryLater
from sync_server.storage import blobs
from sync_server.storage.blob_store import PIECE_BYTES, BlobStore
from sync_server.storage.blobs import Owned, Upload
from sync_server.storage.engine import Database

log = logging.getLogger(__name__)

SHA256 = re.compile(r"[0-9a-f]{64}")
RANGE = re.compile(r"bytes=([0-9]{1,11})-")
"""The only kind of range that is answered as one: the rest of a file."""
IN_MEMORY_BYTES = 4 << 20
"""Of a file that is put together; a larger one lies in a private temporary file meanwhile."""
MOST_PARTS = 1_024
"""Pieces of one upload; whole chunks are at most 64."""


@dataclass(frozen=True, slots=True)
class Found:
    """A complete content: its name in the store, and its size."""

    name: str
    size_bytes: int


def number(text: str | None) -> int:
    """Read a header that has to be a whole number. Raises Refused."""
    if text is None or not (text.isascii() and text.isdigit() and len(text) < 12):
        raise Refused("bad_request", "The upload does not say where it stands.")
    return int(text)


def _require_checksum(header: str | None, chunk: bytes) -> None:
    """Compare a chunk with its `Upload-Checksum` (tus 1.0: `sha256`, a space, base64); without one nothing is compared.

    Raises:
        Refused: another chunk was sent, or the header says nothing that is known.
    """
    if header is None:
        return
    method, _, text = header.partition(" ")
    try:
        promised = base64.b64decode(text.encode("latin-1"), validate=True) if method == "sha256" else b""
    except (binascii.Error, UnicodeEncodeError):
        promised = b""
    if promised != hashlib.sha256(chunk).digest():
        raise Refused("chunk_damaged", "A chunk was damaged on the way. It is asked for again.")


def offset(database: Database, caller: Caller, sha256: str, *, store: BlobStore) -> int:
    """Give how many bytes of the caller's own upload have arrived and are still here; 0 when there is none."""
    owned = _owned(caller, sha256)
    with database.transaction("app_sync", caller.organization_id, read_only=True) as connection:
        found = blobs.find(connection, owned)
    return _stands(store, owned, found)[0] if found else 0


def append(
    database: Database,
    caller: Caller,
    sha256: str,
    *,
    store: BlobStore,
    at: int,
    size: int,
    chunk: bytes,
    checksum: str | None = None,
) -> int:
    """Add a chunk and give the new offset. Raises Refused when it is damaged, or does not fit what is here."""
    owned = _owned(caller, sha256)
    _require_checksum(checksum, chunk)
    if len(chunk) > BLOB_CHUNK_BYTES or not 0 < size <= MAX_BLOB_BYTES or at + len(chunk) > size:
        raise Refused("too_large", "A chunk has at most 1 MiB, a file at most 64 MiB.")
    with database.transaction("app_sync", caller.organization_id) as connection:
        upload = blobs.begin(connection, owned, size_bytes=size)
    stands, kept = _stands(store, owned, upload)
    if upload.is_complete and stands == upload.size_bytes:
        return stands
    if at != stands or size != upload.size_bytes:
        raise _elsewhere(stands, upload)
    if not chunk:
        return stands
    if len(kept) >= MOST_PARTS:
        raise Refused("too_large", "The file comes in too many pieces.")
    part = blobs.part_name(at, chunk)
    with _not_left_behind(database, store, owned, part):
        store.put(f"{owned.parts}/{part}", chunk)
        if at + len(chunk) == size:
            _join(database, store, owned, upload, [*kept, part])
            return size
        with database.transaction("app_sync", caller.organization_id) as connection:
            is_noted = blobs.note(connection, owned, upload, parts=[*kept, part])
        if not is_noted:
            raise _elsewhere(at + len(chunk), upload)  # another request has brought these bytes
    return at + len(chunk)


@contextmanager
def _not_left_behind(database: Database, store: BlobStore, owned: Owned, part: str) -> Iterator[None]:
    """Remove what came when the organization was removed already: nobody would ever look for it in the store again."""
    try:
        yield
    except (Refused, RetryLater):
        with database.transaction("app_sync", owned.organization_id, read_only=True) as connection:
            is_left = is_being_removed(connection, owned.organization_id)
        if is_left:
            store.remove([f"{owned.parts}/{part}", owned.name])
        raise


def _stands(store: BlobStore, owned: Owned, upload: Upload) -> tuple[int, list[str]]:
    """Give how many bytes of an upload are here, and the pieces in which they lie.

    Fewer than its row says when the database outlived the files.
    """
    if upload.is_complete and blobs.whole_name(store, owned, size_bytes=upload.size_bytes) is not None:
        return upload.size_bytes, []
    kept = blobs.kept_parts(store, owned, upload)
    return sum(map(blobs.part_size, kept)), kept


def _join(database: Database, store: BlobStore, owned: Owned, upload: Upload, parts: list[str]) -> None:
    """Make the pieces one object. Its row is complete only when that is there; a crash before costs the last piece.

    Raises:
        Refused: they are not what was promised; the upload begins again.
        RetryLater: another request was faster, or pieces are gone.
    """
    is_right = _put_together(store, owned, upload.size_bytes, parts)
    with database.transaction("app_sync", owned.organization_id) as connection:
        is_noted = blobs.note(connection, owned, upload, parts=[], is_complete=is_right)
        now = blobs.find(connection, owned)
    if is_noted:
        store.remove(f"{owned.parts}/{part}" for part in {*parts, *upload.parts})
    if not is_right:
        raise Refused("invalid_value", "The bytes do not match their digest; the upload starts again.")
    if now is None or not now.is_complete:
        raise RetryLater("Another request sends the same file.")


def _put_together(store: BlobStore, owned: Owned, size_bytes: int, parts: list[str]) -> bool:
    """Write the whole object, unless it is there; False: the pieces make something else. Raises RetryLater."""
    try:
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as file:
            digest = hashlib.sha256()
            for part in parts:
                for piece in store.pieces(f"{owned.parts}/{part}", size=blobs.part_size(part)):
                    digest.update(piece)
                    file.write(piece)
            if digest.hexdigest() != owned.sha256:
                return False
            if not _is_there(store, owned, size_bytes):
                file.seek(0)
                store.put(owned.name, iter(partial(file.read, PIECE_BYTES), b""))
            return True
    except OSError as error:  # a piece is gone, or there is no room for the whole
        raise RetryLater("The file cannot be put together now. Its last part is sent again.") from error


def _is_there(store: BlobStore, owned: Owned, size_bytes: int) -> bool:
    """Whether somebody's upload has brought the same bytes, whole: they are not written over."""
    if store.size(owned.name) != size_bytes:
        return False
    digest = hashlib.sha256()
    for piece in store.pieces(owned.name, size=size_bytes):
        digest.update(piece)
    return digest.hexdigest() == owned.sha256


def readable(database: Database, caller: Caller, sha256: str, *, store: BlobStore) -> Found:
    """Find a complete blob that the caller uploaded, or that an attachment of his scopes names. Raises Refused.

    The office reads the files of controlled documents, too, and the photos of inspections at its sites.
    """
    own = _owned(caller, sha256)
    with database.transaction("app_sync", caller.organization_id, read_only=True) as connection:
        author_id = _author_for(connection, caller, own)
        owned = Owned(own.organization_id, author_id or "", sha256)
        upload = blobs.find(connection, owned) if author_id else None
    if upload is None:
        raise not_found()
    name = blobs.whole_name(store, owned, size_bytes=upload.size_bytes)
    if name is None:
        log.error("the bytes of an attachment are missing")
        raise not_found()
    return Found(name, upload.size_bytes)


def _author_for(connection: Connection[TupleRow], caller: Caller, own: Owned) -> str | None:
    found = blobs.find(connection, own)
    if found and found.is_complete:
        return caller.person_id
    actor = load_actors(connection, caller.organization_id, [caller.person_id]).get(caller.person_id)
    if actor is None:
        return None
    holders = blobs.holders(connection, caller.organization_id, own.sha256)
    found_there = next((author for author, scope in holders if may_hold(actor, scope)), None)
    if found_there is None and is_office(actor):
        return _author_of_record(connection, actor, own)
    return found_there


def _author_of_record(connection: Connection[TupleRow], actor: Actor, own: Owned) -> str | None:
    """Give who sent a file that a record names which somebody of the office sees; None: there is none such."""
    writer = blobs.writer_of_document(connection, own.organization_id, own.sha256)
    if writer is not None:
        return writer
    inspectors = blobs.inspectors(connection, own.organization_id, own.sha256)
    return next((author for author, site_id in inspectors if actor.is_office_at(site_id)), None)


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


def _elsewhere(stands: int, upload: Upload) -> Refused:
    return Refused("bad_request", f"The upload stands at byte {stands} of {upload.size_bytes}.")


def _owned(caller: Caller, sha256: str) -> Owned:
    """Name the caller's own upload. Raises Refused when that is no digest."""
    if not SHA256.fullmatch(sha256):
        raise not_found()
    return Owned(caller.organization_id, caller.person_id, sha256)
