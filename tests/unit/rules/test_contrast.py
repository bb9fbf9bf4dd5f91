"""The grounds that a profile's colours are compared with are those of the design."""

import json

import pytest

from sync_server.contract.rules.contrast import DARK_GROUNDS, LEAST, LIGHT_GROUNDS, contrast
from tests.architecture.source_tree import ROOT

TOKENS = json.loads((ROOT / "resources" / "styles" / "tokens.json").read_text("utf-8"))


def test_the_grounds_are_page_and_card_of_the_themes() -> None:
    found = {
        name: tuple(look[ground].lower() for ground in ("surface", "surface-raised"))
        for name, look in TOKENS["themes"].items()
    }
    assert found == {"light": LIGHT_GROUNDS, "dark": DARK_GROUNDS, "sunlight": ("#ffffff", "#ffffff")}
    assert {each["graphic"] for each in TOKENS["contrast"]["minimum"].values()} == {LEAST}


@pytest.mark.parametrize(("one", "other", "ratio"), [
    ("#000000", "#ffffff", 21.0), ("#ffffff", "#ffffff", 1.0), ("#777777", "#ffffff", 4.48),
    ("#0a5e70", "#f1f4f5", 6.6),
])  # fmt: skip
def test_contrast_is_the_one_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.1)
    assert contrast(one, other) == contrast(other, one)
