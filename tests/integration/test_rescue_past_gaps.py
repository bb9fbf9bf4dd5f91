"""A device that can never send again by itself, because its changes do not follow what the server has of it."""

from pathlib import Path

import msgspec
import pytest

from cmms_desktop.application.commands import remarks
from cmms_desktop.errors import Refused as RefusedHere
from sync_server.application import rescue
from sync_server.authz.visibility import Caller
from sync_server.errors import Refused
from tests.support.fleet import Fleet, FleetDevice
from tests.support.rescue_desk import Desk, desk_of, write
from tests.support.restoring import Backups


@pytest.fixture
def desk(fleet: Fleet, tmp_path: Path) -> Desk:
    return desk_of(fleet, tmp_path)


@pytest.fixture
def device(desk: Desk) -> FleetDevice:
    return desk.fleet.device("technician")


def say(device: FleetDevice, text: str) -> None:
    with device.write() as writing:
        remarks.add_comment(writing, device.fleet.small.order_ids[0], text)


def said(fleet: Fleet) -> list[str]:
    return sorted(str(row["text"]) for row in fleet.organization.rows("comment"))


@pytest.mark.expects_warnings
def test_a_device_that_cannot_send_what_the_server_misses_is_freed_by_its_file(
    desk: Desk, device: FleetDevice, backups: Backups, tmp_path: Path
) -> None:
    """A backup from before all that the device keeps: otherwise it would never send anything again."""
    fleet = desk.fleet
    backup = backups.take()
    for text in ("Lost.", "Kept."):
        say(device, text)
        device.sync_well()
    with device.workplace.replica.database.writer() as handle:  # as if it had been durable, a month ago
        handle.cursor.execute("DELETE FROM outbox_done WHERE device_seq = 1")
    backups.restore(backup)
    fleet.clock.advance(minutes=11)
    say(device, "New.")
    with pytest.raises(RefusedHere, match="write a rescue file"):
        device.sync()
    path = Path(write(device, tmp_path / "work.cmms-rescue").path)
    with pytest.raises(Refused, match="past the gap"):
        desk.take(path)
    assert said(fleet) == []
    for _ in range(2):
        assert desk.take(path, past_gaps=True).verdicts == {"applied": 2}
    say(device, "Newer.")
    device.sync_well()
    assert said(fleet) == ["Kept.", "New.", "Newer."]
    fleet.assert_mirrored()


@pytest.mark.expects_warnings
def test_a_device_whose_old_copy_was_put_back_is_freed_by_its_file(
    desk: Desk, device: FleetDevice, tmp_path: Path
) -> None:
    """It gives places of its chain anew that the server has filled before."""
    fleet = desk.fleet
    say(device, "Before.")
    device.sync_well()
    device.take_image()
    say(device, "In between.")
    device.sync_well()
    device.crash()
    say(device, "Afterwards.")
    with pytest.raises(RefusedHere, match="Write a rescue file"):
        device.sync()
    assert len(device.rows("comment", fleet.small.order_ids[0])) == 3, "what others know comes all the same"
    path = Path(write(device, tmp_path / "work.cmms-rescue").path)
    with pytest.raises(Refused, match="old copy"):
        desk.take(path)
    assert said(fleet) == ["Before.", "In between."]
    for _ in range(2):
        assert desk.take(path, past_gaps=True).verdicts == {"applied": 2}
    say(device, "Later.")
    device.sync_well()
    assert said(fleet) == ["Afterwards.", "Before.", "In between.", "Later."]
    fleet.assert_mirrored()


def test_what_its_device_has_not_sealed_moves_no_chain(desk: Desk, device: FleetDevice, tmp_path: Path) -> None:
    """Anybody may seal a file to the organization's key; what is in it proves itself."""
    fleet = desk.fleet
    say(device, "Before.")
    device.sync_well()
    say(device, "In the file.")
    device.offline()
    path = Path(write(device, tmp_path / "work.cmms-rescue").path)
    (request,) = rescue.read_rescue(path, desk.key).pushes
    later = msgspec.structs.replace(request, mutations=request.mutations[1:])
    forged = msgspec.structs.replace(later, seal=msgspec.structs.replace(request.seal, from_seq=2, sig="A" * 86))
    caller = Caller(fleet.organization.id, device.person_id, device.id)
    fleet.organization.ask("update device set chain_seq = 0, chain_head = '' where id = %s", device.id)
    for wrong in (later, forged):
        with pytest.raises(Refused):
            rescue._pushed(fleet.organization.database, caller, wrong, past_gaps=True)
    assert desk.take(path).verdicts == {"applied": 2}
    device.sync_well()
    assert said(fleet) == ["Before.", "In the file."]
    fleet.assert_mirrored()
