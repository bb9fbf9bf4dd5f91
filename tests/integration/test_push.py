"""Push: every verdict, groups that count whole, and what is written with them."""

from typing import Any

import pytest

from sync_server.contract.rules.effects import part_request_id
from tests.support.device_side import together
from tests.support.scope_oracle import assert_index_is_right
from tests.support.server_side import NOW, Scene, Server, a_row, new_id

NIL = "00000000-0000-0000-0000-000000000000"
"""Slices of a scope begin after it, so nothing may be called so."""


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server, is_synced=False)


def conflicts(scene: Scene) -> list[dict[str, Any]]:
    return scene.organization.rows("conflict")


def test_an_edit_is_applied_in_a_commit_of_its_own(scene: Scene) -> None:
    before = scene.organization.seq()
    verdict = scene.field.push_one(scene.field.edit("work_order", scene.order, title="Other"))
    assert (verdict["status"], verdict["commit_seq"], verdict["conflicts"]) == ("applied", before + 1, [])
    order = scene.now()
    assert (order["title"], order["sync_seq"], order["version"]) == ("Other", before + 1, 2)
    assert order["updated_by"] == scene.technician["id"]


def test_an_edit_of_another_field_than_the_office_is_merged(scene: Scene) -> None:
    scene.organization.change("work_order", scene.order["id"], title="By the office")
    verdict = scene.field.push_one(scene.field.edit("work_order", scene.order, priority="high"))
    assert verdict["status"] == "merged"
    assert (scene.now()["title"], scene.now()["priority"]) == ("By the office", "high")
    assert conflicts(scene) == []


def test_two_values_for_one_field_leave_the_first_and_keep_the_second_in_a_conflict(scene: Scene) -> None:
    scene.organization.change("work_order", scene.order["id"], title="By the office")
    verdict = scene.field.push_one(scene.field.edit("work_order", scene.order, title="By the technician"))
    assert verdict["status"] == "conflict"
    (conflict,) = conflicts(scene)
    assert verdict["conflicts"] == [conflict["id"]]
    wanted = {"field": "title", "kind": "field", "mine_value": '"By the technician"', "base_value": '"Order"'}
    assert {name: conflict[name] for name in wanted} == wanted
    assert conflict["theirs_value"] == '"By the office"'
    assert (conflict["target_entity"], conflict["target_id"]) == ("work_order", scene.order["id"])
    assert scene.now()["title"] == "By the office"
    scene.field.sync()
    assert conflict["id"] in scene.field.mirror.of("conflict")
    assert_index_is_right(scene.organization)


def test_the_same_new_value_twice_is_no_conflict(scene: Scene) -> None:
    scene.organization.change("work_order", scene.order["id"], title="Same")
    verdict = scene.field.push_one(scene.field.edit("work_order", scene.order, title="Same"))
    assert verdict["status"] in {"applied", "merged"}
    assert conflicts(scene) == []


def test_a_step_that_is_no_longer_legal_becomes_a_conflict_of_kind_status(scene: Scene) -> None:
    scene.organization.change("work_order", scene.order["id"], status="cancelled")
    verdict = scene.field.push_one(scene.field.edit("work_order", scene.order, status="in_progress"))
    assert verdict["status"] == "conflict"
    assert [(each["kind"], each["mine_value"]) for each in conflicts(scene)] == [("status", '"in_progress"')]
    assert scene.now()["status"] == "cancelled"


def test_a_technicians_edit_of_planning_data_becomes_a_request(scene: Scene) -> None:
    verdict = scene.field.push_one(scene.field.edit("work_order", scene.order, due_at=NOW))
    assert verdict["status"] == "conflict"
    assert [(each["kind"], each["field"]) for each in conflicts(scene)] == [("request", "due_at")]
    assert scene.now()["due_at"] is None


