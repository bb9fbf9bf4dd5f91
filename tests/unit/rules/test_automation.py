"""Which rules an organization may have, and when their conditions hold. Data of closed words, whoever wrote it."""

import json
from itertools import product

import pytest

from sync_server.cli import rule_parser
from sync_server.contract.rules.automation import (
    ACTIONS,
    EVENTS,
    FIELDS,
    LONGEST_TEXT,
    MOST_CONDITIONS,
    MOST_VALUES,
    Condition,
    check,
    hold,
    read_conditions,
    written_conditions,
)
from sync_server.storage.tables_rules import TARGETS

HIGH = Condition("priority", "one_of", ("high", "critical"))
NOT_THERE = Condition("site_id", "none_of", ("a",))


def test_every_word_is_known_on_the_command_line_and_in_the_table() -> None:
    assert tuple(each.replace("-", "_") for each in rule_parser.EVENTS) == EVENTS
    assert rule_parser.ACTIONS == tuple(ACTIONS) == tuple(TARGETS)
    assert set(rule_parser.FIELDS.values()) == {name for names in FIELDS.values() for name in names}


def test_what_was_signed_is_given_no_other_priority() -> None:
    allowed = {(event, action) for event, action in product(EVENTS, ACTIONS) if _is_allowed(event, action)}
    assert set(product(EVENTS, ACTIONS)) - allowed == {
        ("order_completed", "set_priority"),
        ("reading_critical", "set_priority"),
    }


def _is_allowed(event: str, action: str) -> bool:
    try:
        check(event, action, ())
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("facts", "is_so"),
    [
        ({"priority": "high", "site_id": "b"}, True),
        ({"priority": "critical", "site_id": None}, True),
        ({"priority": "high", "site_id": "a"}, False),
        ({"priority": "low", "site_id": "b"}, False),
        ({"priority": None, "site_id": "b"}, False),
        ({}, False),
    ],
)
def test_all_conditions_have_to_hold(facts: dict[str, str | None], is_so: bool) -> None:
    assert hold((HIGH, NOT_THERE), facts) is is_so
    assert hold((), facts)


def test_conditions_are_read_as_they_were_written() -> None:
    text = written_conditions((HIGH, NOT_THERE))
    assert read_conditions(text, event="order_created", action="add_tag") == (HIGH, NOT_THERE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "{}",
        "[",
        "[1]",
        '[{"field":"priority"}]',
        '[{"field":"priority","test":"one_of","values":["high"],"code":"import os"}]',
        '[{"field":"priority","test":"one_of","values":"high"}]',
        '[{"field":"priority","test":"one_of","values":[1]}]',
        '[{"field":"priority","test":"like","values":["high"]}]',
        '[{"field":"title","test":"one_of","values":["high"]}]',
        '[{"field":"meter","test":"one_of","values":["Pressure"]}]',
        '[{"field":"priority","test":"one_of","values":["urgent"]}]',
        '[{"field":"priority","test":"one_of","values":[]}]',
        '[{"field":"asset_id","test":"one_of","values":[""]}]',
        json.dumps([{"field": "asset_id", "test": "one_of", "values": ["x" * 201]}]),
        json.dumps([{"field": "asset_id", "test": "one_of", "values": ["x"] * (MOST_VALUES + 1)}]),
        json.dumps([{"field": "asset_id", "test": "one_of", "values": ["x"]}] * (MOST_CONDITIONS + 1)),
        "[" * 100_000,
        " " * LONGEST_TEXT + "[]",
    ],
)
def test_what_nobody_may_have_written_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"^[A-Z].*\.$"):
        read_conditions(text, event="order_created", action="add_tag")


@pytest.mark.parametrize(("event", "action"), [("order_deleted", "add_tag"), ("order_created", "run"), ("", "")])
def test_there_are_no_other_events_and_actions(event: str, action: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        check(event, action, ())
