"""What is older than the horizon is forgotten, and a device that was away for longer neither resurrects nor loses."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from cmms_desktop.application.commands import remarks
from sync_server.contract.fields import Row
from sync_server.routines.garbage import Collected, collect
from sync_server.storage import forgetting
from tests.support.device_side import Client
from tests.support.fleet import Fleet, FleetDevice
from tests.support.server_side import Scene


def later(days: float = 401) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


def gather(fleet: Fleet, at: datetime | None = None) -> Collected:
    return collect(fleet.organization.database, fleet.organization.id, at=at or later())


def gc_seq(fleet: Fleet, scope: str) -> int:
    found = fleet.organization.ask(
        "select gc_seq from scope_head where organization_id = %s and scope_id = %s", fleet.organization.id, scope
    )
    return int(found[0][0])


def seq(fleet: Fleet) -> int:
    return fleet.organization.seq()


def asked(device: FleetDevice) -> list[str]:
    paths: list[str] = []
    device.weather.watch = paths.append
    return paths


def left_lines(fleet: Fleet) -> list[Any]:
    return fleet.organization.ask(
        "select scope_id, aggregate_id::text from scope_aggregate where organization_id = %s and not live",
        fleet.organization.id,
    )


def test_what_left_is_forgotten_after_the_horizon_and_not_before(fleet: Fleet) -> None:
    fleet.device("technician")
    fleet.office.assign(fleet.small.order_ids[0], login="technician2")
    left_at = seq(fleet)
    scope = f"user:{fleet.small.people['technician']}"
    assert len(left_lines(fleet)) == 1
    assert gather(fleet, later(399)) == Collected(0, 0, 0)
    assert gc_seq(fleet, scope) == 0
    assert gather(fleet).left == 1
    assert gc_seq(fleet, scope) == left_at
    assert left_lines(fleet) == []
    assert gather(fleet).left == 0
    fleet.assert_converged(fresh=())


def test_a_device_that_knows_what_left_reads_nothing_afresh(fleet: Fleet) -> None:
    device = fleet.device("technician")
    fleet.office.assign(fleet.small.order_ids[0], login="technician2")
    device.sync_well()
    forget_left_only(fleet)
    paths = asked(device)
    device.sync_well()
    assert "/v1/bootstrap" not in paths
    fleet.assert_converged(fresh=())


@pytest.mark.parametrize("are_commits_forgotten", [False, True], ids=["commits kept", "commits forgotten"])
def test_invariant_26_a_device_away_beyond_the_horizon_neither_resurrects_nor_loses(
    fleet: Fleet, are_commits_forgotten: bool
) -> None:
    """Orders left, were deleted and came while it was away; what it has to send is judged as ever."""
    device, second = fleet.device("technician"), fleet.device("technician2")
    supervisor = fleet.device("supervisor")
    mine, taken, theirs = fleet.small.order_ids[:3]
    device.offline()
    with device.write() as write:
        remarks.add_comment(write, mine, "Said of what is still mine.")
    with device.write() as write:
        remarks.add_comment(write, taken, "Said of what was taken away.")
    with device.write() as write:
        write.set("work_order", mine, title="Renamed long ago")
    fleet.office.assign(taken, login="technician2")
    fleet.office.assign(theirs, login="technician")
    if are_commits_forgotten:
        gather(fleet)
    else:  # the index alone: the cursor's commit is known, its entry is too old
        fleet.organization.ask("update org_commit set at = now() + interval '1 day' where seq = %s", device_top(device))
        before = fleet.organization.ask(
            "select count(*) from org_commit where organization_id = %s", fleet.organization.id
        )
        forget_left_only(fleet)
        assert before == fleet.organization.ask(
            "select count(*) - 1 from org_commit where organization_id = %s", fleet.organization.id
        )
    paths = asked(device)
    report = device.sync_well()
    assert "/v1/bootstrap" in paths
    assert report.restarted is are_commits_forgotten
    assert report.sent_again == 0
    assert device.workplace.replica.state().notices == ()
    assert report.verdicts == {"applied": 2, "held": 1}
    assert device.get("work_order", taken) is None
    assert device.see("work_order", theirs)
    assert device.see("work_order", mine)["title"] == "Renamed long ago"
    assert [row["text"] for row in device.rows("comment", mine)] == ["Said of what is still mine."]
    for other in (second, supervisor):
        other.sync_well()
    (held,) = [row for row in fleet.organization.rows("held_mutation") if row["target_aggregate_id"] == taken]
    assert held["why"] == "interval_unknown"
    fleet.assert_converged()


def device_top(device: FleetDevice) -> int:
    return device.workplace.replica.state().pulled_seq


def forget_left_only(fleet: Fleet) -> None:
    from sync_server.routines.garbage import _collect_left

    assert _collect_left(fleet.organization.database, fleet.organization.id, seq(fleet)) > 0


def test_only_a_device_from_before_may_have_held_what_nobody_remembers(fleet: Fleet) -> None:
    """Everybody else is told that there is no such record, as before anything was forgotten."""
    scene = Scene.of(fleet.stoppable.server)
    organization, before = scene.organization, scene.field.mirror.seq
    scene.field.hello()
    other = organization.order(scene.site, scene.supervisor)
    scene.unassign()

    def said(client: Client, order: Row, seq: int) -> tuple[str, str | None]:
        base = {"epoch": scene.field.mirror.epoch, "version": 1, "seq": seq}
        verdict = client.push_one({**client.comment(order), "base": base})
        return verdict["status"], verdict["reason"] if verdict["status"] == "held" else verdict["code"]

    assert said(scene.field, other, before) == ("rejected", "not_found")
    assert collect(organization.database, organization.id, at=later()).left == 2
    fresh = organization.device(scene.technician)
    fresh.sync()
    assert said(scene.field, scene.order, before) == ("held", "interval_unknown")
    assert said(scene.field, scene.order, organization.seq()) == ("rejected", "not_found")
    assert said(fresh, scene.order, before) == ("rejected", "not_found")


def test_a_forgotten_commit_is_no_restored_server(fleet: Fleet) -> None:
    """A device whose last commit nobody remembers reads afresh and sends nothing again."""
    device = fleet.device("technician")
    with device.write() as write:
        remarks.add_comment(write, fleet.small.order_ids[0], "Acknowledged and pulled.")
    device.sync_well()
    for number in range(3):
        fleet.office.edit(fleet.small.order_ids[0], title=f"Title {number}")
    assert gather(fleet).commits > 3
    device.reopen()
    report = device.sync_well()
    assert (report.restarted, report.sent_again) == (True, 0)
    assert device.workplace.replica.state().notices == ()
    fleet.assert_converged(fresh=())


def test_the_last_commit_is_never_forgotten(fleet: Fleet) -> None:
    device = fleet.device("technician")
    gather(fleet, later(4000))
    gather(fleet, later(4000))
    assert fleet.organization.ask(
        "select count(*) from org_commit where organization_id = %s", fleet.organization.id
    ) == [(1,)]
    paths = asked(device)
    device.sync_well()
    assert "/v1/bootstrap" not in paths
    fleet.assert_converged(fresh=())


def test_verdicts_stay_while_a_device_is_enrolled_and_400_days_after(fleet: Fleet) -> None:
    device = fleet.device("technician")
    with device.write() as write:
        remarks.add_comment(write, fleet.small.order_ids[0], "Said.")
    device.sync_well()
    organization = fleet.organization

    def count() -> int:
        found = organization.ask("select count(*) from applied_mutation where organization_id = %s", organization.id)
        return int(found[0][0])

    gather(fleet, later(4000))
    assert count() == 1
    device_id = device.workplace.identity.person.device_id
    organization.ask("update device set revoked_at = now() where id = %s", device_id)
    assert gather(fleet, later(399)).verdicts == 0
    assert gather(fleet, later(401)).verdicts == 1
    assert count() == 0


def test_forgetting_goes_in_short_steps(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync_server.routines.garbage.LEFT_BATCH", 2)
    monkeypatch.setattr("sync_server.routines.garbage.BATCH", 2)
    for number in range(5):
        fleet.office.assign(fleet.small.order_ids[number], login="manager")
    lines = len(left_lines(fleet))
    assert lines >= 5
    collected = gather(fleet)
    assert collected.left == lines
    assert collected.commits > 2
    fleet.assert_converged(fresh=())


def test_under_the_clock_only_what_is_forgotten_is_read(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much else the organization's index holds, and to the last batch."""
    monkeypatch.setattr("sync_server.routines.garbage.LEFT_BATCH", 2)
    organization = fleet.organization
    organization.ask(
        "insert into scope_aggregate (organization_id, scope_id, aggregate_id, aggregate_type, seq, join_seq, live,"
        " reasons, digest) select %s, 'site:elsewhere', gen_random_uuid(), 'asset', 1, 1, true, 1, 0"
        " from generate_series(1, 5000)",
        organization.id,
    )
    organization.ask("analyze scope_aggregate")
    for number in range(5):
        fleet.office.assign(fleet.small.order_ids[number], login="manager")
    read: list[int] = []

    def rows_read(connection: Connection[TupleRow]) -> int:
        found = connection.execute(
            "select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables where relname = 'scope_aggregate'"
        ).fetchone()
        return int(found[0]) if found else 0

    def watched(connection: Connection[TupleRow], *words: Any, **more: Any) -> int:
        before = rows_read(connection)
        count = forget(connection, *words, **more)
        read.append(rows_read(connection) - before)
        return count

    forget = forgetting.forget_left
    monkeypatch.setattr(forgetting, "forget_left", watched)
    assert gather(fleet).left >= 5
    assert len(read) >= 3
    assert 0 < max(read) <= 20


