"""A mutant that does not fit its file any more, or names a test that is gone, would prove nothing."""

import os
import re
from pathlib import Path

import pytest

from tests.mutants.every import EVERY
from tests.mutants.mutant import ROOT, Edit, Mutant


@pytest.mark.parametrize("mutant", EVERY, ids=lambda mutant: mutant.name)
def test_a_mutant_still_fits_and_names_tests_that_are_there(mutant: Mutant) -> None:
    assert [problem for edit in mutant.edits if (problem := edit.problem())] == []
    assert mutant.tests
    for test in mutant.tests:
        file, _, name = test.partition("::")
        text = (ROOT / file).read_text("utf-8")
        assert not name or re.search(rf"^def {re.escape(name)}\(", text, re.M), f"{test} is not there"


def test_every_mutant_has_a_name_of_its_own() -> None:
    names = [mutant.name for mutant in EVERY]
    assert len(names) == len(set(names))


def test_what_a_mutant_leaves_is_still_a_program() -> None:
    for mutant in EVERY:
        texts = {edit.file: (ROOT / edit.file).read_text("utf-8") for edit in mutant.edits}
        for edit in mutant.edits:
            assert texts[edit.file].count(edit.old) == 1, mutant.name
            texts[edit.file] = texts[edit.file].replace(edit.old, edit.new)
        for file, text in texts.items():
            if file.endswith(".py"):
                compile(text, file, "exec")


def test_two_mutants_of_one_file_are_told_apart_though_they_are_of_one_size(tmp_path: Path) -> None:
    """By second and size Python knows what it has compiled; one survived for being taken for the one before."""
    told = set()
    for old in ("first()", "other()"):
        path = tmp_path / "module.py"
        path.write_text("first() or other()", "utf-8")
        os.utime(path, (1_700_000_000, 1_700_000_000))
        Edit("module.py", old, "None").make(tmp_path)
        told.add((int(path.stat().st_mtime), path.stat().st_size))
    assert len(told) == 2
    assert {size for _, size in told} == {15}
    assert (1_700_000_000, 18) not in told
