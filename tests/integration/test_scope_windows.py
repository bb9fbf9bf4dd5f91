"""Finished orders leave devices by themselves, after 14 days their people and after 90 the review, and come back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from cmms_desktop.application.commands import remarks
from sync_server.contract.column_types import instant_text
from sync_server.routines.windows import end_windows
from tests.support.fleet import Fleet, FleetDevice

CLOSED_AT = datetime(2026, 3, 2, 17, tzinfo=UTC)


def close(fleet: Fleet, number: int, *, status: str = "closed", at: datetime = CLOSED_AT) -> str:
    """Finish an order at a moment, as an import would."""
    order_id, moment = fleet.small.order_ids[number], instant_text(at)
    closed_at = moment if status == "closed" else None
    fleet.organization.change("work_order", order_id, status=status, closed_at=closed_at, updated_at=moment)
    return order_id


def night(fleet: Fleet, days: float, since: datetime = CLOSED_AT) -> int:
    """Run the routine some days after the closing; give how many orders left a scope."""
    return end_windows(fleet.organization.database, fleet.organization.id, at=since + timedelta(days=days))


def sees(device: FleetDevice, order_id: str) -> bool:
    device.sync_well()
    return device.get("work_order", order_id) is not None


@pytest.fixture
def people(fleet: Fleet) -> Iterator[tuple[FleetDevice, FleetDevice]]:
    yield fleet.device("technician"), fleet.device("supervisor")
    fleet.assert_mirrored(fresh=())


@pytest.mark.parametrize("status", ["closed", "cancelled", "rejected"])
def test_a_finished_order_leaves_its_people_after_14_days_and_the_review_after_90(
    fleet: Fleet, people: tuple[FleetDevice, FleetDevice], status: str
) -> None:
    technician, supervisor = people
    order_id = close(fleet, 0, status=status)
    assert night(fleet, 13.99) == 0
    assert sees(technician, order_id)
    assert night(fleet, 14) == 1
    assert (sees(technician, order_id), sees(supervisor, order_id)) == (False, True)
    assert night(fleet, 89.99) == 0
    assert sees(supervisor, order_id)
    assert night(fleet, 90) == 1
    assert not sees(supervisor, order_id)
    assert night(fleet, 900) == 0
    other = fleet.small.order_ids[1]
    assert sees(technician, other)
    assert sees(supervisor, other)


def test_a_deleted_order_leaves_like_a_finished_one(fleet: Fleet, people: tuple[FleetDevice, FleetDevice]) -> None:
    order_id = fleet.small.order_ids[0]
    fleet.organization.change("work_order", order_id, deleted_at=instant_text(CLOSED_AT))
    assert night(fleet, 100) == 1
    held = fleet.organization.ask("select scope_id from scope_aggregate where aggregate_id = %s and live", order_id)
    assert held == []


def test_an_order_that_is_reopened_comes_back_and_stays_for_another_14_days_when_closed_again(
    fleet: Fleet, people: tuple[FleetDevice, FleetDevice]
) -> None:
    technician, supervisor = people
    order_id = close(fleet, 0)
    night(fleet, 91)
    assert (sees(technician, order_id), sees(supervisor, order_id)) == (False, False)
    fleet.organization.change("work_order", order_id, status="in_progress", closed_at=None)
    assert (sees(technician, order_id), sees(supervisor, order_id)) == (True, True)
    assert night(fleet, 92) == 0
    again_at = CLOSED_AT + timedelta(days=92)
    close(fleet, 0, at=again_at)
    assert night(fleet, 13, since=again_at) == 0
    assert sees(technician, order_id)
    assert night(fleet, 14, since=again_at) == 1
    assert (sees(technician, order_id), sees(supervisor, order_id)) == (False, True)


def test_the_asset_of_a_finished_order_stays_as_long_as_another_order_needs_it(
    fleet: Fleet, people: tuple[FleetDevice, FleetDevice]
) -> None:
    technician, _ = people
    asset_id = fleet.small.asset_id
    close(fleet, 0)
    night(fleet, 14)
    technician.sync_well()
    assert technician.get("asset", asset_id) is not None
    close(fleet, 1)
    night(fleet, 14)
    technician.sync_well()
    assert technician.get("asset", asset_id) is None


def test_work_that_was_under_way_when_the_window_ended_is_not_lost(
    fleet: Fleet, people: tuple[FleetDevice, FleetDevice]
) -> None:
    technician, supervisor = people
    order_id = fleet.small.order_ids[0]
    technician.offline()
    with technician.write() as write:
        remarks.add_comment(write, order_id, "Written in a basement.")
    with technician.write() as write:
        write.set("work_order", order_id, title="Named in a basement")
    close(fleet, 0)
    assert night(fleet, 20) == 1
    technician.online()
    report = technician.sync_well()
    assert report.verdicts == {"applied": 1, "held": 1}
    assert technician.get("work_order", order_id) is None
    supervisor.sync_well()
    assert [row["is_late"] for row in supervisor.rows("comment", order_id)] == [True]


def test_an_order_reopened_while_the_night_runs_stays(fleet: Fleet, people: tuple[FleetDevice, FleetDevice]) -> None:
    """The routine chose it before; under the clock it is asked again."""
    from sync_server.routines import windows
    from sync_server.storage.scope_windows import Bounds

    technician, _ = people
    order_id = close(fleet, 0)
    chosen = [order_id, close(fleet, 1)]
    fleet.organization.change("work_order", order_id, status="in_progress", closed_at=None)
    bounds = Bounds.at(CLOSED_AT + timedelta(days=20))
    assert windows._end(fleet.organization.database, fleet.organization.id, bounds, chosen) == 1
    assert sees(technician, order_id)
    assert not sees(technician, chosen[1])


def test_a_window_of_many_orders_ends_in_steps(
    fleet: Fleet, people: tuple[FleetDevice, FleetDevice], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync_server.routines.windows.BATCH", 2)
    for number in range(5):
        close(fleet, number)
    before = fleet.organization.ask("select seq from org_clock where organization_id = %s", fleet.organization.id)
    assert night(fleet, 14) == 5
    after = fleet.organization.ask("select seq from org_clock where organization_id = %s", fleet.organization.id)
    assert after[0][0] - before[0][0] == 3


def test_the_night_of_one_organization_is_not_anothers(fleet: Fleet, people: tuple[FleetDevice, FleetDevice]) -> None:
    other = fleet.stoppable.server.organization()
    close(fleet, 0)
    assert end_windows(other.database, other.id, at=CLOSED_AT + timedelta(days=365)) == 0
    assert sees(people[0], fleet.small.order_ids[0])
