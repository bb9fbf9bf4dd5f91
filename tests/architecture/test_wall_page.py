"""The table of ways past row security names every door, and tests that are there."""

import ast
import re
from pathlib import Path

import pytest

from sync_server.storage.catalog_doors import DOORS

TESTS = Path(__file__).parents[1]
ROW = re.compile(r"^\| (?P<way>[^|`]+) \| (?P<doors>[^|`]+) \| (?P<tests>`[^|]+`) \|$", re.M)
WAYS = {found["way"]: found for found in ROW.finditer((TESTS / "README.md").read_text()) if "::" in found["tests"]}


def test_every_door_is_in_a_row_and_every_row_names_doors_that_are_there() -> None:
    told = {name for row in WAYS.values() for name in row["doors"].split("; ")} - {"–"}
    assert told == {door.name for door in DOORS}


def test_no_way_of_the_design_is_missing() -> None:
    assert len(WAYS) >= 13  # nine of trust.md, and four that its text adds


@pytest.mark.parametrize("way", WAYS)
def test_what_a_row_names_is_a_test(way: str) -> None:
    for named in re.findall(r"`([^`]+)`", WAYS[way]["tests"]):
        file, _, test = named.partition("::")
        functions = [
            each.name for each in ast.parse((TESTS / file).read_text()).body if isinstance(each, ast.FunctionDef)
        ]
        assert test in functions, named
