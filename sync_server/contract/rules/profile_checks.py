"""What a profile may say: each wrong value is one sentence. Asked when one is signed and when one is taken. Pure."""

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from sync_server.contract.instants import instant_of
from sync_server.contract.rules.colours import colour_of
from sync_server.contract.rules.contrast import DARK_GROUNDS, LIGHT_GROUNDS, stands_out
from sync_server.contract.rules.logo import MOST_BYTES as LOGO_BYTES
from sync_server.contract.rules.logo import MOST_PX, is_logo
from sync_server.contract.rules.profile import (
    MOST_LEASE_DAYS,
    MOST_PINS,
    MOST_SERIAL,
    MOST_SIGNATURES,
    Branding,
    Policies,
    Profile,
    ProfileRefused,
    Receiver,
    SignedProfile,
)
from sync_server.contract.rules.profile_reading import UNSIGNED, WRONG_VALUE, bytes_of

KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
MOST_NAME: Final = 40
MOST_AUTHORITY_BYTES: Final = 8192
LONGEST: Final = timedelta(days=3660)
"""From signing to the last day on which a profile may be taken."""
NO_HTTPS: Final = (
    "The server's address in this profile does not begin with https:// and name a host alone. Nothing was taken."
)
LEASE: Final = f"A profile may let a device work offline for 1 to {MOST_LEASE_DAYS} days."
CONTRAST: Final = (
    "The colour {} cannot be told from the {} theme it would lie on (less than 3 : 1). Choose another one."
)
NO_LOGO: Final = (
    f"The logo is no plain, whole PNG: 8 bits a channel, no texts or colour profile in it, at most {MOST_PX} ×"
    f" {MOST_PX} pixels and {LOGO_BYTES // 1024} KiB."
)
SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
VERSION_NUMBER: Final = re.compile(r"(?:0|[1-9][0-9]{0,4})(?:\.(?:0|[1-9][0-9]{0,4})){2}")
_LINE: Final = re.compile(r"[!-~]{1,200}")


def require_fit(signed: SignedProfile, *, looks: bool = True) -> None:
    """Refuse a profile with a value that cannot be right. Raises ProfileRefused with the first one.

    `looks`: also judge colours and logo, which a later release may judge in another way.
    """
    _require_facts(signed.profile)
    _require_policies(signed.profile.policies)
    if looks:
        _require_looks(signed.profile.branding)
    _require_seals(signed)


def version_of(text: str) -> tuple[int, ...]:
    """Read a version such as 0.2.0. Raises ValueError."""
    if not VERSION_NUMBER.fullmatch(text):
        raise ValueError("no version")
    return tuple(int(part) for part in text.split("."))


def _wrong(place: str) -> ProfileRefused:
    return ProfileRefused("profile_invalid", WRONG_VALUE.format(place))


def _require_facts(profile: Profile) -> None:
    if not SLUG.fullmatch(profile.organization):
        raise _wrong("organization")
    if not 1 <= profile.serial <= MOST_SERIAL:
        raise _wrong("serial")
    if not is_https(profile.server_url):
        raise ProfileRefused("profile_address", NO_HTTPS)
    _require_dates(profile)
    _require_bytes(profile.organization_key, KEY_BYTES, "organization_key")
    pins = profile.certificate_pins
    if len(pins) > MOST_PINS or len(set(pins)) != len(pins):
        raise _wrong("certificate_pins")
    for pin in pins:
        _require_bytes(pin, KEY_BYTES, "certificate_pins")
    if profile.certificate_authority:
        _require_bytes(profile.certificate_authority, None, "certificate_authority")


def _require_dates(profile: Profile) -> None:
    signed_at, not_after = _instant(profile.signed_at, "signed_at"), _instant(profile.not_after, "not_after")
    if not timedelta() < not_after - signed_at <= LONGEST:  # a sum may lie behind the end of the calendar
        raise _wrong("not_after")


def _instant(text: str, place: str) -> datetime:
    try:
        return instant_of(text)
    except ValueError as error:
        raise _wrong(place) from error


def _require_bytes(text: str, size: int | None, place: str) -> None:
    """Refuse what is no base64url of `size` bytes; None: of at most MOST_AUTHORITY_BYTES."""
    try:
        count = len(bytes_of(text))
    except ValueError as error:
        raise _wrong(place) from error
    if count != size if size is not None else not 1 <= count <= MOST_AUTHORITY_BYTES:
        raise _wrong(place)


def _require_seals(signed: SignedProfile) -> None:
    keys = [seal.key for seal in signed.seals]
    if len(keys) > MOST_SIGNATURES or len(set(keys)) != len(keys):
        raise _wrong("seals")
    if signed.profile.organization_key not in keys:
        raise ProfileRefused("profile_unsigned", UNSIGNED)
    for seal in signed.seals:
        _require_bytes(seal.key, KEY_BYTES, "seals")
        _require_bytes(seal.signature, SIGNATURE_BYTES, "seals")


def is_https(url: str) -> bool:
    """Accept https to a host, with a port or none; no path, query, fragment or user part, nothing unseen."""
    if not _LINE.fullmatch(url) or not url.startswith("https://"):
        return False
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    has_more = parts.path or parts.query or parts.fragment or parts.username is not None or url[-1] in "?#:"
    return bool(parts.hostname) and not has_more and port != 0


def _require_policies(policies: Policies) -> None:
    days = policies.offline_lease_days
    if days is not None and not 1 <= days <= MOST_LEASE_DAYS:
        raise ProfileRefused("profile_invalid", LEASE)
    if policies.minimum_version is not None and not VERSION_NUMBER.fullmatch(policies.minimum_version):
        raise _wrong("policies.minimum_version")
    if policies.positioning is not None and not _is_receiver(policies.positioning):
        raise _wrong("policies.positioning")


def _is_receiver(receiver: Receiver) -> bool:
    is_bounded = 1 <= receiver.port <= 65_535 and 300 <= receiver.speed_baud <= 4_000_000
    needed = {"none": "", "network": receiver.host, "serial": receiver.line}[receiver.source]
    others = {"none": receiver.host + receiver.line, "network": receiver.line, "serial": receiver.host}[receiver.source]
    is_named = not needed if receiver.source == "none" else bool(_LINE.fullmatch(needed))
    return is_bounded and is_named and not others


def _require_looks(branding: Branding) -> None:
    name = branding.name
    is_plain = name.isprintable() and name == unicodedata.normalize("NFC", name).strip() and len(name) <= MOST_NAME
    if not is_plain:
        raise _wrong("branding.name")
    dark = branding.dark_colour or branding.colour
    for colour, grounds, theme in ((branding.colour, LIGHT_GROUNDS, "light"), (dark, DARK_GROUNDS, "dark")):
        if not colour:
            continue
        if colour_of(colour) != colour:
            raise _wrong("branding.colour")
        if not stands_out(colour, grounds):
            raise ProfileRefused("profile_contrast", CONTRAST.format(colour, theme))
    if branding.dark_colour and not branding.colour:
        raise _wrong("branding.colour")
    if branding.logo and not _is_logo(branding.logo):
        raise ProfileRefused("profile_logo", NO_LOGO)


def _is_logo(text: str) -> bool:
    try:
        return is_logo(bytes_of(text))
    except ValueError:
        return False
