"""Damage of a local store heals by itself: the digests find it, and only what differs is fetched again (sync.md §7)."""

from typing import Any

import pytest

from cmms_desktop.application.commands import remarks
from sync_server.application import removals
from sync_server.storage.epochs import rotate_all
from tests.support import convergence
from tests.support.fault_transport import FAULTS, Fault
from tests.support.fleet import Fleet, FleetDevice
from tests.support.restoring import Backups
from tests.support.server_side import NOW, a_row
from tests.support.stoppable_server import StoppableServer


def damage(device: FleetDevice, statement: str, *values: object) -> None:
    """Write past everything, as a fault of the disk or of this program would."""
    with device.workplace.replica.database.writer() as handle:
        handle.cursor.execute(statement, values)
        assert handle.cursor.rowcount > 0, "nothing was damaged"


def asked(device: FleetDevice) -> list[str]:
    """Paths of requests from now on."""
    paths: list[str] = []
    device.weather.watch = paths.append
    return paths


def newly_begun(device: FleetDevice) -> None:
    """Start the program again: it compares everything once."""
    device.reopen()


DAMAGES: dict[str, tuple[str, Any]] = {
    "a row is missing": ("DELETE FROM checklist_item WHERE id = ?", "checklist_item"),
    "an order is missing": ("DELETE FROM work_order WHERE id = ?", "work_order"),
    "a row is stale": ("UPDATE work_order SET title = 'Old', row_hash = row_hash + 1 WHERE id = ?", "work_order"),
    "a row is extra": (
        "INSERT INTO comment (id, aggregate_id, work_order_id, text, sync_seq, row_hash)"
        " SELECT 'extra', id, id, 'Nobody said that.', 1, 5 FROM work_order WHERE id = ?",
        "work_order",
    ),
    "a deleted row lives": ("UPDATE checklist_item SET deleted_at = '2026' WHERE id = ?", "checklist_item"),
    "an aggregate is not a member": ("DELETE FROM member WHERE aggregate_id = ?", "work_order"),
    "a stranger is a member": (
        "INSERT INTO member (scope_id, aggregate_id, aggregate_type)"
        " SELECT scope_id, 'c9f0f895-fb98-4b91-8f6b-000000000001', aggregate_type FROM member WHERE aggregate_id = ?",
        "work_order",
    ),
}


@pytest.mark.parametrize("what", DAMAGES)
def test_invariant_25_missing_extra_and_stale_rows_heal_in_two_syncs(fleet: Fleet, what: str) -> None:
    device = fleet.device("technician")
    order_id = fleet.small.order_ids[0]
    statement, entity = DAMAGES[what]
    target = order_id if entity == "work_order" else str(device.rows("checklist_item", order_id)[0]["id"])
    before = convergence.live_rows(device.workplace.replica)
    damage(device, statement, target)
    newly_begun(device)
    paths = asked(device)
    report = device.sync_well()
    assert report.healed > 0 or what == "a stranger is a member"
    assert "/v1/verify" in paths
    assert "/v1/bootstrap" not in paths
    assert convergence.live_rows(device.workplace.replica) == before
    fleet.assert_converged()


def test_traffic_of_a_heal_is_what_differs(fleet: Fleet) -> None:
    device = fleet.device("supervisor")
    order_id = fleet.small.order_ids[0]
    rows = sum(len(device.rows(entity, order_id)) for entity in ("work_order", "checklist_item", "checklist"))
    damage(device, "UPDATE work_order SET row_hash = 0 WHERE id = ?", order_id)
    newly_begun(device)
    report = device.sync_well()
    everything = len(convergence.live_rows(device.workplace.replica))
    assert 0 < report.healed <= 2 * (rows + 2) < everything  # it is in two scopes of the supervisor


def test_a_heal_leaves_the_outbox_and_what_a_person_sees_of_it_alone(fleet: Fleet) -> None:
    device = fleet.device("technician")
    order_id = fleet.small.order_ids[0]
    device.offline()
    with device.write() as write:
        write.set("work_order", order_id, title="Mine")
        remarks.add_comment(write, order_id, "Mine too.")
    damage(device, "UPDATE checklist_item SET row_hash = 0 WHERE aggregate_id = ?", order_id)
    newly_begun(device)
    sealed = device.workplace.replica.outbox.waiting()
    assert [each.state for each in sealed] == ["pending", "pending"]
    assert device.sync(Fault("drop_request")) is not None
    device.online()
    device.sync_well()
    assert device.see("work_order", order_id)["title"] == "Mine"
    fleet.assert_converged()
    assert fleet.office.order(order_id)["title"] == "Mine"


def test_a_device_that_is_right_is_never_healed_and_asks_nothing(fleet: Fleet) -> None:
    device = fleet.device("technician")
    for number in range(3):
        fleet.office.edit(fleet.small.order_ids[0], title=f"Title {number}")
        with device.write() as write:
            remarks.add_comment(write, fleet.small.order_ids[1], f"Remark {number}")
        paths = asked(device)
        assert device.sync_well().healed == 0
        assert "/v1/verify" not in paths


