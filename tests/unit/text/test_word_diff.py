"""The words that changed: what is marked is exactly what the other text has not."""

import re

from hypothesis import given
from hypothesis import strategies as st

from cmms_desktop.ui.text.word_diff import WORDS_MAX, Span, added, removed

BEFORE = "Door stops about 30 cm above the floor. Runs normally upwards. Remote works."
MINE = "Door stops about 30 cm above the floor. Runs normally upwards. Lower safety edge is torn, spare ordered."
THEIRS = "Door stops about 30 cm above the floor. Runs normally upwards. Remote fails too, use the wall switch."


def shown(text: str, spans: tuple[Span, ...]) -> list[str]:
    return [text[span.start : span.end] for span in spans]


def test_neighbouring_new_words_are_one_mark() -> None:
    assert shown(MINE, added(BEFORE, MINE)) == ["Lower safety edge is torn, spare ordered."]


def test_a_word_that_stayed_is_not_marked() -> None:
    assert shown(THEIRS, added(BEFORE, THEIRS)) == ["fails too, use the wall switch."]


def test_what_either_side_lost_is_removed() -> None:
    assert shown(BEFORE, removed(BEFORE, MINE, THEIRS)) == ["Remote works."]
    assert shown(BEFORE, removed(BEFORE, THEIRS)) == ["works."]


def test_equal_and_empty_texts_have_no_marks() -> None:
    assert added(BEFORE, BEFORE) == removed(BEFORE, BEFORE) == added("", "") == ()
    assert shown("all new", added("", "all new")) == ["all new"]


def test_other_blanks_are_no_change() -> None:
    assert added("two words", "two\n  words") == ()


def test_a_mark_ends_with_its_line() -> None:
    assert shown("new one\nnew two", added("", "new one\nnew two")) == ["new one", "new two"]


def test_very_long_texts_are_compared_by_lines() -> None:
    lines = [f"word{n} and more" for n in range(WORDS_MAX)]
    changed = [*lines[:700], "something else", *lines[701:]]
    after = "\n".join(changed)
    assert shown(after, added("\n".join(lines), after)) == ["something else"]


words = st.lists(st.sampled_from(["a", "b", "c", "dd", "e\u0301", "ع"]), max_size=12)


@given(words, words, st.sampled_from([" ", "\n", "  "]))
def test_without_the_marked_words_both_texts_are_the_same(left: list[str], right: list[str], gap: str) -> None:
    before, after = gap.join(left), gap.join(right)
    rest = [_without(before, removed(before, after)), _without(after, added(before, after))]
    assert rest[0] == rest[1]


def _without(text: str, spans: tuple[Span, ...]) -> list[str]:
    for span in reversed(spans):
        text = text[: span.start] + " " + text[span.end :]
    return re.findall(r"\S+", text)
