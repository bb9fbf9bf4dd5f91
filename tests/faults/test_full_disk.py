"""A disk without room, the client's or the server's: said in words, nothing saved is lost, and it goes on with room."""

import logging
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from cmms_desktop.application.commands import remarks
from cmms_desktop.errors import ServerBusy
from cmms_desktop.sync.engine import Report
from tests.support.client_process import FileStore, a_client, plan_for
from tests.support.fleet import Fleet, a_fleet
from tests.support.postgres import Clusters
from tests.support.server_side import TIMEOUT_S, services_for
from tests.support.small_disk import SmallDisk, a_small_disk, why_no_small_disk
from tests.support.small_site import PASSWORD
from tests.support.sound_replica import require_sound
from tests.support.stoppable_server import StoppableServer

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(why_no_small_disk()), reason=why_no_small_disk() or "a small disk can be mounted here"),
]
ROOM_BYTES = 256 << 10
PHOTO_BYTES = 160 << 10
MUCH_BYTES = 64 << 20
SENTENCES = {
    "There is no room left on this device. The last change was not saved; free some space.",
    "A file could not be saved on this device; is there room left?",
}


@pytest.mark.expects_warnings
def test_a_client_without_room_says_so_and_goes_on_when_there_is_some(fleet: Fleet, tmp_path: Path) -> None:
    device = fleet.device("technician", store=FileStore(tmp_path / "keyring"))
    plan = plan_for(fleet, device, tmp_path / "keyring")
    device.close()
    with a_small_disk(tmp_path / "small", MUCH_BYTES) as disk:
        shutil.copytree(device.folder, disk.folder, dirs_exist_ok=True)
        disk.resize(disk.used_bytes + ROOM_BYTES)
        with a_client(replace(plan, folder=disk.folder)) as client:
            client.wait_until_ready()
            said = client.hear_until("stopped")
            assert said[-1].text in SENTENCES
            disk.resize(MUCH_BYTES)
            later = client.hear_until("edit")
            said += later + client.kill()
        shutil.rmtree(device.folder)
        shutil.copytree(disk.folder, device.folder)
    stopped = [each for each in said if each.kind == "stopped"]
    assert {each.text for each in stopped} <= SENTENCES
    with device.desk.open(device.login, PASSWORD) as workplace:
        require_sound(workplace, {each.text for each in said if each.kind == "edit"})
    device.reopen()
    fleet.ledger.note_all(device.workplace.replica)
    fleet.assert_converged()


# ---- the server


@pytest.fixture
def small_server(
    clusters: Clusters, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[StoppableServer, SmallDisk]]:
    """A server whose photos lie on a small disk."""
    end = request.config.getoption("--postgres")
    name = clusters.new_database(end, migrated=True)
    owner_url = clusters.get(end).url(name)
    with a_small_disk(tmp_path / "data", ROOM_BYTES) as disk, httpx.Client(timeout=TIMEOUT_S) as http:
        services = services_for(owner_url, disk.folder)
        with services.database:
            stoppable = StoppableServer(services, owner_url, http)
            stoppable.start()
            yield stoppable, disk
            stoppable.stop()
    clusters.drop(end, name)


@pytest.mark.expects_warnings
def test_a_server_without_room_for_photos_takes_the_text_and_the_photos_later(
    small_server: tuple[StoppableServer, SmallDisk], caplog: pytest.LogCaptureFixture
) -> None:
    stoppable, disk = small_server
    with a_fleet(stoppable) as fleet:
        device = fleet.device("technician")
        order_id = fleet.small.order_ids[0]
        for number in range(3):
            with device.write() as write:
                content = bytes([number]) * PHOTO_BYTES
                remarks.add_photo(write, device.workplace.blobs, order_id, content=content, media_type="image/png")
        assert isinstance(device.sync(), ServerBusy)
        assert (device.waiting, len(fleet.organization.rows("attachment"))) == (0, 3), "the text is safe"
        told = [record for record in caplog.records if record.levelno >= logging.WARNING]
        assert {record.name for record in told} == {"sync_server.storage.blob_store"}, "said once, not as a mistake"
        disk.resize(MUCH_BYTES)
        report = device.sync()
        assert isinstance(report, Report)
        assert report.blobs_sent >= 2
        other = fleet.device("supervisor")
        other.sync_well()
        for number in range(3):
            (row,) = [row for row in other.rows("attachment", order_id) if row["size_bytes"]][number : number + 1]
            assert other.workplace.blobs.read(str(row["sha256"])) in {bytes([each]) * PHOTO_BYTES for each in range(3)}
        fleet.assert_converged()
