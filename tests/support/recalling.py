"""What an administrator does to devices, and what a device does when it is taken back."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from cmms_desktop.application.commands import remarks
from cmms_desktop.errors import Recalled
from sync_server.application import device_care
from sync_server.application.recovery_keys import make_recovery_key
from sync_server.application.sealed import SealedTakenOver, take_over_sealed
from sync_server.authz import recovery
from sync_server.storage.blob_store import BlobStore
from sync_server.storage.device_commands import DeviceFacts
from tests.support.fault_transport import Fault
from tests.support.fleet import Fleet, FleetDevice


@dataclass
class Admin:
    """The administrator: commands to devices, and the private half of the recovery key."""

    fleet: Fleet
    key: X25519PrivateKey | None = None

    def revoke(self, device: FleetDevice, *, is_stolen: bool = False) -> DeviceFacts:
        organization = self.fleet.organization
        device_id = device.workplace.identity.device_signer.device_id
        return device_care.revoke(organization.database, organization.id, device_id, is_stolen=is_stolen)

    def command(self, device: FleetDevice, kind: str) -> None:
        organization = self.fleet.organization
        device_id = device.workplace.identity.device_signer.device_id
        device_care.command(organization.database, organization.id, device_id, kind=kind)

    def facts(self, device_id: str) -> DeviceFacts:
        organization = self.fleet.organization
        found = device_care.device_list(organization.database, organization.id)
        return next(each for each in found if each.id == device_id)

    def take_over(self, *, shows_again: bool = False, store: BlobStore | None = None) -> SealedTakenOver:
        assert self.key is not None
        services = self.fleet.stoppable.server.services
        return take_over_sealed(
            services.database,
            self.fleet.organization.id,
            private_key=self.key,
            store=store or services.blobs,
            shows_again=shows_again,
        )


def an_admin(fleet: Fleet, folder: Path) -> Admin:
    """One who has made a recovery key."""
    path = folder / "recovery.key"
    make_recovery_key(fleet.organization.database, fleet.organization.id, path)
    return Admin(fleet, recovery.read_private_key(path))


def with_two_remarks(fleet: Fleet) -> FleetDevice:
    """The technician's device, with two remarks that were not sent."""
    made = fleet.device("technician")
    for text in ("First remark.", "Second remark."):
        with made.write() as write:
            remarks.add_comment(write, fleet.small.order_ids[0], text)
    return made


def device_id_of(device: FleetDevice) -> str:
    return device.workplace.identity.device_signer.device_id


def recalled(device: FleetDevice, *faults: Fault) -> Recalled:
    with pytest.raises(Recalled) as found:
        device.sync(*faults)
    return found.value


def leave(device: FleetDevice, *, is_lost: bool = False) -> tuple[str, ...]:
    """What the program does after a wipe began: close the store, remove what is left, report."""
    device.fleet.ledger.note_wiped(device.workplace.replica, is_lost=is_lost)
    device.close()
    if device in device.fleet.devices:
        device.fleet.devices.remove(device)
    return device.finish_wipes()


def files_of(device: FleetDevice) -> list[Path]:
    return sorted(path for path in device.folder.rglob("*") if path.is_file())


def in_the_name_of_another(device: FleetDevice, text: str) -> str:
    """Make a remark that no server takes; give its id."""
    order_id = device.fleet.small.order_ids[0]
    with device.write() as write:
        values = {"work_order_id": order_id, "text": text, "written_at": write.now}
        author = {"author_id": device.fleet.small.people["planner"]}
        return write.create("comment", {**values, **author}, aggregate_id=order_id)


def held(fleet: Fleet) -> list[str]:
    return sorted(str(row["why"]) for row in fleet.organization.rows("held_mutation"))
