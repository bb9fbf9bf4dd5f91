"""Commitments: a signed body holds a salted digest where a personal value would be (trust.md §3).

Value and salt lie in `personal_value`. Erasing both leaves the body, its signature and every chain over it valid.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import unicodedata

import msgspec
import rfc8785

SALT_BYTES = 16
DIGEST_BYTES = 32


class PersonalValue(msgspec.Struct, frozen=True, kw_only=True):
    """What a commitment stands for: the columns of `personal_value` with the same names.

    `path` is the JSON pointer of the commitment in the body, `value` the JSON text that was committed to, `salt` and
    `commitment` are base64url without padding.
    """

    path: str
    salt: str
    value: str
    commitment: str


def to_base64url(data: bytes) -> str:
    """Write bytes as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes | None:
    """Read base64url; None for padding, other characters, or a second spelling of the same bytes."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if to_base64url(data) == text else None


def commit(path: str, value: object, *, salt: bytes) -> PersonalValue:
    """Commit to a JSON value. Raises ValueError for a salt of another size or a value that is no JSON."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    text = unicodedata.normalize("NFC", rfc8785.dumps(value).decode())  # type: ignore[arg-type]
    return PersonalValue(path=path, salt=to_base64url(salt), value=text, commitment=_digest(salt, text))


def open_commitment(commitment: str, salt: str | None, value: str | None) -> bool:
    """Whether a commitment was made with this salt and this JSON text. An erased value (None) opens nothing."""
    key = None if salt is None else from_base64url(salt)
    if key is None or len(key) != SALT_BYTES or value is None:
        return False
    try:
        return hmac.compare_digest(_digest(key, value).encode(), commitment.encode())
    except UnicodeEncodeError:
        return False


def is_commitment(text: str) -> bool:
    """Whether a text can be a commitment: base64url of 32 bytes."""
    data = from_base64url(text)
    return data is not None and len(data) == DIGEST_BYTES


def _digest(salt: bytes, value: str) -> str:
    return to_base64url(hashlib.sha256(salt + value.encode()).digest())
