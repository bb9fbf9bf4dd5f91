"""Reading a profile: rubbish, half scans and what a newer program wrote become one sentence each. Pure.

Takes the file itself and the text of its QR code alike. Nothing is verified here.
"""

import binascii
import json
import re
from base64 import b32decode, b32encode, urlsafe_b64decode
from hashlib import sha256
from typing import Any, Final, NoReturn

import msgspec

from sync_server.contract.rules.profile import MOST_BYTES, VERSION, ProfileRefused, SignedProfile

TEXT_PREFIX: Final = "CMMSPROFILE:1:"
"""Begins the text of a QR code: capital letters and digits alone, which scanners type right on most keyboards."""
TOO_LARGE: Final = f"This profile is larger than {MOST_BYTES // 1024} KiB and was not read."
NO_PROFILE: Final = "This is no profile, or it is damaged or cut off. Scan it again, or ask for the file."
TWICE: Final = "This profile says something twice and was not taken."
NEWER: Final = "This profile was made for a newer program. Update this one first."
UNSIGNED: Final = "This profile is not signed and was not taken."
WRONG_VALUE: Final = "This profile has a value that cannot be right: {}. Nothing was taken."
_WHERE: Final = re.compile(r"at `\$\.?([^`]{0,80})`")
_NAMED: Final = re.compile(r"`([A-Za-z_]{1,40})`")


def read_profile(content: bytes) -> SignedProfile:
    """Read a profile from a file, or from the text of a QR code as bytes. Raises ProfileRefused."""
    if len(content) > 2 * MOST_BYTES:
        raise ProfileRefused("profile_too_large", TOO_LARGE)
    plain = _unwrapped(content)
    if len(plain) > MOST_BYTES:
        raise ProfileRefused("profile_too_large", TOO_LARGE)
    told = _told(plain)
    _refuse_other_versions(told)
    try:
        return msgspec.convert(told, SignedProfile, strict=True)
    except msgspec.ValidationError as error:
        raise ProfileRefused("profile_invalid", WRONG_VALUE.format(_place(str(error)))) from error


def text_of(file: bytes) -> str:
    """Give a file as the text for a QR code."""
    return TEXT_PREFIX + b32encode(file.strip()).decode().rstrip("=")


def bytes_of(text: str) -> bytes:
    """Read base64url without padding. Raises ValueError for anything else, also for a second spelling of it."""
    raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    if binascii.b2a_base64(raw, newline=False).translate(_URL_SAFE).rstrip(b"=").decode() != text:
        raise ValueError("not base64url")
    return raw


_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")


def fingerprint(public_key: str) -> str:
    """Give what people compare with their administrator: 16 hex digits of the key's SHA-256, in groups of four."""
    digits = sha256(bytes_of(public_key)).hexdigest()[:16]
    return " ".join(digits[at : at + 4] for at in range(0, 16, 4))


def _unwrapped(content: bytes) -> bytes:
    """Take the text of a QR code apart; lines may have been broken on the way."""
    head = content[:64].lstrip().upper()
    if not head.startswith(TEXT_PREFIX.encode()):
        return content
    letters = b"".join(content.split()).upper()[len(TEXT_PREFIX) :]
    try:
        return b32decode(letters + b"=" * (-len(letters) % 8))
    except ValueError as error:
        raise ProfileRefused("profile_unreadable", NO_PROFILE) from error


def _told(plain: bytes) -> dict[str, Any]:
    try:
        told = json.loads(
            plain.decode("utf-8"), object_pairs_hook=_object, parse_float=_no_number, parse_constant=_no_number
        )
    except ProfileRefused:
        raise
    except (ValueError, RecursionError) as error:
        raise ProfileRefused("profile_unreadable", NO_PROFILE) from error
    if not isinstance(told, dict) or not isinstance(told.get("profile"), dict):
        raise ProfileRefused("profile_unreadable", NO_PROFILE)
    return told


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Take no name twice: of two values, the one that was checked may not be the one that is used."""
    told = dict(pairs)
    if len(told) != len(pairs):
        raise ProfileRefused("profile_said_twice", TWICE)
    return told


def _no_number(_text: str) -> NoReturn:
    raise ValueError("a profile has whole numbers only")


def _refuse_other_versions(told: dict[str, Any]) -> None:
    version = told["profile"].get("version")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise ProfileRefused("profile_invalid", WRONG_VALUE.format("profile.version"))
    if version > VERSION:
        raise ProfileRefused("profile_newer", NEWER)
    if not told.get("seals"):
        raise ProfileRefused("profile_unsigned", UNSIGNED)


def _place(message: str) -> str:
    """Name where a value is wrong, never the value."""
    where, named = _WHERE.search(message), _NAMED.search(message)
    parts = [where[1] if where else "", named[1] if named and "field" in message else ""]
    return ".".join(part for part in parts if part) or "its outermost part"
