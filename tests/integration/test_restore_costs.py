"""What a restored server costs a device: what was lost, and not what is held (sync.md §8)."""

import pytest

from sync_server.storage.epochs import rotate_all
from tests.support.convergence import live_rows
from tests.support.fleet import Fleet
from tests.support.order_work import comment, retitle
from tests.support.restoring import Backups
from tests.support.stoppable_server import StoppableServer


def test_a_restore_costs_what_was_lost_and_not_what_is_held(fleet: Fleet, backups: Backups) -> None:
    device = fleet.device("technician")
    backup = backups.take()
    retitle(device, fleet.small.order_ids[0], "Mine")
    fleet.office.edit(fleet.small.order_ids[1], title="From the office")
    device.sync_well()
    everything = len(live_rows(device.workplace.replica))
    backups.restore(backup)
    fleet.ledger.forget_office()
    fleet.clock.advance(minutes=11)
    report = device.sync_well()
    assert report.bootstrapped == []
    assert 0 < report.pulled_rows + report.healed < everything / 2
    assert device.see("work_order", fleet.small.order_ids[1])["title"] == "Order 2"
    assert device.workplace.replica.state().heals == ()
    fleet.assert_converged()


def test_a_new_epoch_without_a_loss_costs_nothing(fleet: Fleet, stoppable_server: StoppableServer) -> None:
    device = fleet.device("technician")
    rotate_all(stoppable_server.server.database, reason="a test")
    fleet.clock.advance(minutes=11)
    report = device.sync_well()
    assert (report.pushed, report.pulled_rows, report.healed, report.bootstrapped) == (0, 0, 0, [])
    fleet.assert_converged()


def test_a_restore_that_takes_most_away_reads_afresh(
    fleet: Fleet, backups: Backups, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard against a server that lost its mind must not keep what was only in the lost time."""
    monkeypatch.setattr("cmms_desktop.replica.removal_guard.MANY_ROWS", 3)
    for order_id in fleet.small.order_ids:
        fleet.office.assign(order_id, login="technician2")
    device = fleet.device("technician")
    backup = backups.take()
    for order_id in fleet.small.order_ids:
        fleet.office.assign(order_id, login="technician")
    device.sync_well()
    assert device.get("work_order", fleet.small.order_ids[0]) is not None
    backups.restore(backup)
    fleet.ledger.forget_office()
    fleet.clock.advance(minutes=11)
    device.sync_well()
    device.sync_well()
    assert device.get("work_order", fleet.small.order_ids[0]) is None
    assert {notice.kind for notice in device.workplace.replica.state().notices} == {"restored"}
    fleet.assert_converged()


def test_a_device_that_was_away_longer_than_commits_are_remembered_reads_on(fleet: Fleet) -> None:
    """Nothing was restored: its last commit is only too old to be remembered, so no new epoch begins."""
    device = fleet.device("technician")
    order_id = fleet.small.order_ids[0]
    comment(device, order_id, "Before.")
    device.sync_well()
    epoch = device.workplace.replica.state().epoch
    fleet.office.edit(order_id, title="Meanwhile")
    fleet.organization.ask(
        "delete from org_commit where organization_id = %s and seq < (select max(seq) from org_commit"
        " where organization_id = %s)",
        *[fleet.organization.id] * 2,
    )
    for _ in range(2):
        fleet.clock.advance(minutes=11)
        device.sync_well()
    assert device.see("work_order", order_id)["title"] == "Meanwhile"
    assert device.workplace.replica.state().epoch == epoch
    fleet.assert_converged()
