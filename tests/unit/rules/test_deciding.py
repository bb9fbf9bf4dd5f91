"""When a change is decided: by every order of every few decisions."""

from itertools import product

import pytest

from sync_server.contract.rules.deciding import DECISIONS, settled


@pytest.mark.parametrize("needed", [1, 2, 3])
def test_one_refusal_ends_it_and_enough_approvals_let_it_be_in_whatever_order(needed: int) -> None:
    for count in range(5):
        for decisions in product(DECISIONS, repeat=count):
            expected = "rejected" if "rejected" in decisions else "approved" if count >= needed else None
            assert settled(decisions, needed=needed) == expected
