"""What a cycle of the conversation did, told between its steps and at its end: numbers, never words."""

from collections.abc import Callable
from dataclasses import dataclass, field

Progress = Callable[["Report"], None]
"""Told between two steps of a cycle how far it is. What it raises ends the cycle there, as a lost network would."""


@dataclass(slots=True)
class Report:
    """What a cycle did, for the status strip and for tests."""

    pushed: int = 0
    verdicts: dict[str, int] = field(default_factory=dict)
    pulled_rows: int = 0
    pulled_seq: int = 0
    """Everything was read up to this commit."""
    bootstrapped: list[str] = field(default_factory=list)
    blobs_sent: int = 0
    blobs_received: int = 0
    filled: int = 0
    """Rows that got columns which this program has learnt by an update."""
    healed: int = 0
    """Rows that had to be fetched again or removed, because this device held something else than the server."""
    sent_again: int = 0
    """Changes that a restored server had lost."""
    restarted: bool = False
    """The server did not know the reading position; everything is read afresh."""


def unheard(report: Report) -> None:
    """Nobody listens to the progress of a cycle."""