def test_an_edit_of_a_deleted_row_is_kept_and_the_row_stays_deleted(scene: Scene) -> None:
    part = scene.organization.add("part", code="P-1", name="Filter")
    planned = scene.inside("checklist", name="List")
    item = scene.inside("checklist_item", checklist_id=planned["id"], key="a", kind="pass_fail", prompt="Ok?")
    scene.organization.change("checklist_item", item["id"], deleted_at=NOW)
    verdict = scene.field.push_one(scene.field.edit("checklist_item", item, result="pass"))
    assert verdict["status"] == "conflict"
    assert [each["kind"] for each in conflicts(scene)] == ["deleted"]
    assert scene.organization.stands("checklist_item", item["id"])["deleted_at"] == NOW
    assert part["deleted_at"] is None


def test_an_answer_is_applied_and_set_all_ok_leaves_answered_items_alone(scene: Scene) -> None:
    checklist = scene.inside("checklist", name="List")
    items = [
        scene.inside("checklist_item", checklist_id=checklist["id"], key=key, kind="pass_fail", prompt="Ok?")
        for key in "abc"
    ]
    scene.organization.change("checklist_item", items[0]["id"], result="fail")
    mutation = scene.field.mutation(
        "checklist.answer_all",
        checklist["id"],
        aggregate_id=scene.order["id"],
        set={str(item["id"]): [None, "pass"] for item in items},
    )
    verdict = scene.field.push_one(mutation)
    assert verdict["status"] == "conflict"
    results = [scene.organization.stands("checklist_item", item["id"])["result"] for item in items]
    assert results == ["fail", "pass", "pass"]


def test_a_conflict_is_settled_by_a_mutation_once(scene: Scene) -> None:
    scene.organization.change("work_order", scene.order["id"], title="By the office")
    scene.field.push_one(scene.field.edit("work_order", scene.order, title="By the technician"))
    (conflict,) = conflicts(scene)
    seen = '"By the office"'
    resolve = [
        scene.office.mutation(
            "conflict.resolve",
            conflict["id"],
            aggregate_id=scene.order["id"],
            set={"resolution": [None, keep], "resolved_value": [seen, value]},
        )
        for keep, value in (("mine", '"By the technician"'), ("theirs", seen))
    ]
    first, second = scene.office.push(*resolve)
    assert (first["status"], second["code"]) == ("applied", "already_exists")
    assert scene.now()["title"] == "By the technician"
    settled = scene.organization.stands("conflict", conflict["id"])
    assert (settled["resolution"], settled["resolved_by"]) == ("mine", scene.supervisor["id"])


@pytest.mark.parametrize(
    ("mutation", "code"),
    [
        ({"type": "wormhole.create", "entity": "wormhole"}, "unknown_type"),
        ({"type": "work_order.explode", "entity": "work_order"}, "unknown_type"),
        ({"type": "work_order.set", "entity": "work_order", "v": 0}, "unknown_type"),
        ({"type": "work_order.set", "entity": "comment"}, "unknown_type"),
        ({"type": "conflict.resolve", "entity": "comment"}, "unknown_type"),
        ({"type": "", "entity": ""}, "unknown_type"),
        ({"type": "work_order.set", "entity": "work_order", "id": "no id"}, "invalid_value"),
        ({"type": "work_order.set", "entity": "work_order", "aggregate_id": "no id"}, "invalid_value"),
        ({"type": "work_order.create", "entity": "work_order", "id": NIL, "aggregate_id": NIL}, "invalid_value"),
        ({"type": "work_order.set", "entity": "work_order", "id": new_id()}, "not_found"),
        ({"type": "work_order.set", "entity": "work_order", "aggregate_id": new_id()}, "not_found"),
        ({"type": "work_order.set", "entity": "work_order", "set": {"source_type": ["x", "y"]}}, "invalid_value"),
        ({"type": "work_order.set", "entity": "work_order", "set": {"completed_at": [None, NOW]}}, "invalid_value"),
        ({"type": "work_order.set", "entity": "work_order", "set": {"priority": ["low", "whenever"]}}, "invalid_value"),
        ({"type": "work_order.set", "entity": "work_order", "set": {"title": ["Order", None]}}, "invalid_value"),
        ({"type": "work_order.create", "entity": "work_order"}, "already_exists"),
        ({"type": "part.create", "entity": "part", "id": "", "aggregate_id": ""}, "invalid_value"),
    ],
)
def test_what_cannot_be_is_rejected_with_its_code(scene: Scene, mutation: dict[str, Any], code: str) -> None:
    sent = {**scene.field.mutation("work_order.set", scene.order["id"], set={"title": ["Order", "New"]}), **mutation}
    verdict = scene.field.push_one(sent)
    assert (verdict["status"], verdict["code"]) == ("rejected", code)
    assert verdict["reason"]
    assert verdict["commit_seq"] == scene.organization.seq()
    assert scene.now() == scene.order


