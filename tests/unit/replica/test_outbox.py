"""The outbox: sealing once, sending again unchanged, taking answers, and what a person does about refusals."""

import msgspec
import pytest

from sync_server.contract.messages import MAX_PUSH_BYTES, MAX_PUSH_MUTATIONS, Mutation, Verdict
from sync_server.contract.rules.chain import digest_of, seal_input, verify_chain
from sync_server.contract.rules.draft import level_id
from tests.support.outbox_steps import (
    ORDER,
    PART,
    VAN,
    answers,
    comment,
    edit,
    priority,
    sealed,
    states,
    use_part,
)
from tests.support.replicas import DEVICE, TECHNICIAN, Field, everything, sign, uid

# ---- sealing


def test_sealing_chains_mutations_and_signs_the_head(field: Field) -> None:
    for value in ("high", "low", "critical"):
        edit(field, priority=value)
    said: list[bytes] = []
    batch = field.replica.outbox.seal_next(lambda message: said.append(message) or b"\xff" * 64)  # type: ignore[func-returns-value]
    assert batch is not None
    mutations = [msgspec.json.decode(each.sealed, type=Mutation) for each in batch.mutations]
    links = [
        (each.device_seq, each.prev, sealed.sealed) for each, sealed in zip(mutations, batch.mutations, strict=True)
    ]
    verdict = verify_chain(0, "", links)
    assert (verdict.kind, verdict.seq, verdict.head, verdict.fresh) == ("ok", 3, batch.seal.head, 3)
    assert said == [seal_input(DEVICE, from_seq=1, to_seq=3, head=batch.seal.head)]
    assert batch.seal.sig == "_" * 85 + "w"


def test_a_batch_whose_answer_was_lost_is_sent_again_with_the_same_bytes(field: Field) -> None:
    edit(field, priority="high")
    first = sealed(field)
    again = sealed(field)
    assert [each.sealed for each in again.mutations] == [each.sealed for each in first.mutations]
    assert again.seal == first.seal


def test_what_was_sealed_before_comes_first_and_new_work_follows_in_the_same_push(field: Field) -> None:
    edit(field, priority="high")
    first = sealed(field)
    edit(field, priority="low")
    both = sealed(field)
    assert both.mutation_ids[0] == first.mutation_ids[0]
    assert (both.seal.from_seq, both.seal.to_seq) == (1, 2)
    assert msgspec.json.decode(both.mutations[1].sealed, type=Mutation).prev == digest_of(first.mutations[0].sealed)


def test_a_push_carries_the_sealed_bytes_verbatim(field: Field) -> None:
    edit(field, completion_note="Grün – 4.2 bar")
    batch = sealed(field)
    text = msgspec.json.encode(batch.request())
    assert batch.mutations[0].sealed in text


def test_a_group_is_never_cut_by_the_limit(field: Field) -> None:
    edit(field, priority="high")
    with field.replica.write() as write:
        for text in ("one", "two", "three"):
            write.create("comment", comment(text))
    assert len(sealed(field, limit=3).mutations) == 1
    field.replica.outbox.record_verdicts(answers(sealed(field, limit=1), "applied", commit_seq=99))
    assert len(sealed(field, limit=3).mutations) == 3


def test_a_push_stays_below_a_mebibyte(field: Field) -> None:
    for number in range(70):
        with field.replica.write() as write:
            write.create("comment", comment(f"{number}" + "x" * 19_000))
    batch = sealed(field)
    assert 40 < len(batch.mutations) < 70
    assert len(msgspec.json.encode(batch.request())) <= MAX_PUSH_BYTES
    field.sync()
    field.assert_converged()


def test_after_a_retry_in_the_middle_only_an_unbroken_stretch_is_sent(field: Field) -> None:
    for value in ("high", "low", "critical", "medium", "low"):
        edit(field, priority=value)
    batch = sealed(field)
    verdicts = answers(batch, "applied", commit_seq=50)
    for place in (1, 3, 4):
        verdicts[place] = Verdict(mutation_id=batch.mutation_ids[place], status="retry")
    field.replica.outbox.record_verdicts(verdicts)
    edit(field, priority="high")
    again = sealed(field)
    assert [each.device_seq for each in again.mutations] == [2]
    assert again.mutations[0].sealed == batch.mutations[1].sealed
    field.replica.outbox.record_verdicts(answers(again, "applied", commit_seq=51))
    assert [each.device_seq for each in sealed(field).mutations] == [4, 5, 6]


