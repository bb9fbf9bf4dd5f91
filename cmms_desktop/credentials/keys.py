"""From a person's secret and the keyring's half to a key that opens the wraps; and the wraps themselves.

Pure functions over bytes: no file, no keyring, no clock. Nothing here is ever logged.
"""

from __future__ import annotations

import base64
import secrets
import unicodedata
from dataclasses import dataclass
from typing import Final

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from cmms_desktop.errors import Bug, Refused

KEY_BYTES: Final = 32
SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_UNLOCK_INFO: Final = b"cmms/unlock-key/v1"


@dataclass(frozen=True, slots=True)
class Argon2Profile:
    """Cost of one guess: memory in KiB, passes over it, and lanes computed side by side."""

    memory_kib: int
    time_cost: int
    lanes: int

    def is_sane(self) -> bool:
        """Tell whether a profile read from disk can be computed without taking the machine down."""
        return 8 * self.lanes <= self.memory_kib <= 1_048_576 and 1 <= self.time_cost <= 16 and 1 <= self.lanes <= 16


STANDARD: Final = Argon2Profile(memory_kib=65_536, time_cost=3, lanes=4)
"""RFC 9106 §4, second recommended option: 64 MiB, three passes, four lanes."""
CHEAPEST: Final = Argon2Profile(memory_kib=8, time_cost=1, lanes=1)
"""For tests only: a guess costs nothing."""


def new_key() -> bytes:
    """Make 32 random bytes from the operating system."""
    return secrets.token_bytes(KEY_BYTES)


def derive_unlock_key(secret: str, *, keyring_secret: bytes, salt: bytes, profile: Argon2Profile) -> bytes:
    """Compute HKDF-SHA256(argon2id(secret) ‖ keyring secret), 32 bytes.

    Args:
        secret: Password or PIN as typed; NFKC so that two keyboards spell it alike.
        keyring_secret: 32 bytes, the half that a copied disk lacks.
        salt: 16 random bytes, one per wrap.
        profile: Cost; blocks this thread for about 0.1 s at ``STANDARD``.

    Raises:
        Bug: a half of the wrong length.
    """
    if len(keyring_secret) != KEY_BYTES or len(salt) != SALT_BYTES or not profile.is_sane():
        raise Bug("An unlock key was to be derived from incomplete parts.")
    stretched = hash_secret_raw(
        unicodedata.normalize("NFKC", secret).encode("utf-8", "surrogatepass"),
        salt,
        time_cost=profile.time_cost,
        memory_cost=profile.memory_kib,
        parallelism=profile.lanes,
        hash_len=KEY_BYTES,
        type=Type.ID,
    )
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=_UNLOCK_INFO).derive(stretched + keyring_secret)


def wrap(key: bytes, plaintext: bytes, *, context: bytes) -> bytes:
    """Encrypt with AES-256-GCM under a random nonce: nonce ‖ ciphertext ‖ tag.

    ``context`` says whose it is and what for; the same bytes are needed to open it.
    """
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, context)


def unwrap(key: bytes, wrapped: bytes, *, context: bytes) -> bytes:
    """Open what ``wrap`` made; that it opens is the check.

    Raises:
        Refused: ``wrong_secret``: another key, another context, or a changed byte.
    """
    if len(wrapped) < _NONCE_BYTES + _TAG_BYTES:
        raise wrong_secret()
    try:
        return AESGCM(key).decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], context)
    except InvalidTag as error:
        raise wrong_secret() from error


def wrong_secret(tries_left: int | None = None) -> Refused:
    """Say that the secret did not open anything, and how many tries are left where that is counted."""
    left = "" if tries_left is None else f" {tries_left} {'try is' if tries_left == 1 else 'tries are'} left."
    return Refused("wrong_secret", f"That is not the right password or PIN.{left}")


def to_base64url(content: bytes) -> str:
    """Write bytes as on the wire: base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def from_base64url(text: str) -> bytes:
    """Read unpadded base64url.

    Raises:
        ValueError: it is not the one canonical spelling of some bytes.
    """
    try:
        content = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise ValueError("not base64url") from error
    if to_base64url(content) != text:
        raise ValueError("not canonical base64url")
    return content
