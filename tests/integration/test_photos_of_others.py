"""A supervisor sees the photos that he signs for, and nobody else does: bytes travel with the right to the row."""

import pytest

from cmms_desktop.application.commands import remarks
from cmms_desktop.application.queries.remarks import photo_lines
from cmms_desktop.errors import Refused, ServerUnreachable
from sync_server.application.organizations import Login, set_passwords
from sync_server.authz.passwords import Passwords
from sync_server.contract.messages import BLOB_CHUNK_BYTES
from tests.support.fault_transport import Fault
from tests.support.fleet import Fleet, FleetDevice, a_fleet
from tests.support.server_side import a_row
from tests.support.small_site import PASSWORD
from tests.support.stoppable_server import StoppableServer

PHOTO = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * (BLOB_CHUNK_BYTES // 100)
"""Between two and three chunks."""


@pytest.fixture
def order_id(fleet: Fleet) -> str:
    return fleet.small.order_ids[0]


@pytest.fixture
def technician(fleet: Fleet) -> FleetDevice:
    return fleet.device("technician")


@pytest.fixture
def supervisor(fleet: Fleet, technician: FleetDevice) -> FleetDevice:
    return fleet.device("supervisor")


def take(device: FleetDevice, order_id: str, content: bytes = PHOTO) -> str:
    with device.write() as write:
        return remarks.add_photo(write, device.workplace.blobs, order_id, content=content, media_type="image/png")


def states(device: FleetDevice, order_id: str) -> list[str]:
    with device.workplace.replica.read() as reading:
        return [line.state for line in photo_lines(reading, order_id)]


def files_of(device: FleetDevice) -> frozenset[str]:
    return device.workplace.blobs.names()


def test_a_technicians_photo_reaches_the_supervisor_byte_for_byte(
    fleet: Fleet, technician: FleetDevice, supervisor: FleetDevice, order_id: str
) -> None:
    sha256 = take(technician, order_id)
    assert technician.sync_well().blobs_sent == 1
    assert supervisor.sync_well().blobs_received == 1
    assert supervisor.workplace.blobs.read(sha256) == PHOTO
    assert (states(technician, order_id), states(supervisor, order_id)) == (["sent"], ["here"])
    assert supervisor.sync_well().blobs_received == technician.sync_well().blobs_received == 0
    fleet.assert_converged()


def test_a_photo_whose_text_came_first_follows_when_its_bytes_are_at_the_server(
    technician: FleetDevice, supervisor: FleetDevice, order_id: str
) -> None:
    sha256 = take(technician, order_id)
    technician.workplace.transfer.may_go_on = lambda: False
    technician.sync_well()
    assert supervisor.sync_well().blobs_received == 0
    assert (states(supervisor, order_id), supervisor.workplace.transfer.problems) == (["to_come"], {})
    technician.workplace.transfer.may_go_on = lambda: True
    technician.sync_well()
    supervisor.workplace.transfer.ask_again()
    assert supervisor.sync_well().blobs_received == 1
    assert supervisor.workplace.blobs.read(sha256) == PHOTO


@pytest.mark.parametrize("amount", [0, 1_000, BLOB_CHUNK_BYTES + 7])
@pytest.mark.parametrize("kind", ["cut", "truncate"])
def test_a_download_that_is_cut_is_whole_in_the_end(
    technician: FleetDevice, supervisor: FleetDevice, order_id: str, kind: str, amount: int
) -> None:
    sha256 = take(technician, order_id)
    technician.sync_well()
    outcome = supervisor.sync(Fault("none"), Fault(kind, amount))
    assert isinstance(outcome, ServerUnreachable)
    assert not supervisor.workplace.blobs.has(sha256)
    supervisor.workplace.transfer.ask_again()
    supervisor.sync_well()
    assert supervisor.workplace.blobs.read(sha256) == PHOTO


def test_killed_in_the_middle_it_is_fetched_after_the_next_start(
    technician: FleetDevice, supervisor: FleetDevice, order_id: str
) -> None:
    sha256 = take(technician, order_id)
    technician.sync_well()
    supervisor.sync(Fault("none"), Fault("kill_after"))
    supervisor.sync_well()
    assert supervisor.workplace.blobs.read(sha256) == PHOTO


def a_supervisor_elsewhere(fleet: Fleet) -> FleetDevice:
    """Somebody of the same organization who is entered for another site."""
    site = {**a_row("site", code="S2", name="Another site"), "time_zone": "UTC"}
    person = a_row("person", name="The supervisor elsewhere", role="supervisor")
    person_id, site_id = str(person["id"]), str(site["id"])
    entered = {"person_id": person_id, "site_id": site_id, "role": "supervisor"}
    access = a_row("site_access", aggregate_id=person_id, **entered)
    fleet.organization.commit([("site", site), ("person", person), ("site_access", access)])
    logins = [Login(person_id, "elsewhere", PASSWORD)]
    set_passwords(fleet.organization.database, fleet.organization.id, logins=logins, passwords=Passwords(cheap=True))
    return fleet.device("elsewhere")


def test_who_may_not_see_the_order_gets_no_byte(
    fleet: Fleet, technician: FleetDevice, order_id: str, stoppable_server: StoppableServer
) -> None:
    sha256 = take(technician, order_id)
    technician.sync_well()
    other = fleet.device("technician2")
    with a_fleet(stoppable_server) as foreign:
        stranger = foreign.device("supervisor")
        for device in (other, a_supervisor_elsewhere(fleet), stranger):
            assert device.sync_well().blobs_received == 0
            assert files_of(device) == frozenset()
            with pytest.raises(Refused) as refused:
                list(device.workplace.transport.fetch_blob(sha256))
            assert refused.value.code == "not_found"


def test_files_go_with_the_order_and_those_not_sent_yet_stay(
    fleet: Fleet, technician: FleetDevice, supervisor: FleetDevice, order_id: str
) -> None:
    others = take(technician, order_id)
    technician.sync_well()
    fleet.office.assign(order_id, login="technician2")
    receiver = fleet.device("technician2")
    assert receiver.workplace.blobs.read(others) == PHOTO
    waiting = take(receiver, order_id, b"\x89PNG not sent yet")
    receiver.workplace.transfer.may_go_on = lambda: False
    fleet.office.assign(order_id, login="technician")
    receiver.sync_well()
    assert files_of(receiver) == {waiting}
    receiver.workplace.transfer.may_go_on = lambda: True
    assert receiver.sync_well().blobs_sent == 1
    fleet.assert_converged()


def test_the_rest_of_a_file_is_given_from_the_byte_that_is_asked_for(technician: FleetDevice, order_id: str) -> None:
    sha256 = take(technician, order_id)
    technician.sync_well()
    fetch = technician.workplace.transport.fetch_blob
    pieces = list(fetch(sha256, at=1_000))
    assert (pieces[0][0], b"".join(piece for _, piece in pieces)) == (1_000, PHOTO[1_000:])
    with pytest.raises(Refused):
        list(fetch(sha256, at=len(PHOTO)))
