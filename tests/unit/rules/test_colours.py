"""What counts as a colour, on both sides."""

import pytest

from sync_server.contract.rules.colours import colour_of


@pytest.mark.parametrize(("text", "colour"), [("#0f6cbd", "#0f6cbd"), ("#0F6CBD", "#0f6cbd"), (" #000000 ", "#000000")])
def test_six_digits_after_a_hash_are_a_colour(text: str, colour: str) -> None:
    assert colour_of(text) == colour


@pytest.mark.parametrize(
    "text", [None, "", "#", "#fff", "0f6cbd", "#0f6cbg", "#0f6cbd0", "red", "#0f6cbd;}", "#٠٠٠٠٠٠"]
)
def test_anything_else_is_none(text: str | None) -> None:
    assert colour_of(text) is None
