"""Numbers as people read them."""

from decimal import Decimal

import pytest

from cmms_desktop.ui.text.numbers import counted, digest, distance, excess, limits, number, ordinal, size, with_unit


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("6.8000", "6.8"),
        ("4.0", "4"),
        ("100", "100"),
        ("0.0000", "0"),
        ("-2.0000", "−2"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.30"), "0.3"),
        ("damp", "damp"),
        ("", ""),
        (None, ""),
        ("1e999", "1e999"),
    ],
)
def test_a_number_has_no_trailing_zeros(value: Decimal | str | None, text: str) -> None:
    assert number(value) == text


def test_units_follow_a_space_and_pieces_are_counted() -> None:
    assert with_unit("6.80", "bar") == "6.8 bar"
    assert [with_unit(each, "each") for each in ("1.0000", "3", "-1", "0")] == [
        "1 piece",
        "3 pieces",
        "−1 piece",
        "0 pieces",
    ]
    assert (with_unit("4", None), with_unit(None, "bar"), with_unit("4", "")) == ("4", "", "4")


def test_limits_and_what_is_outside_of_them() -> None:
    low, high = Decimal("4.0000"), Decimal(6)
    assert limits(low, high, "bar") == "Limits 4 to 6 bar"
    assert (limits(low, None, "MΩ"), limits(None, high, None), limits(None, None, "bar")) == (
        "At least 4 MΩ",
        "At most 6",
        "",
    )
    assert excess(Decimal("0.80"), "bar") == "0.8 bar above the limit"
    assert excess(Decimal("-0.3"), None) == "0.3 below the limit"


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1 kB"),
        (850_000, "850 kB"),
        (999_999, "1 MB"),
        (17_600_000, "17.6 MB"),
        (41_234_567, "41 MB"),
        (5_800_000_000, "5.8 GB"),
        (7_000_000_000_000, "7000 GB"),
    ],
)
def test_sizes(size_bytes: int, text: str) -> None:
    assert size(size_bytes) == text


def test_distances_counts_and_digests() -> None:
    assert [distance(each) for each in (0.0, 340.4, 999.0, 1_234.0, 10_980.0)] == [
        "0 m",
        "340 m",
        "999 m",
        "1.2 km",
        "11 km",
    ]
    assert [counted(each, "photo") for each in (0, 1, 2)] == ["0 photos", "1 photo", "2 photos"]
    assert counted(2, "person", "people") == "2 people"
    assert digest("9f3a61c0e27b" + "0" * 52) == "9f3a 61c0 e27b"


def test_ordinals() -> None:
    said = "1st 2nd 3rd 4th 10th 11th 12th 13th 20th 21st 22nd 23rd 101st 111th 112th"
    assert " ".join(ordinal(int(each[:-2])) for each in said.split()) == said