def test_an_unknown_column_of_a_newer_app_is_passed_over(scene: Scene) -> None:
    mutation = scene.field.edit("work_order", scene.order, title="New")
    mutation["set"]["tomorrows_column"] = [None, 1]
    assert scene.field.push_one(mutation)["status"] == "applied"
    assert scene.now()["title"] == "New"


def test_append_only_rows_are_neither_changed_nor_deleted(scene: Scene) -> None:
    comment = scene.field.comment(scene.order)
    scene.field.push_one(comment)
    row = scene.organization.stands("comment", comment["id"])
    changed = scene.field.edit("comment", row, text="Other")
    assert scene.field.push_one(changed)["code"] == "append_only"
    deleted = scene.office.mutation("comment.delete", row["id"], aggregate_id=scene.order["id"])
    assert scene.office.push_one(deleted)["code"] == "append_only"
    assert scene.organization.stands("comment", comment["id"]) == row


@pytest.mark.parametrize(
    ("entity", "values"),
    [
        ("team", {"name": "Team"}),
        ("person", {"name": "Friend", "role": "admin"}),
        ("site", {"code": "S", "name": "S"}),
        ("part", {"code": "P", "name": "P"}),
    ],
)
def test_a_technician_may_not_write_what_the_office_plans(scene: Scene, entity: str, values: dict[str, Any]) -> None:
    verdict = scene.field.push_one(scene.field.create(entity, **values))
    assert (verdict["status"], verdict["code"]) == ("rejected", "not_allowed")


@pytest.mark.parametrize("entity", ["conflict", "stock_level", "asset_stub", "held_mutation"])
def test_nobody_writes_what_follows_from_other_changes(scene: Scene, entity: str) -> None:
    values = {
        "conflict": {
            "target_entity": "person",
            "target_id": scene.supervisor["id"],
            "field": "role",
            "kind": "field",
            "mutation_id": new_id(),
        },
        "stock_level": {},
        "asset_stub": {},
        "held_mutation": {},
    }[entity]
    aggregate_id = scene.order["id"] if entity == "conflict" else None
    verdict = scene.office.push_one(scene.office.create(entity, aggregate_id=aggregate_id, **values))
    assert verdict["status"] == "rejected"
    assert scene.organization.rows(entity) == []


def test_a_rejected_member_refuses_its_whole_group(scene: Scene) -> None:
    good = scene.field.edit("work_order", scene.order, title="Half")
    bad = scene.field.edit("work_order", scene.order, priority="whenever")
    last = scene.field.comment(scene.order)
    verdicts = scene.field.push(*together(good, bad, last))
    assert [verdict["code"] for verdict in verdicts] == ["group_refused", "invalid_value", "group_refused"]
    assert scene.now() == scene.order
    assert scene.organization.rows("comment") == []


def test_a_conflict_does_not_refuse_the_others_of_its_group(scene: Scene) -> None:
    scene.organization.change("work_order", scene.order["id"], title="By the office")
    group = together(
        scene.field.edit("work_order", scene.order, title="By the technician"), scene.field.comment(scene.order)
    )
    assert [verdict["status"] for verdict in scene.field.push(*group)] == ["conflict", "applied"]
    assert len(scene.organization.rows("comment")) == 1


