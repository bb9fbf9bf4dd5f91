"""Sealing to the organization's recovery key: whoever seals cannot open it again.

A sealed box of ephemeral X25519, HKDF-SHA256 and AES-256-GCM. It serves the second wrap of the replica key, so that a
lost keyring does not lose pending work, and the sealed hand-in of an outbox.
"""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from cmms_desktop.credentials.keys import KEY_BYTES, from_base64url
from cmms_desktop.errors import Refused
from sync_server.contract.rescue import BOX_INFO

_NONCE: Final = bytes(12)
"""Constant, because every box has a key of its own."""


def _box_key(shared: bytes, *, ephemeral: bytes, recipient: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=ephemeral + recipient, info=BOX_INFO).derive(shared)


def read_recovery_public_key(text: str) -> X25519PublicKey:
    """Read the organization's public key from base64url.

    Raises:
        Refused: ``recovery_key_invalid``: not 32 bytes.
    """
    try:
        return X25519PublicKey.from_public_bytes(from_base64url(text))
    except ValueError as error:
        raise Refused(
            "recovery_key_invalid", "The organization's recovery key cannot be right. Tell your administrator."
        ) from error


def seal(recipient: X25519PublicKey, plaintext: bytes, *, context: bytes) -> bytes:
    """Encrypt for the holder of the recovery key: ephemeral public key (32) ‖ ciphertext ‖ tag.

    Raises:
        Refused: ``recovery_key_invalid``: a point of low order, which everybody could open.
    """
    ephemeral = X25519PrivateKey.generate()
    public = ephemeral.public_key().public_bytes_raw()
    try:
        shared = ephemeral.exchange(recipient)
    except ValueError as error:
        raise Refused(
            "recovery_key_invalid", "The organization's recovery key cannot be right. Tell your administrator."
        ) from error
    key = _box_key(shared, ephemeral=public, recipient=recipient.public_bytes_raw())
    return public + AESGCM(key).encrypt(_NONCE, plaintext, context)


def open_sealed(recipient: X25519PrivateKey, sealed: bytes, *, context: bytes) -> bytes:
    """Open what ``seal`` made.

    Raises:
        Refused: ``recovery_failed``: another key, another context, or a changed byte.
    """
    ephemeral, content = sealed[:KEY_BYTES], sealed[KEY_BYTES:]
    try:
        shared = recipient.exchange(X25519PublicKey.from_public_bytes(ephemeral))
        key = _box_key(shared, ephemeral=ephemeral, recipient=recipient.public_key().public_bytes_raw())
        return AESGCM(key).decrypt(_NONCE, content, context)
    except (InvalidTag, ValueError) as error:
        raise Refused("recovery_failed", "This recovery key does not open what was sealed.") from error
