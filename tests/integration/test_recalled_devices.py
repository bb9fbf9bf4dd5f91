"""Devices that the organization revokes or wipes: real replicas, a real server, and a bad network."""

import hashlib
from pathlib import Path
from typing import cast

import msgspec
import pytest

from cmms_desktop.application.commands import remarks
from cmms_desktop.credentials.device_key import proves
from cmms_desktop.errors import Recalled, Refused
from cmms_desktop.replica.sync_state import RETIRED
from sync_server.application import incoming
from sync_server.application.recovery_keys import make_recovery_key
from sync_server.application.rescue import BUSY
from sync_server.contract.standing import Receipt, receipt_input
from sync_server.errors import RetryLater
from sync_server.storage.blob_store import BlobStore
from tests.support.activity import acts
from tests.support.fault_transport import Fault
from tests.support.fleet import Fleet, FleetDevice
from tests.support.recalling import (
    Admin,
    an_admin,
    device_id_of,
    files_of,
    held,
    in_the_name_of_another,
    leave,
    recalled,
    with_two_remarks,
)
from tests.support.restoring import Backups
from tests.support.small_site import PASSWORD

PHOTO = bytes(range(256)) * 8_000


@pytest.fixture
def admin(fleet: Fleet, tmp_path: Path) -> Admin:
    return an_admin(fleet, tmp_path)


@pytest.fixture
def device(admin: Admin) -> FleetDevice:
    """The technician's, with two remarks that were not sent."""
    return with_two_remarks(admin.fleet)


# ---- revoked: hands in sealed


def test_invariant_30_after_revocation_no_new_data_and_made_mutations_only_held(
    admin: Admin, device: FleetDevice
) -> None:
    fleet, order_id = admin.fleet, admin.fleet.small.order_ids[0]
    device_id, before = device_id_of(device), device.workplace.replica.state().pulled_seq
    fleet.office.edit(order_id, title="After it was revoked")
    admin.revoke(device)
    told = recalled(device)
    assert (told.kind, "2 changes handed in" in told.sentence) == ("wipe", True)
    assert device.workplace.replica.state().pulled_seq == before
    assert device.see("work_order", order_id)["title"] != "After it was revoked"
    assert (fleet.organization.rows("comment"), held(fleet)) == ([], [])
    assert leave(device) == (told.sentence,)
    known = admin.facts(device_id)
    assert (known.sealed, known.lost_changes, known.wiped_at is not None) == (2, 0, True)
    for _ in range(2):
        admin.take_over()
    assert held(fleet) == ["revoked", "revoked"]
    assert fleet.organization.rows("comment") == []
    assert admin.facts(device_id).sealed == 0
    fleet.device("supervisor")
    assert all("remark." in str(row["body"]) for row in fleet.organization.rows("held_mutation"))
    fleet.assert_converged()


def test_the_receipt_is_the_server_s_and_survives_the_wipe(admin: Admin, device: FleetDevice) -> None:
    admin.revoke(device)
    key = device.workplace.replica.state().server_key
    recalled(device)
    leave(device)
    (receipt,) = device.desk.wiping.receipts()
    assert proves(key or "", receipt.sig, receipt_input(receipt))
    assert not proves(key or "", receipt.sig, receipt_input(msgspec.structs.replace(receipt, changes=1)))
    found = admin.fleet.organization.ask("select sha256, changes from sealed_outbox")
    assert (receipt.sha256, receipt.changes) in found
    assert isinstance(receipt, Receipt)


def test_photos_are_handed_in_with_the_changes(admin: Admin, device: FleetDevice) -> None:
    blobs = device.workplace.blobs
    with device.write() as write:
        remarks.add_photo(write, blobs, admin.fleet.small.order_ids[0], content=PHOTO, media_type="image/png")
    admin.revoke(device)
    recalled(device)
    leave(device)
    taken = admin.take_over()
    assert (taken.outboxes, taken.verdicts, taken.files, taken.failed) == (1, {"held": 3}, 1, ())
    digest = hashlib.sha256(PHOTO).hexdigest()
    assert admin.fleet.organization.ask("select complete_at is not null from blob where sha256 = %s", digest) == [
        (True,)
    ]


def test_a_refused_change_is_handed_in_too(admin: Admin, device: FleetDevice) -> None:
    in_the_name_of_another(device, "Refused remark.")
    device.sync_well()
    assert [entry.code for entry in device.workplace.replica.outbox.parked()] == ["not_allowed"]
    admin.revoke(device)
    recalled(device)
    leave(device)
    kept = admin.take_over().kept
    assert [change.state for change in kept] == ["parked"]
    assert admin.take_over().kept == ()
    again = admin.take_over(shows_again=True)
    assert (again.kept, again.outboxes, again.verdicts) == (kept, 0, {})


