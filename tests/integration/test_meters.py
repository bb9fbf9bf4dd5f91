"""Readings of meters on a real server: what stands on the meter, what the history keeps, and the months it lies in."""

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from psycopg import errors

from sync_server.contract.fields import Row
from sync_server.errors import Refused
from sync_server.routines.archiving import detach_old_months
from sync_server.storage.meter_readings import MONTHS_AHEAD, make_months
from tests.support.device_side import Json, together
from tests.support.server_side import NOW, Scene, Server, new_id


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server)


def metered(scene: Scene, **values: str) -> Row:
    """A meter of the asset of the technician's order."""
    organization = scene.organization
    asset = organization.add("asset", site_id=scene.site["id"], code=new_id(), name="Pump")
    organization.change("work_order", scene.order["id"], asset_id=asset["id"])
    limits = {"minimum": "2", "maximum": "6", "critical_at": "8", **values}
    named = {"asset_id": str(asset["id"]), "aggregate_id": str(asset["id"])}
    return organization.add("meter", name="Pressure", unit="bar", **named, **limits)


def reading(scene: Scene, meter: Row, value: str, **more: Any) -> Json:
    pairs = {"value": [None, value], "note": [None, "Loud."]}
    return scene.field.mutation("meter.read", meter["id"], aggregate_id=meter["aggregate_id"], v=3, set=pairs, **more)


def history(scene: Scene, meter: Row) -> list[tuple[Any, ...]]:
    return scene.organization.ask(
        "select value::text, state, read_by::text, note, is_late from meter_reading where meter_id = %s order by"
        " received_at, value",
        meter["id"],
    )


def test_readings_that_arrive_in_any_order_are_all_kept_and_the_last_one_met_stands(scene: Scene) -> None:
    meter = metered(scene)
    scene.field.sync()
    later = reading(scene, meter, "9", at={"device": "2026-03-05T08:00:00.000000Z", "offset_ms": 0})
    sooner = reading(scene, meter, "4", at={"device": "2026-03-01T08:00:00.000000Z", "offset_ms": 250})
    assert [verdict["status"] for verdict in scene.field.push(later, sooner)] == ["applied", "applied"]
    now = scene.organization.stands("meter", meter["id"])
    assert (now["last_value"], now["last_offset_ms"]) == ("4.0000", 250)
    person = scene.technician["id"]
    assert sorted(history(scene, meter)) == [
        ("4.0000", "normal", person, "Loud.", False),
        ("9.0000", "critical", person, "Loud.", False),
    ]
    assert scene.field.sync().rows["meter", str(meter["id"])]["last_value"] == "4.0000"