def test_a_refused_group_leaves_the_groups_around_it_alone(scene: Scene) -> None:
    first, last = scene.field.comment(scene.order, "first"), scene.field.comment(scene.order, "last")
    bad = together(scene.field.comment(scene.order, "lost"), scene.field.comment(scene.order, "late", written_at=None))
    verdicts = scene.field.push(first, *bad, last)
    assert [verdict["status"] for verdict in verdicts] == ["applied", "rejected", "rejected", "applied"]
    assert {row["text"] for row in scene.organization.rows("comment")} == {"first", "last"}


def test_a_group_sees_what_its_earlier_members_did(scene: Scene) -> None:
    start = scene.field.edit("work_order", scene.order, status="in_progress")
    hold = scene.field.edit("work_order", {**scene.order, "status": "in_progress"}, status="on_hold", status_reason="x")
    assert [verdict["status"] for verdict in scene.field.push(*together(start, hold))] == ["applied", "applied"]
    assert scene.now()["status"] == "on_hold"


def test_a_follow_up_and_what_is_in_it_arrive_in_one_push(scene: Scene) -> None:
    order = scene.field.create("work_order", number="WO-A-1", title="Follow-up", site_id=scene.site["id"])
    inside = scene.field.comment({"id": order["id"]}, "Seen on the way.")
    assert [verdict["status"] for verdict in scene.field.push(order, inside)] == ["applied", "applied"]
    assert order["id"] in scene.field.sync().of("work_order")
    assert inside["id"] in scene.field.mirror.of("comment")
    assert_index_is_right(scene.organization)


def test_an_order_cannot_be_born_finished(scene: Scene) -> None:
    made = scene.field.create("work_order", number="WO-A-2", title="Done", site_id=scene.site["id"], status="closed")
    assert scene.field.push_one(made)["status"] == "rejected"


def test_the_same_number_twice_is_stored_and_marked(scene: Scene) -> None:
    made = [scene.field.create("work_order", number="WO-A-3", title="O", site_id=scene.site["id"]) for _ in range(2)]
    assert [verdict["status"] for verdict in scene.field.push(*made)] == ["applied", "applied"]
    marks = [scene.organization.stands("work_order", each["id"])["code_conflict"] for each in made]
    assert sorted(map(bool, marks)) == [False, True]


def test_a_movement_changes_the_level_and_a_shortage_asks_for_the_part(scene: Scene) -> None:
    part = scene.organization.add("part", code="P-2", name="Filter")
    store = scene.organization.add("stock_location", site_id=scene.site["id"], kind="store", code="ST", name="Store")
    bought = scene.office.movement(store["id"], part["id"], "3.5", kind="purchase")
    used = scene.field.movement(store["id"], part["id"], "-5", order_id=scene.order["id"])
    assert scene.office.push_one(bought)["status"] == "applied"
    assert scene.field.push_one(used)["status"] == "applied"
    (level,) = scene.organization.rows("stock_level")
    assert level["quantity"] == "-1.5000"
    (request,) = scene.organization.rows("part_request")
    assert (request["quantity"], request["work_order_id"]) == ("1.5000", scene.order["id"])
    assert_index_is_right(scene.organization)


def test_whoever_takes_the_id_of_a_part_request_in_advance_stops_no_movement(scene: Scene) -> None:
    """It follows from the movement's own id, which its author knows before he sends it."""
    part = scene.organization.add("part", code="P-2", name="Filter")
    store = scene.organization.add("stock_location", site_id=scene.site["id"], kind="store", code="ST", name="Store")
    used = scene.field.movement(store["id"], part["id"], "-5", order_id=scene.order["id"])
    values = {"work_order_id": scene.order["id"], "part_id": part["id"], "quantity": "1.0000"}
    values["stock_location_id"] = store["id"]
    key = part_request_id(used["mutation_id"])
    taken = scene.field.create("part_request", aggregate_id=scene.order["id"], id_=key, **values)
    assert scene.field.push_one(taken)["status"] == "applied"
    assert scene.field.push_one(used)["status"] == "applied"
    (request,) = scene.organization.rows("part_request")
    assert request["quantity"] == "1.0000", "nor is anything written over it"
    (level,) = scene.organization.rows("stock_level")
    assert level["quantity"] == "-5.0000"


