"""What is dropped of the outbox, and when: durable, thirty days old by the server's clock, and needed by nothing."""

import msgspec
import pytest

from cmms_desktop.replica.outbox import OutboxEntry
from tests.support.outbox_steps import ORDER, answers, edit, sealed
from tests.support.replicas import Field


def test_what_is_durable_is_kept_for_thirty_days_all_the_same(field: Field) -> None:
    edit(field, priority="critical")
    field.sync()
    seq = field.server.seq
    field.advance(days=29)
    assert field.replica.outbox.purge(durable_seq=seq) == 0
    field.advance(days=2)
    assert field.replica.outbox.purge(durable_seq=seq - 1) == 0
    assert field.replica.outbox.purge(durable_seq=seq) == 1
    edit(field, priority="low")
    field.sync()
    field.assert_converged()


@pytest.mark.parametrize("years", [10, -10])
def test_invariant_29_a_clock_that_jumps_by_years_makes_nothing_older(field: Field, years: int) -> None:
    """A hello measures how far off it is before anything is dropped."""
    days = 365 * years
    edit(field, priority="critical")
    field.sync()
    field.advance(days=days)
    field.replica.remember(offset_ms=-days * 86_400_000)
    edit(field, priority="low")
    field.sync()
    assert field.replica.outbox.purge(durable_seq=10**9) == 0
    field.advance(days=-days)
    field.replica.remember(offset_ms=0)
    assert field.replica.outbox.purge(durable_seq=10**9) == 0, "nor does its being put right"
    field.advance(days=31)
    assert field.replica.outbox.purge(durable_seq=10**9) == 2


def test_what_was_withdrawn_after_it_was_sent_is_kept_until_it_is_durable(field: Field) -> None:
    """A restored server would miss it in the chain."""
    edit(field, priority="critical")
    refusal = answers(sealed(field), "rejected", code="not_allowed")
    field.replica.outbox.record_verdicts([msgspec.structs.replace(each, commit_seq=7) for each in refusal])
    field.replica.outbox.withdraw(field.replica.outbox.parked()[0].mutation_id)
    edit(field, priority="low")
    field.replica.outbox.withdraw(field.replica.outbox.waiting()[0].mutation_id)
    field.advance(days=31)
    assert field.replica.outbox.purge(durable_seq=6) == 1
    assert field.replica.outbox.purge(durable_seq=7) == 1


def test_what_names_a_file_that_waits_is_never_purged(field: Field) -> None:
    with field.replica.write() as write:
        write.add_blob("a" * 64, media_type="image/png", size_bytes=4)
        write.set("work_order", ORDER, priority="critical")
    with field.replica.database.writer() as handle:
        handle.cursor.execute("UPDATE outbox SET body = json_set(body, '$.blobs', json_array(?))", ("a" * 64,))
    field.sync()
    field.advance(days=400)
    assert field.replica.outbox.purge(durable_seq=10**9) == 0


def test_what_waits_or_needs_attention_is_never_purged(field: Field) -> None:
    edit(field, priority="critical")
    field.replica.outbox.record_verdicts(answers(sealed(field), "rejected", code="not_allowed"))
    edit(field, priority="low")
    field.advance(days=400)
    assert field.replica.outbox.purge(durable_seq=10**9) == 0
    entries: tuple[OutboxEntry, ...] = field.replica.outbox.parked() + field.replica.outbox.waiting()
    assert len(entries) == 2