def test_the_server_may_ask_for_answered_mutations_again(field: Field) -> None:
    for value in ("high", "low", "critical"):
        edit(field, priority=value)
        field.sync()
    assert field.replica.outbox.seal_next(sign) is None
    again = sealed(field, resend_from=2)
    assert [each.device_seq for each in again.mutations] == [2, 3]
    assert [digest_of(each.sealed) for each in again.mutations] == [each.digest for each in again.mutations]


def test_nothing_to_send_is_no_batch(field: Field) -> None:
    assert field.replica.outbox.seal_next(sign) is None
    assert field.replica.outbox.state().count == 0


def test_the_outbox_says_how_much_waits_since_when(field: Field) -> None:
    edit(field, priority="high")
    edit(field, priority="low")
    state = field.replica.outbox.state()
    assert (state.count, state.oldest) == (2, field.replica.outbox.waiting()[0].made_at)


# ---- verdicts


FATES = {
    "applied": ("critical", "critical"),
    "retry": ("critical", "critical"),
    "conflict": ("critical", "low"),
    "rejected": ("medium", "medium"),
    "held": ("medium", "medium"),
}
"""Verdict → what is visible after it, and after the pull that follows."""


@pytest.mark.parametrize("fate", FATES)
def test_invariant_10_an_edit_is_visible_until_it_is_superseded_or_stopped(field: Field, fate: str) -> None:
    """Read after every commit that the device makes on the way, also by the listener of that commit."""
    seen: list[str] = []

    def look(_: object = None) -> None:
        seen.append(priority(field))

    edit(field, priority="critical")
    field.restart()
    field.replica.subscribe(look)
    look()
    edit(field, asset_text="P-5")
    sealed(field)
    field.server.change("work_order", ORDER, title="Of the office")
    field.pull()
    batch = sealed(field)
    look()
    assert set(seen) == {"critical"}
    if fate == "conflict":
        field.server.change("work_order", ORDER, priority="low")
        verdicts = field.server.push(each.sealed for each in batch.mutations)
        assert verdicts[0].status == "conflict"
    elif fate == "applied":
        verdicts = field.server.push(each.sealed for each in batch.mutations)
    else:
        verdicts = answers(batch, fate, code="not_allowed" if fate == "rejected" else None)
    seen.clear()
    field.replica.outbox.record_verdicts(verdicts)
    look()
    assert set(seen) == {FATES[fate][0]}
    seen.clear()
    field.pull()
    look()
    assert set(seen) == {FATES[fate][1]}


def test_an_accepted_edit_stays_visible_until_the_pull_that_contains_it(field: Field) -> None:
    """No flicker between the answer and the pull (invariant 9)."""
    edit(field, priority="critical")
    field.push()
    assert (states(field), priority(field)) == (["acknowledged"], "critical")
    field.pull()
    assert (states(field), priority(field)) == (["done"], "critical")
    field.assert_converged()


def test_an_answer_that_comes_after_its_pull_ends_the_mutation_at_once(field: Field) -> None:
    edit(field, priority="critical")
    batch = sealed(field)
    verdicts = field.server.push(each.sealed for each in batch.mutations)
    field.pull()
    assert (states(field), priority(field)) == (["sealed"], "critical")
    field.replica.outbox.record_verdicts(verdicts)
    assert states(field) == ["done"]
    field.assert_converged()


def test_a_movement_that_the_pull_already_holds_is_not_counted_twice(field: Field) -> None:
    field.server.join(f"user:{TECHNICIAN}", level_id(VAN, PART), "stock_level")
    use_part(field, "-2")
    batch = sealed(field)
    verdicts = field.server.push(each.sealed for each in batch.mutations)
    field.pull()
    level = field.replica.get("stock_level", level_id(VAN, PART))
    field.replica.outbox.record_verdicts(verdicts)
    assert level == field.replica.get("stock_level", level_id(VAN, PART))
    assert level is not None
    assert level["quantity"] == "-2.0000"
    field.assert_converged()


