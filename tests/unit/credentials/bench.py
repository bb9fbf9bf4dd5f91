"""One installation with a keyring in memory, as tests of it use it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from cmms_desktop.config import ClientSettings
from cmms_desktop.credentials.device_key import DeviceSigner
from cmms_desktop.credentials.identity import Enrolment, Installation, UnlockedIdentity
from cmms_desktop.credentials.keys import CHEAPEST, to_base64url
from cmms_desktop.credentials.secret_store import MemoryStore
from cmms_desktop.errors import Refused
from cmms_desktop.uptime import Uptime

TECHNICIAN = "0198f000-0000-7000-8000-00000000000a"
SUPERVISOR = "0198f000-0000-7000-8000-00000000000b"
MANAGER = "0198f000-0000-7000-8000-00000000000c"
PIN, PASSWORD = "493027", "correct horse"


class Bench:
    """One installation; ``after_restart`` is a new process over the same disk and keyring."""

    def __init__(self, folder: Path) -> None:
        self.settings = ClientSettings(
            data_folder=folder, server_url="https://cmms.example", organization_slug="north-works"
        )
        self.store = MemoryStore()
        self.now = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)
        self.recovery = X25519PrivateKey.generate()
        self.devices = 0
        self.installation = self.after_restart()

    def after_restart(self) -> Installation:
        return Installation(self.settings, self.store, clock=lambda: self.now, profile=CHEAPEST, uptime=self.uptime)

    def uptime(self) -> Uptime:
        """Of a computer that was started when the clock began, and whose clock nobody sets."""
        return Uptime("monday", self.now.timestamp())

    def signer(self) -> DeviceSigner:
        self.devices += 1
        return DeviceSigner.generate(f"0198f000-0000-7000-8000-{self.devices:012x}")

    def enrolment(self, person_id: str, role: str = "technician") -> Enrolment:
        return Enrolment(
            person_id=person_id,
            login=f"{role}@north",
            role=role,
            recovery_public_key=to_base64url(self.recovery.public_key().public_bytes_raw()),
        )

    def enrol(self, person_id: str = TECHNICIAN, secret: str = PIN, role: str = "technician") -> UnlockedIdentity:
        return self.installation.enrol(self.enrolment(person_id, role), secret, signer=self.signer())

    def refusal(self, person_id: str, secret: str) -> str:
        with pytest.raises(Refused) as caught:
            self.after_restart().unlock(person_id, secret)
        return caught.value.code

    def on_disk(self) -> dict[str, bytes]:
        return {str(file): file.read_bytes() for file in self.settings.data_folder.rglob("*") if file.is_file()}
