"""The refresh token of one enrolment, in the keyring. Access tokens live in memory and are never kept.

A refresh token is useless without the device key, which this module cannot open. Losing it ends a session and never
touches the outbox.
"""

from __future__ import annotations

from cmms_desktop.credentials.secret_store import SecretStore, secret_name, service_name

REFRESH_TOKEN = "refresh-token"


class RefreshTokens:
    """The current refresh token of one person on one device."""

    def __init__(self, store: SecretStore, *, organization_slug: str, person_id: str, device_id: str) -> None:
        self._store = store
        self._service = service_name(organization_slug)
        self._name = secret_name(person_id, device_id, REFRESH_TOKEN)

    def current(self) -> str | None:
        """Return the token, or None when there is no session.

        Raises:
            KeyringUnavailable: the keyring does not answer, which is not the same as no session.
        """
        token = self._store.get(self._service, self._name)
        return None if token is None else token.decode("utf-8", "replace")

    def keep(self, token: str) -> None:
        """Replace the token by the one the server has just given; at most 900 bytes."""
        self._store.set(self._service, self._name, token.encode("utf-8"))

    def forget(self) -> None:
        """End the session on this side."""
        self._store.delete(self._service, self._name)
