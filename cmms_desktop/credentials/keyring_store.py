"""The operating system's keyring, reached through a list of backends made here and nowhere else.

``keyring``'s own choice is never asked: an environment variable or a ``keyringrc.cfg`` can point it at a backend that
discards (``null``), fails, or writes plaintext, and the chainer picks among whatever is installed. Reproduced: with the
null backend ``set`` succeeds, ``get`` returns None, and a naive program then writes a plaintext replica.
"""

from __future__ import annotations

import base64
import binascii
import importlib
import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from cmms_desktop.credentials.secret_store import require_storable
from cmms_desktop.errors import KeyringUnavailable

_UNAVAILABLE: Final = (
    "The keyring of this computer is missing or locked, so your work cannot be kept safely here. "
    "Unlock it, or ask whoever looks after this computer."
)
_PROBE_SERVICE: Final = "cmms-field/check"


class PasswordBackend(Protocol):
    """The three calls of a ``keyring`` backend that are used."""

    def get_password(self, service: str, username: str) -> str | None: ...
    def set_password(self, service: str, username: str, password: str) -> None: ...
    def delete_password(self, service: str, username: str) -> None: ...


@dataclass(frozen=True, slots=True)
class AllowedBackend:
    """A backend class by its exact name, and the ``sys.platform`` prefix where it belongs."""

    module: str
    class_name: str
    platform: str


ALLOWED: Final[tuple[AllowedBackend, ...]] = (
    AllowedBackend("keyring.backends.SecretService", "Keyring", "linux"),
    AllowedBackend("keyring.backends.kwallet", "DBusKeyring", "linux"),
    AllowedBackend("keyring.backends.Windows", "WinVaultKeyring", "win32"),
    AllowedBackend("keyring.backends.macOS", "Keyring", "darwin"),
)


def _instantiate(allowed: AllowedBackend) -> PasswordBackend:
    """Make the backend without the properties that ``keyring`` reads from the environment.

    ``KEYRING_PROPERTY_*`` could choose a collection that is gone after sign-out, and ``KEYCHAIN_PATH`` another file.
    """
    kind: Any = getattr(importlib.import_module(allowed.module), allowed.class_name)
    _ = kind.priority  # raises when the backend cannot work here
    overrides: dict[str, object] = {"set_properties_from_env": lambda self: None}
    if "keychain" in vars(kind):
        overrides["keychain"] = None
    backend: PasswordBackend = type(kind.__name__, (kind,), overrides)()
    return backend


def _round_trip(backend: PasswordBackend) -> bool:
    """Keep, read, delete and miss a random value; only a backend that does all four keeps anything."""
    name, value = secrets.token_hex(8), secrets.token_urlsafe(32)
    backend.set_password(_PROBE_SERVICE, name, value)
    kept = backend.get_password(_PROBE_SERVICE, name)
    backend.delete_password(_PROBE_SERVICE, name)
    return kept == value and backend.get_password(_PROBE_SERVICE, name) is None


class KeyringStore:
    """A ``SecretStore`` over one allowed backend that has just proved that it keeps what it is given.

    Bytes are kept as base64url text, because keyrings hold text.
    """

    def __init__(self, backend: PasswordBackend) -> None:
        """Use ``open``; this trusts what it is given."""
        self._backend = backend

    @classmethod
    def open(cls, allowed: Sequence[AllowedBackend] = ALLOWED, *, platform: str = sys.platform) -> KeyringStore:
        """Take the first backend of the list that works here and passes the round trip.

        Raises:
            KeyringUnavailable: none does.
        """
        reasons: list[Exception] = []
        for candidate in allowed:
            if not platform.startswith(candidate.platform):
                continue
            try:
                backend = _instantiate(candidate)
                if _round_trip(backend):
                    return cls(backend)
            except Exception as error:  # a backend fails in its own words: D-Bus, pywin32, ctypes, keyring.errors
                reasons.append(error)
        raise KeyringUnavailable(_UNAVAILABLE) from (reasons[0] if reasons else None)

    def get(self, service: str, name: str) -> bytes | None:
        try:
            text = self._backend.get_password(service, name)
        except Exception as error:
            raise KeyringUnavailable(_UNAVAILABLE) from error
        try:
            return None if text is None else base64.b64decode(text, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            # The cause would quote the secret's text, so it is not chained.
            raise KeyringUnavailable(
                "The keyring of this computer holds something this program did not write."
            ) from None

    def set(self, service: str, name: str, secret: bytes) -> None:
        require_storable(service, name, secret)
        text = base64.urlsafe_b64encode(secret).decode("ascii")
        try:
            self._backend.set_password(service, name, text)
            kept = self._backend.get_password(service, name)
        except Exception as error:
            raise KeyringUnavailable(_UNAVAILABLE) from error
        if kept != text:
            raise KeyringUnavailable("The keyring of this computer did not keep what it was given.")

    def delete(self, service: str, name: str) -> None:
        try:
            if self._backend.get_password(service, name) is not None:
                self._backend.delete_password(service, name)
        except Exception as error:
            raise KeyringUnavailable(_UNAVAILABLE) from error
