"""The organization's recovery key, and opening what devices sealed to it. The private half lies with the administrator.

The server keeps the public half only: whoever holds the server opens nothing that was sealed so far. He could name a
key of his own for what comes, which devices take with their next session.
"""

import base64
from io import BufferedReader
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sync_server.contract.rescue import (
    BOX_BYTES,
    BOX_CONTEXT,
    BOX_INFO,
    FRAME_BYTES,
    KEY_BYTES,
    LENGTH_BYTES,
    MAGIC,
    TAG_BYTES,
    nonce_of,
)
from sync_server.errors import Refused

DAMAGED = "This file is no rescue file, or it is damaged or cut off. Nothing was taken over."
OTHER_KEY = "This recovery key does not open the file. Nothing was taken over."
NO_KEY = "The file of the recovery key cannot be read, or holds no key."


def new_private_key() -> X25519PrivateKey:
    """Make a recovery key."""
    return X25519PrivateKey.generate()


def text_of(key: X25519PrivateKey | X25519PublicKey) -> str:
    """Write a key as base64url without padding."""
    raw = key.private_bytes_raw() if isinstance(key, X25519PrivateKey) else key.public_bytes_raw()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def read_private_key(path: Path) -> X25519PrivateKey:
    """Read what `text_of` wrote. Raises Refused."""
    try:
        text = path.read_text("ascii").strip()
        return X25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (OSError, ValueError) as error:
        raise Refused("bad_request", NO_KEY) from error


class OpenedFile:
    """The plaintext of a rescue file as a stream, checked frame by frame; holds one frame in memory.

    Reading raises Refused as soon as a byte is not what was written; the end only comes after the last frame.
    """

    def __init__(self, file: BufferedReader, private_key: X25519PrivateKey) -> None:
        """Open the box. Raises Refused: no rescue file, or another key."""
        self._file = file
        self._head = file.read(len(MAGIC) + BOX_BYTES)
        if len(self._head) != len(MAGIC) + BOX_BYTES or not self._head.startswith(MAGIC):
            raise Refused("bad_request", DAMAGED)
        self._cipher = AESGCM(_open_box(self._head[len(MAGIC) :], private_key))
        self._number = 0
        self._ready = b""
        self._is_over = False

    def read(self, size: int) -> bytes:
        """Give up to `size` bytes; fewer only at the end."""
        parts: list[bytes] = []
        while size > 0 and (self._ready or not self._is_over):
            if not self._ready:
                self._ready = self._next_frame()
            parts.append(self._ready[:size])
            self._ready = self._ready[size:]
            size -= len(parts[-1])
        return b"".join(parts)

    def _next_frame(self) -> bytes:
        length = int.from_bytes(self._file.read(LENGTH_BYTES), "big")
        if not TAG_BYTES <= length <= FRAME_BYTES + TAG_BYTES:
            raise Refused("bad_request", DAMAGED)
        sealed = self._file.read(length)
        self._is_over = not self._file.peek(1)
        try:
            content = self._cipher.decrypt(nonce_of(self._number, is_last=self._is_over), sealed, self._head)
        except InvalidTag as error:
            raise Refused("bad_request", DAMAGED) from error
        self._number += 1
        return content


def _open_box(box: bytes, private_key: X25519PrivateKey) -> bytes:
    ephemeral, sealed = box[:KEY_BYTES], box[KEY_BYTES:]
    try:
        shared = private_key.exchange(X25519PublicKey.from_public_bytes(ephemeral))
        salt = ephemeral + private_key.public_key().public_bytes_raw()
        key = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=BOX_INFO).derive(shared)
        return AESGCM(key).decrypt(bytes(12), sealed, BOX_CONTEXT)
    except (InvalidTag, ValueError) as error:
        raise Refused("bad_request", OTHER_KEY) from error
