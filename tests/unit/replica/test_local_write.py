"""Local edits: what they write, what they refuse, and that both happen whole."""

import dataclasses
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from cmms_desktop.errors import Bug, Refused
from cmms_desktop.replica.drafting import Value
from cmms_desktop.replica.local_write import LocalWrite
from sync_server.contract.messages import MAX_GROUP_MUTATIONS, Mutation, Signer
from sync_server.contract.rules.draft import Key, level_id
from tests.support.replicas import DEVICE, ORGANIZATION, SITE, TECHNICIAN, Field, everything, uid

ORDER, ITEM = uid(1), uid(11)
SUPERVISOR, HIS_DEVICE = uid(70), uid(71)


def comment(text: str = "Tight") -> dict[str, str]:
    return {"work_order_id": ORDER, "author_id": TECHNICIAN, "text": text, "written_at": "2026-03-02T09:00:00.000000Z"}


def bodies(field: Field) -> list[Mutation]:
    with field.replica.read() as reading:
        lines = reading.cursor.execute("SELECT body FROM outbox ORDER BY n").fetchall()
    return [msgspec.json.decode(body, type=Mutation) for (body,) in lines]


def test_an_edit_is_visible_at_once_and_waits_in_the_outbox(field: Field) -> None:
    with field.replica.write() as write:
        write.set("work_order", ORDER, priority="critical")
    row = field.replica.get("work_order", ORDER)
    assert row is not None
    assert row["priority"] == "critical"
    (entry,) = field.replica.outbox.waiting()
    assert (entry.type, entry.set, entry.state) == ("work_order.set", {"priority": ("medium", "critical")}, "pending")


def test_a_mutation_says_who_when_and_on_which_state_it_was_made(field: Field) -> None:
    field.replica.remember(offset_ms=-340)
    with field.replica.write() as write:
        write.set("work_order", ORDER, priority="critical")
    (mutation,) = bodies(field)
    state = field.replica.state()
    assert (mutation.device, mutation.user, mutation.aggregate_id) == (DEVICE, TECHNICIAN, ORDER)
    assert (mutation.base.epoch, mutation.base.version, mutation.base.seq) == (state.epoch, 1, field.server.seq)
    assert (mutation.at.device, mutation.at.offset_ms) == (write.now, -340)
    assert (mutation.device_seq, mutation.prev) == (0, "")


def test_values_are_brought_into_wire_form_before_they_are_kept(field: Field) -> None:
    due = datetime(2026, 5, 1, 7, 30, tzinfo=UTC)
    with field.replica.write() as write:
        made = write.create(
            "work_order",
            {"number": "WO-9", "title": "Cafe\u0301", "site_id": SITE, "due_at": due},
        )
        planned = {"work_order_id": made, "part_id": uid(900), "quantity": Decimal("4.2")}
        part = write.create("work_order_part", planned)
    row, needed = field.replica.get("work_order", made), field.replica.get("work_order_part", part)
    assert row is not None
    assert needed is not None
    assert (row["title"], row["due_at"]) == ("Caf\u00e9", "2026-05-01T07:30:00.000000Z")
    assert needed["quantity"] == "4.2000"
    assert bodies(field)[1].set["quantity"] == (None, "4.2000")


def test_an_edit_that_changes_nothing_makes_no_mutation(field: Field) -> None:
    with field.replica.write() as write:
        write.set("work_order", ORDER, priority="medium", asset_text=None)
    assert field.replica.outbox.waiting() == ()


def test_a_later_read_in_the_same_write_sees_the_edit(field: Field) -> None:
    with field.replica.write() as write:
        write.set("work_order", ORDER, asset_text="P-5")
        before = write.get("work_order", ORDER)
        write.set("work_order", ORDER, asset_text="P-6")
    assert before is not None
    assert before["asset_text"] == "P-5"
    assert bodies(field)[1].set == {"asset_text": ("P-5", "P-6")}


