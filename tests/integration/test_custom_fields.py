"""Values of an organization's own fields on a real server: no wrong one gets in, and none that was entered is lost."""

from typing import Any

import pytest

from cmms_desktop.application.commands.custom_fields import enter_value
from cmms_desktop.application.queries.custom_fields import FieldLine, fields_of
from cmms_desktop.errors import Refused
from sync_server.contract.fields import Row
from sync_server.contract.rules.attaching import attached_id
from tests.support.device_side import Json
from tests.support.fleet import Fleet, FleetDevice
from tests.support.server_side import Organization, Scene, Server, new_id
from tests.support.settling import open_conflicts, settle

LONG = "W" * 10_000


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server)


def a_field(organization: Organization, kind: str = "number", subject: str = "work_order", **values: Any) -> Row:
    return organization.add("custom_field", subject=subject, kind=kind, name="Flow", **values)


def entered(scene: Scene, field_id: object, kind: str = "number", **values: Any) -> Json:
    order_id = str(scene.order["id"])
    said = {"work_order_id": order_id, "field_id": str(field_id), "kind": kind, **values}
    row_id = attached_id("custom_field_value", order_id, str(field_id))
    return scene.field.create("custom_field_value", aggregate_id=order_id, id_=row_id, **said)


def values_of(organization: Organization) -> list[Row]:
    return organization.rows("custom_field_value")


def line_of(device: FleetDevice, about_id: str) -> FieldLine:
    with device.workplace.replica.read() as reading:
        (line,) = fields_of(reading, "work_order", about_id).lines
    return line


WRONG: dict[str, tuple[str, dict[str, Any]]] = {
    "too large": ("number", {"number_value": "10.5"}),
    "too small": ("number", {"number_value": "-1"}),
    "not a number": ("number", {"number_value": "NaN"}),
    "endless": ("number", {"number_value": "Infinity"}),
    "endless below": ("number", {"number_value": "-Infinity"}),
    "beyond all bounds": ("number", {"number_value": "1e400"}),
    "a word": ("number", {"number_value": "much"}),
    "a list": ("number", {"number_value": ["1"]}),
    "a truth": ("number", {"number_value": True}),
    "a text in a number": ("number", {"text_value": "1"}),
    "both": ("number", {"number_value": "1", "text_value": "1"}),
    "another kind": ("text", {"text_value": "1"}),
    "no kind": ("color", {"text_value": "1"}),
    "of an asset": ("number", {"number_value": "1", "work_order_id": None, "asset_id": "order"}),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_no_value_of_its_field_is_refused_and_nothing_of_it_is_kept(scene: Scene, what: str) -> None:
    field = a_field(scene.organization, minimum="0", maximum="10")
    scene.field.sync()
    kind, values = WRONG[what]
    if values.get("asset_id"):
        values = {**values, "asset_id": scene.order["id"]}
    assert scene.field.push_one(entered(scene, field["id"], kind, **values))["code"] in {"invalid_value", "not_found"}
    assert values_of(scene.organization) == []
    assert scene.field.push_one(entered(scene, field["id"], number_value="10"))["status"] == "applied"


@pytest.mark.parametrize("text", [LONG, "a\x00b", "bell\x07"])
def test_a_text_is_taken_as_it_is_or_refused_whole(scene: Scene, text: str) -> None:
    field = a_field(scene.organization, "text")
    scene.field.sync()
    verdict = scene.field.push_one(entered(scene, field["id"], "text", text_value=text))
    kept = [row["text_value"] for row in values_of(scene.organization)]
    assert (verdict["status"], kept) in [("rejected", []), ("applied", [text])]
    assert verdict["status"] == "rejected" or len(text) < 100


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("date", {"date_value": "2026-02-30"}),
        ("choice", {"choice_value": "Green"}),
        ("yes_no", {"flag_value": "maybe"}),
    ],
)
def test_days_words_and_answers_are_what_they_say(scene: Scene, kind: str, values: dict[str, Any]) -> None:
    field = a_field(scene.organization, kind, choices='["Red", "Blue"]')
    scene.field.sync()
    assert scene.field.push_one(entered(scene, field["id"], kind, **values))["code"] == "invalid_value"
    right: dict[str, Any] = {"date_value": "2026-02-28", "choice_value": "Blue", "flag_value": False}
    (column,) = values
    assert scene.field.push_one(entered(scene, field["id"], kind, **{column: right[column]}))["status"] == "applied"
    assert [row[column] for row in values_of(scene.organization)] == [right[column]]


def test_a_field_of_another_organization_is_as_good_as_none(server: Server, scene: Scene) -> None:
    foreign = a_field(Scene.of(server).organization)
    scene.field.sync()
    answers = [scene.field.push_one(entered(scene, id_, number_value="1")) for id_ in (foreign["id"], new_id())]
    own = {"mutation_id": "", "commit_seq": 0}
    assert {**answers[0], **own} == {**answers[1], **own}
    assert answers[0]["code"] == "not_found"
    assert values_of(scene.organization) == []


