"""Devices that the organization locks or checks, and answers to neither: real replicas, a real server."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from cmms_desktop.errors import Recalled, Refused, ServerUnreachable
from cmms_desktop.sync.obedience import Obedience
from sync_server.application.standing import commands_for
from tests.support.fault_transport import Fault
from tests.support.fleet import Fleet, FleetDevice
from tests.support.recalling import Admin, an_admin, device_id_of, recalled, with_two_remarks
from tests.support.small_site import PASSWORD


@pytest.fixture
def admin(fleet: Fleet, tmp_path: Path) -> Admin:
    return an_admin(fleet, tmp_path)


@pytest.fixture
def device(admin: Admin) -> FleetDevice:
    """The technician's, with two remarks that were not sent."""
    return with_two_remarks(admin.fleet)


def test_a_locked_device_asks_for_its_password_and_has_lost_nothing(admin: Admin, device: FleetDevice) -> None:
    admin.command(device, "lock")
    told = recalled(device)
    assert (told.kind, told.sentence.startswith("Your organization has locked this device.")) == ("lock", True)
    device.close()
    with pytest.raises(Refused) as wrong:
        device.desk.open("technician", "not the password")
    assert wrong.value.code == "wrong_secret"
    device.offline()
    device.workplace = device.desk.open("technician", PASSWORD)
    device.online()
    device.sync_well()
    assert admin.facts(device_id_of(device)).commands == ()
    admin.fleet.assert_converged()


@pytest.mark.parametrize("fault", ["drop_answer", "kill_after", "duplicate", "truncate"])
def test_a_lock_whose_answer_was_lost_locks_once(admin: Admin, device: FleetDevice, fault: str) -> None:
    admin.command(device, "lock")
    device.fleet.clock.advance(minutes=11)
    locked = 0
    for faults in ((Fault(fault, 5),), (), (), ()):
        try:
            device.sync(*faults)
        except Recalled:
            locked += 1
            device.reopen()
    assert locked == 1
    assert admin.facts(device_id_of(device)).commands == ()
    admin.fleet.assert_converged()


def test_a_command_comes_with_the_next_pull_and_not_with_the_next_hello(admin: Admin, device: FleetDevice) -> None:
    for _ in range(3):
        device.sync_well()
    admin.command(device, "verify")
    with device.workplace.replica.database.writer() as handle:
        handle.cursor.execute("UPDATE work_order SET title = 'Altered'")
    healed = 0
    for _ in range(3):
        healed += device.sync_well().healed
    assert healed > 0
    assert admin.facts(device_id_of(device)).commands == ()
    admin.fleet.assert_converged()


def test_an_old_answer_with_a_command_does_nothing(admin: Admin, device: FleetDevice) -> None:
    """The answer to an earlier hello, and the command of another device, come again: neither was asked for now."""
    organization = admin.fleet.organization
    services = admin.fleet.stoppable.server.services
    other = admin.fleet.device("technician2")
    admin.command(device, "wipe_now")
    admin.command(other, "wipe_now")

    def commands(whose: FleetDevice, nonce: str) -> tuple[object, ...]:
        with organization.database.transaction("app_sync", organization.id) as connection:
            return commands_for(connection, organization.id, device_id_of(whose), nonce=nonce, key=services.server_key)

    hears: Callable[..., Obedience] = lambda: Obedience(  # noqa: E731
        device.workplace.replica, device.workplace.transport, device.workplace.identity.device_signer, None
    )
    genuine = commands(device, "now")
    altered = [msgspec.structs.replace(genuine[0], recovery_public_key="A" * 43)]  # type: ignore[type-var]
    for told, counts in (
        (commands(device, "earlier"), 0),
        (commands(other, "now"), 0),
        (altered, 0),
        (genuine, 1),
    ):
        obedience = hears()
        obedience.hear(told, nonce="now")  # type: ignore[arg-type]
        assert len(obedience._due) == counts
    obedience = hears()
    obedience.hear(commands(device, ""), nonce=None)  # type: ignore[arg-type]
    assert not obedience._due


def test_an_unreachable_server_stops_nothing_here(device: FleetDevice) -> None:
    device.offline()
    assert isinstance(device.sync(), ServerUnreachable)
    assert device.workplace.replica.state().retired_at is None
