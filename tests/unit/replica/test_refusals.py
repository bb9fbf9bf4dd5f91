"""What builds on a refusal waits for it; what a person does about it: correct and send again, or take back."""

import msgspec
import pytest

from cmms_desktop.errors import Refused
from cmms_desktop.replica import blobs
from tests.support.outbox_steps import ORDER, answers, comment, edit, new_order, priority, sealed
from tests.support.replicas import SITE, Field, sign, uid

# ---- what builds on a refusal


def refuse_new_order(field: Field) -> tuple[str, str]:
    order, remark = new_order(field)
    batch = sealed(field, limit=1)
    field.replica.outbox.record_verdicts(answers(batch, "rejected", code="not_allowed", reason="No."))
    return order, remark


def test_what_builds_on_a_refused_creation_waits_and_names_it(field: Field) -> None:
    order, remark = refuse_new_order(field)
    assert field.replica.outbox.seal_next(sign) is None
    (parked,) = field.replica.outbox.parked()
    (blocked,) = field.replica.outbox.waiting()
    assert (blocked.row_id, blocked.blocked_by) == (remark, parked.mutation_id)
    assert field.replica.get("comment", remark) is None
    assert field.replica.get("work_order", order) is None


def test_what_overtakes_a_blocked_edit_shows_as_the_server_will_decide_it(field: Field) -> None:
    with field.replica.write() as write:
        asset = write.create("asset", {"code": "A-1", "name": "Pump", "site_id": SITE})
    field.replica.outbox.record_verdicts(answers(sealed(field), "rejected", code="not_allowed"))
    edit(field, asset_id=asset)
    edit(field, asset_id=uid(600), asset_text="P-3")
    before = field.replica.get("work_order", ORDER)
    assert len(sealed(field).mutations) == 1
    after = field.replica.get("work_order", ORDER)
    assert before is not None
    assert after is not None
    assert (before["asset_id"], before["asset_text"]) == (uid(600), "P-3")
    assert (after["asset_id"], after["asset_text"]) == (asset, "P-3")


def test_a_poison_mutation_delays_no_independent_one(field: Field) -> None:
    """Invariant 19, on the device: more blocked ones than a push holds."""
    order, _ = new_order(field)
    for number in range(700):
        with field.replica.write() as write:
            write.create("comment", comment(str(number), order))
    field.replica.outbox.record_verdicts(answers(sealed(field, limit=1), "rejected", code="not_allowed"))
    free = edit(field, priority="critical")
    assert sealed(field).mutation_ids == (free,)


def test_a_corrected_creation_goes_before_what_waited_for_it(field: Field) -> None:
    order, remark = refuse_new_order(field)
    (parked,) = field.replica.outbox.parked()
    (new,) = field.replica.outbox.resend_as_new(parked.mutation_id, set={"title": "Better"})
    row = field.replica.get("work_order", order)
    assert row is not None
    assert row["title"] == "Better"
    assert field.replica.get("comment", remark) is not None
    assert field.replica.outbox.waiting()[0].mutation_id == new != parked.mutation_id
    field.sync()
    field.assert_converged()
    assert ("comment", remark) in field.server.rows


def test_what_was_refused_along_with_a_creation_goes_with_it_again(field: Field) -> None:
    """One push had carried them all, so the server found none of it; what was refused for itself stays refused."""
    order, remark = new_order(field)
    with field.replica.write() as write:
        write.create("comment", comment("Of a step", order))
        write.set("work_order", order, title="More of it")
    poison = edit(field, priority="critical")
    batch = sealed(field)
    first, *others = answers(batch, "rejected", code="not_found")
    others[0] = msgspec.structs.replace(others[0], code="conflicting_reference")  # it named what was not there
    last = msgspec.structs.replace(others[-1], code="not_allowed")
    field.replica.outbox.record_verdicts([msgspec.structs.replace(first, code="not_allowed"), *others[:-1], last])
    assert field.replica.get("work_order", order) is None
    made = field.replica.outbox.resend_as_new(first.mutation_id, set={"number": "WO-Y"})
    assert [entry.mutation_id for entry in field.replica.outbox.waiting()] == list(made)
    assert [entry.mutation_id for entry in field.replica.outbox.parked()] == [poison]
    row = field.replica.get("work_order", order)
    assert row is not None
    assert field.replica.get("comment", remark) is not None
    assert row["title"] == "More of it"
    assert len({entry.group_id for entry in field.replica.outbox.waiting()}) == 3
    assert not set(made) & set(batch.mutation_ids)
    field.replica.outbox.withdraw(poison)
    field.sync()
    field.assert_converged()
    assert ("comment", remark) in field.server.rows


