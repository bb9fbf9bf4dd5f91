"""Files that mutations name: encrypted beside the replica, queued for sending in it.

The bytes are on disk, synced and under their final name, before the mutation that names them commits. A file is found
by the SHA-256 of its content. Files of others lie beside them; `arriving_blobs` knows which of all these may go.
"""

import hashlib
import os
import secrets
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from cmms_desktop.errors import Refused, ReplicaUnavailable
from cmms_desktop.lasting_names import sync_folder
from cmms_desktop.replica.database import ReplicaDatabase
from cmms_desktop.replica.private_folders import make_private_folder
from sync_server.contract.messages import MAX_BLOB_BYTES

NONCE_BYTES: Final = 12
NOT_SAVED: Final = "A file could not be saved on this device; is there room left?"
PARTIAL: Final = ".partial"
"""End of the name of a file that is being written."""


class BlobMissing(ReplicaUnavailable):
    """A file is gone or damaged; the row that names it stays."""


class BlobFolder:
    """One person's files, each encrypted with a key that only opens together with the replica's."""

    def __init__(self, folder: Path, replica_key: bytes) -> None:
        """Use `folder`, which is made when the first file is kept."""
        self._folder = folder
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"cmms/blobs/v1").derive(replica_key)
        self._cipher = AESGCM(derived)
        self._one_at_a_time = threading.Lock()
        """Between looking whether a file is here and writing or removing it."""
        self._promised: set[str] = set()
        """Kept for a mutation that may not have committed yet: not removed while this program runs."""

    def keep(self, content: bytes) -> str:
        """Write a file durably and give the SHA-256 of its content, 64 hex digits. Keeping it again changes nothing.

        For a mutation that is about to name it; `receive` is for files of others.

        Raises:
            Refused: empty, or larger than 64 MiB.
            ReplicaUnavailable: the disk refuses it.
        """
        if not 0 < len(content) <= MAX_BLOB_BYTES:
            raise Refused("too_large", "A file must have at least one byte and at most 64 MiB.")
        sha256 = hashlib.sha256(content).hexdigest()
        with self._one_at_a_time:
            self._promised.add(sha256)
            self._store(sha256, content)
        return sha256

    def receive(self, sha256: str, content: bytes | bytearray) -> bool:
        """Write a file that arrived, durably. False: it is not the one of that digest, and was dropped.

        Raises:
            ReplicaUnavailable: the disk refuses it.
        """
        if hashlib.sha256(content).hexdigest() != sha256:
            return False
        with self._one_at_a_time:
            self._store(sha256, content)
        return True

    def names(self) -> frozenset[str]:
        """Give the digests of the files that are here.

        Raises:
            OSError: the folder cannot be read.
        """
        with suppress(FileNotFoundError):
            return frozenset(name for name in os.listdir(self._folder) if not name.endswith(PARTIAL))
        return frozenset()

    def remove(self, digests: Iterable[str]) -> None:
        """Delete files, and what interrupted writes left. One that a mutation may be about to name stays.

        So does one that cannot be deleted now, such as an open one: it is tried again whenever this is called for it.
        """
        with self._one_at_a_time:
            for sha256 in set(digests) - self._promised:
                with suppress(OSError):
                    self._path(sha256).unlink()
            with suppress(OSError):
                for left in self._folder.glob(f"*{PARTIAL}"):
                    left.unlink()

    def has(self, sha256: str) -> bool:
        """Whether the file is here."""
        return self._path(sha256).exists()

    def read(self, sha256: str) -> bytes:
        """Give the content.

        Raises:
            BlobMissing: the file is gone or damaged.
        """
        try:
            sealed = self._path(sha256).read_bytes()
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], sha256.encode())
        except (OSError, InvalidTag, ValueError) as error:
            raise BlobMissing("A photo or document is missing or damaged on this device.") from error

    def _store(self, sha256: str, content: bytes | bytearray) -> None:
        if not self.has(sha256):
            nonce = secrets.token_bytes(NONCE_BYTES)
            self._write(sha256, nonce + self._cipher.encrypt(nonce, content, sha256.encode()))
            return
        try:
            self._sync_name()  # whoever wrote it may have failed, or been killed, at just that
        except OSError as error:
            raise ReplicaUnavailable(NOT_SAVED) from error

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256

    def _write(self, sha256: str, sealed: bytes) -> None:
        make_private_folder(self._folder)
        path = self._path(sha256)
        partial = path.with_name(f"{sha256}.{secrets.token_hex(4)}{PARTIAL}")
        try:
            with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
            self._sync_name()
        except OSError as error:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            raise ReplicaUnavailable(NOT_SAVED) from error

    def _sync_name(self) -> None:
        """Bring the name of a file, and that of this folder, to the disk."""
        sync_folder(self._folder)
        sync_folder(self._folder.parent)


def to_send(database: ReplicaDatabase) -> list[tuple[str, int]]:
    """Give SHA-256 and size of the files that wait to be sent, oldest first."""
    with database.reader() as handle:
        sql = "SELECT sha256, size_bytes FROM blob WHERE state = 'to_send' ORDER BY made_at, sha256"
        return [(sha256, size_bytes) for sha256, size_bytes in handle.cursor.execute(sql).fetchall()]


def note_sent(database: ReplicaDatabase, sha256: str) -> None:
    """Remember that the server has all bytes of a file."""
    with database.writer() as handle:
        handle.cursor.execute("UPDATE blob SET state = 'sent', sent_bytes = size_bytes WHERE sha256 = ?", (sha256,))
