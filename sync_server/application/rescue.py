"""Taking over a rescue file (contract/rescue.py): checked whole first, then pushed as its device would have pushed it.

What the server has already is answered from the record, so a file may come twice, and before or after the device
itself. Work of a revoked device is held for a person, as always. Nothing here decides anything that push does not.
"""

import hashlib
import logging
import tarfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any, cast

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from sync_server.application import attachments
from sync_server.application.incoming import parse
from sync_server.application.push import check_seal, push
from sync_server.authz import recovery
from sync_server.authz.visibility import Caller
from sync_server.contract.fields import Row
from sync_server.contract.messages import (
    BLOB_CHUNK_BYTES,
    MAX_BLOB_BYTES,
    MAX_PUSH_BYTES,
    PushAnswer,
    PushRequest,
    Verdict,
)
from sync_server.contract.rescue import FILES, KEPT, MANIFEST, PUSHES, KeptChange, Manifest
from sync_server.errors import CmmsError, Refused, RetryLater, SessionExpired
from sync_server.storage import activity_log, devices
from sync_server.storage.activity_log import Entry
from sync_server.storage.blob_store import BlobStore
from sync_server.storage.engine import Database

log = logging.getLogger(__name__)

MOST_TEXT_BYTES = 64 << 20
"""Bound of manifest and kept changes."""
FOREIGN = "The file is of another organization. Nothing was taken over."
NOT_ITS_DEVICE = (
    "The file names a device that this server does not know. Let its person sign in on it once, if that still can be; "
    "nothing was taken over."
)
GAP = (
    "The server has to have change {} of this device first. Import an earlier file of it, then this one again; "
    "if there is none, import it past the gap."
)
OTHERS = (
    "The server has other changes of this device in their place, such as when an old copy of its data was put back. "
    "Nothing was taken over; import it past the gap."
)
BUSY = "The server is busy, or older than the app that made this. Import it again later; nothing is done twice."


@dataclass(slots=True)
class Contents:
    """What a whole, unchanged rescue file holds; files are only named, their bytes are read again later."""

    manifest: Manifest | None = None
    kept: list[KeptChange] = field(default_factory=list)
    pushes: list[PushRequest] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class TakenOver:
    """What became of it. `verdicts`: status → number; those that were decided before count by what was decided."""

    verdicts: dict[str, int]
    files: int
    kept: tuple[KeptChange, ...]


def read_rescue(path: Path, private_key: X25519PrivateKey) -> Contents:
    """Read a file to its end and check all of it. Raises Refused; nothing of it counts then."""
    contents = Contents()
    with _members(path, private_key) as members:
        for name, size, stream in members:
            _take(contents, name, size, stream)
    if contents.manifest is None:
        raise Refused("bad_request", recovery.DAMAGED)
    return contents


def take_over(
    database: Database,
    organization_id: str,
    path: Path,
    *,
    private_key: X25519PrivateKey,
    store: BlobStore,
    past_gaps: bool = False,
) -> TakenOver:
    """Take a file over for its device: changes first, files after. Taking it over again changes nothing.

    `past_gaps`: where it does not follow what the server has of the device, its chain goes on with the file all the
    same. What is missing before it stays missing; the device goes on behind it.

    Raises:
        Refused: it is damaged, of another organization, or of a device that is not known; nothing was taken over.
            Or earlier changes of the device are missing: what was in front of them is taken.
        RetryLater: the server is busy; what was taken so far is.
    """
    contents = read_rescue(path, private_key)
    caller = _caller(database, organization_id, contents)
    taken = _Taken()
    try:
        for request in contents.pushes:
            taken.count(_pushed(database, caller, request, past_gaps=past_gaps))
            if taken.verdicts["retry"]:
                raise RetryLater(BUSY)
        taken.files = _take_files(database, caller, path, private_key=private_key, store=store)
    except CmmsError as problem:
        if taken.verdicts.keys() - {"retry"}:
            _tell(database, caller, taken, stopped=problem.sentence)
        raise
    _tell(database, caller, taken)
    return TakenOver(dict(taken.verdicts), taken.files, tuple(contents.kept))


@dataclass(slots=True)
class _Taken:
    """How far a file is taken over."""

    verdicts: Counter[str] = field(default_factory=Counter)
    past_gaps: int = 0
    files: int = 0

    def count(self, pushed: tuple[PushAnswer, bool]) -> None:
        answer, is_past_gap = pushed
        self.past_gaps += is_past_gap
        self.verdicts.update(msgspec.json.decode(text, type=Verdict).status for text in answer.verdicts)


def _tell(database: Database, caller: Caller, taken: _Taken, *, stopped: str | None = None) -> None:
    """Let the activity log tell what was taken over; `stopped`: why it was not all of it."""
    told: Row = {
        "files": taken.files,
        "past_gaps": taken.past_gaps,
        **{f"{status}_count": count for status, count in sorted(taken.verdicts.items())},
    }
    act = "rescue.taken_over" if stopped is None else "rescue.stopped"
    new = told if stopped is None else {**told, "because": stopped}
    with database.transaction("app_sync", caller.organization_id) as connection:
        said = Entry(act, row_id=caller.device_id, actor_id=caller.person_id, new=new)
        activity_log.append(connection, [said])


