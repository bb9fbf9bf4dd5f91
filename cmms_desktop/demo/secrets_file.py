"""A file in place of the operating system's keyring, for the demonstration alone.

Whoever can read the file can open the demonstration's replicas with the password that everybody knows: it protects
nothing. It is there because a demonstration must start twice and also where no keyring is. Never used for real work.
"""

import json
import threading
from pathlib import Path

from cmms_desktop.credentials.secret_store import require_storable
from cmms_desktop.demo.folder import write_private
from cmms_desktop.errors import KeyringUnavailable

UNREADABLE = "The demonstration's secrets cannot be read. Start it again with --fresh."


class SecretsFile:
    """A `SecretStore` in one file (0600), replaced whole at each change."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._one_at_a_time = threading.Lock()

    def get(self, service: str, name: str) -> bytes | None:
        with self._one_at_a_time:
            found = self._read().get(f"{service} {name}")
        return None if found is None else bytes.fromhex(found)

    def set(self, service: str, name: str, secret: bytes) -> None:
        require_storable(service, name, secret)
        with self._one_at_a_time:
            self._write({**self._read(), f"{service} {name}": secret.hex()})

    def delete(self, service: str, name: str) -> None:
        with self._one_at_a_time:
            entries = self._read()
            if entries.pop(f"{service} {name}", None) is not None:
                self._write(entries)

    def _read(self) -> dict[str, str]:
        try:
            found: dict[str, str] = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise KeyringUnavailable(UNREADABLE) from error
        return found

    def _write(self, entries: dict[str, str]) -> None:
        try:
            write_private(self._path, json.dumps(entries).encode())
        except OSError as error:
            raise KeyringUnavailable("The demonstration's secrets cannot be written. Is the disk full?") from error