class Away:
    """A store of photos that is out of reach."""

    def __getattr__(self, name: str) -> object:
        raise RetryLater("The photos are out of reach.")


def test_a_sealed_outbox_that_cannot_be_taken_over_yet_stops_none_of_the_others(
    admin: Admin, device: FleetDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The older one has a photo; a server that is too old takes none of both, and loses none."""
    order_id, other = admin.fleet.small.order_ids[0], admin.fleet.device("supervisor")
    with device.write() as write:
        remarks.add_photo(write, device.workplace.blobs, order_id, content=PHOTO, media_type="image/png")
    with other.write() as write:
        remarks.add_comment(write, order_id, "Of another.")
    for each in (device, other):
        admin.revoke(each)
        recalled(each)
        leave(each)
    with monkeypatch.context() as older:
        older.setattr(incoming, "MUTATION", 1)
        nothing = admin.take_over()
    assert (nothing.outboxes, nothing.failed) == (0, (BUSY, BUSY))
    without = admin.take_over(store=cast(BlobStore, Away()))
    assert (without.outboxes, without.verdicts, without.failed) == (1, {"held": 1}, ("The photos are out of reach.",))
    whole = admin.take_over()
    assert (whole.outboxes, whole.verdicts, whole.files, whole.failed) == (1, {"held": 3}, 1, ())
    assert len(held(admin.fleet)) == 4
    told = [act for act in acts(admin.fleet.organization) if act.startswith("rescue.")]
    assert sorted(told) == ["rescue.stopped", "rescue.taken_over", "rescue.taken_over"], "nothing is told of nothing"


@pytest.mark.parametrize("kind", ["drop_answer", "truncate", "duplicate", "kill_after"])
@pytest.mark.parametrize("at", range(5))
def test_a_revoked_device_hands_in_once_through_a_bad_network(
    admin: Admin, device: FleetDevice, kind: str, at: int
) -> None:
    """Requests of the way out: a push or hello that is refused, the standing, where it ended, the parts."""
    admin.revoke(device)
    device_id = device_id_of(device)
    outcomes: list[object] = []
    faults: tuple[Fault, ...] = (*(Fault("none"),) * at, Fault(kind, 7))
    for _ in range(4):
        try:
            outcome: object = device.sync(*faults)
        except (Recalled, Refused) as problem:
            outcome = problem
        outcomes.append(outcome)
        faults = ()
        if isinstance(outcomes[-1], Recalled):
            break
    assert isinstance(outcomes[-1], Recalled), outcomes
    leave(device)
    assert admin.facts(device_id).sealed == 2
    assert admin.take_over().verdicts == {"held": 2}
    assert len(held(admin.fleet)) == 2


def test_without_a_recovery_key_everything_stays_and_it_is_said(fleet: Fleet, tmp_path: Path) -> None:
    admin = Admin(fleet)
    device = fleet.device("technician")
    with device.write() as write:
        remarks.add_comment(write, fleet.small.order_ids[0], "A remark.")
    admin.revoke(device)
    with pytest.raises(Refused) as refused:
        device.sync()
    assert refused.value.code == "recovery_key_missing"
    assert "1 change cannot be handed in" in refused.value.sentence
    with pytest.raises(Refused) as closed, device.write() as write:
        remarks.add_comment(write, fleet.small.order_ids[0], "Too late.")
    assert closed.value.sentence == RETIRED
    fleet.organization.ask(
        "update device_command set told_at = told_at - interval '15 days', queued_at = queued_at - interval '15 days'"
        " where device_id = %s",
        device_id_of(device),
    )
    device.reopen()
    with pytest.raises(Refused):
        device.sync()
    assert device.waiting == 1
    make_recovery_key(fleet.organization.database, fleet.organization.id, tmp_path / "recovery.key")
    assert "1 change handed in" in recalled(device).sentence


def test_a_device_that_could_not_hand_in_goes_on_when_the_server_was_restored_to_before(
    fleet: Fleet, backups: Backups
) -> None:
    device = fleet.device("technician")
    with device.write() as write:
        remarks.add_comment(write, fleet.small.order_ids[0], "Before it was revoked.")
    backup = backups.take()
    Admin(fleet).revoke(device)
    with pytest.raises(Refused):
        device.sync()
    assert device.workplace.replica.state().retired_at is not None
    backups.restore(backup)
    fleet.clock.advance(minutes=11)
    device.sync_well()
    with device.write() as write:
        remarks.add_comment(write, fleet.small.order_ids[0], "After the server was restored.")
    device.sync_well()
    assert len(fleet.organization.rows("comment")) == 2
    fleet.assert_converged()


def test_a_stranger_who_refuses_everything_closes_no_device(admin: Admin, device: FleetDevice) -> None:
    """403 alone is no proof: the device asks, and only what the server's key signed for it counts."""
    key = device.workplace.replica.state().server_key
    device.workplace.replica.remember(server_key="A" * 43)
    admin.revoke(device)
    refused = device.sync()
    assert isinstance(refused, Refused)
    assert refused.code == "device_revoked"
    assert device.workplace.replica.state().retired_at is None
    with device.write() as write:
        remarks.add_comment(write, admin.fleet.small.order_ids[0], "Third remark.")
    device.workplace.replica.remember(server_key=key)
    assert "3 changes handed in" in recalled(device).sentence


# ---- dismissed, stolen, wiped


def test_the_work_of_a_dismissed_person_is_sent_and_held_and_his_device_wiped(
    admin: Admin, device: FleetDevice
) -> None:
    fleet = admin.fleet
    device_id = device_id_of(device)
    fleet.organization.change("person", fleet.small.people["technician"], is_active=False)
    device.fleet.clock.advance(minutes=11)
    assert "Everything you made had been sent" in recalled(device).sentence
    assert held(fleet) == ["revoked", "revoked"]
    leave(device)
    assert files_of(device) == []
    assert admin.facts(device_id).lost_changes == 0


def test_a_stolen_device_is_wiped_at_once_and_the_administrator_hears_what_is_lost(
    admin: Admin, device: FleetDevice
) -> None:
    device_id = device_id_of(device)
    admin.revoke(device, is_stolen=True)
    assert "2 changes could not be handed in" in recalled(device).sentence
    assert not device.desk.settings.keys_path(device.person_id).exists()
    leave(device)
    assert files_of(device) == []
    known = admin.facts(device_id)
    assert (known.lost_changes, known.sealed, known.wiped_at is not None) == (2, 0, True)
    assert admin.fleet.organization.ask("select count(*) from sealed_outbox where device_id = %s", device_id) == [(0,)]


def test_a_device_in_good_standing_sends_all_it_has_before_it_is_wiped(admin: Admin, device: FleetDevice) -> None:
    device_id = device_id_of(device)
    admin.command(device, "wipe")
    recalled(device)
    assert sorted(str(row["text"]) for row in admin.fleet.organization.rows("comment")) == [
        "First remark.",
        "Second remark.",
    ]
    leave(device)
    known = admin.facts(device_id)
    assert (known.lost_changes, known.sealed, known.revoked_at is not None) == (0, 0, True)
    again = admin.fleet.device("technician")
    assert device_id_of(again) != device_id
    admin.fleet.assert_converged()


def test_whoever_works_beside_a_wiped_person_keeps_everything(admin: Admin, device: FleetDevice) -> None:
    other = admin.fleet.device("supervisor", beside=device)
    with other.write() as write:
        remarks.add_comment(write, admin.fleet.small.order_ids[0], "Of the supervisor.")
    admin.revoke(device, is_stolen=True)
    recalled(device)
    leave(device, is_lost=True)
    other.reopen()
    assert other.waiting == 1
    assert [person.login for person in other.desk.installation.people()] == ["supervisor"]
    admin.fleet.assert_converged()


def test_the_report_of_a_wipe_is_sent_when_there_is_a_network_again(admin: Admin, device: FleetDevice) -> None:
    device_id = device_id_of(device)
    admin.revoke(device, is_stolen=True)
    recalled(device)
    device.offline()
    leave(device)
    assert admin.facts(device_id).wiped_at is None
    assert [path.suffixes for path in files_of(device)] == [[".wiped", ".json"]]
    device.online()
    for _ in range(2):
        device.finish_wipes()
    assert admin.facts(device_id).wiped_at is not None
    assert files_of(device) == []


def test_who_enrols_anew_while_the_report_of_a_wipe_waits_keeps_his_work(admin: Admin, device: FleetDevice) -> None:
    device_id = device_id_of(device)
    admin.revoke(device, is_stolen=True)
    recalled(device)
    device.offline()
    leave(device, is_lost=True)
    device.online()
    device.workplace = device.desk.open("technician", PASSWORD)
    admin.fleet.devices.append(device)
    device.sync_well()
    with device.write() as write:
        remarks.add_comment(write, admin.fleet.small.order_ids[0], "In the new enrolment.")
    device.close()
    device.finish_wipes()
    device.workplace = device.desk.open("technician", PASSWORD)
    assert device.waiting == 1
    assert admin.facts(device_id).wiped_at is not None
    assert device.desk.wiping.begun() == ()
    device.sync_well()
    admin.fleet.assert_converged()