@pytest.mark.parametrize("kind", FAULTS)
def test_a_heal_on_a_bad_network_counts_whole_or_not_at_all(fleet: Fleet, kind: str) -> None:
    device = fleet.device("technician")
    before = convergence.live_rows(device.workplace.replica)
    damage(device, "DELETE FROM checklist_item WHERE aggregate_id = ?", fleet.small.order_ids[0])
    newly_begun(device)
    for good in (1, 2, 3):
        device.sync(*[Fault("none")] * good, Fault(kind, 5))
    device.sync_well()
    assert convergence.live_rows(device.workplace.replica) == before
    fleet.assert_converged()


ALTERED = "UPDATE work_order SET title = 'Altered by the disk' WHERE id = ?"


@pytest.mark.parametrize("when", ["after a crash", "weekly"])
def test_invariant_25_altered_columns_heal_two_syncs_after_a_deep_check(fleet: Fleet, when: str) -> None:
    device = fleet.device("technician")
    order_id = fleet.small.order_ids[0]
    device.sync_well()  # nothing comes: there is time for checksums
    before = convergence.live_rows(device.workplace.replica)
    damage(device, ALTERED, order_id)
    assert device.sync_well().healed == 0  # digests cannot see it
    if when == "weekly":
        fleet.clock.advance(days=8)
    else:
        device.crash()
    paths = asked(device)
    device.sync_well()
    device.sync_well()
    assert convergence.live_rows(device.workplace.replica) == before
    assert "/v1/bootstrap" not in paths
    fleet.assert_converged()


def test_a_deep_check_finds_nothing_where_nothing_is_wrong(fleet: Fleet) -> None:
    """Not after edits, refusals, pulls, joins and leaves, and not after a crash in the middle of them."""
    technician, supervisor = fleet.device("technician"), fleet.device("supervisor")
    order_id = fleet.small.order_ids[0]
    for number in range(4):
        with technician.write() as write:
            write.set("work_order", order_id, title=f"Title {number}")
            remarks.add_comment(write, order_id, f"Remark {number}")
        fleet.office.assign(fleet.small.order_ids[1], login=("technician", "technician2")[number % 2])
        fleet.office.edit(fleet.small.order_ids[2], title=f"Office {number}")
        for device in (technician, supervisor):
            paths = asked(device)
            if number % 2:
                device.sync(Fault("none"), Fault("kill_after"))
            for _ in range(3):
                device.sync_well()
            device.crash()
            assert device.sync_well().healed == 0
            assert "/v1/verify" not in paths
    fleet.assert_converged()


@pytest.mark.expects_warnings
def test_three_heals_within_a_day_are_told_to_the_person_and_logged_at_the_server(
    fleet: Fleet, caplog: pytest.LogCaptureFixture
) -> None:
    device = fleet.device("technician")
    for number in range(3):
        assert device.workplace.replica.state().notices == ()
        damage(device, "UPDATE work_order SET row_hash = ? WHERE id = ?", number, fleet.small.order_ids[0])
        newly_begun(device)
        device.sync_well()
        fleet.clock.advance(hours=2)
    (notice,) = device.workplace.replica.state().notices
    assert (notice.kind, notice.count) == ("healing", 3)
    assert [record.levelname for record in caplog.records if "3th time" in record.getMessage()] == ["ERROR"]


def test_heals_of_earlier_days_do_not_count(fleet: Fleet) -> None:
    device = fleet.device("technician")
    for number in range(4):
        damage(device, "UPDATE work_order SET row_hash = ? WHERE id = ?", number, fleet.small.order_ids[0])
        newly_begun(device)
        device.sync_well()
        fleet.clock.advance(hours=13)
    assert device.workplace.replica.state().notices == ()


