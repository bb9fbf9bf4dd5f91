"""What a number of another epoch counts as (sync.md §8)."""

import pytest

from sync_server.storage.epochs import Epochs

ENDED = (("first", 100), ("second", 60), ("third", 80))


@pytest.mark.parametrize(
    ("epoch", "seq", "counts_as"),
    [
        ("now", 500, 500),
        ("third", 50, 50),
        ("third", 500, 80),
        ("second", 70, 60),
        ("first", 90, 60),  # the second restore went back further than the first
        ("first", 10, 10),
        ("of a lost history", 500, 80),
        ("", 5, None),
    ],
)
def test_a_number_counts_as_far_as_its_history_is_common(epoch: str, seq: int, counts_as: int | None) -> None:
    assert Epochs("now", ENDED).common_seq(epoch, seq) == counts_as


def test_without_an_ended_epoch_another_one_is_unknown() -> None:
    assert Epochs("now").common_seq("another", 5) is None
