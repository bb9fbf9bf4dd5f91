"""What the keyring holds for one enrolment: its half of the unlock key, the wrapped device key, tries and session.

Names carry the device id, so enrolling again never overwrites what the old key file still needs.
"""

from __future__ import annotations

from typing import Final

from cmms_desktop.credentials.attempts import AttemptCounter, Clock
from cmms_desktop.credentials.keys import KEY_BYTES
from cmms_desktop.credentials.secret_store import SecretStore, secret_name, service_name
from cmms_desktop.credentials.tokens import REFRESH_TOKEN, RefreshTokens
from cmms_desktop.errors import KeyringUnavailable
from cmms_desktop.uptime import UptimeClock

_UNLOCK: Final = "unlock"
_DEVICE_KEY: Final = "device-key"
_TRIES: Final = "tries"


class EnrolmentSecrets:
    """The keyring's entries of one person on one device."""

    def __init__(self, store: SecretStore, *, organization_slug: str, person_id: str, device_id: str) -> None:
        self._store = store
        self._organization_slug = organization_slug
        self._person_id = person_id
        self._device_id = device_id

    def keep(self, *, keyring_secret: bytes, wrapped_device_key: bytes) -> None:
        """Keep both and read them back.

        Raises:
            KeyringUnavailable: one was not kept.
        """
        for what, secret in ((_UNLOCK, keyring_secret), (_DEVICE_KEY, wrapped_device_key)):
            self._store.set(self._service, self._name(what), secret)
            if self._store.get(self._service, self._name(what)) != secret:
                raise KeyringUnavailable("The keyring of this computer did not keep what it was given.")

    def keyring_secret(self) -> bytes:
        """Return the keyring's half, 32 bytes.

        Raises:
            KeyringUnavailable: it is gone or cut: the organization's recovery is the way back.
        """
        return self._required(_UNLOCK, KEY_BYTES, KEY_BYTES)

    def wrapped_device_key(self) -> bytes:
        """Return the device key, still wrapped.

        Raises:
            KeyringUnavailable: it is gone.
        """
        return self._required(_DEVICE_KEY, 1, KEY_BYTES * 8)

    def tries(self, clock: Clock, uptime: UptimeClock) -> AttemptCounter:
        return AttemptCounter(self._store, service=self._service, name=self._name(_TRIES), clock=clock, uptime=uptime)

    def tokens(self) -> RefreshTokens:
        return RefreshTokens(
            self._store,
            organization_slug=self._organization_slug,
            person_id=self._person_id,
            device_id=self._device_id,
        )

    def forget(self) -> None:
        """Delete every entry, the half of the unlock key first."""
        for what in (_UNLOCK, _DEVICE_KEY, REFRESH_TOKEN, _TRIES):
            self._store.delete(self._service, self._name(what))

    @property
    def _service(self) -> str:
        return service_name(self._organization_slug)

    def _name(self, what: str) -> str:
        return secret_name(self._person_id, self._device_id, what)

    def _required(self, what: str, shortest: int, longest: int) -> bytes:
        secret = self._store.get(self._service, self._name(what))
        if secret is None or not shortest <= len(secret) <= longest:
            raise KeyringUnavailable(
                "The keyring of this computer no longer holds its half of your key. Your work is still on this device: "
                "ask your administrator to recover it."
            )
        return secret
