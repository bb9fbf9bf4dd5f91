"""The rescue file: everything that a device keeps for the server, encrypted to its organization.

Bytes: `MAGIC` · the box: the file's key sealed to the recovery key (`BOX_BYTES`) · frames until the last one. A frame
is its length (4 bytes, big-endian) and the AES-256-GCM ciphertext of at most `FRAME_BYTES`; its nonce is its number
from 0 (11 bytes, big-endian) and 1 for the last frame, else 0, so that nothing can be cut off, left out or put in
another order. Magic and box are authenticated with every frame.

Box: ephemeral X25519 public key (32) ‖ AES-256-GCM of the key with twelve zero bytes as nonce; the box's own key is
HKDF-SHA256 of the shared secret, salt = ephemeral ‖ recipient, info = `BOX_INFO`.

Inside is a tar archive: `manifest.json`, `kept.json`, `push/00001.json` … (each a `PushRequest`), `files/<sha256>` ….
"""

from typing import Final

import msgspec

MAGIC: Final = b"cmms-rescue/1\n"
BOX_INFO: Final = b"cmms/recovery/v1"
BOX_CONTEXT: Final = b"cmms/rescue/v1"
KEY_BYTES: Final = 32
TAG_BYTES: Final = 16
BOX_BYTES: Final = 32 + KEY_BYTES + TAG_BYTES
FRAME_BYTES: Final = 1 << 20
LENGTH_BYTES: Final = 4

MANIFEST: Final = "manifest.json"
KEPT: Final = "kept.json"
PUSHES: Final = "push/"
FILES: Final = "files/"


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Whose file it is and what is in it. `missing` are digests of files that the device itself could not read."""

    organization_id: str
    person_id: str
    device_id: str
    made_at: str
    app_version: str
    changes: int
    files: int
    missing: tuple[str, ...] = ()
    training: bool = False
    """The device was set up for exercise: nothing in it is real work."""


class KeptChange(msgspec.Struct, frozen=True, kw_only=True):
    """A change that cannot be pushed: refused, waiting for a refused one, or held. For people to read; not applied."""

    mutation_id: str
    state: str
    body: str
    code: str | None = None
    reason: str | None = None


def nonce_of(number: int, *, is_last: bool) -> bytes:
    """Give the nonce of a frame, 12 bytes."""
    return number.to_bytes(11, "big") + bytes([is_last])
