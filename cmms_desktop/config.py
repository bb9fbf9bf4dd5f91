"""Where this installation keeps its things, which server it talks to, and what its organization's profile says.

A layout and settings, nothing else: no secrets, no clock, and no file is made or read here.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from cmms_desktop.errors import LEASE_DAYS, Bug, Refused
from sync_server.contract.rules.profile import PLAIN, Branding, Policies, Profile, kept_under

APPLICATION: Final = "cmms-field"
_SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
SERVER_URL: Final = "CMMS_SERVER_URL"
ORGANIZATION: Final = "CMMS_ORGANIZATION"
NOT_SET_UP: Final = "This installation is not set up yet: it needs its organization's profile, or {} must be set."
CONTRADICTED: Final = (
    "{} says something else than this installation's profile ({}). Unset it, or ask your administrator."
)
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """One organization on one server, and the folders of its people on this installation.

    ``server_url`` has no path and no trailing slash. People are separate folders:
    ``<data>/<organization>/<person>/replica.db``, with keys and blobs beside it;
    for training it is ``<organization>.training``.
    """

    data_folder: Path
    server_url: str
    organization_slug: str
    profile: Profile | None = None
    """In force on this installation; None: it was set up by hand."""

    def __post_init__(self) -> None:
        """Refuse what could leave the data folder or send a password in the clear.

        Raises:
            Refused: the organization's short name or the server's address cannot be right.
        """
        if not _SLUG.fullmatch(self.organization_slug):
            raise Refused(
                "organization_invalid", "The organization's short name has only small letters, digits and hyphens."
            )
        if not _is_safe_address(self.server_url):
            raise Refused("server_address_invalid", "The server's address must begin with https:// and name a host.")

    @property
    def policies(self) -> Policies:
        """What the organization fixes for this device."""
        return Policies() if self.profile is None else self.profile.policies

    @property
    def branding(self) -> Branding:
        """How the organization lets the program appear."""
        return PLAIN if self.profile is None else self.profile.branding

    @property
    def is_training(self) -> bool:
        """Whether nothing here is real work."""
        return self.policies.training

    @property
    def lease_days(self) -> int:
        """Days that a person may work here without an answer of the server."""
        return min(self.policies.offline_lease_days or LEASE_DAYS, LEASE_DAYS)

    @property
    def organization_folder(self) -> Path:
        return self.data_folder / kept_under(self.organization_slug, self.policies)

    def person_folder(self, person_id: str) -> Path:
        """Give the folder of one person; ``person_id`` is a lower-case hyphenated uuid, anything else is a bug."""
        if not is_canonical_uuid(person_id):
            raise Bug("A person's folder was asked for with something that is not an id.")
        return self.organization_folder / person_id

    def replica_path(self, person_id: str) -> Path:
        return self.person_folder(person_id) / "replica.db"

    def keys_path(self, person_id: str) -> Path:
        return self.person_folder(person_id) / "keys.json"

    def blobs_folder(self, person_id: str) -> Path:
        return self.person_folder(person_id) / "blobs"


@cache
def resources_folder() -> Path:
    """Give the folder of fonts, icons and styles: inside an installed package, beside it in a checkout.

    It is not looked into here; whoever reads from it says what is missing.
    """
    package = Path(__file__).resolve().parent
    installed = package / "resources"
    return installed if installed.is_dir() else package.parent / "resources"


def is_canonical_uuid(text: str) -> bool:
    """Tell whether ``text`` is a uuid in the one form used on the wire and in folder names."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def settings_from_environment(environment: Mapping[str, str], *, home: Path) -> ClientSettings:
    """Read ``CMMS_SERVER_URL``, ``CMMS_ORGANIZATION`` and, if set, ``CMMS_DATA_FOLDER``.

    Raises:
        Refused: one is missing or cannot be right.
    """
    missing = [name for name in (SERVER_URL, ORGANIZATION) if not environment.get(name)]
    if missing:
        raise Refused("settings_missing", NOT_SET_UP.format(" and ".join(missing)))
    return ClientSettings(
        data_folder=data_folder_of(environment, home=home),
        server_url=environment[SERVER_URL].rstrip("/"),
        organization_slug=environment[ORGANIZATION],
    )


def settings_from_profile(profile: Profile, environment: Mapping[str, str], *, home: Path) -> ClientSettings:
    """Take server and organization from a profile; what the environment says of them may only be the same.

    Raises:
        Refused: the environment says something else, so that nobody could tell which one counts.
    """
    said = {SERVER_URL: profile.server_url, ORGANIZATION: profile.organization}
    for name, value in said.items():
        if (environment.get(name) or value).rstrip("/") != value:
            raise Refused("settings_contradict", CONTRADICTED.format(name, value))
    return ClientSettings(
        data_folder=data_folder_of(environment, home=home),
        server_url=profile.server_url,
        organization_slug=profile.organization,
        profile=profile,
    )


def is_set_up_by_hand(environment: Mapping[str, str]) -> bool:
    """Tell whether the environment names a server or an organization."""
    return any(environment.get(name) for name in (SERVER_URL, ORGANIZATION))


def data_folder_of(environment: Mapping[str, str], *, home: Path) -> Path:
    """Give ``CMMS_DATA_FOLDER``, otherwise the operating system's place."""
    folder = environment.get("CMMS_DATA_FOLDER")
    return Path(folder) if folder else default_data_folder(environment, home=home)


def default_data_folder(environment: Mapping[str, str], *, home: Path) -> Path:
    """Give the folder the operating system means for local, not roaming, application data."""
    if sys.platform == "win32":
        return Path(environment.get("LOCALAPPDATA") or home / "AppData" / "Local") / APPLICATION
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / APPLICATION
    return Path(environment.get("XDG_DATA_HOME") or home / ".local" / "share") / APPLICATION


def _is_safe_address(url: str) -> bool:
    """Accept https to any host and http only to this machine; no path, query, fragment or user part."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return False
    if not host or parts.path or parts.query or parts.fragment or parts.username is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
