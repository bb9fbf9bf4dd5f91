"""Applying pulls: membership, rows, shadows, the cursor last; and answers that are cut, stale, odd or newer than us."""

import json
import logging
from typing import Any

import pytest

from cmms_desktop.errors import ContractMismatch, Refused
from cmms_desktop.replica.apply import AnswerCutShort
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row
from sync_server.contract.rules.draft import Key, level_id
from tests.support.replicas import SCOPE, SITE, TECHNICIAN, Field, everything, sign, uid
from tests.unit.replica.order_one import ORDER, OTHER, edit, of_order, traces


def pulled(field: Field) -> list[list[Any]]:
    return field.server.pull(field.replica.state().cursor)


def apply(field: Field, lines: list[list[Any]]) -> frozenset[Key]:
    return field.replica.apply_pull(lines, since=field.replica.state().cursor).touched


# ---- rows


def test_rows_arrive_as_they_are_at_the_server(field: Field) -> None:
    field.server.change("work_order", ORDER, description="Grün\n4.2", estimated_minutes=0, cost="4.2000")
    field.pull()
    field.assert_converged()


def test_a_pull_without_news_touches_nothing(field: Field) -> None:
    assert apply(field, pulled(field)) == frozenset()


def test_only_what_changed_is_touched(field: Field) -> None:
    field.server.change("work_order", ORDER, title="Other")
    assert apply(field, pulled(field)) == {("work_order", ORDER)}


def test_a_deleted_row_stays_as_a_tombstone(field: Field) -> None:
    field.server.change("checklist_item", uid(11), deleted_at="2026-03-02T10:00:00.000000Z")
    field.pull()
    assert field.replica.get("checklist_item", uid(11)) is None
    assert everything(field.replica)["checklist_item", uid(11)]["deleted_at"] is not None


def test_an_edit_of_a_row_that_the_office_deleted_is_sent_and_kept_as_a_conflict(field: Field) -> None:
    with field.replica.write() as write:
        write.set("checklist_item", uid(11), note="Loose")
    field.server.change("checklist_item", uid(11), deleted_at="2026-03-02T10:00:00.000000Z")
    field.pull()
    assert field.replica.get("checklist_item", uid(11)) is None
    field.sync()
    kinds = [one["kind"] for (entity, _), one in field.visible().items() if entity == "conflict"]
    assert kinds == ["deleted"]
    field.assert_converged()


def test_disjoint_edits_of_both_sides_survive(field: Field) -> None:
    """Invariant 14."""
    edit(field, priority="critical")
    field.server.change("work_order", ORDER, asset_text="P-12")
    field.pull()
    row = field.replica.get("work_order", ORDER)
    assert row is not None
    assert (row["priority"], row["asset_text"]) == ("critical", "P-12")
    field.sync()
    field.assert_converged()


def test_the_same_field_shows_the_servers_value_as_soon_as_it_is_known(field: Field) -> None:
    """Invariant 13: one value current, the other in a conflict that is on the device."""
    edit(field, priority="critical")
    field.server.change("work_order", ORDER, priority="low")
    field.pull()
    row = field.replica.get("work_order", ORDER)
    assert row is not None
    assert row["priority"] == "low"
    field.sync()
    conflicts = [one for (entity, _), one in field.visible().items() if entity == "conflict"]
    assert [(one["field"], one["mine_value"], one["theirs_value"]) for one in conflicts] == [
        ("priority", '"critical"', '"low"')
    ]
    field.assert_converged()


# ---- answers that are not quite what this version expects


def test_unknown_entities_columns_and_kinds_of_lines_are_passed_over(field: Field) -> None:
    field.server.change("work_order", ORDER, title="Newer")
    lines = pulled(field)
    types = lines[0][1]["types"]
    types["work_order"] = ["shoe_size", *types["work_order"]]
    types["hologram"] = ["id", "aggregate_id", "sync_seq", "row_hash"]
    for line in lines:
        if line[:2] == ["rows", "work_order"]:
            line[2] = [[44, *cells] for cells in line[2]]
    lines[1:1] = [["rows", "hologram", [[uid(7), uid(7), 1, 1]]], ["fanfare", "loud"]]
    apply(field, lines)
    field.assert_converged()


def test_columns_in_another_order_find_their_places(field: Field) -> None:
    field.server.change("work_order", ORDER, title="Newer", completion_note="Done")
    edit(field, asset_text="P-3")
    field.add_order(2)
    lines = pulled(field)
    types = lines[0][1]["types"]
    types["work_order"].reverse()
    for line in lines:
        if line[:2] == ["rows", "work_order"]:
            line[2] = [cells[::-1] for cells in line[2]]
    apply(field, lines)
    field.sync()
    field.assert_converged()


