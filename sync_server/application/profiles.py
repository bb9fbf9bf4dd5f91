"""Making profiles of installations: what an administrator says becomes one signed file. Asks no database."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sync_server.authz.profile_key import ProfileKey, require_genuine
from sync_server.contract.instants import instant_text
from sync_server.contract.rules.logo import MOST_BYTES as LOGO_BYTES
from sync_server.contract.rules.profile import VERSION, ProfileRefused, SignedProfile, written
from sync_server.contract.rules.profile_checks import require_fit
from sync_server.contract.rules.profile_reading import read_profile
from sync_server.errors import EnvironmentFailure, Refused

UNSEALED: Final = {"key": "", "signature": ""}
NO_FILE: Final = "{} cannot be read."
NO_CERTIFICATE: Final = "{} holds no certificate in PEM."
MOST_READ_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Draft:
    """What an administrator says. Files are read here; `policies` are builtins as the profile has them."""

    organization: str
    server_url: str
    days: int
    """Days from now in which it may be taken."""
    serial: int | None = None
    """None: the seconds of now, which rise by themselves."""
    pins: Sequence[str] = ()
    certificates: Sequence[Path] = ()
    """Of which the public keys are pinned."""
    authority: Path | None = None
    channel: str = "stable"
    name: str = ""
    colour: str = ""
    dark_colour: str = ""
    logo: Path | None = None
    policies: Mapping[str, object] | None = None


def sign_profile(draft: Draft, keys: Sequence[ProfileKey], *, now: datetime) -> bytes:
    """Give the file. The first key is the organization's from now on, the others those before it.

    Raises:
        Refused: a value cannot be right, or a file is not what it should be.
    """
    told = _told(draft, keys[0], now=now)
    try:
        unsealed = msgspec.convert({"profile": told, "seals": [UNSEALED]}, SignedProfile, strict=True)
        profile = unsealed.profile
        seals = tuple(key.seal(profile) for key in keys)
        signed = SignedProfile(profile, seals)
        require_fit(signed)
        content = written(signed)
        require_genuine(read_profile(content))  # as a device will read it
    except ProfileRefused as refusal:
        raise Refused("invalid_value", refusal.sentence) from refusal
    except (msgspec.ValidationError, ValueError) as error:
        raise Refused("invalid_value", f"A value cannot be right: {_plain(error)}. Nothing was signed.") from error
    return content


def read_file(path: Path) -> SignedProfile:
    """Read a profile, or the text of its QR code, and check its seals. Raises Refused and EnvironmentFailure."""
    try:
        signed = read_profile(_content(path))
        require_fit(signed)
    except ProfileRefused as refusal:
        raise Refused("invalid_value", refusal.sentence) from refusal
    require_genuine(signed)
    return signed


def pin_of(certificate: x509.Certificate) -> str:
    """Give the pin of a certificate's public key: it stays when the certificate is renewed with the same key."""
    public = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return _text(sha256(public).digest())


def _told(draft: Draft, key: ProfileKey, *, now: datetime) -> dict[str, Any]:
    """Give the fields as builtins; what was not said is not there."""
    pins = [*draft.pins, *(pin_of(_certificate(path)) for path in draft.certificates)]
    authority = b"" if draft.authority is None else _certificate(draft.authority).public_bytes(Encoding.DER)
    logo = b"" if draft.logo is None else _content(draft.logo, most=LOGO_BYTES + 1)
    return {
        "version": VERSION,
        "organization": draft.organization,
        "serial": int(now.timestamp()) if draft.serial is None else draft.serial,
        "signed_at": instant_text(now),
        "not_after": instant_text(now + timedelta(days=draft.days)),
        "organization_key": key.public_key,
        "server_url": draft.server_url.rstrip("/"),
        "certificate_pins": pins,
        "certificate_authority": _text(authority),
        "update_channel": draft.channel,
        "branding": {
            "name": draft.name,
            "colour": draft.colour.lower(),
            "dark_colour": draft.dark_colour.lower(),
            "logo": _text(logo),
        },
        "policies": dict(draft.policies or {}),
    }


def _certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(_content(path))
    except ValueError as error:
        raise Refused("invalid_value", NO_CERTIFICATE.format(path.name)) from error


def _content(path: Path, *, most: int = MOST_READ_BYTES) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(most)
    except (OSError, ValueError) as error:
        raise EnvironmentFailure(NO_FILE.format(path.name)) from error


def _plain(error: Exception) -> str:
    return str(error).rstrip(".").replace("$.profile.", "")


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
