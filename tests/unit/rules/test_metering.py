"""What a reading is against the limits of its meter, and what reading it does, on a device as on the server."""

from decimal import Decimal

import pytest

from sync_server.contract.fields import Row, Scalar
from sync_server.contract.messages import Mutation
from sync_server.contract.rules.metering import STATES, judged
from sync_server.contract.rules.policy import decide
from sync_server.contract.rules.upcasting import STEPS
from tests.unit.rules.scene import ASSET, AT, Scene, asset, mutation, row, technician
from tests.unit.rules.scene import scene as scene_of

METER = "00000000-0000-7000-8000-0000000000aa"
PRESSURE: Row = {"minimum": "2.0000", "maximum": "6.0000", "warning_at": "5.0000", "critical_at": "8.0000"}
COLD: Row = {"minimum": None, "maximum": "12.0000", "warning_at": "5.0000", "critical_at": "3.0000"}


@pytest.mark.parametrize(
    ("limits", "value", "state"),
    [
        (PRESSURE, "4", "normal"),
        (PRESSURE, "2", "normal"),
        (PRESSURE, "5", "warning"),
        (PRESSURE, "6", "warning"),
        (PRESSURE, "6.0001", "outside"),
        (PRESSURE, "1.9999", "outside"),
        (PRESSURE, "8", "critical"),
        (COLD, "6", "normal"),
        (COLD, "5", "warning"),
        (COLD, "3", "critical"),
        (COLD, "-40", "critical"),
        (COLD, "12.5", "outside"),
        ({}, "-999999", "normal"),
        ({"critical_at": "90.0000"}, "90", "critical"),
        ({"warning_at": "90.0000"}, "89.9999", "normal"),
    ],
)
def test_the_gravest_limit_that_a_reading_crosses_says_what_it_is(limits: Row, value: str, state: str) -> None:
    assert judged(limits, Decimal(value)) == state
    assert state in STATES


def meter(**values: Scalar) -> Row:
    named: Row = {"asset_id": ASSET, "name": "Pressure", "unit": "bar", **PRESSURE}
    return row("meter", METER, ASSET, **{**named, **values})


def scene(*meters: Row) -> Scene:
    return scene_of(asset(), *meters)


def reading(value: Scalar) -> Mutation:
    return mutation("meter.read", METER, ASSET, value=(None, value), note=(None, "Loud."))


def test_a_reading_is_the_meter_s_last_one_and_an_entry_of_its_history() -> None:
    said = reading("7.5")
    outcome = decide(said, scene(meter()), actor=technician, at=AT)
    assert (outcome.status, outcome.conflicts) == ("applied", ())
    changed = outcome.changes["meter", METER]
    assert (changed["last_value"], changed["last_read_by"], changed["last_note"]) == (
        "7.5000",
        technician.person_id,
        "Loud.",
    )
    (entry,) = outcome.readings
    assert (entry["id"], entry["meter_id"], entry["state"]) == (said.mutation_id, METER, "outside")
    assert (entry["received_at"], entry["received_on"]) == (AT, AT[:10])


def test_a_reading_never_conflicts_with_one_that_came_before() -> None:
    stands = meter(last_value="9.0000", version=7)
    outcome = decide(reading("3"), scene(stands), actor=technician, at=AT)
    assert (outcome.status, outcome.conflicts) == ("applied", ())
    assert outcome.changes["meter", METER]["last_value"] == "3.0000"


@pytest.mark.parametrize("value", [None, "", "much", "NaN", "1e99", True])
def test_what_is_no_number_is_refused(value: Scalar) -> None:
    outcome = decide(reading(value), scene(meter()), actor=technician, at=AT)
    assert outcome.problem is not None
    assert (outcome.problem.code, outcome.readings) == ("invalid_value", ())


def test_a_reading_of_a_meter_that_is_not_there_or_of_another_asset_is_refused() -> None:
    for rows in (scene(), scene({**meter(), "aggregate_id": METER})):
        outcome = decide(reading("3"), rows, actor=technician, at=AT)
        assert outcome.problem is not None
        assert outcome.problem.code == "not_found"


def test_a_reading_of_a_deleted_meter_counts_all_the_same() -> None:
    outcome = decide(reading("3"), scene(meter(deleted_at=AT)), actor=technician, at=AT)
    assert len(outcome.readings) == 1
    assert outcome.changes["meter", METER]["deleted_at"] == AT


def test_the_limits_are_the_office_s_and_a_technician_s_edit_asks() -> None:
    edit = mutation("meter.set", METER, ASSET, critical_at=("8.0000", "9.0000"))
    outcome = decide(edit, scene(meter()), actor=technician, at=AT)
    assert [row["kind"] for row in outcome.conflicts] == ["request"]


def test_the_last_value_is_nobody_s_to_set() -> None:
    edit = mutation("meter.set", METER, ASSET, last_value=(None, "9.0000"))
    outcome = decide(edit, scene(meter()), actor=technician, at=AT)
    assert outcome.problem is not None


def test_changes_of_the_version_before_are_what_they_were() -> None:
    assert STEPS[2] == {}
