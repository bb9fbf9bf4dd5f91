"""The only door to object storage: a folder of this machine, or a bucket that speaks S3. Bytes by name, nothing else.

What `put` has written is durable when it returns, and is there whole or not at all. Knows no table, no author and no
digest; keeps nothing between two calls, so that any process may go on where another one stopped.
"""

import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore, ObjectStore, S3Store

from sync_server.errors import EnvironmentFailure, RetryLater

log = logging.getLogger(__name__)

PIECE_BYTES: Final = 1 << 20
"""Read at a time: nothing is held open for a device that reads slowly."""
BUSY_S: Final = 30
"""How long devices wait with their photos when the storage does not answer, or is full."""
AWAY: Final = "The storage of photos does not answer. They are sent later."
PATIENCE: Final = timedelta(seconds=8)
"""With a bucket that does not answer, tries of the library included: a device waits 30 s for its answer."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An object that lies in the store."""

    name: str
    written_at: datetime


class BlobStore:
    """Objects by name: words of letters, digits and dashes between slashes. Every method may raise RetryLater."""

    def __init__(self, store: ObjectStore, *, folder: Path | None = None) -> None:
        """Use a store of obstore's; `folder` is where it lies when it is a folder."""
        self._store = store
        self.folder = folder

    @classmethod
    def in_folder(cls, folder: Path) -> "BlobStore":
        """Keep objects as files below a folder, which is made. Raises EnvironmentFailure when that is not possible."""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise EnvironmentFailure(f"The folder {folder} cannot be made: {error.strerror}.") from error
        return cls(LocalStore(folder, automatic_cleanup=True), folder=folder)

    @classmethod
    def in_memory(cls) -> "BlobStore":
        """Keep objects as long as the process lives: for tests."""
        return cls(MemoryStore())

    @classmethod
    def in_bucket(cls, url: str, access: Mapping[str, str]) -> "BlobStore":
        """Keep objects in a bucket.

        Args:
            url: `s3://bucket` or `s3://bucket/prefix`.
            access: Region, endpoint, key and the like by the names of AWS's environment variables. An endpoint
                that begins with http:// is talked to without TLS.

        Raises:
            EnvironmentFailure: the address or a value is no good.
        """
        is_plain = access.get("AWS_ENDPOINT_URL", "").startswith("http://")
        try:
            store = S3Store.from_url(
                url,
                config={name.lower(): value for name, value in access.items()},  # type: ignore[arg-type]
                client_options={"allow_http": is_plain, "timeout": PATIENCE, "connect_timeout": timedelta(seconds=3)},
                retry_config={"max_retries": 2, "retry_timeout": PATIENCE},
            )
        except (BaseError, ValueError, OSError) as error:
            raise EnvironmentFailure("CMMS_BLOBS does not name a bucket that can be used.") from error
        return cls(store)

    def put(self, name: str, content: bytes | Iterator[bytes]) -> None:
        """Write an object, in place of the one before. A stream must not come from a store: the library locks up."""
        try:
            with _translated():
                if self.folder is not None:
                    (self.folder / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                obstore.put(self._store, name, content)
                if self.folder is not None:
                    _settle(self.folder, name)
        except FileNotFoundError as error:  # somebody has removed it, or the folder, at the same moment
            raise RetryLater(AWAY) from error

    def size(self, name: str) -> int | None:
        """Give the size of an object in bytes; None: there is none."""
        try:
            with _translated():
                return obstore.head(self._store, name)["size"]
        except FileNotFoundError:
            return None

    def sizes(self, folder: str) -> dict[str, int]:
        """Give the sizes of the objects right below a name, by the last part of theirs."""
        with _translated():
            found = obstore.list_with_delimiter(self._store, folder)["objects"]
        return {each["path"].rpartition("/")[2]: each["size"] for each in found}

    def below(self, folder: str) -> Iterator[Kept]:
        """Give every object below a name, at any depth; what comes or goes meanwhile may be among them or not."""
        with _translated():
            for page in obstore.list(self._store, folder):
                yield from (Kept(each["path"], each["last_modified"]) for each in page)

    def move(self, name: str, to: str) -> None:
        """Give an object another name, in place of what had it; nothing happens when there is none."""
        with suppress(FileNotFoundError), _translated():
            obstore.rename(self._store, name, to)

    def pieces(self, name: str, *, size: int, at: int = 0) -> Iterator[bytes]:
        """Give the bytes of an object of a known size from `at` on, at most 1 MiB at a time.

        Raises:
            FileNotFoundError: there is none.
        """
        for start in range(at, size, PIECE_BYTES):
            with _translated():
                piece = bytes(obstore.get_range(self._store, name, start=start, end=min(size, start + PIECE_BYTES)))
            yield piece

    def remove(self, names: Iterable[str]) -> None:
        """Delete objects, as many as can be: what stays is in nobody's way."""
        for name in names:
            with suppress(BaseError, OSError):
                obstore.delete(self._store, name)


def _settle(folder: Path, name: str) -> None:
    """Bring a new file to the disk, its name and those of its folders too, and let nobody else read it."""
    path = folder / name
    path.chmod(0o600)
    for each in (path, *path.parents[: name.count("/") + 2]):  # the folder itself may be new as well
        sync(each)


def sync(path: Path) -> None:
    """Bring a file or a folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what a store says into ours. What is not there is nobody's failure: FileNotFoundError passes."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (BaseError, OSError) as error:
        log.warning("the storage of photos failed: %s", type(error).__name__)
        raise RetryLater(AWAY, retry_after_s=BUSY_S) from error
