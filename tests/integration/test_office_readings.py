"""What meters have shown is read by the office of the asset's site, what came last first, and by nobody else."""

from typing import Any

import pytest

from sync_server.contract.fields import Row
from tests.support.device_side import Client, Json
from tests.support.server_side import NOW, Scene, Server, new_id


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server)


def a_meter(scene: Scene, asset: Row, name: str) -> Row:
    named = {"aggregate_id": asset["id"], "asset_id": asset["id"]}
    return scene.organization.add("meter", name=name, unit="bar", maximum="6", critical_at="8", **named)


@pytest.fixture
def asset(scene: Scene) -> Row:
    """The asset of the technician's order."""
    asset = scene.organization.add("asset", site_id=scene.site["id"], code=new_id(), name="Pump")
    scene.organization.change("work_order", scene.order["id"], asset_id=asset["id"])
    return asset


def read(scene: Scene, meter: Row, *values: str) -> None:
    """Read a meter several times, each in a commit of its own."""
    scene.field.sync()
    for number, value in enumerate(values):
        pairs = {"value": [None, value], "note": [None, "Loud." if number == 0 else None]}
        made: Json = scene.field.mutation("meter.read", meter["id"], aggregate_id=meter["aggregate_id"], v=3, set=pairs)
        assert scene.field.push_one(made)["status"] == "applied"


def told(client: Client, asset: Row, query: str = "") -> list[dict[str, Any]]:
    response = client.request("GET", f"/v1/office/assets/{asset['id']}/readings{query}")
    assert response.status_code == 200, response.text
    return list(response.json())


def test_the_office_reads_what_meters_have_shown_and_who_read_them(scene: Scene, asset: Row) -> None:
    pressure, heat = (a_meter(scene, asset, name) for name in ("Pressure", "Heat"))
    read(scene, pressure, "4", "7")
    read(scene, heat, "9.5")
    found = told(scene.office, asset)
    assert [(each["meter"], each["value"], each["state"]) for each in found] == [
        ("Heat", "9.5000", "critical"),
        ("Pressure", "7.0000", "outside"),
        ("Pressure", "4.0000", "normal"),
    ]
    first = found[-1]
    assert (first["note"], first["reader"], first["read_by"]) == ("Loud.", "Technician", scene.technician["id"])
    assert (first["read_at"], first["offset_ms"], first["is_late"]) == ("2026-03-02T08:30:00.000000Z", 0, False)
    assert told(scene.office, asset, f"?meter_id={pressure['id']}") == found[1:]
    assert told(scene.office, asset, "?limit=1&skip=1") == found[1:2]
    assert told(scene.office, asset, "?skip=3") == []
    for nothing in (new_id(), "nothing", "'"):
        assert told(scene.office, asset, f"?meter_id={nothing}") == []
    assert told(scene.office, asset, "?limit=-1&skip=-5") == found[:1]


def test_what_a_deleted_meter_has_shown_is_still_told(scene: Scene, asset: Row) -> None:
    meter = a_meter(scene, asset, "Pressure")
    read(scene, meter, "4")
    scene.organization.change("meter", meter["id"], deleted_at=NOW)
    assert [each["meter"] for each in told(scene.office, asset)] == ["Pressure"]


def test_nobody_else_reads_them(scene: Scene, asset: Row, server: Server) -> None:
    """Of another site or organization, deleted, or to who is no office: as if there were no such asset."""
    there = scene.organization
    read(scene, a_meter(scene, asset, "Pressure"), "4")
    elsewhere = there.site()
    outsiders = [scene.field, there.device(there.person("customer", scene.site))]
    outsiders += [there.device(there.person(role, elsewhere)) for role in ("supervisor", "planner")]
    outsiders.append(Scene.of(server, is_synced=False).office)
    for client in outsiders:
        answers = [client.request("GET", f"/v1/office/assets/{id_}/readings") for id_ in (asset["id"], new_id())]
        assert [each.status_code for each in answers] == [404, 404]
        assert answers[0].json() == answers[1].json()
    moved = there.device(there.person("supervisor", elsewhere))
    there.change("asset", asset["id"], site_id=elsewhere["id"])
    assert len(told(moved, asset)) == 1
    assert scene.office.request("GET", f"/v1/office/assets/{asset['id']}/readings").status_code == 404
    there.change("asset", asset["id"], deleted_at=NOW)
    assert moved.request("GET", f"/v1/office/assets/{asset['id']}/readings").status_code == 404