def test_an_edit_is_held_to_the_field_as_well(scene: Scene) -> None:
    field = a_field(scene.organization, minimum="0", maximum="10", is_required=True)
    scene.field.sync()
    assert scene.field.push_one(entered(scene, field["id"], number_value="5"))["status"] == "applied"
    scene.field.sync()
    (row,) = values_of(scene.organization)
    wrong: tuple[dict[str, Any], ...] = ({"number_value": "11"}, {"number_value": None}, {"text_value": "x"})
    for values in wrong:
        verdict = scene.field.push_one(scene.field.edit("custom_field_value", row, **values))
        assert verdict["code"] == "invalid_value", values
    assert scene.field.push_one(scene.field.edit("custom_field_value", row, number_value="7"))["status"] == "applied"
    assert [each["number_value"] for each in values_of(scene.organization)] == ["7.0000"]


@pytest.mark.parametrize("change", [{"maximum": "4"}, {"deleted_at": "2026-03-02T09:00:00.000000Z"}])
def test_a_field_that_changes_while_a_device_is_offline_loses_no_value(fleet: Fleet, change: dict[str, str]) -> None:
    technician, order_id = fleet.device("technician"), fleet.small.order_ids[0]
    field = a_field(fleet.organization, minimum="0", maximum="10")
    technician.sync_well()
    technician.offline()
    with technician.write() as write:
        enter_value(write, order_id, str(field["id"]), "7,5", about="work_order")
    fleet.organization.change("custom_field", field["id"], **change)
    technician.online()
    technician.sync_well()
    assert [row["number_value"] for row in values_of(fleet.organization)] == ["7.5000"]
    if "maximum" in change:
        assert line_of(technician, order_id).misfit == "Flow must be between 0 and 4 now."
    fleet.organization.change("custom_field", field["id"], maximum="10", deleted_at=None)
    technician.sync_well()
    assert (line_of(technician, order_id).value, line_of(technician, order_id).misfit) == ("7.5", None)
    fleet.assert_converged()


def test_invariant_13_two_first_values_of_one_field_are_one_row_and_a_conflict(fleet: Fleet) -> None:
    technician, manager = fleet.device("technician"), fleet.device("manager")
    order_id, field = fleet.small.order_ids[0], a_field(fleet.organization)
    for device, text in ((technician, "5"), (manager, "6")):
        device.sync_well()
        device.offline()
        with device.write() as write:
            enter_value(write, order_id, str(field["id"]), text, about="work_order")
    for device in (technician, manager, technician):
        device.online()
        device.sync_well()
    (row,) = values_of(fleet.organization)
    assert row["number_value"] == "5.0000"
    (conflict,) = fleet.organization.rows("conflict")
    assert (conflict["target_id"], conflict["field"], conflict["mine_value"]) == (row["id"], "number_value", '"6.0000"')
    fleet.assert_converged()


def test_invariant_2_one_value_made_twice_alike_is_no_conflict(fleet: Fleet) -> None:
    technician, manager = fleet.device("technician"), fleet.device("manager")
    order_id, field = fleet.small.order_ids[0], a_field(fleet.organization, "yes_no")
    for device in (technician, manager):
        device.sync_well()
        device.offline()
        with device.write() as write:
            enter_value(write, order_id, str(field["id"]), "no", about="work_order")
    for device in (technician, manager):
        device.online()
        device.sync_well()
    assert [row["flag_value"] for row in values_of(fleet.organization)] == [False]
    assert fleet.organization.rows("conflict") == []
    fleet.assert_converged()


def test_settling_writes_nothing_that_the_field_does_not_take(fleet: Fleet) -> None:
    """Whoever settles knows the field as who edits does."""
    technician, manager = fleet.device("technician"), fleet.device("manager")
    order_id, field = fleet.small.order_ids[0], a_field(fleet.organization, "choice", choices='["red","blue"]')
    for device, word in ((technician, "red"), (manager, "blue")):
        device.sync_well()
        device.offline()
        with device.write() as write:
            enter_value(write, order_id, str(field["id"]), word, about="work_order")
    for device in (technician, manager, technician):
        device.sync_well()
    (line,) = open_conflicts(technician).values()
    with pytest.raises(Refused, match="one of its words"):
        settle(technician, line.id, "edited", value="green")
    settle(technician, line.id, "mine")
    technician.sync_well()
    assert [row["choice_value"] for row in values_of(fleet.organization)] == ["blue"]
    fleet.assert_converged()


def test_an_altered_program_settles_nothing_that_the_field_does_not_take(scene: Scene) -> None:
    field = a_field(scene.organization, maximum="10")
    scene.field.sync()
    assert scene.field.push_one(entered(scene, field["id"], number_value="5"))["status"] == "applied"
    (row,) = values_of(scene.organization)
    stale = scene.field.edit("custom_field_value", row, number_value="6")
    stale["set"]["number_value"][0] = "4.0000"
    assert scene.field.push_one(stale)["status"] == "conflict"
    scene.field.sync()
    (conflict,) = scene.organization.rows("conflict")
    for chosen, code in (("11", "invalid_value"), ("7", None)):
        said = {"resolution": [None, "edited"], "resolved_value": ['"5.0000"', f'"{chosen}"']}
        settling = scene.field.mutation("conflict.resolve", conflict["id"], aggregate_id=scene.order["id"], set=said)
        verdict = scene.field.push_one(settling)
        assert verdict.get("code") == code
    assert [each["number_value"] for each in values_of(scene.organization)] == ["7.0000"]
