"""Collects what is left in the store of photos: pieces of uploads that were given up, and contents that no row names.

An upload is given up when nothing of it came for 14 days and each device of its author that still counts was in touch
after them. A device that has been away since is waited for, however long. Whoever goes on all the same begins at byte
0: a device keeps its file until the server has all of it. What a row names is never touched.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from time import monotonic

from sync_server.routines.steps import Rest, without_rest
from sync_server.storage import blobs
from sync_server.storage.blob_store import BlobStore, Kept
from sync_server.storage.blobs import Owned
from sync_server.storage.engine import Database

GIVEN_UP = timedelta(days=14)
NAMELESS = timedelta(days=30)
"""As long as devices keep what they have sent, and a database that was put back may be exchanged for the one before."""
BATCH = 500
ASIDE = "aside"


@dataclass(frozen=True, slots=True)
class CollectedFiles:
    """How many uploads were given up, and how many contents had no name."""

    uploads: int
    nameless: int


def collect_files(
    database: Database, organization_id: str, *, store: BlobStore, at: datetime, rest: Rest = without_rest
) -> CollectedFiles:
    """Collect what was left at a moment. Raises RetryLater when the store does not answer; the next night goes on."""
    _settle_aside(database, organization_id, store, rest)
    uploads = _collect_uploads(database, organization_id, store, at, rest)
    return CollectedFiles(uploads, _collect_nameless(database, organization_id, store, at, rest))


def _collect_uploads(database: Database, organization_id: str, store: BlobStore, at: datetime, rest: Rest) -> int:
    """Forget uploads before their pieces: one that goes on at the same moment finds none, and begins again."""
    found: dict[Owned, list[Kept]] = {}
    for kept in store.below(f"uploads/{organization_id}"):
        owned = blobs.owner_of_part(kept.name)
        if owned is not None:
            found.setdefault(owned, []).append(kept)
    count = 0
    for owned, pieces in found.items():
        touched_at = max(piece.written_at for piece in pieces)
        if touched_at + GIVEN_UP > at:
            continue
        began = monotonic()
        with database.transaction("worker", organization_id) as connection:
            known = [piece.name.rpartition("/")[2] for piece in pieces]
            is_over = blobs.give_up(connection, owned, known=known, in_touch_since=touched_at + GIVEN_UP)
        if is_over:
            store.remove(piece.name for piece in pieces)
            count += 1
        rest(monotonic() - began)
    return count


def _collect_nameless(database: Database, organization_id: str, store: BlobStore, at: datetime, rest: Rest) -> int:
    old = (kept.name for kept in store.below(organization_id) if kept.written_at + NAMELESS <= at)
    nameless: list[str] = []
    for names in _batches(old):
        began = monotonic()
        nameless += _without_row(database, organization_id, names)
        rest(monotonic() - began)
    count = 0
    for name in nameless:
        began = monotonic()
        store.move(name, f"{ASIDE}/{name}")
        count += _settle(database, organization_id, store, name)
        rest(monotonic() - began)
    return count


def _settle_aside(database: Database, organization_id: str, store: BlobStore, rest: Rest) -> None:
    """Decide about what a night that was cut off left half way."""
    for kept in list(store.below(f"{ASIDE}/{organization_id}")):
        began = monotonic()
        _settle(database, organization_id, store, kept.name.removeprefix(f"{ASIDE}/"))
        rest(monotonic() - began)


def _settle(database: Database, organization_id: str, store: BlobStore, name: str) -> bool:
    """Remove what lies aside, unless an upload of the same bytes has begun meanwhile: it may have found them there."""
    if not _without_row(database, organization_id, [name]):
        store.move(f"{ASIDE}/{name}", name)
        return False
    store.remove([f"{ASIDE}/{name}"])
    return True


def _without_row(database: Database, organization_id: str, names: list[str]) -> list[str]:
    """Give those of some contents that no row of anybody names; what is called otherwise is none of them."""
    contents = {name: sha256 for name in names if (sha256 := blobs.content_of(name)) is not None}
    with database.transaction("worker", organization_id, read_only=True) as connection:
        named = blobs.named(connection, organization_id, contents.values())
    return [name for name, sha256 in contents.items() if sha256 not in named]


def _batches(names: Iterable[str]) -> Iterator[list[str]]:
    left = iter(names)
    while batch := list(islice(left, BATCH)):
        yield batch