def test_a_corrected_edit_starts_from_the_row_as_it_is_now(field: Field) -> None:
    edit(field, priority="critical")
    field.replica.outbox.record_verdicts(answers(sealed(field), "rejected", code="not_allowed"))
    field.server.change("work_order", ORDER, priority="low")
    field.pull()
    (parked,) = field.replica.outbox.parked()
    field.replica.outbox.resend_as_new(parked.mutation_id)
    (again,) = field.replica.outbox.waiting()
    assert again.set == {"priority": ("low", "critical")}
    field.sync()
    field.assert_converged()
    assert priority(field) == "critical"


def test_a_correction_that_a_rule_refuses_changes_nothing(field: Field) -> None:
    edit(field, priority="critical")
    field.replica.outbox.record_verdicts(answers(sealed(field), "rejected", code="not_allowed"))
    (parked,) = field.replica.outbox.parked()
    with pytest.raises(Refused):
        field.replica.outbox.resend_as_new(parked.mutation_id, set={"priority": "urgent"})
    assert (field.replica.outbox.parked(), priority(field)) == ((parked,), "medium")


def test_a_whole_refused_group_is_made_again(field: Field) -> None:
    with field.replica.write() as write:
        write.set("work_order", ORDER, asset_text="P-1")
        write.create("comment", comment("In between"))
        write.set("work_order", ORDER, asset_text="P-2")
    field.replica.outbox.record_verdicts(answers(sealed(field), "rejected", code="not_allowed"))
    made = field.replica.outbox.resend_as_new(field.replica.outbox.parked()[1].mutation_id, set={"text": "Again"})
    assert len(made) == 3
    assert len({entry.group_id for entry in field.replica.outbox.waiting()}) == 1
    field.sync()
    field.assert_converged()
    assert [one["text"] for (entity, _), one in field.visible().items() if entity == "comment"] == ["Again"]


def test_withdrawing_takes_back_the_group_and_refuses_to_strand_what_rests_on_it(field: Field) -> None:
    order, remark = new_order(field)
    first, second = field.replica.outbox.waiting()
    with pytest.raises(Refused) as refusal:
        field.replica.outbox.withdraw(first.mutation_id)
    assert refusal.value.code == "conflicting_reference"
    assert field.replica.get("comment", remark) is not None
    gone = field.replica.outbox.withdraw(first.mutation_id, with_dependents=True)
    assert gone == (first.mutation_id, second.mutation_id)
    assert field.replica.get("work_order", order) is None
    assert field.replica.outbox.seal_next(sign) is None
    field.assert_converged()


@pytest.mark.parametrize("is_answered", [True, False])
def test_what_was_sent_cannot_be_withdrawn(field: Field, is_answered: bool) -> None:
    mutation_id = edit(field, priority="critical")
    batch = sealed(field)
    if is_answered:
        field.replica.outbox.record_verdicts(answers(batch, "applied", commit_seq=999))
    with pytest.raises(Refused):
        field.replica.outbox.withdraw(mutation_id)
    with pytest.raises(Refused):
        field.replica.outbox.resend_as_new(mutation_id)
    assert priority(field) == "critical"


def test_withdrawing_one_edit_keeps_the_later_one(field: Field) -> None:
    first = edit(field, asset_text="P-5")
    edit(field, priority="critical")
    field.replica.outbox.withdraw(first)
    row = field.replica.get("work_order", ORDER)
    assert row is not None
    assert (row["priority"], row["asset_text"]) == ("critical", None)


def test_a_file_that_only_a_withdrawn_change_names_is_not_sent(field: Field) -> None:
    for number, names in enumerate((("a", "b"), ("b",)), start=1):
        with field.replica.write() as write:
            for letter in names:
                write.add_blob(letter * 64, media_type="image/png", size_bytes=number)
            write.create("comment", comment(str(number)), blobs=[letter * 64 for letter in names])
    database = field.replica.database
    field.replica.outbox.withdraw(field.replica.outbox.waiting()[0].mutation_id)
    assert blobs.to_send(database) == [("b" * 64, 1)]
    with field.replica.write() as write:
        write.add_blob("a" * 64, media_type="image/png", size_bytes=1)
    assert len(blobs.to_send(database)) == 2
