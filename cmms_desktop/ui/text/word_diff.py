"""Which words two texts do not share, as spans of plain text; whoever shows them decides how. Knows no meaning."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

_WORD: Final = re.compile(r"\S+")
WORDS_MAX: Final = 1_500
"""Above this many words on one side lines are compared instead: a comparison may cost the square of the number."""
_LINE: Final = re.compile(r"[^\n]+")


@dataclass(frozen=True, slots=True)
class Span:
    """Characters of a text from `start` up to `end`, that one excluded."""

    start: int
    end: int


def added(before: str, after: str) -> tuple[Span, ...]:
    """The words of `after` that `before` has not, or not there; in order, neighbours joined."""
    return _differing(before, after)[1]


def removed(before: str, *afters: str) -> tuple[Span, ...]:
    """The words of `before` that any of `afters` has not, or not there; in order, neighbours joined."""
    found = [span for after in afters for span in _differing(before, after)[0]]
    return _joined(before, found)


def _differing(before: str, after: str) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Spans of both sides that the other does not share."""
    left, right = _pieces(before, after)
    old, new = [before[s.start : s.end] for s in left], [after[s.start : s.end] for s in right]
    first = _shared(old, new)
    last = _shared(old[first:][::-1], new[first:][::-1])
    lost, gained = left[first : len(left) - last], right[first : len(right) - last]
    matcher = SequenceMatcher(None, old[first : len(old) - last], new[first : len(new) - last])
    for block in reversed(matcher.get_matching_blocks()):
        del lost[block.a : block.a + block.size]
        del gained[block.b : block.b + block.size]
    return _joined(before, lost), _joined(after, gained)


def _shared(left: Sequence[str], right: Sequence[str]) -> int:
    """How many words both begin with."""
    pairs = enumerate(zip(left, right, strict=False))
    return next((number for number, (mine, other) in pairs if mine != other), min(len(left), len(right)))


def _pieces(before: str, after: str) -> tuple[list[Span], list[Span]]:
    words = [[Span(*found.span()) for found in _WORD.finditer(text)] for text in (before, after)]
    if max(len(side) for side in words) > WORDS_MAX:
        words = [[Span(*found.span()) for found in _LINE.finditer(text)] for text in (before, after)]
    return words[0], words[1]


def _joined(text: str, spans: Sequence[Span]) -> tuple[Span, ...]:
    """Spans in order; those with nothing but blanks of one line between them become one."""
    joined: list[Span] = []
    for span in sorted(spans, key=_start):
        between = text[joined[-1].end : span.start] if joined else ""
        if joined and not between.strip() and "\n" not in between:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return tuple(joined)


def _start(span: Span) -> int:
    return span.start
