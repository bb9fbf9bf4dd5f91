"""When a change is decided: one refusal ends it, and the last approval that it needs lets it be.

Pure. Who may decide, and that nobody decides about his own, is asked where a decision is taken.
"""

from collections.abc import Iterable

DECISIONS = ("approved", "rejected")


def settled(decisions: Iterable[str], *, needed: int) -> str | None:
    """Give the state that decisions of different people lead to; None: more of them are needed.

    Args:
        decisions: Words of DECISIONS, of one round.
        needed: How many people have to approve, from 1.
    """
    taken = list(decisions)
    if "rejected" in taken:
        return "rejected"
    return "approved" if taken.count("approved") >= needed else None