def test_invariant_2_a_reading_that_is_sent_twice_is_in_the_history_once(scene: Scene) -> None:
    meter = metered(scene)
    scene.field.sync()
    sealed = scene.field.device.seal(reading(scene, meter, "4"))
    answers = [scene.field.push_sealed(sealed).json()["verdicts"] for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert len(history(scene, meter)) == 1


def test_a_group_that_is_refused_leaves_no_reading(scene: Scene) -> None:
    meter = metered(scene)
    scene.field.sync()
    lost = reading(scene, meter, "much")
    verdicts = scene.field.push(*together(reading(scene, meter, "4"), lost))
    assert [verdict["status"] for verdict in verdicts] == ["rejected", "rejected"]
    assert history(scene, meter) == []
    assert scene.field.push_one(reading(scene, meter, "5"))["status"] == "applied"
    assert [line[0] for line in history(scene, meter)] == ["5.0000"]


def test_a_reading_that_comes_after_the_order_was_taken_away_counts_and_is_marked(scene: Scene) -> None:
    meter = metered(scene)
    scene.field.sync()
    made = reading(scene, meter, "4")
    scene.unassign()
    assert scene.field.push_one(made)["status"] == "applied"
    assert [line[4] for line in history(scene, meter)] == [True]


def test_a_reading_of_a_meter_that_was_never_his_is_as_good_as_none(server: Server, scene: Scene) -> None:
    other = Scene.of(server)
    meter = metered(other)
    scene.field.sync()
    known, unknown = (
        scene.field.push_one(reading(scene, {"id": row_id, "aggregate_id": root}, "4"))
        for row_id, root in ((meter["id"], meter["aggregate_id"]), (new_id(), new_id()))
    )
    own = {"mutation_id": "", "commit_seq": 0}
    assert {**known, **own} == {**unknown, **own}
    assert known["code"] == "not_found"


def test_the_office_changes_limits_and_a_technician_asks_for_it(scene: Scene) -> None:
    meter = metered(scene)
    for client in (scene.field, scene.office):
        client.sync()
    assert scene.field.push_one(scene.field.edit("meter", meter, maximum="7.0000"))["status"] == "conflict"
    now = scene.organization.stands("meter", meter["id"])
    assert now["maximum"] == "6.0000"
    assert scene.office.push_one(scene.office.edit("meter", now, maximum="5.0000"))["status"] == "applied"


def months(scene: Scene) -> list[str]:
    query = (
        "select c.relname::text from pg_inherits i join pg_class c on c.oid = i.inhrelid"
        " where i.inhparent = 'meter_reading'::regclass order by 1"
    )
    return [name for (name,) in scene.organization.ask(query)]


def test_months_are_there_before_they_come_and_none_is_made_twice(scene: Scene) -> None:
    database = scene.organization.database
    before = months(scene)
    assert make_months(database) == 0
    assert len(before) == MONTHS_AHEAD + 1
    assert f"meter_reading_{datetime.now(UTC):%Y_%m}" in before
    scene.organization.ask(f"drop table {before[-1]}")
    assert make_months(database) == 1
    assert months(scene) == before


def test_a_month_that_is_too_old_leaves_the_history_and_keeps_its_rows_shut(scene: Scene) -> None:
    organization, meter = scene.organization, metered(scene)
    scene.field.sync()
    scene.field.push_one(reading(scene, meter, "4"))
    organization.ask("create table meter_reading_2020_01 (like meter_reading including defaults including constraints)")
    organization.ask("alter table meter_reading_2020_01 owner to cmms_owner")
    organization.ask("alter table meter_reading_2020_01 enable row level security, force row level security")
    organization.ask(
        "create policy organization_only on meter_reading_2020_01 using (organization_id ="
        " nullif(current_setting('app.organization_id', true), '')::uuid)"
    )
    organization.ask(
        "alter table meter_reading attach partition meter_reading_2020_01 for values from ('2020-01-01') to"
        " ('2020-02-01')"
    )
    organization.ask(
        "insert into meter_reading select organization_id, id, '2020-01-05', meter_id, value, state, read_at,"
        " offset_ms, received_at, read_by, note, is_late from meter_reading where meter_id = %s",
        meter["id"],
    )
    assert len(history(scene, meter)) == 2
    assert detach_old_months(organization.database) == 1
    assert detach_old_months(organization.database) == 0
    assert len(history(scene, meter)) == 1
    assert organization.ask("select count(*) from meter_reading_2020_01") == [(1,)]
    organization.database.check_start()
    with (
        organization.database.transaction("app_sync", organization.id) as connection,
        pytest.raises(errors.InsufficientPrivilege),
    ):
        connection.execute("select from meter_reading_2020_01")
    organization.ask("drop table meter_reading_2020_01")


@pytest.mark.parametrize("role", ["app_sync", "app_office", "authn", "readonly"])
def test_only_the_routines_make_and_detach_months(scene: Scene, role: str) -> None:
    for call in ("make_reading_months(1)", "detach_reading_months(24)"):
        with (
            scene.organization.database.transaction(role, scene.organization.id) as connection,  # type: ignore[arg-type, unused-ignore]
            pytest.raises(errors.InsufficientPrivilege),
        ):
            connection.execute(f"select {call}".encode())


def test_a_year_of_readings_is_never_detached(scene: Scene) -> None:
    for call in ("detach_reading_months(12)", "make_reading_months(13)", "make_reading_months(null)"):
        with (
            scene.organization.database.transaction("worker", None) as connection,
            pytest.raises(psycopg.errors.RaiseException),
        ):
            connection.execute(f"select {call}".encode())


def test_a_reading_in_a_month_that_nobody_made_is_told_and_nothing_is_kept(scene: Scene) -> None:
    """No default part swallows it: the change waits on its device until the months are there."""
    meter = metered(scene)
    scene.field.sync()
    here = f"meter_reading_{datetime.now(UTC):%Y_%m}"
    scene.organization.ask(f"drop table {here}")
    sealed = scene.field.device.seal(reading(scene, meter, "4"))
    answer = scene.field.push_sealed(sealed)
    assert answer.json()["verdicts"][0]["status"] == "retry"
    assert scene.organization.stands("meter", meter["id"])["last_value"] is None
    assert make_months(scene.organization.database) == 1
    (verdict,) = scene.field.push_sealed(sealed).json()["verdicts"]
    assert verdict["status"] == "applied"


def test_the_worker_cannot_make_tables_itself(scene: Scene) -> None:
    with (
        scene.organization.database.transaction("worker", None) as connection,
        pytest.raises(errors.InsufficientPrivilege),
    ):
        connection.execute("create table public.meter_reading_2030_01 (like public.meter_reading)")


def test_a_refusal_names_no_table(scene: Scene) -> None:
    with pytest.raises(Refused) as refused:
        scene.organization.add("meter", name="x", unit="y", asset_id=new_id(), aggregate_id=new_id(), created_at=NOW)
    assert "meter" not in refused.value.sentence
