"""What the server refuses or holds, in words: each reason for either side, and what of each kind can be corrected."""

import inspect
import re

import pytest

from cmms_desktop.application.queries.changes import Change, FieldChange
from cmms_desktop.application.queries.subjects import Subject
from cmms_desktop.application.queries.values import FieldValue
from cmms_desktop.ui.screens.sync.attention_words import Handling, fix_fields
from cmms_desktop.ui.text.words import WHY_HELD, WHY_HELD_OF_ANOTHER
from sync_server.application import access
from sync_server.contract.fields import Scalar

INSTANT = "2026-03-02T09:00:00.000000Z"


def test_every_reason_to_hold_a_change_has_words_for_its_author_and_for_the_supervisor() -> None:
    reasons = set(re.findall(r'held="(\w+)"', inspect.getsource(access)))
    assert reasons == set(WHY_HELD) == set(WHY_HELD_OF_ANOTHER)
    assert all(text.endswith(".") for text in (*WHY_HELD.values(), *WHY_HELD_OF_ANOTHER.values()))


def refused(verb: str, entity: str, **values: Scalar) -> Change:
    fields = tuple(
        FieldChange(name, FieldValue(entity, name, None), FieldValue(entity, name, value))
        for name, value in values.items()
    )
    return Change(
        mutation_id="m",
        group_id="g",
        verb=verb,
        entity=entity,
        row_id="r",
        subject=Subject(entity, "r", "a", "WO-0001", "Order"),
        fields=fields,
        count=len(fields),
        state="parked",
        code="invalid_value",
        reason="The value cannot be used.",
        made_at=INSTANT,
        sent_at=INSTANT,
    )


@pytest.mark.parametrize(
    ("verb", "entity", "values", "correctable"),
    [
        ("create", "comment", {"work_order_id": "w", "author_id": "p", "text": "A", "written_at": INSTANT}, ["text"]),
        ("create", "work_order", {"number": "N", "title": "T", "priority": "low"}, ["title", "priority"]),
        ("create", "stock_movement", {"part_id": "p", "kind": "usage", "quantity": "1.0000"}, ["quantity"]),
        ("create", "part_request", {"part_id": "p", "quantity": "1.0000"}, ["quantity"]),
        ("create", "attachment", {"sha256": "a" * 64, "caption": "C"}, ["caption"]),
        ("create", "work_log_event", {"kind": "pause", "reason": "R", "fence": "unknown"}, ["reason"]),
        ("create", "location", {"site_id": "s", "name": "Room", "code": "R1"}, ["name", "code"]),
        ("set", "work_order", {"title": "T", "priority": "high", "asset_id": "a"}, ["title", "priority"]),
        ("set", "checklist_item", {"result": "pass", "value": "4.2", "note": "N"}, ["result", "value", "note"]),
        ("set", "asset", {"name": "Pump", "status": "down", "serial": "7"}, ["name", "status", "serial"]),
        ("set", "work_log", {"work_minutes": 30}, ["work_minutes"]),
        ("set", "held_mutation", {"decision": "approved", "reason": "R"}, ["reason"]),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_somebody_typed_into_a_refused_change_can_be_typed_anew(
    verb: str, entity: str, values: dict[str, Scalar], correctable: list[str]
) -> None:
    assert [field.name for field in fix_fields(refused(verb, entity, **values), Handling())] == correctable
