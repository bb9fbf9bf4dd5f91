"""A server that was restored from a backup: nothing that it ever acknowledged is lost (sync.md §8)."""

import os
import shutil
from pathlib import Path

import pytest

from cmms_desktop.application.commands import conflicts, remarks
from cmms_desktop.errors import SessionExpired
from cmms_desktop.sync.engine import Report
from sync_server.application import backups as real_backups
from sync_server.storage import dumping
from sync_server.storage.engine import Database
from sync_server.storage.epochs import rotate_all
from tests.support.fault_transport import FAULTS, Fault
from tests.support.fleet import Fleet, FleetDevice
from tests.support.order_work import comment, finish, retitle, start
from tests.support.postgres import TEST_SECRET
from tests.support.restored_day import a_day, content
from tests.support.restoring import Backups
from tests.support.stoppable_server import StoppableServer

BEHIND_ITS_BACK = pytest.mark.expects_warnings


@pytest.mark.parametrize(
    ("is_told", "is_marked"),
    [
        (True, True),
        pytest.param(False, True, marks=BEHIND_ITS_BACK),
        pytest.param(False, False, marks=BEHIND_ITS_BACK),
    ],
    ids=["by the runbook", "found by the server", "found by a device"],
)
def test_invariant_24_restore_and_re_push_equal_no_restore(
    fleet: Fleet, backups: Backups, is_told: bool, is_marked: bool
) -> None:
    device = fleet.device("technician")
    comment(device, fleet.small.order_ids[0], "Before the backup.")
    device.sync_well()
    backup = backups.take()
    a_day(device)
    before = content(device)
    backups.restore(backup, is_told=is_told, is_marked=is_marked)
    assert device.fleet.office.order(fleet.small.order_ids[0])["title"] == "Order 1"
    fleet.clock.advance(minutes=11)
    device.sync_well()
    assert content(device) == before
    fleet.assert_converged()
    assert content(device) == before


def test_a_restored_server_is_noticed_by_a_pull_while_a_hello_still_stands(fleet: Fleet, backups: Backups) -> None:
    device = fleet.device("technician")
    backup = backups.take()
    a_day(device)
    backups.restore(backup)
    report = device.sync_well()
    assert report.verdicts["applied"] + report.verdicts.get("merged", 0) == 6
    fleet.assert_converged()


def test_invariant_1_nothing_acknowledged_is_lost_when_the_device_comes_weeks_later(
    fleet: Fleet, backups: Backups
) -> None:
    technician, supervisor = fleet.device("technician"), fleet.device("supervisor")
    backup = backups.take()
    a_day(technician)
    technician.offline()
    backups.restore(backup)
    fleet.office.edit(fleet.small.order_ids[0], priority="critical")
    supervisor.sync_well()
    for number in range(12):  # the numbers of the lost commits are given again
        comment(supervisor, fleet.small.order_ids[0], f"New history {number}.")
        supervisor.sync_well()
    fleet.clock.advance(days=20)
    technician.online()
    fleet.assert_converged()
    order = fleet.office.order(fleet.small.order_ids[0])
    assert (order["title"], order["priority"]) == ("Second", "critical")


