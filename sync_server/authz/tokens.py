"""Access and refresh tokens. Both work only together with a proof made by the device's own key."""

import base64
import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import jwt
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync_server.contract.rules.chain import PROOF_PREFIX
from sync_server.errors import Refused, SessionExpired

ACCESS_LIFE = timedelta(minutes=10)
REFRESH_LIFE = timedelta(days=30)
SECRET_BYTES = 32
IDS_BYTES = 32
"""What a refresh token starts with: organization and session, 16 bytes each."""

MOST_KNOWN = 4_096
"""Good tokens that are remembered, some 3 MB; then all are looked at anew."""


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
        self._refresh_key = hmac.digest(key, b"cmms/refresh/v1", hashlib.sha256)
        self._known: dict[str, dict[str, Any]] = {}
        """Of tokens that were found good before, what they say."""

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
        claims = self._claims(token)
        return Access(claims["org"], claims["sub"], claims["dev"])

    def _claims(self, token: str) -> dict[str, Any]:
        """Give what a token says. One is shown for minutes: its signature is looked at once, its end each time."""
        try:
            if (claims := self._known.get(token)) is None:
                claims = jwt.decode(
                    token, self._public, algorithms=["EdDSA"], options={"require": ["exp", "sub", "org", "dev"]}
                )
                self._remember(token, claims)
        except jwt.InvalidTokenError as error:
            raise SessionExpired("The session is over.") from error
        if claims["exp"] <= datetime.now(UTC).timestamp():
            raise SessionExpired("The session is over.")
        return claims

    def _remember(self, token: str, claims: dict[str, Any]) -> None:
        if len(self._known) >= MOST_KNOWN:
            self._known = {}
        self._known[token] = claims

    def ends_at(self, token: str) -> datetime:
        """Give the instant at which a token ends. Raises SessionExpired for one that is over."""
        return datetime.fromtimestamp(self._claims(token)["exp"], UTC)

    def next_refresh(self, text: str) -> tuple[str, bytes]:
        """Give the refresh token that follows one, and its digest to store; always the same.

        An answer that was lost, doubled or overtaken by another request then brings what the first one brought: a
        device is never left with a token that nobody knows. Only this server can tell which one follows.
        """
        raw = _decoded(text)
        return _refresh(raw[:IDS_BYTES] + hmac.digest(self._refresh_key, raw, hashlib.sha256))


def make_refresh(organization_id: str, session_id: str) -> tuple[str, bytes]:
    """Give the first refresh token of a session and its digest to store.

    It starts with the organization, so that no list is searched.
    """
    ids = uuid.UUID(organization_id).bytes + uuid.UUID(session_id).bytes
    return _refresh(ids + secrets.token_bytes(SECRET_BYTES))


def _refresh(raw: bytes) -> tuple[str, bytes]:
    text = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    return text, digest(text)


def read_refresh(text: str) -> tuple[str, str]:
    """Give organization and session of a refresh token. Raises SessionExpired for what is none."""
    raw = _decoded(text)
    return str(uuid.UUID(bytes=raw[:16])), str(uuid.UUID(bytes=raw[16:IDS_BYTES]))


def _decoded(text: str) -> bytes:
    try:
        raw = _bytes(text)
        if len(raw) != IDS_BYTES + SECRET_BYTES:
            raise ValueError("length")
    except ValueError as error:
        raise SessionExpired("The session is over.") from error
    return raw


def digest(text: str) -> bytes:
    """Digest under which a refresh token is stored: 32 random bytes need no slow hash."""
    return hashlib.sha256(text.encode()).digest()


def check_proof(token: str, proof: str, public_key: str) -> None:
    """Check that the holder of a token has the device's key too. Raises Refused."""
    if not proves(token, proof, public_key):
        raise Refused("device_revoked", "This device did not prove itself. Sign in again.")


@lru_cache(maxsize=4096)
def proves(token: str, proof: str, public_key: str) -> bool:
    """Whether a proof was made over a token by the key of a device."""
    try:
        key = Ed25519PublicKey.from_public_bytes(_bytes(public_key))
        key.verify(_bytes(proof), PROOF_PREFIX + token.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def is_public_key(text: str) -> bool:
    """Whether a text is an Ed25519 public key in base64url without padding."""
    try:
        Ed25519PublicKey.from_public_bytes(_bytes(text))
    except ValueError:
        return False
    return "=" not in text


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