@pytest.mark.parametrize("is_edited", [True, False])
def test_a_column_that_the_server_does_not_know_gets_its_default(field: Field, is_edited: bool) -> None:
    if is_edited:
        edit(field, asset_text="P-3")
    field.add_order(2)
    field.server.change("work_order", ORDER, title="Newer")
    lines = pulled(field)
    names = lines[0][1]["types"]["work_order"]
    places = [place for place, name in enumerate(names) if name not in {"type", "requires_signature", "hazards"}]
    lines[0][1]["types"]["work_order"] = [names[place] for place in places]
    for line in lines:
        if line[:2] == ["rows", "work_order"]:
            line[2] = [[cells[place] for place in places] for cells in line[2]]
    apply(field, lines)
    for order in (ORDER, uid(2)):
        row = field.replica.get("work_order", order)
        assert row is not None
        assert (row["type"], row["requires_signature"], row["hazards"]) == ("repair", True, None)


def test_a_header_without_the_columns_that_bookkeeping_needs_is_refused(field: Field) -> None:
    lines = pulled(field)
    lines[0][1]["types"]["work_order"].remove("row_hash")
    with pytest.raises(ContractMismatch, match="row_hash"):
        apply(field, lines)


@pytest.mark.parametrize("kept", range(6))
def test_an_answer_without_its_end_changes_nothing(field: Field, kept: int) -> None:
    field.add_order(2)
    field.server.change("work_order", ORDER, title="Newer")
    lines = pulled(field)
    assert len(lines) == 5
    before, state = everything(field.replica), field.replica.state()
    with pytest.raises(AnswerCutShort if kept < 5 else ContractMismatch):
        apply(field, lines[:kept] if kept < 5 else [*lines, lines[1]])
    assert (everything(field.replica), field.replica.state()) == (before, state)


def test_an_answer_to_an_older_question_is_not_used(field: Field) -> None:
    cursor = field.replica.state().cursor
    stale = field.server.pull(cursor)
    field.server.change("work_order", ORDER, title="Newer")
    field.pull()
    with pytest.raises(ContractMismatch):
        field.replica.apply_pull(stale, since=cursor)
    field.assert_converged()


def test_rows_of_aggregates_in_no_scope_are_not_stored(
    field: Field, caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest
) -> None:
    """Invariant 5, should a server ever break it."""
    request.node.add_marker(pytest.mark.expects_warnings)
    field.server.change("work_order", ORDER, title="Newer")
    lines = pulled(field)
    strange = [uid(66) if name in {"id", "aggregate_id"} else None for name in REGISTRY["work_order"].names]
    lines[1:1] = [["rows", "work_order", [strange]]]
    with caplog.at_level(logging.ERROR):
        apply(field, lines)
    assert field.replica.get("work_order", uid(66)) is None
    assert "1 aggregates" in caplog.text
    field.assert_converged()


# ---- joining, leaving, hiding


def test_leaving_takes_every_trace_with_it(field: Field) -> None:
    """Invariant 7."""
    field.server.leave(SCOPE, ORDER)
    field.pull()
    assert traces(field, ORDER) == []
    field.assert_converged()


def test_rows_go_with_the_last_scope_only(field: Field) -> None:
    field.server.allowed.append(OTHER)
    field.server.join(OTHER, ORDER, "work_order")
    field.pull()
    field.server.leave(SCOPE, ORDER)
    field.pull()
    assert of_order(field) == {"work_order", "checklist_item"}
    field.server.allowed.remove(OTHER)
    field.pull()
    assert traces(field, ORDER) == []


def test_moving_from_one_scope_to_another_in_one_pull_loses_nothing(field: Field) -> None:
    field.server.allowed.append(OTHER)
    field.pull()
    field.server.leave(SCOPE, ORDER)
    del field.server.rows["checklist_item", uid(11)]
    field.server.join(OTHER, ORDER, "work_order")
    field.pull()
    field.assert_converged()
    assert of_order(field) == {"work_order", "checklist_item"}


def test_joining_again_replaces_what_was_here(field: Field) -> None:
    """A row that the block does not name is gone, even when its tombstone was never seen."""
    del field.server.rows["checklist_item", uid(11)]
    field.server.join(SCOPE, ORDER, "work_order")
    field.pull()
    assert field.replica.get("checklist_item", uid(11)) is None
    field.assert_converged()


def test_joining_again_keeps_what_was_made_here_and_not_sent(field: Field) -> None:
    values = {"work_order_id": ORDER, "author_id": TECHNICIAN, "text": "Mine"}
    with field.replica.write() as write:
        remark = write.create("comment", {**values, "written_at": write.now})
        write.set("checklist_item", uid(11), note="Mine")
    del field.server.rows["checklist_item", uid(11)]
    field.server.join(SCOPE, ORDER, "work_order")
    field.pull()
    assert field.replica.get("comment", remark) is not None
    assert field.replica.get("checklist_item", uid(11)) is None