def test_what_has_come_back_meanwhile_is_not_forgotten(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was chosen before the clock was taken."""
    order, owner = fleet.small.order_ids[0], fleet.small.people["technician"]
    fleet.office.assign(order, login="technician2")
    assert [scope for scope, _ in left_lines(fleet)] == [f"user:{owner}"]
    choose = forgetting.left

    def meanwhile(*words: Any, **more: Any) -> list[forgetting.Left]:
        chosen = choose(*words, **more)
        if chosen:
            fleet.office.assign(order, login="technician")
        return chosen

    monkeypatch.setattr(forgetting, "left", meanwhile)
    assert gather(fleet).left == 0
    assert gc_seq(fleet, f"user:{owner}") == 0
    fleet.assert_converged(fresh=())


def test_a_scope_on_its_way_starts_again_when_what_left_it_is_forgotten_meanwhile(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its first slice may hold what has left since, and nobody could say so any more."""
    monkeypatch.setattr("sync_server.application.pull.SLICE_AGGREGATES", 2)
    device = fleet.enrol("supervisor")
    scope = f"review:{fleet.small.site_id}"
    other = fleet.organization.site()
    slices: list[str] = []

    def meanwhile(path: str) -> None:
        if path != "/v1/bootstrap" or scope not in device.workplace.replica.state().bootstrap[:1]:
            return
        slices.append(path)
        if len(slices) == 3:
            first = min(fleet.small.order_ids)  # in the first slice
            fleet.organization.change("work_order", first, site_id=other["id"])
            forget_left_only(fleet)

    device.weather.watch = meanwhile
    device.sync_well()
    assert len(slices) > 3
    assert device.get("work_order", min(fleet.small.order_ids)) is None
    fleet.assert_mirrored(fresh=())
