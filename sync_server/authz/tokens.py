"""Access and refresh tokens. Both work only together with a proof made by the device's own key."""

import base64
import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

import jwt
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync_server.contract.rules.chain import PROOF_PREFIX
from sync_server.errors import Refused, SessionExpired

ACCESS_LIFE = timedelta(minutes=10)
REFRESH_LIFE = timedelta(days=30)
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Access:
    """What an access token says."""

    organization_id: str
    person_id: str
    device_id: str


class AccessTokens:
    """Issues and reads access tokens, signed with this server's Ed25519 key."""

    def __init__(self, key: bytes) -> None:
        """Take 32 bytes as the private key."""
        self._private = Ed25519PrivateKey.from_private_bytes(key)
        self._public = self._private.public_key()

    def issue(self, access: Access, *, at: datetime) -> tuple[str, datetime]:
        """Give a token and the instant at which it ends."""
        ends_at = at + ACCESS_LIFE
        claims = {
            "org": access.organization_id,
            "sub": access.person_id,
            "dev": access.device_id,
            "iat": int(at.timestamp()),
            "exp": int(ends_at.timestamp()),
        }
        return jwt.encode(claims, self._private, algorithm="EdDSA"), ends_at

    def read(self, token: str) -> Access:
        """Read a token. Raises SessionExpired for one that is over, foreign or damaged."""
        try:
            claims = jwt.decode(
                token, self._public, algorithms=["EdDSA"], options={"require": ["exp", "sub", "org", "dev"]}
            )
        except jwt.InvalidTokenError as error:
            raise SessionExpired("The session is over.") from error
        return Access(claims["org"], claims["sub"], claims["dev"])


def make_refresh(organization_id: str, session_id: str) -> tuple[str, bytes]:
    """Give a refresh token and its digest to store. It starts with the organization, so that no list is searched."""
    raw = uuid.UUID(organization_id).bytes + uuid.UUID(session_id).bytes + secrets.token_bytes(SECRET_BYTES)
    text = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    return text, digest(text)


def read_refresh(text: str) -> tuple[str, str]:
    """Give organization and session of a refresh token. Raises SessionExpired for what is none."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        if len(raw) != 16 + 16 + SECRET_BYTES:
            raise ValueError("length")
    except ValueError as error:
        raise SessionExpired("The session is over.") from error
    return str(uuid.UUID(bytes=raw[:16])), str(uuid.UUID(bytes=raw[16:32]))


def digest(text: str) -> bytes:
    """Digest under which a refresh token is stored: 32 random bytes need no slow hash."""
    return hashlib.sha256(text.encode()).digest()


def check_proof(token: str, proof: str, public_key: str) -> None:
    """Check that the holder of a token has the device's key too. Raises Refused."""
    if not _proves(token, proof, public_key):
        raise Refused("device_revoked", "This device did not prove itself. Sign in again.")


@lru_cache(maxsize=4096)
def _proves(token: str, proof: str, public_key: str) -> bool:
    try:
        key = Ed25519PublicKey.from_public_bytes(_bytes(public_key))
        key.verify(_bytes(proof), PROOF_PREFIX + token.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