def test_a_refused_edit_leaves_the_row_at_once_and_keeps_what_was_entered(field: Field) -> None:
    edit(field, priority="critical")
    field.replica.outbox.record_verdicts(answers(sealed(field), "rejected", code="not_allowed", reason="No."))
    assert priority(field) == "medium"
    (entry,) = field.replica.outbox.parked()
    assert (entry.code, entry.reason, entry.set) == ("not_allowed", "No.", {"priority": ("medium", "critical")})
    field.assert_converged()


def test_a_refused_member_parks_its_group_even_when_only_its_own_verdict_is_known(field: Field) -> None:
    with field.replica.write() as write:
        write.set("work_order", ORDER, priority="critical")
        remark = write.create("comment", comment("Because"))
    batch = sealed(field)
    field.replica.outbox.record_verdicts(answers(batch, "rejected", code="not_allowed", reason="No.")[:1])
    assert states(field) == ["parked", "parked"]
    assert [entry.code for entry in field.replica.outbox.parked()] == ["not_allowed", "group_refused"]
    assert field.replica.get("comment", remark) is None
    assert priority(field) == "medium"


def test_a_refusal_leaves_other_edits_of_the_same_row(field: Field) -> None:
    edit(field, priority="critical")
    first = sealed(field)
    edit(field, asset_text="P-5")
    field.replica.outbox.record_verdicts(answers(first, "rejected", code="not_allowed"))
    row = field.replica.get("work_order", ORDER)
    assert row is not None
    assert (row["priority"], row["asset_text"]) == ("medium", "P-5")


def test_when_every_edit_of_a_row_is_refused_the_servers_row_is_back(field: Field) -> None:
    before = everything(field.replica)
    edit(field, priority="critical", asset_text="P-1")
    edit(field, asset_text="P-5", completion_note="Done")
    edit(field, priority="low", title="Mine")
    assert everything(field.replica) != before
    field.replica.outbox.record_verdicts(answers(sealed(field), "rejected", code="not_allowed"))
    assert everything(field.replica) == before


def test_what_a_refused_movement_brought_with_it_leaves_too(field: Field) -> None:
    """The part request came up only in a replay, when the van turned out to be empty."""
    level = level_id(VAN, PART)
    field.server.join(f"user:{TECHNICIAN}", level, "stock_level")
    field.add_level(level, VAN, PART, quantity="5.0000")
    field.pull()
    use_part(field, "-1")
    before = {key for key in everything(field.replica) if key[0] == "part_request"}
    field.server.change("stock_level", level, quantity="0.0000")
    field.pull()
    during = {key for key in everything(field.replica) if key[0] == "part_request"}
    field.replica.outbox.record_verdicts(answers(sealed(field), "rejected", code="not_allowed"))
    after = {key for key in everything(field.replica) if key[0] == "part_request"}
    assert (len(before), len(during), len(after)) == (0, 1, 0)
    field.assert_converged()


def test_a_held_edit_leaves_the_row_until_somebody_decides(field: Field) -> None:
    edit(field, priority="critical")
    (mutation_id,) = (entry.mutation_id for entry in field.replica.outbox.waiting())
    field.replica.outbox.record_verdicts(answers(sealed(field), "held", reason="access_lost"))
    assert (priority(field), len(field.replica.outbox.held())) == ("medium", 1)
    decide(
        field,
        mutation_id,
        decision="approved",
        outcome_seq=field.server.change("work_order", ORDER, priority="critical"),
    )
    assert (states(field), priority(field)) == (["done"], "critical")


