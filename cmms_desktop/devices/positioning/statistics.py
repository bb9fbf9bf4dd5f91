"""What was read and what was dropped, and why: nothing a receiver sends disappears without being counted."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Flaw = Literal["void_status", "quality_zero", "estimated", "out_of_range", "poor_dilution", "impossible_date"]
"""Why the content of a sentence, and with it the fix of its instant, is refused."""


@dataclass(slots=True)
class Statistics:
    """Counts since a source was opened.

    Lines and sentences: `sentences` passed the checksum; the others of the first group were dropped as text. The
    second group counts sentences whose content was refused, and with each the fix of its instant. The third group
    counts instants. One sentence may count in several places.
    """

    sentences: int = 0
    bad_checksum: int = 0
    no_checksum: int = 0
    unparsable: int = 0
    """Address malformed, or a field that is not what its place demands."""
    overlong: int = 0
    """Lines longer than the cap; only their end was looked at."""
    stray_lines: int = 0
    """Lines without any sentence: binary data, JSON, halves."""

    void_status: int = 0
    quality_zero: int = 0
    estimated: int = 0
    """Dead reckoning: the receiver guesses."""
    out_of_range: int = 0
    poor_dilution: int = 0
    impossible_date: int = 0

    undated: int = 0
    """A position without a date in the same instant."""
    contradictory: int = 0
    """Two positions for the same instant."""
    repeated: int = 0
    """The same instant again, or a sentence too many of it: a frozen receiver."""
    fixes: int = 0
    connections: int = 0
    """How often the source was reached; more than 1 after a lost connection."""

    def count(self, flaws: Iterable[Flaw]) -> None:
        """Add one to each of these."""
        for flaw in flaws:
            setattr(self, flaw, getattr(self, flaw) + 1)
