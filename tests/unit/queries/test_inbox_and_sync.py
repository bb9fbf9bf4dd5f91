"""What two people changed, what is on its way, and what the server refused or keeps: all of it readable."""

from datetime import UTC, datetime

import msgspec
import pytest

from cmms_desktop.application.commands import checklists, conflicts, remarks
from cmms_desktop.application.queries.changes import changes
from cmms_desktop.application.queries.held import held_lines
from cmms_desktop.application.queries.inbox import Inbox, inbox
from cmms_desktop.application.queries.sync_page import SyncPage, sync_page
from cmms_desktop.application.queries.values import FieldValue
from cmms_desktop.ui.text.change_words import (
    change_words,
    held_words,
    kept_words,
    refused_words,
)
from cmms_desktop.ui.text.moments import Moments
from sync_server.contract.messages import Base, Clock, Mutation
from tests.support.replicas import SCOPE, SITE, TECHNICIAN, Field, row, uid
from tests.unit.queries.working import ask, statements_of

MOMENTS = Moments(UTC)
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
OFFICE = uid(900)


@pytest.fixture
def order_id(field: Field) -> str:
    """An order with a site, two people and a checklist, pulled."""
    made = field.add_order(1, title="Pump drips", priority="low", asset_text="P-117")
    for entity, id_, values in (
        ("site", SITE, {"name": "Site North", "code": "N"}),
        ("site", uid(90), {"name": "Site East", "code": "E"}),
        ("person", TECHNICIAN, {"name": "Technician 14", "role": "technician"}),
        ("person", OFFICE, {"name": "Planner", "role": "planner"}),
    ):
        field.server.join(SCOPE, id_, entity)
        field.server.commit({(entity, id_): row(entity, id_, None, **values)})
    field.add("checklist", 10, made, work_order_id=made, name="List")
    for number, key in enumerate(("a", "b"), start=11):
        values = {"kind": "number", "unit": "mm/s", "prompt": "Vibration", "position": number, "section": "Readings"}
        field.add("checklist_item", number, made, checklist_id=uid(10), key=key, **values)
    field.add("checklist_item", 13, made, checklist_id=uid(10), key="c", kind="pass_fail", prompt="Tight?", position=99)
    field.sync()
    return made


def disagree(field: Field, order_id: str, **both: tuple[str, str]) -> None:
    """The technician and the office set fields to different values, and the technician comes second."""
    with field.replica.write() as write:
        write.set("work_order", order_id, **{name: mine for name, (mine, _) in both.items()})
    field.server.change(
        "work_order", order_id, updated_by=OFFICE, **{name: theirs for name, (_, theirs) in both.items()}
    )
    field.sync()


def of(field: Field) -> Inbox:
    return ask(field.replica, inbox)


def page(field: Field) -> SyncPage:
    return ask(field.replica, lambda reading: sync_page(reading, store_bytes=1_000))


# ---- conflicts


def test_a_conflict_shows_all_values_and_who_wanted_them(field: Field, order_id: str) -> None:
    disagree(field, order_id, priority=("high", "critical"), title=("Seal drips", "Pump leaks"))
    found = of(field)
    (group,) = found.open
    assert (group.number, group.title, group.asset, group.site) == ("WO-0001", "Pump leaks", "P-117", "Site North")
    assert found.open_fields == 2
    by_field = {line.field: line for line in group.conflicts}
    line = by_field["priority"]
    assert [each.raw for each in (line.base, line.mine, line.theirs, line.current)] == [
        "low",
        "high",
        "critical",
        "critical",
    ]
    assert (line.author, line.is_mine, line.theirs_by, line.kind) == ("Technician 14", True, "Planner", "field")
    assert (line.cause, line.theirs_at is None) == ("saved_first", False)
    assert line.resolution is None


def test_who_wrote_the_record_last_is_named_when_it_was_somebody_else(field: Field, order_id: str) -> None:
    disagree(field, order_id, priority=("high", "critical"))
    field.server.change("work_order", order_id, updated_by=OFFICE)
    field.sync()
    assert of(field).open[0].conflicts[0].theirs_by == "Planner"


def test_a_settled_conflict_keeps_every_value(field: Field, order_id: str) -> None:
    disagree(field, order_id, priority=("high", "critical"))
    conflict_id = of(field).open[0].conflicts[0].id
    with field.replica.write() as write:
        conflicts.settle(write, conflict_id, "mine", reason="I saw it.")
    found = of(field)
    assert found.open == ()
    (line,) = found.settled[0].conflicts
    assert (line.resolution, line.resolved_by, line.reason) == ("mine", "Technician 14", "I saw it.")
    assert line.resolved == FieldValue("work_order", "priority", "high")
    assert (line.mine.raw, line.theirs.raw, line.current.raw) == ("high", "critical", "high")