def test_a_held_edit_that_is_refused_needs_attention(field: Field) -> None:
    edit(field, priority="critical")
    (mutation_id,) = (entry.mutation_id for entry in field.replica.outbox.waiting())
    field.replica.outbox.record_verdicts(answers(sealed(field), "held", reason="access_lost"))
    decide(field, mutation_id, decision="refused", reason="Done by others.")
    (entry,) = field.replica.outbox.parked()
    assert (entry.reason, priority(field)) == ("Done by others.", "medium")


@pytest.mark.parametrize(
    ("decision", "state", "seen"), [("approved", "done", "critical"), ("refused", "parked", "medium")]
)
def test_a_decision_that_was_pulled_before_the_answer_counts(
    field: Field, decision: str, state: str, seen: str
) -> None:
    edit(field, priority="critical")
    batch = sealed(field)
    seq = field.server.change("work_order", ORDER, priority="critical") if decision == "approved" else None
    decide(field, batch.mutation_ids[0], decision=decision, outcome_seq=seq)
    field.replica.outbox.record_verdicts(answers(batch, "held", reason="access_lost"))
    assert (states(field), priority(field)) == ([state], seen)
    field.assert_converged()


def decide(field: Field, mutation_id: str, **values: object) -> None:
    """The office decides about a held mutation, and the device pulls that."""
    field.server.join(f"user:{TECHNICIAN}", uid(500), "held_mutation")
    about = {"mutation_id": mutation_id, "author_id": TECHNICIAN, "body": "{}", "why": "access_lost"}
    field.add("held_mutation", 500, uid(500), target_aggregate_id=ORDER, **about, **values)  # type: ignore[arg-type]
    field.pull()


def test_a_refusal_is_not_undone_by_an_older_answer_that_comes_late(field: Field) -> None:
    edit(field, priority="critical")
    batch = sealed(field)
    field.replica.outbox.record_verdicts(answers(batch, "rejected", code="not_allowed"))
    field.replica.outbox.record_verdicts(answers(batch, "applied", commit_seq=7))
    assert (states(field), priority(field)) == (["parked"], "medium")


def test_retry_stores_nothing(field: Field) -> None:
    edit(field, priority="critical")
    batch = sealed(field)
    field.replica.outbox.record_verdicts(answers(batch, "retry"))
    assert (states(field), priority(field)) == (["sealed"], "critical")
    assert sealed(field).mutations == batch.mutations


def test_an_unknown_verdict_and_a_verdict_on_nothing_change_nothing(field: Field) -> None:
    edit(field, priority="critical")
    batch = sealed(field)
    strange = [Verdict(mutation_id=uid(999), status="rejected"), Verdict(mutation_id=uid(998), status="applied")]
    field.replica.outbox.record_verdicts(answers(batch, "pondering") + strange)
    assert (states(field), priority(field)) == (["sealed"], "critical")


def test_the_same_answer_twice_is_the_answer_once(field: Field) -> None:
    edit(field, priority="critical")
    batch = sealed(field)
    verdicts = field.server.push(each.sealed for each in batch.mutations)
    field.replica.outbox.record_verdicts(verdicts)
    field.replica.outbox.record_verdicts(verdicts)
    field.pull()
    field.replica.outbox.record_verdicts(verdicts)
    assert states(field) == ["done"]


def test_invariant_11_a_step_is_never_cut_however_much_waits_for_an_answer(field: Field) -> None:
    """Answers of several pushes were lost, or a server was restored: more is sealed than one push takes."""
    with field.replica.write() as write:
        for number in range(MAX_PUSH_MUTATIONS - 2):
            write.group()
            write.set("work_order", ORDER, title=f"Title {number}")
    with field.replica.write() as write:
        for number in range(5):
            write.create("comment", comment(f"{number} of one step"))
    singles = sealed(field)
    step = field.replica.outbox.seal_next(sign, after_seq=singles.seal.to_seq)
    assert step is not None
    assert (len(singles.mutations), len(step.mutations)) == (MAX_PUSH_MUTATIONS - 2, 5)
    for asked in (None, 1):
        again = sealed(field, resend_from=asked)
        assert again.mutation_ids == singles.mutation_ids, "and none of the step"
    assert sealed(field, resend_from=step.seal.from_seq).mutation_ids == step.mutation_ids
