"""Three-way merge of long text: by lines, then by words inside one line; when in doubt, a conflict.

It never drops or reorders a word that a person added, nor drops one that everybody has kept (of a word that stands
twice, one may strike out the first and another the second): what cannot be placed safely is not merged at all. Changes
that touch each other (no unchanged line, or no unchanged word, between them) are a conflict, because "5 bar"
changed to "6 bar" here and to "5 psi" there must not become "6 psi". Both sides are treated alike: nobody wins.
"""

from collections.abc import Sequence
from difflib import SequenceMatcher

import msgspec

LONGEST_CHARS = 100_000
"""Longest text that is merged; a longer one is a conflict. Comments are bounded at 20,000 characters."""
MOST_UNITS = 2_000
"""Most changed lines, or words of one line, that are compared: difflib's time grows with their square."""


class _Hunk(msgspec.Struct, frozen=True):
    """Units start (inclusive) to end (exclusive) of the base become `units`; an insertion has start == end."""

    start: int
    end: int
    units: tuple[str, ...]


class _ClashError(Exception):
    """Two changes cannot both be kept."""


def merge_text(base: str, mine: str, theirs: str) -> str | None:
    """Merge two edits of one text.

    Returns:
        The merged text, or None when the edits conflict. merge(b, m, t) == merge(b, t, m) always.
    """
    if theirs in {mine, base}:
        return mine
    if mine == base:
        return theirs
    if max(len(base), len(mine), len(theirs)) > LONGEST_CHARS:
        return None
    try:
        merged = "\n".join(_merge(base.split("\n"), mine.split("\n"), theirs.split("\n"), inside_line=False))
    except _ClashError:
        return None
    kept = set(base.split()) & set(mine.split()) & set(theirs.split())
    return merged if kept <= set(merged.split()) else None


def _merge(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str], *, inside_line: bool) -> list[str]:
    """Merge units (lines, or words of one line). Raises _ClashError."""
    left, right = _hunks(base, mine), _hunks(base, theirs)
    merged: list[str] = []
    at = 0
    while left or right:
        ours, others = _next_cluster(left, right)
        start = min(hunk.start for hunk in ours + others)
        end = max(hunk.end for hunk in ours + others)
        merged += base[at:start]
        merged += _settle(base, ours, others, start=start, end=end, inside_line=inside_line)
        at = end
    return merged + list(base[at:])


def _settle(
    base: Sequence[str],
    ours: Sequence[_Hunk],
    others: Sequence[_Hunk],
    *,
    start: int,
    end: int,
    inside_line: bool,
) -> list[str]:
    """Give the units of one cluster of touching changes: one side's, both the same, or merged by words."""
    left = _applied(base, ours, start=start, end=end)
    right = _applied(base, others, start=start, end=end)
    if not others or left == right:
        return left
    if not ours:
        return right
    if inside_line or not (end - start == len(left) == len(right) == 1):
        raise _ClashError
    return [" ".join(_merge(base[start].split(" "), left[0].split(" "), right[0].split(" "), inside_line=True))]


def _next_cluster(left: list[_Hunk], right: list[_Hunk]) -> tuple[list[_Hunk], list[_Hunk]]:
    """Take from both lists, in order of the base, the next changes that touch one another."""
    taken: tuple[list[_Hunk], list[_Hunk]] = ([], [])
    end = min(hunks[0].start for hunks in (left, right) if hunks)
    growing = True
    while growing:
        growing = False
        for hunks, mine in ((left, taken[0]), (right, taken[1])):
            while hunks and hunks[0].start <= end:
                end = max(end, hunks[0].end)
                mine.append(hunks.pop(0))
                growing = True
    return taken


def _applied(base: Sequence[str], hunks: Sequence[_Hunk], *, start: int, end: int) -> list[str]:
    """Give base[start:end] as one side changed it."""
    units: list[str] = []
    at = start
    for hunk in hunks:
        units += base[at : hunk.start]
        units += hunk.units
        at = hunk.end
    return units + list(base[at:end])


def _hunks(base: Sequence[str], changed: Sequence[str]) -> list[_Hunk]:
    """Give the changes from base to changed, ascending and disjoint. Raises _ClashError when they are too many."""
    shorter = min(len(base), len(changed))
    head = next((i for i in range(shorter) if base[i] != changed[i]), shorter)
    tail = next((i for i in range(shorter - head) if base[-1 - i] != changed[-1 - i]), shorter - head)
    old, new = base[head : len(base) - tail], changed[head : len(changed) - tail]
    if max(len(old), len(new)) > MOST_UNITS:
        raise _ClashError
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return [
        _Hunk(start=head + i1, end=head + i2, units=tuple(new[j1:j2]))
        for tag, i1, i2, j1, j2 in matcher.get_opcodes()
        if tag != "equal"
    ]
