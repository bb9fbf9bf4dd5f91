"""What fields of an organization take: one rule for whoever types it and for whoever receives it."""

from decimal import Decimal

import pytest

from sync_server.contract.codec import InvalidValueError, checked
from sync_server.contract.entities import REGISTRY
from sync_server.contract.entities.extensions import FIELD_KINDS
from sync_server.contract.rules.custom_fields import COLUMNS, choices_of, problem, value_of, wire_value


def a_field(kind: str, **values: object) -> dict[str, object]:
    return {"name": "Flow", "kind": kind, "minimum": None, "maximum": None, "unit": None, "choices": None, **values}


def test_every_kind_has_a_column_of_its_own_that_a_person_may_change() -> None:
    assert tuple(COLUMNS) == FIELD_KINDS
    assert len(set(COLUMNS.values())) == len(FIELD_KINDS)
    assert set(COLUMNS.values()) <= REGISTRY["custom_field_value"].by_name.keys()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("0", None),
        ("10.0000", None),
        ("10.0001", "Flow must be between 0 and 10 m³/h"),
        ("-0.0001", "Flow must be between 0 and 10 m³/h"),
        ("NaN", "Flow must be between 0 and 10 m³/h"),
        ("Infinity", "Flow must be between 0 and 10 m³/h"),
        ("1e5", "Flow must be between 0 and 10 m³/h"),
    ],
)
def test_a_number_lies_between_its_limits(value: str, said: str | None) -> None:
    field = a_field("number", minimum="0.0000", maximum="10.0000", unit="m³/h")
    assert problem(field, value) == said  # type: ignore[arg-type]


def test_a_choice_is_one_of_its_words_and_what_is_needed_is_not_empty() -> None:
    field = a_field("choice", choices='["Red", "Blue"]', is_required=True)
    assert problem(field, "Blue") is None  # type: ignore[arg-type]
    assert problem(field, "Green") == "Flow must be one of its words"  # type: ignore[arg-type]
    assert problem(field, None) == "Flow cannot be empty"  # type: ignore[arg-type]
    assert problem(a_field("choice"), None) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("choices", [None, "", "null", "{}", "7", '["a", 1, null]', "[" * 4000, "not json"])
def test_a_list_of_words_that_cannot_be_read_offers_what_can(choices: str | None) -> None:
    assert choices_of({"choices": choices}) in {(), ("a",)}


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("number", " 4,20 ", Decimal("4.20")),
        ("number", "", None),
        ("yes_no", "yes", True),
        ("yes_no", "no", False),
        ("yes_no", "", None),
        ("date", "2026-03-01", "2026-03-01"),
        ("text", "  Red ", "Red"),
    ],
)
def test_what_is_typed_becomes_a_value(kind: str, text: str, value: object) -> None:
    assert wire_value(kind, text) == value


@pytest.mark.parametrize("text", ["NaN", "inf", "-inf", "1e400", "1_0", "٣", "much", "--1", "1" * 11])
def test_rubbish_is_no_number_where_it_is_typed_and_where_it_arrives(text: str) -> None:
    with pytest.raises(InvalidValueError):
        wire_value("number", text)
    if text not in {"1_0", "٣"}:  # Decimal reads them as numbers, and keeps them as such
        with pytest.raises(InvalidValueError):
            checked(REGISTRY["custom_field_value"].by_name["number_value"], text)


def test_a_value_of_a_kind_that_only_a_newer_program_knows_is_none() -> None:
    assert value_of({"kind": "color", "text_value": "Red"}) is None