def test_a_reference_in_conflict_says_what_it_points_at(field: Field, order_id: str) -> None:
    values = {"target_entity": "work_order", "target_id": order_id, "field": "site_id", "kind": "field"}
    sides = {"base_value": f'"{SITE}"', "mine_value": f'"{uid(90)}"', "theirs_value": f'"{uid(91)}"'}
    field.add("conflict", 70, order_id, mutation_id=uid(71), author_id=TECHNICIAN, **values, **sides)
    field.sync()
    (line,) = of(field).open[0].conflicts
    assert (line.base.name, line.mine.name, line.theirs.name) == ("Site North", "Site East", None)


def test_conflicts_that_this_version_cannot_read_are_shown_all_the_same(field: Field, order_id: str) -> None:
    for number, values in enumerate(
        (
            {"target_entity": "robot", "field": "arm", "mine_value": "[1, 2]"},
            {"target_entity": "work_order", "field": "colour", "mine_value": "{broken"},
            {"target_entity": "work_order", "field": "id", "mine_value": '"x"'},
            {"target_entity": "checklist_item", "target_id": uid(11), "field": "value", "mine_value": '"4.2"'},
        ),
        start=70,
    ):
        plain = {"target_id": order_id, "kind": "of a newer server", "mutation_id": uid(number), **values}
        field.add("conflict", number, order_id, **plain)
    field.sync()
    (group,) = of(field).open
    mine = {line.field: line.mine.raw for line in group.conflicts}
    assert mine == {"arm": "[1, 2]", "colour": "{broken", "id": "x", "value": "4.2"}
    item = next(line for line in group.conflicts if line.field == "value")
    assert (item.subject.item, item.subject.prompt, item.subject.unit) == ("1.1", "Vibration", "mm/s")


def test_the_inbox_takes_the_same_statements_for_one_conflict_and_for_many(field: Field, order_id: str) -> None:
    disagree(field, order_id, priority=("high", "critical"))
    one = statements_of(field.replica, inbox)
    for number in range(70, 90):
        values = {"target_entity": "work_order", "target_id": order_id, "field": "priority", "kind": "field"}
        field.add("conflict", number, order_id, mutation_id=uid(number), mine_value='"low"', **values)
    field.sync()
    assert len(of(field).open[0].conflicts) == 21
    assert statements_of(field.replica, inbox) == one


# ---- what waits


def test_every_step_of_work_waits_in_words(field: Field, order_id: str) -> None:
    with field.replica.write() as write:
        checklists.complete_checklist_item(write, uid(12), value="4.2")
        checklists.complete_checklist_item(write, uid(13), result="fail", note="Loose.")
        made = checklists.follow_up(write, uid(13))
        remarks.add_comment(write, order_id, "Strainer cleaned.")
        write.set("work_order", order_id, title="Seal drips", priority="high")
        write.set("work_order", order_id, completion_note="Done.")
    found = page(field)
    number = field.replica.get("work_order", made)["number"]  # type: ignore[index]
    assert [change_words(line.change) for line in found.waiting] == [
        "Reading 1.2 on WO-0001",
        "Answer to 2.1 on WO-0001",
        f"New order {number}",
        "Comment on WO-0001",
        "Title and priority of WO-0001",
        "Completion note of WO-0001",
    ]
    assert kept_words(found.waiting[0].change, MOMENTS, NOW) == ("Answer: Pass", "Value: 4.2 mm/s")
    assert kept_words(found.waiting[4].change, MOMENTS, NOW) == ("Title: Seal drips", "Priority: High")
    assert found.lanes.on_device == found.waiting_total == 6
    assert (found.store_bytes, found.orders, found.device) == (1_000, 1, "QGBGJ")


def test_set_all_ok_waits_as_one_line(field: Field, order_id: str) -> None:
    with field.replica.write() as write:
        checklists.set_all_ok(write, uid(10))
    (line,) = page(field).waiting
    assert change_words(line.change) == "1 item set OK on WO-0001"
    assert kept_words(line.change, MOMENTS, NOW) == ()


def test_lanes_count_each_mutation_once(field: Field, order_id: str) -> None:
    for value in ("high", "critical"):
        with field.replica.write() as write:
            write.set("work_order", order_id, priority=value)
    assert (page(field).lanes.on_device, page(field).lanes.sent) == (2, 0)
    field.push()
    assert (page(field).lanes.on_device, page(field).lanes.sent, page(field).lanes.accepted) == (0, 2, 0)
    field.pull()
    lanes = page(field).lanes
    assert (lanes.sent, lanes.accepted, lanes.backed_up) == (0, 2, 0)
    field.replica.remember(durable_seq=field.server.seq)
    assert page(field).lanes.backed_up == 2