def _pushed(database: Database, caller: Caller, request: PushRequest, *, past_gaps: bool) -> tuple[PushAnswer, bool]:
    """Push what follows what is here, or on wish begins the chain anew; give the answer, and whether it does."""
    try:
        answer = push(database, caller, request)
    except Refused as refusal:
        if refusal.code != "chain_broken":
            raise
        problem = OTHERS
    else:
        if answer.resend_from is None:
            return answer, False
        problem = GAP.format(answer.resend_from)
    if not past_gaps:
        raise Refused("chain_broken", problem)
    _begin_chain_with(database, caller, request)
    return push(database, caller, request), True


def _begin_chain_with(database: Database, caller: Caller, request: PushRequest) -> None:
    """Let the chain of a device go on with what it has sealed. Raises Refused unless it has, and it is a chain."""
    batch = parse(request.mutations, device_id=caller.device_id, person_id=caller.person_id)
    seq, prev, _ = batch[0].link
    with database.transaction("app_sync", caller.organization_id) as connection:
        device = devices.lock(connection, caller.organization_id, caller.device_id)
        check_seal(caller, device, request.seal, batch)
        begun = replace(device, chain_seq=seq - 1, chain_head=prev)
        devices.advance_chain(begun, [item.link for item in batch])
        devices.store_chain(connection, caller.organization_id, caller.device_id, (begun.chain_seq, begun.chain_head))
    log.warning("a rescue file was taken over although changes of its device are missing before it")


def _caller(database: Database, organization_id: str, contents: Contents) -> Caller:
    manifest = contents.manifest
    if manifest is None or manifest.organization_id != organization_id:
        raise Refused("not_allowed", FOREIGN)
    try:
        with database.transaction("app_sync", organization_id, read_only=True) as connection:
            device = devices.find(connection, organization_id, manifest.device_id)
    except (Refused, SessionExpired) as unknown:
        raise Refused("not_found", NOT_ITS_DEVICE) from unknown
    if device.person_id != manifest.person_id:
        raise Refused("not_found", NOT_ITS_DEVICE)
    return Caller(organization_id, manifest.person_id, manifest.device_id)


def _take(contents: Contents, name: str, size: int, stream: IO[bytes]) -> None:
    try:
        if name == MANIFEST:
            contents.manifest = msgspec.json.decode(_whole(stream, size, MOST_TEXT_BYTES), type=Manifest)
        elif name == KEPT:
            contents.kept = msgspec.json.decode(_whole(stream, size, MOST_TEXT_BYTES), type=list[KeptChange])
        elif name.startswith(PUSHES):
            contents.pushes.append(msgspec.json.decode(_whole(stream, size, MAX_PUSH_BYTES), type=PushRequest))
        elif name.startswith(FILES):
            contents.files.append(_checked_file(name.removeprefix(FILES), size, stream))
    except (msgspec.DecodeError, RecursionError) as error:
        raise Refused("bad_request", recovery.DAMAGED) from error


def _whole(stream: IO[bytes], size: int, most: int) -> bytes:
    if size > most:
        raise Refused("too_large", recovery.DAMAGED)
    return stream.read(size)


def _checked_file(sha256: str, size: int, stream: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := stream.read(BLOB_CHUNK_BYTES):
        digest.update(chunk)
    if digest.hexdigest() != sha256 or not 0 < size <= MAX_BLOB_BYTES:
        raise Refused("bad_request", recovery.DAMAGED)
    return sha256


def _take_files(
    database: Database, caller: Caller, path: Path, *, private_key: X25519PrivateKey, store: BlobStore
) -> int:
    """Store files from where an upload of theirs stands; give how many there are."""
    count = 0
    with _members(path, private_key) as members:
        for name, size, stream in members:
            if name.startswith(FILES):
                _take_file(database, caller, name.removeprefix(FILES), size=size, stream=stream, store=store)
                count += 1
    return count


def _take_file(
    database: Database, caller: Caller, sha256: str, *, size: int, stream: IO[bytes], store: BlobStore
) -> None:
    at, read = attachments.offset(database, caller, sha256, store=store), 0
    while chunk := stream.read(BLOB_CHUNK_BYTES):
        fresh = chunk[max(0, at - read) :]
        read += len(chunk)
        if fresh:
            at = attachments.append(database, caller, sha256, store=store, at=at, size=size, chunk=fresh)


@contextmanager
def _members(path: Path, private_key: X25519PrivateKey) -> Iterator[Iterator[tuple[str, int, IO[bytes]]]]:
    """Open the archive inside; whatever in it is not as it was written is Refused."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise Refused("bad_request", "The rescue file cannot be read.") from error
    with file:
        try:
            opened = recovery.OpenedFile(file, private_key)
            with tarfile.open(mode="r|", fileobj=cast(Any, opened)) as archive:
                yield _files_of(archive)
            while opened.read(BLOB_CHUNK_BYTES):
                pass  # to the last frame: a file that was cut off behind its archive is none
        except tarfile.TarError as error:
            raise Refused("bad_request", recovery.DAMAGED) from error


def _files_of(archive: tarfile.TarFile) -> Iterator[tuple[str, int, IO[bytes]]]:
    for member in archive:
        stream = archive.extractfile(member)
        if stream is not None:
            yield member.name, member.size, stream
