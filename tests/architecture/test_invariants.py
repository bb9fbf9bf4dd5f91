"""The 31 invariants of the protocol: each has a test with its number in the name."""

import re

from tests.architecture.source_tree import ROOT

NUMBERS = set(range(1, 32))


def test_every_invariant_has_a_test_with_its_number() -> None:
    texts = [path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    found = {int(number) for text in texts for number in re.findall(r"^ *def test_invariant_(\d+)_", text, re.M)}
    assert sorted(NUMBERS - found) == [], "nobody proves these"
    assert sorted(found - NUMBERS) == [], "there are no such invariants"
