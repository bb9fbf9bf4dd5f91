"""The drawing of a finger or pen: its bounds, its text and its digest. Never an image."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import rfc8785

from sync_server.contract.problems import Problem

Strokes = Sequence[Sequence[tuple[int, int, int]]]
"""Strokes of points (x, y, milliseconds since the first point), x and y in units of the drawing area."""

MOST_STROKES = 200
MOST_POINTS = 10_000
WIDEST = 9_999
LONGEST_MS = 600_000
"""Ten minutes. With these bounds the text stays below the 200,000 characters of `personal_value.value`."""

_BOUNDS = (WIDEST, WIDEST, LONGEST_MS)


def ink_text(strokes: Strokes) -> str | Problem:
    """Write a drawing as canonical JSON, a list of strokes of [x, y, ms]; `invalid_value` for none or an odd one.

    A drawing without any two different points (a tap) is empty.
    """
    points = [tuple(point) for stroke in strokes for point in stroke]
    if len({point[:2] for point in points}) < 2:
        return Problem("invalid_value", "Nothing was drawn. Sign inside the frame.")
    if len(strokes) > MOST_STROKES or len(points) > MOST_POINTS:
        return Problem("invalid_value", "The drawing is too large. Clear it and sign again.")
    if not all(_is_point(point) for point in points):
        return Problem("invalid_value", "The drawing cannot be stored. Clear it and sign again.")
    return rfc8785.dumps([[list(point) for point in stroke] for stroke in strokes]).decode()


def ink_digest(strokes: Strokes) -> str | Problem:
    """Give the SHA-256 of a drawing's text, 64 hex digits. A body holds a salted commitment to the text instead."""
    text = ink_text(strokes)
    return text if isinstance(text, Problem) else hashlib.sha256(text.encode()).hexdigest()


def _is_point(point: Sequence[object]) -> bool:
    return len(point) == 3 and all(
        type(number) is int and 0 <= number <= bound for number, bound in zip(point, _BOUNDS, strict=True)
    )
