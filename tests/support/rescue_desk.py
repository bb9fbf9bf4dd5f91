"""Rescue files in tests: a device that writes one, and the administrator who takes it over."""

from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from cmms_desktop.app.at_work import make_session
from cmms_desktop.application.rescue import Rescued, write_rescue
from cmms_desktop.application.session import Position, Session
from sync_server.application import rescue
from sync_server.application.recovery_keys import make_recovery_key
from sync_server.application.rescue import TakenOver
from sync_server.authz import recovery
from tests.support.fleet import Fleet, FleetDevice

MADE_AT = "2026-03-02T08:00:00.000000Z"


class NoReceiver:
    """Nobody asks for a position here."""

    def locate(self, *, within_s: float) -> Position:
        raise AssertionError("nobody asks for a position here")

    def close(self) -> None:
        """Nothing to end."""


@dataclass
class Desk:
    """The administrator's side: the private key, and taking files over."""

    fleet: Fleet
    key: X25519PrivateKey

    def take(self, path: Path, *, past_gaps: bool = False) -> TakenOver:
        services = self.fleet.stoppable.server.services
        return rescue.take_over(
            services.database,
            self.fleet.organization.id,
            path,
            private_key=self.key,
            store=services.blobs,
            past_gaps=past_gaps,
        )


def desk_of(fleet: Fleet, folder: Path) -> Desk:
    """Make the organization's recovery key, for its administrator alone."""
    path = folder / "recovery.key"
    make_recovery_key(fleet.organization.database, fleet.organization.id, path)
    assert path.stat().st_mode & 0o077 == 0
    return Desk(fleet, recovery.read_private_key(path))


def session_of(device: FleetDevice) -> Session:
    return make_session(device.workplace, device.desk, positions=NoReceiver())


def write(device: FleetDevice, path: Path) -> Rescued:
    written = write_rescue(session_of(device), str(path), made_at=MADE_AT)
    device.fleet.ledger.note(device.workplace.replica)
    return written
