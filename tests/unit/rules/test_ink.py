import hashlib
import json

import pytest

from sync_server.contract.entities import REGISTRY
from sync_server.contract.problems import Problem
from sync_server.contract.rules.ink import LONGEST_MS, MOST_POINTS, MOST_STROKES, WIDEST, ink_digest, ink_text

STROKES = [[(1, 2, 0), (3, 4, 16)], [(5, 6, 300)]]


def test_a_drawing_is_canonical_json_and_its_digest_is_of_that_text():
    assert ink_text(STROKES) == "[[[1,2,0],[3,4,16]],[[5,6,300]]]"
    assert ink_digest(STROKES) == hashlib.sha256(b"[[[1,2,0],[3,4,16]],[[5,6,300]]]").hexdigest()


def test_any_changed_point_changes_the_digest():
    digests = {ink_digest(STROKES)}
    for place in range(3):
        moved = [list(stroke) for stroke in STROKES]
        point = list(moved[0][0])
        point[place] += 1
        moved[0][0] = tuple(point)
        digests.add(ink_digest(moved))
    digests.add(ink_digest(STROKES[::-1]))
    digests.add(ink_digest([STROKES[0] + STROKES[1]]))
    assert len(digests) == 6


@pytest.mark.parametrize(
    "strokes", [[], [[]], [[], []], [[(5, 5, 0)]], [[(5, 5, 0), (5, 5, 900)]], [[(5, 5, 0)], [(5, 5, 1)]]]
)
def test_a_frame_in_which_nothing_was_drawn_is_refused(strokes):
    problem = ink_text(strokes)
    assert isinstance(problem, Problem)
    assert "Nothing was drawn" in problem.sentence
    assert ink_digest(strokes) == problem


@pytest.mark.parametrize(
    "point",
    [
        (-1, 0, 0),
        (WIDEST + 1, 0, 0),
        (0, WIDEST + 1, 0),
        (0, 0, LONGEST_MS + 1),
        (0, 0, -1),
        (1.5, 0, 0),
        (float("nan"), 0, 0),
        (True, 0, 0),
        ("1", 0, 0),
        (None, 0, 0),
        (0, 0),
        (0, 0, 0, 0),
        (10**30, 0, 0),
    ],
)
def test_a_point_that_no_frame_gives_is_refused(point):
    assert isinstance(ink_text([[(1, 1, 0), (2, 2, 1), point]]), Problem)


def test_the_largest_drawing_fits_its_column_and_one_more_point_or_stroke_does_not():
    full = [
        [(WIDEST, WIDEST - (number % 2), LONGEST_MS) for number in range(MOST_POINTS // MOST_STROKES)]
    ] * MOST_STROKES
    text = ink_text(full)
    assert isinstance(text, str)
    assert len(text) <= REGISTRY["personal_value"].by_name["value"].characters
    assert sum(len(stroke) for stroke in json.loads(text)) == MOST_POINTS
    assert isinstance(ink_text([*full[:-1], [*full[-1], (1, 1, 1)]]), Problem)
    assert isinstance(ink_text([*[[(number, 1, 1)] for number in range(MOST_STROKES)], [(1, 2, 1)]]), Problem)