def test_one_write_is_one_group_unless_another_is_started(field: Field) -> None:
    with field.replica.write() as write:
        write.set("work_order", ORDER, priority="high")
        write.create("comment", comment("one"))
        write.group()
        write.create("comment", comment("two"))
    groups = [entry.group_id for entry in field.replica.outbox.waiting()]
    assert groups[0] == groups[1] != groups[2]


@pytest.mark.parametrize(
    ("entity", "values", "root"),
    [
        ("comment", comment(), ORDER),
        ("attachment", {"work_order_id": ORDER, "author_id": TECHNICIAN, "sha256": "0" * 64}, ORDER),
        ("work_log_event", {"work_log_id": uid(60), "kind": "travel"}, ORDER),
        ("personal_value", {"signature_id": uid(61), "path": "name", "commitment": "c"}, ORDER),
    ],
)
def test_a_new_row_finds_its_root_through_what_it_names(
    field: Field, entity: str, values: dict[str, str], root: str
) -> None:
    extra: dict[str, dict[str, Value]] = {
        "attachment": {"media_type": "image/png", "size_bytes": 1, "taken_at": "2026-03-02T09:00:00.000000Z"},
        "work_log_event": {"device_at": "2026-03-02T09:00:00.000000Z"},
    }
    field.add("work_log", 60, ORDER, work_order_id=ORDER, person_id=TECHNICIAN)
    field.add("signature", 61, ORDER, work_order_id=ORDER, meaning="performed", signer_id=TECHNICIAN)
    field.pull()
    with field.replica.write() as write:
        made = write.create(entity, {**values, **extra.get(entity, {})})
    row = field.replica.get(entity, made)
    assert row is not None
    assert row["aggregate_id"] == root


def test_a_movement_without_an_order_belongs_to_its_level(field: Field) -> None:
    values = {"stock_location_id": uid(80), "part_id": uid(81), "kind": "purchase", "quantity": "3"}
    with field.replica.write() as write:
        made = write.create("stock_movement", {**values, "moved_at": write.now})
    row = field.replica.get("stock_movement", made)
    level = field.replica.get("stock_level", level_id(uid(80), uid(81)))
    assert row is not None
    assert level is not None
    assert (row["aggregate_id"], level["quantity"]) == (level["id"], "3.0000")


def test_a_row_that_names_no_root_is_a_bug(field: Field) -> None:
    with pytest.raises(Bug), field.replica.write() as write:
        write.create("work_log_event", {"kind": "travel"})


def test_a_column_that_does_not_exist_is_a_bug(field: Field) -> None:
    with pytest.raises(Bug, match="no column colour"), field.replica.write() as write:
        write.set("work_order", ORDER, colour="red")


def test_nothing_is_written_before_somebody_signed_in(field: Field) -> None:
    field.replica.remember(person_id="")
    with pytest.raises(Bug), field.replica.write():
        pass


def refuse_transition(write: LocalWrite) -> None:
    write.set("work_order", ORDER, status="new")


def refuse_value(write: LocalWrite) -> None:
    write.set("work_order", ORDER, priority="urgent")


def refuse_missing_row(write: LocalWrite) -> None:
    write.set("work_order", uid(404), priority="high")


def refuse_append_only(write: LocalWrite) -> None:
    write.set("comment", write.create("comment", comment()), text="Other")


def refuse_second_creation(write: LocalWrite) -> None:
    write.create("comment", comment(), id=write.create("comment", comment()))


def refuse_deleted_row(write: LocalWrite) -> None:
    log = write.create("work_log", {"work_order_id": ORDER, "person_id": TECHNICIAN})
    write.delete("work_log", log)
    write.set("work_log", log, work_minutes=5)


