import uuid

import pytest

from sync_server.contract.rules.numbers import (
    ALPHABET,
    LARGEST,
    OfflineNumber,
    format_number,
    next_number,
    parse_number,
    short_code,
)


def test_a_short_code_is_five_characters_that_nobody_misreads():
    codes = {short_code(str(uuid.UUID(int=number))) for number in range(2000)}
    assert all(len(code) == 5 and set(code) <= set(ALPHABET) for code in codes)
    assert not set("ILOU") & set(ALPHABET)
    assert len(codes) >= 1998  # 2,000 of 33 million: a collision is rare and allowed, two are a fault


def test_a_short_code_never_changes_between_releases():
    assert short_code("00000000-0000-7000-8000-000000000006") == short_code(
        "00000000-0000-7000-8000-000000000006".upper()
    )
    assert short_code("00000000-0000-7000-8000-000000000006") == "23DW1"


def test_devices_enrolled_in_one_second_have_different_codes():
    codes = {short_code(f"01890000-0000-7000-8000-{number:012d}") for number in range(500)}
    assert len(codes) == 500


@pytest.mark.parametrize("device_id", ["", "x", "0000", "00000000-0000-7000-8000-00000000000g"])
def test_a_short_code_of_no_device_is_refused(device_id):
    with pytest.raises(ValueError, match=r"UUID|base 16"):
        short_code(device_id)


@pytest.mark.parametrize("n", [1, 42, LARGEST])
def test_a_number_reads_back(n):
    assert parse_number(format_number("7G3KQ", n)) == OfflineNumber("7G3KQ", n)


@pytest.mark.parametrize(
    ("installation", "n"),
    [("7G3KQ", 0), ("7G3KQ", -1), ("7G3KQ", LARGEST + 1), ("7g3kq", 1), ("ILOU", 1), ("7G3", 1), ("", 1)],
)
def test_a_number_outside_the_rules_is_never_written(installation, n):
    with pytest.raises(ValueError, match=r"short code|outside"):
        format_number(installation, n)


@pytest.mark.parametrize(
    "text", ["WO-1G0K1-42", "wo-1g0k1-42", " WO-1G0K1-42\n", "WO–1G0K1–42", "WO\u22121GOKL\u221242", "wo-igoki-042"]
)
def test_a_number_is_understood_as_people_type_it(text):
    assert parse_number(text) == OfflineNumber("1G0K1", 42)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "WO",
        "WO-1042",
        "WO-7G3KQ",
        "WO-7G3KQ-",
        "WO-7G3KQ-0",
        "WO-7G3KQ-1x",
        "WO-7G3KQ-1-2",
        "WO-7G3KU-1",
        "WO-7G3-1",
        "WO-7G3KQQ-1",
        "XO-7G3KQ-1",
        "WO-7G3KQ-9999999999",
        "WO-7G3KQ-٣",
        "WO-７G3KQ-1",
        "WО-7G3KQ-1",  # a Cyrillic o
        "ſO-7G3KQ-1",
        "WO-7G3KQ-1\0",
        "WO-" + "7" * 100_000,
    ],
)
def test_other_texts_are_no_offline_numbers(text):
    assert parse_number(text) is None


def test_the_next_number_follows_the_largest_of_this_installation():
    taken = ["WO-7G3KQ-2", "wo-7g3kq-9", "WO-ABCDE-77", "WO-1001", None, "", "WO-7G3KQ-x"]
    assert next_number("7G3KQ", taken) == "WO-7G3KQ-10"
    assert next_number("7G3KQ", []) == "WO-7G3KQ-1"


def test_a_counter_that_is_used_up_is_said():
    with pytest.raises(ValueError, match="outside"):
        next_number("7G3KQ", [f"WO-7G3KQ-{LARGEST}"])
