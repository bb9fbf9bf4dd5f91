"""What was done of planned maintenance is written down once, in the commit that closes its order, by whoever does."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from psycopg import errors

from cmms_desktop.application.commands import sign_off
from sync_server.application.maintenance import schedules
from sync_server.application.maintenance.schedules import ByCalendar, ByMeter, Place
from sync_server.contract.fields import Row
from sync_server.errors import Refused
from sync_server.routines.maintenance import make_orders
from tests.support.fleet import Fleet
from tests.support.history_steps import INK
from tests.support.order_work import start
from tests.support.plant import AT, DAILY, Plant
from tests.support.server_side import NOW, Organization, Server, a_row, new_id


@pytest.fixture
def plant(server: Server) -> Plant:
    return Plant.of(server)


def history(organization: Organization) -> list[tuple[Any, ...]]:
    """What was written down, oldest first."""
    return organization.ask(
        "select occurrence, done_by::text, done_at, meter_value::text, site_id::text, asset_id::text"
        " from maintenance_history where organization_id = %s order by done_at",
        organization.id,
    )


def closed(order: Row, **values: Any) -> dict[str, Any]:
    """What an order that is closed says."""
    done = {"completed_at": "2026-03-02T10:00:00.000000Z", "closed_at": "2026-03-02T11:00:00.000000Z"}
    return {**order, "status": "closed", **done, **values}


def test_what_was_done_is_written_down_with_the_commit_that_closes_its_order(plant: Plant) -> None:
    plant.add(DAILY)
    plant.run()
    (order,) = plant.orders()
    for status in ("assigned", "in_progress", "completed"):
        plant.organization.change("work_order", order["id"], status=status)
    assert history(plant.organization) == []
    closer = plant.organization.person("supervisor", plant.site)
    plant.organization.commit([("work_order", closed(plant.orders()[0], updated_by=closer["id"]))])
    done_at = datetime(2026, 3, 2, 10, tzinfo=UTC)
    line = ("2026-03-02T08:00", closer["id"], done_at, None, plant.site["id"], plant.asset["id"])
    assert history(plant.organization) == [line]
    plant.organization.change("work_order", order["id"], status="in_progress", completed_at=None, closed_at=None)
    again = closed(plant.orders()[0], completed_at="2026-03-09T10:00:00.000000Z")
    plant.organization.commit([("work_order", again)])
    assert history(plant.organization) == [line], "once for each time that it was due"


def test_a_commit_that_fails_closes_no_order_and_writes_nothing_down(plant: Plant) -> None:
    plant.add(DAILY)
    plant.run()
    (order,) = plant.orders()
    about = {"aggregate_id": order["id"], "work_order_id": order["id"]}
    nobody = a_row("comment", **about, author_id=new_id(), text="T", written_at=NOW)
    with pytest.raises(Refused):
        plant.organization.commit([("work_order", closed(order)), ("comment", nobody)])
    assert history(plant.organization) == []
    assert plant.orders()[0]["status"] == "new"


def test_an_order_that_was_cancelled_or_came_of_no_schedule_is_no_maintenance_that_was_done(plant: Plant) -> None:
    plant.add(DAILY)
    plant.run()
    plant.organization.change("work_order", plant.orders()[0]["id"], status="cancelled")
    other = plant.organization.order(plant.site)
    plant.organization.commit([("work_order", closed(other))])
    assert history(plant.organization) == []


def test_the_meter_that_it_went_by_is_written_down_as_it_stands_then(plant: Plant) -> None:
    meter = plant.meter("1000.0000")
    plant.add(ByMeter("Hours", Decimal(250)))
    plant.organization.change("meter", meter["id"], last_value="1260.0000")
    plant.run()
    plant.organization.change("meter", meter["id"], last_value="1275.5000")
    plant.organization.commit([("work_order", closed(plant.orders()[0]))])
    ((occurrence, _, _, value, *_),) = history(plant.organization)
    assert (occurrence, value) == ("1250.0000", "1275.5000")


def test_what_was_done_is_never_changed_or_removed(plant: Plant) -> None:
    plant.add(DAILY)
    plant.run()
    plant.organization.commit([("work_order", closed(plant.orders()[0]))])
    for statement in ("update maintenance_history set done_by = null", "delete from maintenance_history"):
        with pytest.raises(errors.RaiseException):
            plant.organization.ask(f"{statement} where organization_id = %s", plant.organization.id)


def test_the_office_reads_what_was_done_on_the_assets_of_its_sites(server: Server) -> None:
    plant, stranger = Plant.of(server), Plant.of(server)
    for each in (plant, stranger):
        each.add(ByCalendar("FREQ=DAILY;COUNT=2", date(2026, 3, 2)))
        for day in range(2):
            each.run(AT + timedelta(days=day))
        for order, day in zip(each.orders(), ("02", "05"), strict=True):
            done = closed(order, completed_at=f"2026-03-{day}T10:00:00.000000Z")
            each.organization.commit([("work_order", done)])
    organization = plant.organization
    planner = organization.device(organization.person("planner", plant.site))
    path = f"/v1/office/assets/{plant.asset['id']}/maintenance"
    answer = planner.request("GET", path).json()
    assert [(line["schedule"], line["due_at"][:10], line["done_at"][:10]) for line in answer] == [
        ("Lubricate", "2026-03-03", "2026-03-05"),
        ("Lubricate", "2026-03-02", "2026-03-02"),
    ]
    assert [line["number"] for line in answer] == [order["number"] for order in reversed(plant.orders())]
    assert len(planner.request("GET", f"{path}?limit=1").json()) == 1
    elsewhere = organization.device(organization.person("planner", organization.site()))
    unknown = planner.request("GET", f"/v1/office/assets/{new_id()}/maintenance")
    for client, asset in ((elsewhere, plant.asset), (planner, stranger.asset)):
        refused = client.request("GET", f"/v1/office/assets/{asset['id']}/maintenance")
        assert (refused.status_code, refused.json()) == (404, unknown.json())


def test_what_two_people_sign_on_one_device_without_network_is_in_the_history_with_who_did_it(fleet: Fleet) -> None:
    """Completed and closed in one push, so in one commit: the order is written before the signature that it names."""
    organization, small = fleet.organization, fleet.small
    organization.add("work_order_template", name="Round", title="A round")
    place, when = Place("Round", "S1", small.asset_code), ByCalendar("FREQ=DAILY", date(2026, 3, 2))
    schedules.add(organization.database, organization.id, "Lubricate", place, when, at=AT)
    (made,) = make_orders(organization.database, organization.id, at=AT)
    (order,) = [row for row in organization.rows("work_order") if row["number"] == made.numbers[0]]
    order_id = str(order["id"])
    fleet.office.assign(order_id, login="technician")
    technician, supervisor = fleet.device("technician"), fleet.device("supervisor")
    technician.sync_well()
    technician.offline()
    start(technician, order_id)
    with technician.write() as write:
        sign_off.sign_performed(write, technician.workplace.hand, order_id, strokes=INK)
    with technician.write() as write:
        sign_off.complete(write, order_id)
    with technician.write() as write:
        sign_off.approve(write, supervisor.workplace.hand, order_id)
    before = organization.seq()
    technician.sync_well()
    assert organization.stands("work_order", order_id)["status"] == "closed"
    assert organization.seq() == before + 1
    found = organization.ask(
        "select occurrence, done_by::text, asset_id::text from maintenance_history where work_order_id = %s", order_id
    )
    assert found == [("2026-03-02T08:00", small.people["technician"], small.asset_id)]
    fleet.assert_mirrored(fresh=())