def refuse_creation_on_a_missing_root(write: LocalWrite) -> None:
    write.create("comment", comment() | {"work_order_id": uid(404)})


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (refuse_transition, "illegal_transition"),
        (refuse_value, "invalid_value"),
        (refuse_missing_row, "not_found"),
        (refuse_append_only, "append_only"),
        (refuse_second_creation, "already_exists"),
        (refuse_deleted_row, "not_found"),
        (refuse_creation_on_a_missing_root, "not_found"),
    ],
)
def test_what_a_rule_refuses_undoes_the_whole_step(field: Field, step: object, code: str) -> None:
    before = everything(field.replica)
    assert callable(step)

    def whole_step() -> None:
        with field.replica.write() as write:
            write.set("work_order", ORDER, priority="critical")
            write.create("comment", comment("before"))
            step(write)

    with pytest.raises(Refused) as refusal:
        whole_step()
    assert refusal.value.code == code
    assert everything(field.replica) == before
    assert field.replica.outbox.waiting() == ()
    with field.replica.read() as reading:
        assert reading.cursor.execute("SELECT count(*) FROM shadow").fetchone() == (0,)


def test_a_technicians_edit_of_planning_data_is_kept_as_a_request(field: Field) -> None:
    """It is sent, and what the office planned stays visible."""
    with field.replica.write() as write:
        write.set("work_order", ORDER, due_at="2026-04-01T08:00:00.000000Z")
    row = field.replica.get("work_order", ORDER)
    assert row is not None
    assert row["due_at"] is None
    field.sync()
    conflicts = [one for (entity, _), one in field.visible().items() if entity == "conflict"]
    assert [conflict["kind"] for conflict in conflicts] == ["request"]


def test_a_group_holds_at_most_fifty_mutations(field: Field) -> None:
    def step(count: int) -> None:
        with field.replica.write() as write:
            for number in range(count):
                write.create("comment", comment(str(number)))

    with pytest.raises(Refused, match="too large"):
        step(MAX_GROUP_MUTATIONS + 1)
    assert field.replica.outbox.waiting() == ()
    step(MAX_GROUP_MUTATIONS)
    assert len(field.replica.outbox.waiting()) == MAX_GROUP_MUTATIONS


def test_a_group_holds_at_most_256_kibibytes(field: Field) -> None:
    def step(count: int) -> None:
        with field.replica.write() as write:
            for number in range(count):
                write.create("comment", comment(str(number) + "x" * 19_900))

    with pytest.raises(Refused, match="too large"):
        step(13)
    step(12)


def test_a_new_group_starts_with_all_its_room(field: Field) -> None:
    with field.replica.write() as write:
        for _ in range(3):
            write.group()
            for number in range(MAX_GROUP_MUTATIONS):
                write.create("comment", comment(str(number)))
    assert len({entry.group_id for entry in field.replica.outbox.waiting()}) == 3


def test_what_a_signer_does_counts_as_his(field: Field) -> None:
    """A supervisor closes on the technician's tablet: his roles decide, not the technician's."""
    field.server.join(f"user:{TECHNICIAN}", SUPERVISOR, "person")
    field.add_person(SUPERVISOR, "supervisor")
    field.server.change("work_order", ORDER, status="completed", approved_signature_id=uid(5))
    field.pull()
    signer = Signer(user=SUPERVISOR, device=HIS_DEVICE)
    with pytest.raises(Refused), field.replica.write() as write:
        write.set("work_order", ORDER, status="closed")
    with field.replica.write() as write:
        write.set("work_order", ORDER, status="closed", signer=signer)
    row = field.replica.get("work_order", ORDER)
    assert row is not None
    assert (row["status"], row["updated_by"]) == ("closed", SUPERVISOR)
    (mutation,) = bodies(field)
    assert (mutation.user, mutation.signer) == (TECHNICIAN, signer)


