from decimal import Decimal

import pytest

from sync_server.contract.rules.reading import decimal_text, is_within, limits_of, limits_text, parse_decimal


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("4.2", "4.2"),
        ("4,2", "4.2"),
        (" 4.20 ", "4.20"),
        ("\u00a04.2\n", "4.2"),
        ("+4", "4"),
        ("-4,50", "-4.50"),
        ("\u22124", "-4"),
        ("007", "7"),
        (".5", "0.5"),
        (",5", "0.5"),
        ("5.", "5"),
        ("-0", "0"),
        ("-0.00", "0.00"),
        ("9999999999.999999999", "9999999999.999999999"),
        ("0.000000001", "0.000000001"),
        ("1,234", "1.234"),
    ],
)
def test_a_reading_is_stored_with_a_point_and_the_places_it_was_read_with(typed, stored):
    number = parse_decimal(typed)
    assert number is not None
    assert decimal_text(number) == stored
    assert parse_decimal(stored) == number


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        ".",
        "-",
        "nan",
        "NaN",
        "sNaN",
        "inf",
        "-Infinity",
        "1e3",
        "1E999999999",
        "0x10",
        "1_000",
        "1 000",
        "1.2.3",
        "1,234.5",
        "1'000",
        "4.2 bar",
        "--4",
        "٤",
        "４",
        "४.२",
        "²",
        "½",
        "4\u200b",
        "4\0",
        "\ud800",
        "10000000000",
        "0.0000000001",
        "9" * 1_000_000,
    ],
)
def test_anything_else_is_no_number(typed):
    assert parse_decimal(typed) is None


def test_limits_are_inclusive_and_exact():
    limits = limits_of({"minimum": "2.0000", "maximum": "4.5000"})
    assert [is_within(Decimal(text), limits) for text in ("1.9999", "2", "2.00", "4.5", "4.50001")] == [
        False,
        True,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("limit", ["NaN", "Infinity", "many", "", "1e5", True])
def test_a_limit_that_is_no_number_limits_nothing(limit):
    assert limits_of({"minimum": limit, "maximum": limit}) == (None, None)


def test_limits_are_worded():
    assert limits_text({"minimum": "2.0000", "maximum": "4.5000", "unit": "bar"}) == "between 2 and 4.5 bar"
    assert limits_text({"minimum": "-10", "maximum": None, "unit": None}) == "at least -10"
    assert limits_text({"maximum": "100.0000", "unit": "%"}) == "at most 100 %"
    assert limits_text({}) == ""
