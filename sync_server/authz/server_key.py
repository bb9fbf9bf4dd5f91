"""The key with which the server signs commands to devices and receipts. It follows from the server's secret."""

import base64

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class ServerKey:
    """An Ed25519 key. Devices learn the public half when somebody signs in."""

    def __init__(self, key: bytes) -> None:
        """Take 32 bytes as the private key."""
        self._private = Ed25519PrivateKey.from_private_bytes(key)

    @property
    def public_key(self) -> str:
        """The public half, base64url without padding."""
        return _text(self._private.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> str:
        """Sign a statement of contract/standing.py; base64url without padding."""
        return _text(self._private.sign(message))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
