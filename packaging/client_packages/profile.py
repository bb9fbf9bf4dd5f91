"""The organization's profile that is put into a package: where it lies, and whether a device would take it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from client_packages.failures import WRONG_CALL, PackagingError
from sync_server.authz.profile_key import require_genuine
from sync_server.contract.instants import instant_of
from sync_server.contract.rules.profile import MOST_BYTES, ProfileRefused, SignedProfile
from sync_server.contract.rules.profile_checks import require_fit
from sync_server.contract.rules.profile_reading import read_profile
from sync_server.errors import Refused

FILE_NAME = "cmms-field.profile"
"""Beside the program: /usr/lib/cmms-field/cmms-field.profile where a package was installed. The client looks there."""


def profile_to_bake(given: Path, *, now: datetime | None = None) -> bytes:
    """Give the bytes of the profile that goes into the package; `now` is this moment when it is not said.

    Raises:
        PackagingError: the file cannot be read, or no device would take what it says.
    """
    try:
        with given.open("rb") as file:
            content = file.read(2 * MOST_BYTES + 1)
    except OSError as error:
        raise PackagingError(f"The profile {given} cannot be read: {error.strerror}.", code=WRONG_CALL) from error
    over = instant_of(_genuine(content, given).profile.not_after)
    if over < (now or datetime.now(UTC)):
        raise PackagingError(f"The profile {given} could be taken until {over:%Y-%m-%d}; sign one.", code=WRONG_CALL)
    return content


def organization_of(content: bytes) -> str:
    """Give the short name of the organization whose profile was read before."""
    return read_profile(content).profile.organization


def serial_of(content: bytes) -> int:
    """Give the serial of a profile that was read before."""
    return read_profile(content).profile.serial


def _genuine(content: bytes, given: Path) -> SignedProfile:
    try:
        signed = read_profile(content)
        require_fit(signed)
        require_genuine(signed)
    except (ProfileRefused, Refused) as refusal:
        raise PackagingError(f"{given}: {refusal.sentence}", code=WRONG_CALL) from refusal
    return signed