def test_a_refused_change_is_shown_with_its_reason_and_what_was_entered(field: Field, order_id: str) -> None:
    field.server.refuse.add("checklist_item.set")
    with field.replica.write() as write:
        checklists.complete_checklist_item(write, uid(11), value="4.2")
        remarks.add_comment(write, order_id, "Read twice.")
    field.sync()
    found = page(field)
    (stopped,) = found.refused
    assert [each.entity for each in stopped.others] == ["comment"]
    notice = refused_words(stopped.cause, MOMENTS, NOW, others=len(stopped.others))
    assert notice.title == "Reading 1.1 on WO-0001 was refused"
    assert notice.text == "Not now. 1 change of the same step is kept with it. What you entered is kept here."
    assert notice.kept == ("Answer: Pass", "Value: 4.2 mm/s")
    assert found.attention == 1
    assert found.waiting == ()


def test_a_change_that_waits_for_a_refused_one_names_it(field: Field, order_id: str) -> None:
    field.server.refuse.add("work_order.create")
    with field.replica.write() as write:
        checklists.complete_checklist_item(write, uid(13), result="fail", note="Loose.")
    with field.replica.write() as write:
        made = checklists.follow_up(write, uid(13))
    field.sync()
    assert page(field).refused[0].cause.row_id == made
    assert field.replica.get("work_order", made) is None
    assert change_words(page(field).refused[0].cause).startswith("New order WO-")


def test_a_held_change_says_who_decides(field: Field, order_id: str) -> None:
    field.server.hold.add("comment.create")
    with field.replica.write() as write:
        remarks.add_comment(write, order_id, "Strainer cleaned.")
    field.sync()
    (stopped,) = page(field).held
    notice = held_words(stopped.cause, MOMENTS, NOW)
    assert notice.title == "Comment on WO-0001 was sent for review"
    assert notice.text == "The order is no longer yours. What you entered is kept; the supervisor decides."
    assert notice.kept == ("Text: Strainer cleaned.",)


def test_the_sync_page_takes_the_same_statements_for_little_and_for_much(field: Field, order_id: str) -> None:
    with field.replica.write() as write:
        write.set("work_order", order_id, priority="high")
    few = statements_of(field.replica, sync_page)
    for number in range(40):
        with field.replica.write() as write:
            write.set("work_order", order_id, title=f"Title {number}")
    assert len(page(field).waiting) == 41
    assert statements_of(field.replica, sync_page) == few


def test_a_change_of_an_order_that_left_keeps_its_words(field: Field, order_id: str) -> None:
    field.server.refuse.add("work_order.set")
    with field.replica.write() as write:
        write.set("work_order", order_id, priority="high")
    field.sync()
    field.server.leave(SCOPE, order_id)
    field.sync()
    (stopped,) = page(field).refused
    assert change_words(stopped.cause) == "Priority of an order that left this device"
    assert kept_words(stopped.cause, MOMENTS, NOW) == ("Priority: High",)


# ---- what supervisors decide about


def held(field: Field, number: int, body: str, **values: object) -> None:
    field.server.join(SCOPE, uid(number), "held_mutation")
    plain = {"author_id": OFFICE, "target_aggregate_id": uid(1), "mutation_id": uid(number + 1), "why": "access_lost"}
    made = row("held_mutation", uid(number), None, body=body, **plain | values)  # type: ignore[arg-type]
    field.server.commit({("held_mutation", uid(number)): made})


def test_held_changes_are_read_by_who_decides(field: Field, order_id: str) -> None:
    mutation = Mutation(
        mutation_id=uid(5),
        device=uid(6),
        user=OFFICE,
        group=uid(5),
        type="work_order.set",
        v=2,
        aggregate_id=order_id,
        entity="work_order",
        id=order_id,
        base=Base(epoch="", version=1, seq=1),
        set={"priority": ("low", "high")},
        at=Clock(device="2026-03-02T09:00:00.000000Z", offset_ms=None),
    )
    held(field, 800, msgspec.json.encode(mutation).decode())
    held(field, 810, "{of a newer version", decision="refused", reason="Done twice.", decided_by=TECHNICIAN)
    field.sync()
    open_, decided = ask(field.replica, held_lines)
    assert (open_.author, open_.is_mine, open_.decision) == ("Planner", False, None)
    assert [(each.name, each.new.raw) for each in open_.fields] == [("priority", "high")]
    assert open_.made_at == "2026-03-02T09:00:00.000000Z"
    assert (decided.decision, decided.decided_by, decided.reason) == ("refused", "Technician 14", "Done twice.")
    assert (decided.verb, decided.fields) == ("", ())


def test_changes_of_no_state_are_none(field: Field) -> None:
    assert ask(field.replica, lambda reading: changes(reading, ("parked",))) == ()
