"""The key with which an organization signs profiles, and whether a seal is genuine. It lies with the administrator.

No server and no database has it: whoever holds the server can give no device another address.
"""

import base64
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync_server.contract.rules.profile import Profile, Seal, SignedProfile, signed_bytes
from sync_server.contract.rules.profile_reading import bytes_of
from sync_server.errors import Refused

MARK: Final = "cmms-profile-key/v1 "
"""Begins the file, so that no key of another kind is taken for it."""
NO_KEY: Final = "The file {} cannot be read, or holds no key of profiles."
FORGED: Final = "The signature of this profile is not genuine: something in it was changed."
MOST_FILE_BYTES: Final = 1024


class ProfileKey:
    """An Ed25519 key."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private

    @classmethod
    def generate(cls) -> "ProfileKey":
        """Make a new one."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def read(cls, path: Path) -> "ProfileKey":
        """Read what `file_content` gave. Raises Refused."""
        try:
            with path.open("rb") as file:
                text = file.read(MOST_FILE_BYTES).decode("ascii").strip()
            if not text.startswith(MARK):
                raise ValueError("no key of profiles")
            return cls(Ed25519PrivateKey.from_private_bytes(bytes_of(text.removeprefix(MARK))))
        except (OSError, ValueError) as error:
            raise Refused("bad_request", NO_KEY.format(path.name)) from error

    @property
    def file_content(self) -> bytes:
        """The private half, for a file of mode 0600."""
        return f"{MARK}{_text(self._private.private_bytes_raw())}\n".encode()

    @property
    def public_key(self) -> str:
        """The public half, base64url without padding."""
        return _text(self._private.public_key().public_bytes_raw())

    def seal(self, profile: Profile) -> Seal:
        """Sign a profile."""
        return Seal(self.public_key, _text(self._private.sign(signed_bytes(profile))))


def require_genuine(signed: SignedProfile) -> None:
    """Refuse a profile of which any seal is not over these very values. Raises Refused."""
    try:
        message = signed_bytes(signed.profile)
        for seal in signed.seals:
            Ed25519PublicKey.from_public_bytes(bytes_of(seal.key)).verify(bytes_of(seal.signature), message)
    except (InvalidSignature, ValueError) as error:
        raise Refused("signature_invalid", FORGED) from error


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