def test_a_backup_is_taken_although_the_server_looks_at_its_clocks_meanwhile(
    backups: Backups, stoppable_server: StoppableServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, close = [stoppable_server.server.services.history.look], Database.close

    def close_and_look(database: Database) -> None:
        close(database)
        if looks:
            looks.pop()()

    monkeypatch.setattr(Database, "close", close_and_look)
    backups.restore(backups.take())
    assert not looks


def test_what_a_person_has_withdrawn_is_not_done_by_a_restored_server(fleet: Fleet, backups: Backups) -> None:
    """It is sent, because the chain would have a gap without it, and refused, although it could be done now."""
    technician, supervisor = fleet.device("technician"), fleet.device("supervisor")
    order_id = fleet.small.order_ids[0]
    retitle(technician, order_id, "Technician's")
    retitle(supervisor, order_id, "Supervisor's")
    supervisor.sync_well()
    technician.sync_well()
    supervisor.sync_well()
    conflict_id = str(technician.rows("conflict", order_id)[0]["id"])
    backup = backups.take()
    for device, value in ((supervisor, "Settled"), (technician, "Refused")):
        with device.write() as write:
            conflicts.settle(write, conflict_id, "edited", value=value)
        device.sync_well()
    technician.withdraw_refused()
    comment(technician, order_id, "After it was withdrawn.")
    technician.sync_well()
    backups.restore(backup)
    fleet.clock.advance(minutes=11)
    technician.sync_well()
    assert technician.see("conflict", conflict_id)["resolution"] is None
    assert [row["text"] for row in technician.rows("comment", order_id)] == ["After it was withdrawn."]
    fleet.assert_converged()
    assert fleet.office.order(order_id)["title"] == "Settled"


def test_what_was_refused_is_asked_again_and_what_is_held_is_held_again(fleet: Fleet, backups: Backups) -> None:
    technician, supervisor = fleet.device("technician"), fleet.device("supervisor")
    order_id = fleet.small.order_ids[0]
    backup = backups.take()
    fleet.office.assign(order_id, login="technician2")
    with technician.write() as write:
        write.set("work_order", order_id, title="From a former assignee")
    comment(technician, order_id, "Late.")
    technician.sync_well()
    assert [entry.verdict for entry in technician.workplace.replica.outbox.held()] == ["held"]
    backups.restore(backup)
    fleet.ledger.forget_office()
    fleet.clock.advance(minutes=11)
    technician.sync_well()
    assert technician.workplace.replica.outbox.held() == ()  # the order is his again: it is simply done
    supervisor.sync_well()
    assert fleet.office.order(order_id)["title"] == "From a former assignee"
    fleet.assert_converged()


def test_a_base_of_a_lost_history_counts_as_far_as_it_is_common(fleet: Fleet, backups: Backups) -> None:
    """Work of somebody who lost the order after the restore is judged by his last common commit, not as unknown."""
    technician = fleet.device("technician")
    order_id = fleet.small.order_ids[0]
    backup = backups.take()
    for number in range(3):
        retitle(technician, order_id, f"Lost {number}")
        technician.sync_well()
    comment(technician, order_id, "Written on lost rows.")
    backups.restore(backup)
    fleet.office.assign(order_id, login="technician2")
    fleet.clock.advance(minutes=11)
    technician.sync_well()
    assert [entry.reason for entry in technician.workplace.replica.outbox.held()] == ["access_lost"] * 3
    assert [row["is_late"] for row in fleet.organization.rows("comment")] == [True]
    fleet.assert_converged()


def test_no_row_flickers_while_the_line_breaks_between_fork_and_rows(fleet: Fleet, backups: Backups) -> None:
    device = fleet.device("technician")
    backup = backups.take()
    a_day(device)
    before = content(device)
    backups.restore(backup)
    fleet.clock.advance(minutes=11)
    for good in range(9):
        outcome = device.sync(*[Fault("none")] * good, Fault("drop_answer"))
        assert content(device) == before, f"after {good} answers: {outcome}"
        fleet.clock.advance(minutes=11)
    fleet.assert_converged()
    assert content(device) == before


@pytest.mark.parametrize("kind", FAULTS)
def test_no_fault_of_the_network_or_the_device_loses_what_is_sent_again(
    fleet: Fleet, backups: Backups, kind: str
) -> None:
    device = fleet.device("technician")
    backup = backups.take()
    a_day(device)
    backups.restore(backup)
    for good in range(6):
        fleet.clock.advance(minutes=11)
        device.sync(*[Fault("none")] * good, Fault(kind, 3 * good))
    fleet.assert_converged()
    assert fleet.office.order(fleet.small.order_ids[0])["title"] == "Second"


def test_restored_twice_to_an_older_and_an_older_backup(fleet: Fleet, backups: Backups) -> None:
    device = fleet.device("technician")
    order_id = fleet.small.order_ids[0]
    first = backups.take()
    comment(device, order_id, "In the second backup.")
    device.sync_well()
    second = backups.take()
    a_day(device)
    before = content(device)
    for backup in (second, first, second, first):
        backups.restore(backup)
        fleet.clock.advance(minutes=11)
        assert isinstance(device.sync_well(), Report)
        assert content(device) == before
    fleet.assert_converged()


def test_photos_are_sent_again_from_the_device(fleet: Fleet, backups: Backups) -> None:
    device = fleet.device("technician")
    order_id = fleet.small.order_ids[0]
    backup = backups.take()
    with device.write() as write:
        remarks.add_photo(write, device.workplace.blobs, order_id, content=b"a picture", media_type="image/png")
    assert device.sync_well().blobs_sent == 1
    backups.restore(backup)
    fleet.clock.advance(minutes=11)
    assert device.sync_well().blobs_sent == 1
    fleet.assert_converged()


@pytest.mark.parametrize("left", [0, 4], ids=["gone", "cut off"])
def test_photos_are_sent_again_when_the_database_is_newer_than_the_files(
    fleet: Fleet, stoppable_server: StoppableServer, left: int
) -> None:
    """After a recovery of the database alone its rows say that files are complete which are not here."""
    device = fleet.device("technician")
    with device.write() as write:
        remarks.add_photo(
            write, device.workplace.blobs, fleet.small.order_ids[0], content=b"a picture", media_type="image/png"
        )
    assert device.sync_well().blobs_sent == 1
    files = stoppable_server.server.blob_folder / fleet.organization.id
    (path,) = [path for path in files.rglob("*") if path.is_file()]
    if left:
        os.truncate(path, left)
    else:
        path.unlink()
    rotate_all(stoppable_server.server.database, reason="a test")
    fleet.clock.advance(minutes=11)
    assert device.sync_well().blobs_sent == 1
    assert path.read_bytes() == b"a picture"
    fleet.assert_converged()


def test_a_signed_and_completed_order_comes_back_signed(fleet: Fleet, backups: Backups) -> None:
    device = fleet.device("technician")
    order_id = fleet.small.order_ids[0]
    backup = backups.take()
    start(device, order_id)
    finish(device, order_id)
    device.sync_well()
    before = content(device)
    backups.restore(backup)
    fleet.clock.advance(minutes=11)
    device.sync_well()
    assert content(device) == before
    assert fleet.office.order(order_id)["status"] == "completed"
    fleet.assert_converged()


def test_office_work_of_the_lost_time_is_gone_from_the_device_as_well(fleet: Fleet, backups: Backups) -> None:
    device = fleet.device("technician")
    order_id = fleet.small.order_ids[0]
    backup = backups.take()
    fleet.office.edit(order_id, title="From the office")
    device.sync_well()
    backups.restore(backup)
    fleet.ledger.forget_office()
    fleet.clock.advance(minutes=11)
    device.sync_well()
    assert device.see("work_order", order_id)["title"] == "Order 1"
    fleet.assert_converged()


def test_a_person_is_told_that_the_server_was_restored(fleet: Fleet, backups: Backups) -> None:
    device = fleet.device("technician")
    backup = backups.take()
    a_day(device)
    backups.restore(backup)
    fleet.clock.advance(minutes=11)
    device.sync_well()
    (notice,) = device.workplace.replica.state().notices
    assert (notice.kind, notice.count) == ("restored", 6)
    device.sync_well()
    device.reopen()
    assert device.workplace.replica.state().notices == (notice,)


def test_a_device_that_was_enrolled_in_the_lost_time_is_enrolled_again_with_all_its_work(
    fleet: Fleet, backups: Backups
) -> None:
    backup = backups.take()
    device = fleet.device("technician")
    a_day(device)
    before = content(device)
    backups.restore(backup)
    fleet.clock.advance(minutes=11)
    assert isinstance(device.sync(), SessionExpired)  # the person signs in
    device.sync_well()
    assert content(device) == before
    fleet.assert_converged()


def test_what_was_dropped_was_durable_and_a_restore_to_its_backup_loses_nothing(fleet: Fleet, backups: Backups) -> None:
    """Invariant 1: nothing is forgotten before a proven backup holds it, and nothing in its first 30 days."""
    device = fleet.device("technician")
    order_id = fleet.small.order_ids[0]
    comment(device, order_id, "Durable.")
    device.sync_well()
    with device.workplace.replica.database.writer() as handle:  # thirty days of the server's have passed
        handle.cursor.execute("UPDATE outbox_done SET settled_at = '2000-01-01T00:00:00.000000Z'")
    fleet.clock.advance(minutes=11)
    device.sync_well()
    assert kept(device) == 1
    fleet.organization.ask("update org_clock set durable_seq = seq where organization_id = %s", fleet.organization.id)
    backup = backups.take()
    fleet.clock.advance(minutes=11)
    device.sync_well()
    assert kept(device) == 0
    comment(device, order_id, "Later.")
    device.sync_well()
    backups.restore(backup)
    fleet.clock.advance(minutes=11)
    device.sync_well()
    assert {row["text"] for row in device.rows("comment", order_id)} == {"Durable.", "Later."}
    assert {row["text"] for row in fleet.organization.rows("comment")} == {"Durable.", "Later."}


def kept(device: FleetDevice) -> int:
    with device.workplace.replica.read() as reading:
        return int(reading.cursor.execute("SELECT count(*) FROM outbox_done").fetchone()[0])


@pytest.mark.parametrize("contact", ["hello", "pull", "both at once"])
def test_invariant_23_a_fork_is_found_at_the_first_contact(fleet: Fleet, backups: Backups, contact: str) -> None:
    device = fleet.device("technician")
    backup = backups.take()
    retitle(device, fleet.small.order_ids[0], "Lost and sent again")
    device.sync_well()
    before = device.workplace.replica.state().epoch
    backups.restore(backup)
    if contact == "hello":
        fleet.clock.advance(minutes=11)
    elif contact == "both at once":
        comment(device, fleet.small.order_ids[0], "Goes with the first request.")
    device.sync_well()
    assert device.workplace.replica.state().epoch != before
    assert fleet.office.order(fleet.small.order_ids[0])["title"] == "Lost and sent again"
    fleet.assert_converged()


def test_invariant_24_with_the_commands_of_the_runbook(
    fleet: Fleet, stoppable_server: StoppableServer, tmp_path: Path
) -> None:
    """A dump while the server works, a proof of it, and a load in place of the database, photos too."""
    server = stoppable_server.server
    device = fleet.device("technician")
    order_id = fleet.small.order_ids[0]

    def photograph(content: bytes) -> None:
        with device.write() as write:
            remarks.add_photo(write, device.workplace.blobs, order_id, content=content, media_type="image/png")
        assert device.sync_well().blobs_sent == 1

    photograph(b"in the backup")
    made, _ = real_backups.back_up(server.owner_url, TEST_SECRET, folder=tmp_path, store=server.services.blobs)
    durable = real_backups.prove(made, TEST_SECRET, server.database)
    fleet.clock.advance(minutes=11)
    device.sync_well()
    assert device.workplace.replica.state().durable_seq == durable[fleet.organization.id] > 0
    a_day(device)
    photograph(b"after the backup")
    before = content(device)
    stoppable_server.stop()
    server.database.close()
    shutil.rmtree(server.blob_folder)
    _, former = real_backups.restore(made, server.owner_url, TEST_SECRET, store=server.services.blobs)
    stoppable_server.start()
    fleet.clock.advance(minutes=11)
    assert device.sync_well().blobs_sent == 2  # the first one is only asked about: it is there
    assert content(device) == before
    files = server.blob_folder / fleet.organization.id  # tests before this one have left others
    assert sorted(path.read_bytes() for path in files.rglob("*") if path.is_file()) == [
        b"after the backup",
        b"in the backup",
    ]
    fleet.assert_converged()
    dumping.drop_database(server.owner_url, str(former))
