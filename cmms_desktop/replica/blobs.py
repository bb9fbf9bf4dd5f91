"""Bytes of photos on this device, encrypted with the replica's key, and the list of those still to be sent.

A file is synced and renamed before any row names it. Content is addressed by the SHA-256 of what it was in the clear.
"""

import hashlib
import os
import secrets
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from cmms_desktop.errors import Refused, ReplicaUnavailable
from cmms_desktop.replica.database import ReplicaDatabase
from sync_server.contract.messages import MAX_BLOB_BYTES

NONCE_BYTES: Final = 12


class BlobFolder:
    """Files of one replica, one per digest."""

    def __init__(self, folder: Path, replica_key: bytes) -> None:
        """Use a folder; its key follows from the replica's, so that losing one loses both."""
        self._folder = folder
        key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"cmms/blobs/v1").derive(replica_key)
        self._cipher = AESGCM(key)

    def keep(self, content: bytes) -> str:
        """Put bytes on the disk and give their digest; they are there before this returns.

        Raises:
            Refused: nothing, or more than 64 MiB.
            ReplicaUnavailable: the disk is full or cannot be written.
        """
        if not 0 < len(content) <= MAX_BLOB_BYTES:
            raise Refused("too_large", "A photo has at most 64 MB.")
        sha256 = hashlib.sha256(content).hexdigest()
        nonce = secrets.token_bytes(NONCE_BYTES)
        try:
            self._write(sha256, nonce + self._cipher.encrypt(nonce, content, sha256.encode()))
        except OSError as error:
            raise ReplicaUnavailable(f"The photo could not be kept: {error.strerror}. Make room, try again.") from error
        return sha256

    def _write(self, sha256: str, sealed: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = self._folder / f".{sha256}.{secrets.token_hex(4)}"
        with unfinished.open("xb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self._folder / sha256)
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def read(self, sha256: str) -> bytes:
        """Give the bytes. Raises ReplicaUnavailable when they are missing or damaged."""
        try:
            sealed = (self._folder / sha256).read_bytes()
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], sha256.encode())
        except (OSError, InvalidTag) as error:
            raise ReplicaUnavailable("A photo on this device is missing or damaged.") from error


def to_send(database: ReplicaDatabase) -> list[tuple[str, int]]:
    """Give digest and size of the blobs that the server does not have yet, oldest first."""
    with database.reader() as handle:
        found: list[tuple[str, int]] = handle.cursor.execute(
            "SELECT sha256, size_bytes FROM blob WHERE state = 'to_send' ORDER BY made_at, sha256"
        ).fetchall()
    return found


def note_sent(database: ReplicaDatabase, sha256: str) -> None:
    """Write down that the server has every byte of a blob."""
    with database.writer() as handle:
        cursor: Any = handle.cursor
        cursor.execute("UPDATE blob SET state = 'sent', sent_bytes = size_bytes WHERE sha256 = ?", (sha256,))
