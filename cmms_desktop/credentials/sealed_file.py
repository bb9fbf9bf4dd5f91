"""Writing a file that only the holder of the organization's recovery key can open; contract/rescue.py has its form.

Holds one frame in memory, whatever the size of the file.
"""

from __future__ import annotations

import secrets
from types import TracebackType
from typing import BinaryIO, Self

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cmms_desktop.credentials.recovery import read_recovery_public_key, seal
from sync_server.contract.rescue import BOX_CONTEXT, FRAME_BYTES, KEY_BYTES, LENGTH_BYTES, MAGIC, nonce_of


class SealedFile:
    """A stream into a file. It is whole only when the `with` block ended without an exception."""

    def __init__(self, file: BinaryIO, recovery_public_key: str) -> None:
        """Write the head.

        Raises:
            Refused: ``recovery_key_invalid``.
        """
        key = secrets.token_bytes(KEY_BYTES)
        self._head = MAGIC + seal(read_recovery_public_key(recovery_public_key), key, context=BOX_CONTEXT)
        self._cipher = AESGCM(key)
        self._file = file
        self._waiting = bytearray()
        self._number = 0
        file.write(self._head)

    def write(self, content: bytes) -> int:
        """Take bytes; give how many."""
        self._waiting += content
        while len(self._waiting) > FRAME_BYTES:
            self._frame(bytes(self._waiting[:FRAME_BYTES]), is_last=False)
            del self._waiting[:FRAME_BYTES]
        return len(content)

    def _frame(self, content: bytes, *, is_last: bool) -> None:
        sealed = self._cipher.encrypt(nonce_of(self._number, is_last=is_last), content, self._head)
        self._file.write(len(sealed).to_bytes(LENGTH_BYTES, "big") + sealed)
        self._number += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Write the last frame, unless something failed: then the file stays unreadable."""
        if error is None:
            self._frame(bytes(self._waiting), is_last=True)