def test_a_role_that_changes_counts_from_the_next_write_on(field: Field) -> None:
    with field.replica.write() as write:
        assert write.actor.role == "technician"
    field.server.join(f"user:{TECHNICIAN}", TECHNICIAN, "person")
    field.add_person(TECHNICIAN, "planner")
    field.pull()
    with field.replica.write() as write:
        assert (write.actor.role, write.actor.role_at(SITE)) == ("planner", "planner")
    assert field.replica.actor() == write.actor


def test_rights_that_were_rolled_back_were_never_there(field: Field) -> None:
    def half() -> None:
        with field.replica.write() as write:
            values = {"person_id": SUPERVISOR, "site_id": SITE, "role": "supervisor"}
            write.create("person", {"name": "Somebody", "role": "supervisor"}, id=SUPERVISOR)
            write.create("site_access", values)
            assert write.actor_of(SUPERVISOR).role_at(SITE) == "supervisor"
            raise LookupError

    with field.replica.write() as write:
        assert write.actor.role == "technician"
    with pytest.raises(LookupError):
        half()
    with field.replica.write() as write:
        assert write.actor_of(SUPERVISOR).role_at(SITE) is None


def test_listeners_hear_of_commits_only(field: Field) -> None:
    heard: list[frozenset[Key]] = []
    stop = field.replica.subscribe(heard.append)
    with field.replica.write() as write:
        write.set("work_order", ORDER, priority="high")
    with pytest.raises(Refused), field.replica.write() as write:
        refuse_transition(write)
    with field.replica.write():
        pass
    assert heard == [frozenset({("work_order", ORDER)})]
    stop()
    with field.replica.write() as write:
        write.set("work_order", ORDER, priority="low")
    assert len(heard) == 1


@pytest.mark.expects_warnings
def test_a_listener_that_fails_neither_undoes_a_write_nor_keeps_others_from_hearing(
    field: Field, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: frozenset[Key]) -> None:
        raise LookupError

    heard: list[frozenset[Key]] = []
    field.replica.subscribe(fail)
    field.replica.subscribe(heard.append)
    with field.replica.write() as write:
        write.set("work_order", ORDER, priority="high")
    assert [(line.name, line.levelname) for line in caplog.records] == [("cmms_desktop.replica.transaction", "ERROR")]
    assert heard == [frozenset({("work_order", ORDER)})]
    field.sync()
    field.assert_converged()


def test_all_ok_is_one_mutation(field: Field) -> None:
    values = {uid(11): (None, "pass"), uid(12): (None, "pass")}
    field.add("checklist", 10, ORDER, work_order_id=ORDER, name="Pump")
    field.pull()
    with field.replica.write() as write:
        write.mutate("checklist.answer_all", entity="checklist", id=uid(10), set=values)
    assert [entry.type for entry in field.replica.outbox.waiting()] == ["checklist.answer_all"]
    assert {one["result"] for (entity, _), one in field.visible().items() if entity == "checklist_item"} == {"pass"}
    field.sync()
    field.assert_converged()


def test_a_replica_belongs_to_one_person(field: Field) -> None:
    with pytest.raises(Refused):
        field.replica.identify(organization_id=ORGANIZATION, person_id=uid(3), device_id=DEVICE, role="technician")
    state = field.replica.state()
    field.replica.identify(organization_id=ORGANIZATION, person_id=TECHNICIAN, device_id=uid(4), role="technician")
    assert field.replica.state() == dataclasses.replace(state, device_id=uid(4))


def test_a_blob_is_queued_with_the_row_that_names_it(field: Field) -> None:
    def half() -> None:
        with field.replica.write() as write:
            write.add_blob("a" * 64, media_type="image/png", size_bytes=3)
            raise LookupError

    with pytest.raises(LookupError):
        half()
    with field.replica.write() as write:
        write.add_blob("b" * 64, media_type="image/png", size_bytes=3)
        write.add_blob("b" * 64, media_type="image/png", size_bytes=3)
    with field.replica.read() as reading:
        assert reading.cursor.execute("SELECT sha256, state FROM blob").fetchall() == [("b" * 64, "to_send")]
