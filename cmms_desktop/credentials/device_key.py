"""The device's Ed25519 key: what this replica signs its mutations, sessions and signed statements with.

The private half exists only in memory and, wrapped, in the keyring. It is opened by the person's own secret alone, so
a supervisor can sign on a technician's installation and nobody there can sign for him.
"""

from __future__ import annotations

import re
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from cmms_desktop.credentials.keys import from_base64url, to_base64url, unwrap, wrap
from cmms_desktop.errors import Bug

_DOMAIN: Final = re.compile(rb"cmms/[a-z][a-z0-9-]*/v[1-9][0-9]*")


class DeviceSigner:
    """An opened device key. ``device_id`` is the lower-case hyphenated uuid the server knows the key by."""

    __slots__ = ("_private", "device_id", "public_key")

    def __init__(self, device_id: str, private: Ed25519PrivateKey) -> None:
        self.device_id = device_id
        self._private = private
        self.public_key = to_base64url(private.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"DeviceSigner(device_id={self.device_id!r}, public_key={self.public_key!r})"

    @classmethod
    def generate(cls, device_id: str) -> DeviceSigner:
        """Make a new key, still known to nobody; the server learns ``public_key`` at sign-in."""
        return cls(device_id, Ed25519PrivateKey.generate())

    def sign(self, domain: bytes, message: bytes) -> bytes:
        """Sign ``domain`` ‖ newline ‖ ``message``; 64 bytes.

        Args:
            domain: What kind of statement it is, ``cmms/<word>/v<n>``: a seal can never pass as a sign-off.
            message: The exact bytes stated.

        Raises:
            Bug: the domain has another form.
        """
        if not _DOMAIN.fullmatch(domain):
            raise Bug("Something was to be signed without saying what kind of statement it is.")
        return self._private.sign(domain + b"\n" + message)

    def sign_statement(self, statement: bytes) -> bytes:
        """Sign bytes that begin with their own domain and a newline, as the contract's rules make them; 64 bytes."""
        domain, _, message = statement.partition(b"\n")
        return self.sign(domain, message)

    def sign_text(self, statement: bytes) -> str:
        """Sign as `sign_statement` and give base64url, as it travels."""
        return to_base64url(self.sign_statement(statement))

    def wrapped(self, key: bytes, *, context: bytes) -> bytes:
        """Encrypt the private half for the keyring."""
        return wrap(key, self._private.private_bytes_raw(), context=context)

    @classmethod
    def unwrapped(cls, device_id: str, wrapped: bytes, *, key: bytes, context: bytes) -> DeviceSigner:
        """Open a wrapped private half.

        Raises:
            Refused: ``wrong_secret``: the key, the context or the content is another.
        """
        return cls(device_id, Ed25519PrivateKey.from_private_bytes(unwrap(key, wrapped, context=context)))


def proves(public_key: str, signature: str, statement: bytes) -> bool:
    """Whether a key made a signature over a statement; key and signature are base64url without padding."""
    try:
        Ed25519PublicKey.from_public_bytes(from_base64url(public_key)).verify(from_base64url(signature), statement)
    except (InvalidSignature, ValueError):
        return False
    return True
