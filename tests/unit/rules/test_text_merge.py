import pytest

from sync_server.contract.rules.text_merge import LONGEST_CHARS, MOST_UNITS, merge_text

BASE = "Check the pump\nReplace the gasket\nClean up"


@pytest.mark.parametrize(
    ("mine", "theirs", "merged"),
    [
        (BASE, BASE, BASE),
        (BASE + "\nTell the guard", BASE, BASE + "\nTell the guard"),
        ("Bring a torch\n" + BASE, BASE + "\nTell the guard", "Bring a torch\n" + BASE + "\nTell the guard"),
        (
            BASE.replace("Check", "Inspect"),
            BASE.replace("Clean", "Tidy"),
            "Inspect the pump\nReplace the gasket\nTidy up",
        ),
        (BASE.replace("\nClean up", ""), "Bring a torch\n" + BASE, "Bring a torch\nCheck the pump\nReplace the gasket"),
        ("", "", ""),
    ],
)
def test_changes_of_different_lines_are_both_kept(mine, theirs, merged):
    assert merge_text(BASE, mine, theirs) == merged
    assert merge_text(BASE, theirs, mine) == merged


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "merged"),
    [
        ("check the pump", "check the big pump", "check the pump twice", "check the big pump twice"),
        (
            "check pump seals daily",
            "check all pump seals daily",
            "check pump seals weekly",
            "check all pump seals weekly",
        ),
        (
            "a\ncheck the left pump\nb",
            "a\ninspect the left pump\nb",
            "a\ncheck the left valve\nb",
            "a\ninspect the left valve\nb",
        ),
    ],
)
def test_changes_of_different_words_of_a_line_are_both_kept(base, mine, theirs, merged):
    assert merge_text(base, mine, theirs) == merged
    assert merge_text(base, theirs, mine) == merged


@pytest.mark.parametrize(
    ("base", "mine", "theirs"),
    [
        ("5 bar", "6 bar", "5 psi"),
        ("valve open", "valve closed", "valve shut"),
        ("a\nb\nc", "a\nB\nc", "a\nb\nC"),
        ("a\nb", "a\nb\nx", "a\nb\ny"),
        ("a\nb", "a", "a\nB"),
        ("", "mine", "theirs"),
        ("text", "", "texts"),
        ("a b c", "a c", "a x b c"),
        ("one line", "one\nline", "one long line"),
        ("a\r\nb", "a\nb", "a\r\nb c"),
    ],
)
def test_changes_that_touch_are_a_conflict(base, mine, theirs):
    assert merge_text(base, mine, theirs) is None
    assert merge_text(base, theirs, mine) is None


def test_the_same_change_by_both_is_made_once():
    assert merge_text("a\nb\nc", "a\nX\nc", "a\nX\nc\nd") == "a\nX\nc\nd"
    assert merge_text("a\nb\nc\nd", "a\nX\nc\nd", "a\nX\nc\nD") == "a\nX\nc\nD"


def test_blanks_are_kept_exactly():
    base = "  two  blanks \n\n\ttab \n"
    assert merge_text(base, base + "end", base) == base + "end"
    assert merge_text(base, "top\n" + base, base + "end\n") == "top\n" + base + "end\n"


def test_look_alike_letters_are_different_words():
    assert merge_text("valve A", "valve \u0410", "valve B") is None


def test_unusual_line_separators_do_not_move():
    base = "a\u2028b\x0bc\nsecond"
    assert merge_text(base, base + " line", "zero\n" + base) == "zero\n" + base + " line"


def test_texts_too_long_to_compare_are_a_conflict_unless_only_one_side_changed():
    long = "x" * LONGEST_CHARS
    assert merge_text(long, long + "y", long) == long + "y"
    assert merge_text(long, long + "y", long + "z") is None


def test_too_many_changed_lines_or_words_are_a_conflict():
    old, mine, theirs = ([f"{side}{number}" for number in range(MOST_UNITS + 1)] for side in "omt")
    assert merge_text("\n".join(old), "\n".join(mine), "\n".join(theirs)) is None
    assert merge_text(" ".join(old), " ".join(mine), " ".join(theirs)) is None


def test_a_small_change_in_a_very_long_text_still_merges():
    lines = [f"line {number}" for number in range(5 * MOST_UNITS)]
    base = "\n".join(lines)
    assert merge_text(base, "first\n" + base, base + "\nlast") == f"first\n{base}\nlast"