@pytest.mark.parametrize("where", ["elsewhere", "in the order"])
def test_a_movement_without_an_order_belongs_to_its_level(scene: Scene, where: str) -> None:
    part = scene.organization.add("part", code="P-3", name="Filter")
    store = scene.organization.add("stock_location", site_id=scene.site["id"], kind="store", code="ST", name="Store")
    moved = scene.field.movement(store["id"], part["id"], "1")
    moved["aggregate_id"] = scene.order["id"] if where == "in the order" else new_id()
    assert scene.field.push_one(moved)["status"] == "rejected"
    assert scene.organization.rows("stock_movement") == []


def test_a_reference_to_nothing_refuses_that_change_alone(scene: Scene) -> None:
    bad = scene.field.edit("work_order", scene.order, asset_id=new_id())
    good = scene.field.comment(scene.order)
    verdicts = scene.field.push(bad, good)
    assert [(verdict["status"], verdict["code"]) for verdict in verdicts] == [
        ("rejected", "conflicting_reference"),
        ("applied", None),
    ]


def test_nobody_speaks_in_anothers_name(scene: Scene) -> None:
    comment = scene.field.comment(scene.order, author_id=scene.supervisor["id"])
    attached = scene.field.create(
        "attachment",
        aggregate_id=scene.order["id"],
        work_order_id=scene.order["id"],
        author_id=scene.supervisor["id"],
        sha256="a" * 64,
        media_type="image/png",
        size_bytes=1,
        taken_at=NOW,
    )
    assert [verdict["status"] for verdict in scene.field.push(comment, attached)] == ["rejected", "rejected"]


def test_a_planner_edits_the_catalogue_and_two_of_them_can_disagree(scene: Scene) -> None:
    planner = scene.organization.device(scene.organization.person("planner", scene.site))
    planner.sync()
    template = scene.organization.add("checklist_template", code="T", name="Template", items="[]")
    part = scene.organization.add("part", code="P-4", name="Filter")
    assert planner.push_one(planner.edit("part", part, name="Fine filter"))["status"] == "applied"
    scene.organization.change("checklist_template", template["id"], name="By another")
    assert planner.push_one(planner.edit("checklist_template", template, name="By me"))["status"] == "conflict"
    assert_index_is_right(scene.organization)
    (conflict,) = conflicts(scene)
    assert conflict["id"] in planner.sync().of("conflict")


def test_an_assets_stub_follows_it(scene: Scene) -> None:
    manager = scene.organization.device(scene.organization.person("manager"))
    made = manager.create("asset", site_id=scene.site["id"], code="A-1", name="Pump")
    assert manager.push_one(made)["status"] == "applied"
    asset = scene.organization.stands("asset", made["id"])
    assert manager.push_one(manager.edit("asset", asset, name="Big pump"))["status"] == "applied"
    (stub,) = scene.organization.rows("asset_stub")
    assert (stub["name"], stub["code"], stub["asset_id"]) == ("Big pump", "A-1", asset["id"])
    assert_index_is_right(scene.organization)


def test_every_member_of_an_organization_wide_entity_is_written_by_the_unit_of_work(scene: Scene) -> None:
    """Rows of one commit carry its number, and hashes that its nonce explains."""
    rows = [("part", a_row("part", code=f"P{n}", name="P")) for n in range(3)]
    commit = scene.organization.commit(rows)
    assert {row["sync_seq"] for row in scene.organization.rows("part")} == {commit.seq}
