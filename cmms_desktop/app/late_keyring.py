"""The operating system's keyring, opened when it is first needed: asking it takes time, and it may be locked at start.

Somebody who signs in is then told in the window what is missing, and can try again.
"""

import threading

from cmms_desktop.credentials.keyring_store import KeyringStore


class LateKeyring:
    """A `SecretStore`. Whoever finds the keyring unavailable is told, and the next one asks it again."""

    def __init__(self) -> None:
        self._opened: KeyringStore | None = None
        self._one_at_a_time = threading.Lock()

    def get(self, service: str, name: str) -> bytes | None:
        return self._store().get(service, name)

    def set(self, service: str, name: str, secret: bytes) -> None:
        self._store().set(service, name, secret)

    def delete(self, service: str, name: str) -> None:
        self._store().delete(service, name)

    def _store(self) -> KeyringStore:
        with self._one_at_a_time:
            if self._opened is None:
                self._opened = KeyringStore.open()
            return self._opened
