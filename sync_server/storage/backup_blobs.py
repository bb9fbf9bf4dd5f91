"""Bytes of photos and documents between the store of a server and a backup's folder, each looked at on the way.

Names are those of the store; their last part is the SHA-256 of the content. Knows no table.
"""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from sync_server.errors import EnvironmentFailure
from sync_server.storage.backup_folder import MAKING, digest_of, sync
from sync_server.storage.blob_store import PIECE_BYTES, BlobStore


def fetch(store: BlobStore, target: Path, names: Iterable[str]) -> dict[str, str]:
    """Copy objects into a folder, durably; give their digests by name.

    Raises:
        EnvironmentFailure: one is missing or damaged.
        OSError: there is no room, or no right.
    """
    found = {}
    folders: set[Path] = set()
    for name in names:
        path = target / name
        folders |= {*path.parents} - {*target.parent.parents}
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        making = path.with_name(path.name + MAKING)
        size = store.size(name)
        if size is None:
            raise EnvironmentFailure(f"The file {name} is missing.")
        with making.open("wb") as file:
            file.writelines(store.pieces(name, size=size))
        sync(making)
        making.rename(path)
        if (digest := digest_of(path)) != path.name:
            raise EnvironmentFailure(f"The file {name} is damaged.")
        found[name] = digest
    for folder in folders:  # the names too
        sync(folder)
    return found


def give_back(source: Path, store: BlobStore, names: Iterable[str]) -> None:
    """Put files of a backup, which was found whole, into the store. One that is there already is left alone.

    Raises:
        RetryLater: the store does not take them.
        OSError: a file cannot be read.
    """
    for name in names:
        if not _is_there(store, name):
            store.put(name, _pieces(source / name))


def _is_there(store: BlobStore, name: str) -> bool:
    size, digest = store.size(name), hashlib.sha256()
    if size is None:
        return False
    for piece in store.pieces(name, size=size):
        digest.update(piece)
    return digest.hexdigest() == name.rpartition("/")[2]


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            yield piece
