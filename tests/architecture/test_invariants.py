"""The invariants of the sync protocol, 1 to 31 (tests/README.md): each has a test with its number in the name."""

import re

from tests.architecture.source_tree import ROOT

NUMBERS = range(1, 32)
NOT_YET = frozenset({5, 6, 7, 8, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 26, 27, 29, 30, 31})
"""Numbers that may still be without one."""


def test_every_invariant_has_a_test_with_its_number() -> None:
    texts = [path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    found = {int(number) for text in texts for number in re.findall(r"^ *def test_invariant_(\d+)_", text, re.M)}
    assert found <= set(NUMBERS)
    assert set(NUMBERS) - found <= NOT_YET
