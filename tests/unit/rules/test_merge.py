"""One field, three values: what stands, and what becomes of the author's."""

import pytest

from sync_server.contract.entities import REGISTRY
from sync_server.contract.rules.merge import Fate, merge_field

ORDER = REGISTRY["work_order"].by_name
TITLE, NOTE, DUE, POSITION = (ORDER[name] for name in ("title", "completion_note", "due_at", "route_position"))
QUANTITY = REGISTRY["work_order_part"].by_name["quantity"]


def merged(column, *, current, old, new, is_office=False):
    return merge_field(column, current=current, old=old, new=new, is_office=is_office)


def test_what_nobody_else_changed_is_applied():
    assert merged(TITLE, current="a", old="a", new="b") == (Fate.APPLY, "b")


def test_what_stands_already_is_nothing_to_do():
    assert merged(TITLE, current="b", old="a", new="b") == (Fate.NOTHING, "b")


def test_two_different_changes_are_a_conflict_and_the_first_stands():
    assert merged(TITLE, current="c", old="a", new="b") == (Fate.CONFLICT, "c")


def test_emptying_is_a_change_like_another():
    assert merged(NOTE, current="a", old="a", new=None) == (Fate.APPLY, None)
    assert merged(TITLE, current="c", old="a", new=None) == (Fate.CONFLICT, "c")
    assert merged(TITLE, current=None, old="a", new="b") == (Fate.CONFLICT, None)


def test_planning_data_is_the_office_s_and_a_technician_asks():
    assert merged(DUE, current=None, old=None, new="x") == (Fate.REQUEST, None)
    assert merged(DUE, current=None, old=None, new="x", is_office=True) == (Fate.APPLY, "x")
    assert merged(DUE, current="y", old=None, new="x", is_office=True) == (Fate.CONFLICT, "y")


def test_asking_for_what_stands_already_is_no_request():
    assert merged(POSITION, current=3, old=1, new=3) == (Fate.NOTHING, 3)


def test_numbers_are_compared_as_numbers():
    assert merged(QUANTITY, current="5.0000", old="5", new="6.0000", is_office=True) == (Fate.APPLY, "6.0000")
    assert merged(QUANTITY, current="5.0000", old="4", new="5.0", is_office=True) == (Fate.NOTHING, "5.0000")


@pytest.mark.parametrize("old", ["", "five", "NaN", "sNaN", "1e999999999", True, 5.5, [], "٥"])
def test_an_old_value_that_is_no_number_is_not_the_base(old):
    assert merged(QUANTITY, current="7.0000", old=old, new="6.0000", is_office=True) == (Fate.CONFLICT, "7.0000")


def test_long_text_is_merged_by_lines():
    assert merged(NOTE, current="0\na\nb", old="a\nb", new="a\nb\nc") == (Fate.MERGED, "0\na\nb\nc")


def test_a_word_that_everybody_has_kept_is_not_merged_away():
    """Of a word that stands twice one has struck out the first, another the second: both have kept it."""
    base, mine, theirs = ("a a a a\na b a b a\na", "a a a a\na a b a\na", "a a a a\na b a\na")
    assert merged(NOTE, current=theirs, old=base, new=mine) == (Fate.CONFLICT, theirs)


def test_long_text_that_was_empty_at_first_is_a_conflict_of_two_texts():
    assert merged(NOTE, current="mine", old=None, new="yours") == (Fate.CONFLICT, "mine")


def test_a_merge_that_the_column_could_not_hold_is_a_conflict():
    base = "\n".join("x" * 99 for _ in range(150))
    mine, theirs = f"{'m' * 4_000}\n{base}", f"{base}\n{'t' * 4_000}"
    assert len(mine) < NOTE.characters < len(mine) + len(theirs) - len(base)
    assert merged(NOTE, current=theirs, old=base, new=mine) == (Fate.CONFLICT, theirs)
