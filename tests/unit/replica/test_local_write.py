"""Local edits: what they write, what they refuse, and that both happen whole."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.replicas import TECHNICIAN, Field, uid


@pytest.fixture
def field(tmp_path: Path) -> Iterator[Field]:
    made = Field(tmp_path)
    made.add_order(1)
    made.pull()
    yield made
    made.replica.close()


ORDER = uid(1)


def test_an_edit_is_visible_at_once_and_waits_in_the_outbox(field: Field) -> None:
    with field.replica.write() as write:
        write.set("work_order", ORDER, priority="critical")
    row = field.replica.get("work_order", ORDER)
    assert row is not None
    assert row["priority"] == "critical"
    (entry,) = field.replica.outbox.waiting()
    assert (entry.type, entry.set, entry.state) == ("work_order.set", {"priority": ("medium", "critical")}, "pending")


def test_an_edit_that_changes_nothing_makes_no_mutation(field: Field) -> None:
    with field.replica.write() as write:
        write.set("work_order", ORDER, priority="medium", actual_minutes=None)
    assert field.replica.outbox.waiting() == ()


def test_one_write_is_one_group_unless_another_is_started(field: Field) -> None:
    with field.replica.write() as write:
        write.set("work_order", ORDER, priority="high")
        write.create("comment", comment("one"))
        write.group()
        write.create("comment", comment("two"))
    groups = [entry.group_id for entry in field.replica.outbox.waiting()]
    assert groups[0] == groups[1] != groups[2]


def comment(text: str) -> dict[str, str]:
    return {
        "work_order_id": ORDER,
        "author_id": TECHNICIAN,
        "text": text,
        "written_at": "2026-03-02T09:00:00.000000Z",
    }
