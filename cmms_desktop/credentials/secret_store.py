"""What this program asks of a keyring, and a keyring in memory for the demo and tests."""

from __future__ import annotations

import threading
from typing import Final, Protocol

from cmms_desktop.errors import Bug

SECRET_BYTES_MAX: Final = 900
"""Windows keeps at most 2,560 bytes of UTF-16 per credential: 1,280 characters, 960 bytes as base64."""


def service_name(organization_slug: str) -> str:
    """Name the service under which every secret of one organization's people on this installation lies."""
    return f"cmms-field/{organization_slug}"


def secret_name(person_id: str, device_id: str, what: str) -> str:
    """Name one secret of one enrolment; a new enrolment is a new device and so never overwrites the old secrets."""
    return f"{person_id}/{device_id}/{what}"


class SecretStore(Protocol):
    """Small secrets by (service, name); both are non-empty text. Calls may come from any thread."""

    def get(self, service: str, name: str) -> bytes | None:
        """Return the secret, or None when there is none.

        Raises:
            KeyringUnavailable: the store is locked, gone, or holds something that is not ours.
        """
        ...

    def set(self, service: str, name: str, secret: bytes) -> None:
        """Keep 1 to ``SECRET_BYTES_MAX`` bytes, replacing what was there.

        Raises:
            KeyringUnavailable: it was not kept.
        """
        ...

    def delete(self, service: str, name: str) -> None:
        """Forget the secret; deleting what is not there does nothing.

        Raises:
            KeyringUnavailable: the store is locked or gone.
        """
        ...


def require_storable(service: str, name: str, secret: bytes) -> None:
    """Refuse names and sizes that some supported keyring would cut or lose.

    Raises:
        Bug: empty name, empty or oversized secret.
    """
    if not service or not name or not 1 <= len(secret) <= SECRET_BYTES_MAX:
        raise Bug("A secret was to be kept without a name, empty, or larger than every keyring can hold.")


class MemoryStore:
    """A keyring that lives as long as the process. Never used for a real person's replica."""

    def __init__(self) -> None:
        self._secrets: dict[tuple[str, str], bytes] = {}
        self._lock = threading.Lock()

    def get(self, service: str, name: str) -> bytes | None:
        with self._lock:
            return self._secrets.get((service, name))

    def set(self, service: str, name: str, secret: bytes) -> None:
        require_storable(service, name, secret)
        with self._lock:
            self._secrets[service, name] = bytes(secret)

    def delete(self, service: str, name: str) -> None:
        with self._lock:
            self._secrets.pop((service, name), None)