def test_a_heal_that_would_take_most_away_is_stopped_and_told(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server whose index was emptied by a fault says that nothing is there."""
    monkeypatch.setattr("cmms_desktop.replica.removal_guard.MANY_ROWS", 5)
    device = fleet.device("technician")
    before = convergence.live_rows(device.workplace.replica)
    scope = f"user:{device.person_id}"
    fleet.organization.ask(
        "delete from scope_aggregate where organization_id = %s and scope_id = %s", fleet.organization.id, scope
    )
    fleet.organization.ask(
        "update scope_head set digest = 0, count = 0 where organization_id = %s and scope_id = %s",
        fleet.organization.id,
        scope,
    )
    newly_begun(device)
    device.sync_well()
    assert convergence.live_rows(device.workplace.replica) == before
    (notice,) = device.workplace.replica.state().notices
    assert notice.kind == "guarded"
    assert notice.count > 5


def test_deletions_that_would_take_most_away_are_kept_back_until_a_new_epoch(
    fleet: Fleet, stoppable_server: StoppableServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other changes of the same pull count; what was meant is taken after the administrator has said so."""
    monkeypatch.setattr("cmms_desktop.replica.removal_guard.MANY_ROWS", 5)
    monkeypatch.setattr("cmms_desktop.replica.removal_guard.SHARE", 0.1)
    device = fleet.device("technician")
    order_id = fleet.small.order_ids[0]
    items = [item["id"] for each in fleet.small.order_ids for item in device.rows("checklist_item", each)]
    assert len(items) > 5
    rows = [
        ("checklist_item", {**fleet.organization.stands("checklist_item", id_), "deleted_at": NOW}) for id_ in items
    ]
    fleet.organization.commit(rows)
    fleet.office.edit(order_id, title="Also new")
    for _ in range(2):
        device.sync_well()
        kept = [item["id"] for each in fleet.small.order_ids for item in device.rows("checklist_item", each)]
        assert kept == items
        assert device.see("work_order", order_id)["title"] == "Also new"
    paths = asked(device)
    device.sync_well()
    assert "/v1/verify" not in paths
    (notice,) = device.workplace.replica.state().notices
    assert (notice.kind, notice.count) == ("guarded", len(items))
    rotate_all(stoppable_server.server.database, reason="the deletion was meant")
    fleet.clock.advance(minutes=11)
    device.sync_well()
    device.sync_well()
    assert [item for each in fleet.small.order_ids for item in device.rows("checklist_item", each)] == []
    fleet.assert_converged()


def test_one_scope_is_stopped_others_go_on_and_an_administrator_lets_it_pass(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cmms_desktop.replica.removal_guard.MANY_ROWS", 5)
    organization, site_id = fleet.organization, fleet.small.site_id
    assets = [a_row("asset", site_id=site_id, code=f"X-{n}", name="Extra") for n in range(20)]
    organization.commit([("asset", row) for row in assets])
    part = organization.add("part", code="P-X", name="Extra")
    fleet.ledger.begin()
    device, scope = fleet.device("supervisor"), f"site:{site_id}"
    ids, order_id = [str(row["id"]) for row in assets], fleet.small.order_ids[0]
    gone = [("asset", {**organization.stands("asset", id_), "deleted_at": NOW}) for id_ in ids]
    organization.commit([*gone, ("part", {**part, "deleted_at": NOW})])
    for number in range(2):
        fleet.office.edit(order_id, title=f"Other scopes go on {number}")
        device.sync_well()
        assert all(device.see("asset", id_) for id_ in ids)
        assert device.get("part", str(part["id"])) is None
        assert device.see("work_order", order_id)["title"] == f"Other scopes go on {number}"
    assert device.workplace.replica.state().notices[0].kind == "guarded"
    assert set(device.workplace.replica.differing_scopes(device.workplace.replica.state().digests or {})) == {scope}

    removals.let_pass(organization.database, organization.id, days=7)
    fleet.clock.advance(minutes=11)
    device.sync_well()
    device.sync_well()
    assert [device.get("asset", id_) for id_ in ids] == [None] * len(ids)
    fleet.assert_converged()

    removals.let_pass(organization.database, organization.id, days=0)
    fleet.clock.advance(minutes=11)
    device.sync_well()
    assert not device.workplace.replica.state().lets_removals_pass


def test_a_scope_that_is_not_the_callers_is_verified_for_nobody(fleet: Fleet) -> None:
    """Invariant 5: what is asked about somebody else's scope says nothing."""
    from cmms_desktop.errors import Refused
    from sync_server.contract.messages import VerifyRequest

    technician, supervisor = fleet.device("technician"), fleet.device("supervisor")
    workplace = technician.workplace
    for scope in (f"user:{supervisor.person_id}", f"review:{fleet.small.site_id}", "user:", "nothing"):
        with pytest.raises(Refused, match="may not hold"):
            list(workplace.engine._transport.verify(VerifyRequest(scope=scope, aggregates="")))
    with pytest.raises(Refused, match="cannot be read"):
        list(workplace.engine._transport.verify(VerifyRequest(scope="org:catalog", aggregates="AAAA")))


def test_damage_and_a_restore_at_once(fleet: Fleet, stoppable_server: StoppableServer) -> None:
    device = fleet.device("technician")
    order_id = fleet.small.order_ids[0]
    backups = Backups(stoppable_server)
    backup = backups.take()
    with device.write() as write:
        write.set("work_order", order_id, title="Mine")
    device.sync_well()
    damage(device, "DELETE FROM checklist_item WHERE aggregate_id = ?", order_id)
    backups.restore(backup)
    newly_begun(device)
    device.sync_well()
    fleet.assert_converged()
    assert fleet.office.order(order_id)["title"] == "Mine"
    backups.close()