def hide(field: Field) -> None:
    """The order leaves while an edit of it waits."""
    edit(field, priority="critical")
    field.server.leave(SCOPE, ORDER)
    field.pull()


def test_an_order_that_leaves_with_unsent_work_is_hidden_and_read_only(field: Field) -> None:
    hide(field)
    assert of_order(field) == set()
    with pytest.raises(Refused):
        edit(field, priority="low")
    assert [entry.set for entry in field.replica.outbox.waiting()] == [{"priority": ("medium", "critical")}]
    with field.replica.read() as reading:
        hidden = reading.cursor.execute("SELECT aggregate_id, aggregate_type, reason FROM hidden_aggregate").fetchall()
    assert hidden == [(ORDER, "work_order", "left")]


def test_a_level_that_left_with_a_movement_unsent_takes_no_further_one(field: Field) -> None:
    level = level_id(uid(80), uid(81))
    field.server.join(SCOPE, level, "stock_level")
    field.add_level(level, uid(80), uid(81), quantity="5.0000")
    field.pull()

    def use() -> None:
        values = {"stock_location_id": uid(80), "part_id": uid(81), "work_order_id": ORDER, "kind": "usage"}
        with field.replica.write() as write:
            write.create("stock_movement", {**values, "quantity": "-1", "moved_at": write.now})

    use()
    field.server.leave(SCOPE, level)
    field.pull()
    with pytest.raises(Refused, match="left this device"):
        use()
    assert len(field.replica.outbox.waiting()) == 1


@pytest.mark.parametrize("verdict", ["applied", "held", "rejected"])
def test_a_hidden_order_goes_once_its_mutations_have_a_verdict(field: Field, verdict: str) -> None:
    hide(field)
    field.server.hold = {"work_order.set"} if verdict == "held" else set()
    field.server.refuse = {"work_order.set"} if verdict == "rejected" else set()
    field.push()
    assert traces(field, ORDER) == []
    field.pull()
    field.assert_converged()


def test_a_retry_is_no_verdict(field: Field) -> None:
    hide(field)
    batch = field.replica.outbox.seal_next(sign)
    assert batch is not None
    assert traces(field, ORDER) == ["shadow", "hidden_aggregate"]


def test_a_hidden_order_that_comes_back_shows_the_unsent_work_again(field: Field) -> None:
    hide(field)
    field.server.change("work_order", ORDER, title="Back again")
    del field.server.rows["checklist_item", uid(11)]
    field.server.join(SCOPE, ORDER, "work_order")
    field.pull()
    row = field.replica.get("work_order", ORDER)
    assert row is not None
    assert (row["title"], row["priority"]) == ("Back again", "critical")
    assert field.replica.get("checklist_item", uid(11)) is None
    field.sync()
    field.assert_converged()


def test_an_order_made_on_the_device_is_there_before_any_scope_names_it(field: Field) -> None:
    with field.replica.write() as write:
        made = write.create("work_order", {"number": "WO-X", "title": "More", "site_id": SITE})
    field.pull()
    assert field.replica.get("work_order", made) is not None
    field.sync()
    field.assert_converged()


def test_a_scope_that_is_lost_takes_its_unsent_orders_into_hiding(field: Field) -> None:
    field.server.allowed.append(OTHER)
    other = field.add_order(2, scope=OTHER)
    field.pull()
    edit(field, priority="critical")
    field.server.allowed.clear()
    field.pull()
    assert field.visible() == {}
    assert traces(field, other) == []
    assert traces(field, ORDER) == ["shadow", "hidden_aggregate"]


# ---- state


def test_the_cursor_and_what_belongs_to_it_are_kept(field: Field) -> None:
    field.server.change("work_order", ORDER, title="Newer")
    lines = pulled(field)
    lines[-1][1]["digests"] = {SCOPE: [-5, 1]}
    apply(field, lines)
    state = field.replica.state()
    assert json.loads(str(state.cursor))["scopes"] == {SCOPE: field.server.seq}
    assert (state.pulled_seq, state.epoch, state.digests) == (field.server.seq, field.server.epoch, {SCOPE: (-5, 1)})
    assert field.replica.checkpoints()[0] == (field.server.seq, field.server.commits[field.server.seq])


def test_a_part_of_an_answer_ends_no_mutation(field: Field) -> None:
    """`more`: the rest may hold the commit."""
    edit(field, priority="critical")
    field.push()
    lines = pulled(field)
    lines[-1][1]["more"] = True
    without_rows: list[list[Any]] = [line for line in lines if line[0] != "rows"]
    assert field.replica.apply_pull(without_rows, since=field.replica.state().cursor).more
    row: Row | None = field.replica.get("work_order", ORDER)
    assert row is not None
    assert row["priority"] == "critical"
    assert len(field.replica.outbox.acknowledged()) == 1
