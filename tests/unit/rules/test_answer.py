import pytest

from sync_server.contract.entities import REGISTRY
from sync_server.contract.problems import Problem
from sync_server.contract.rules.answer import Answer, choices_of, judge_answer
from tests.unit.rules.statements import an_item

PHOTO = "a" * 64
READING = an_item(1, kind="number", unit="bar", minimum="2.0000", maximum="4.5000")
CHOICE = an_item(1, kind="choice", choices='["good","worn","caf\u00e9"]')
KINDS = ("pass_fail", "number", "text", "choice", "photo")


def code_of(item, **entered) -> str | None:
    judged = judge_answer(item, **entered)
    return judged.code if isinstance(judged, Problem) else None


@pytest.mark.parametrize(("typed", "stored"), [("2", "2"), ("4,5", "4.5"), (" 3.20 ", "3.20"), ("+4.5000", "4.5000")])
def test_a_reading_in_range_passes_with_the_places_it_was_read_with(typed, stored):
    assert judge_answer(READING, value=typed) == Answer(result="pass", value=stored)


@pytest.mark.parametrize("typed", ["1.9999", "4.5001", "-3", "9999999999"])
def test_a_reading_out_of_range_asks_for_a_note_and_a_photo_and_fails(typed):
    assert code_of(READING, value=typed) == "note_required"
    assert code_of(READING, value=typed, photo=PHOTO) == "note_required"
    assert code_of(READING, value=typed, note="?!", photo=PHOTO) == "note_required"
    assert code_of(READING, value=typed, note="valve stuck") == "photo_required"
    for chosen in (None, "pass", "flag", "fail"):
        judged = judge_answer(READING, value=typed, note="valve stuck", photo=PHOTO, result=chosen)
        assert judged == Answer(result="fail", value=typed, note="valve stuck", photo_sha256=PHOTO)


def test_the_sentence_names_the_limits():
    problem = judge_answer(READING, value="9")
    assert isinstance(problem, Problem)
    assert "between 2 and 4.5 bar" in problem.sentence


@pytest.mark.parametrize("typed", ["NaN", "Infinity", "1e3", "٣", "4.2 bar", "1.2.3", "9" * 5000, "four"])
def test_what_is_no_number_is_no_reading(typed):
    assert code_of(READING, value=typed) == "not_a_number"


def test_a_reading_without_limits_is_in_range_and_unreadable_limits_block_no_work():
    for limits in ({}, {"minimum": "NaN", "maximum": "x"}):
        item = {**an_item(1, kind="number"), **limits}
        assert judge_answer(item, value="12") == Answer(result="pass", value="12")


def test_a_reading_in_range_can_be_flagged_with_a_note():
    assert code_of(READING, value="3", result="flag") == "note_required"
    judged = judge_answer(READING, value="3", result="flag", note="gauge trembles")
    assert judged == Answer(result="flag", value="3", note="gauge trembles")


@pytest.mark.parametrize("result", ["pass", "flag", "fail", "na"])
def test_a_pass_fail_item_takes_its_four_answers(result):
    assert judge_answer(an_item(1), result=result, note="seen") == Answer(result=result, note="seen")


@pytest.mark.parametrize("result", ["", "PASS", "pass ", "ok", "раss"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_result_that_does_not_exist_is_refused(kind, result):
    assert code_of(an_item(1, kind=kind), result=result, value="3", note="x", photo=PHOTO) == "invalid_value"


def test_a_pass_fail_item_takes_no_text_as_its_answer():
    assert code_of(an_item(1), result="pass", value="pass") == "invalid_value"


@pytest.mark.parametrize("kind", ["number", "text", "choice", "photo"])
def test_any_item_can_be_not_applicable_with_a_reason(kind):
    item = an_item(1, kind=kind, choices='["good"]')
    assert code_of(item, result="na") == "note_required"
    judged = judge_answer(item, result="na", value="3", note="gauge removed")
    assert judged == Answer(result="na", note="gauge removed")


@pytest.mark.parametrize("choice", ["good", "worn", "café", "cafe\u0301"])
def test_an_offered_choice_is_taken(choice):
    judged = judge_answer(CHOICE, value=choice)
    assert isinstance(judged, Answer)
    assert judged.result == "pass"
    assert judged.value in choices_of(CHOICE)


@pytest.mark.parametrize("choice", ["bad", "Good", "gооd", "good,worn", '["good"]'])  # the third has Cyrillic letters
def test_a_choice_that_is_not_offered_is_refused(choice):
    assert code_of(CHOICE, value=choice) == "not_a_choice"


@pytest.mark.parametrize("choices", [None, "", "good", "{}", "[1,2]", "null", '["good"', "[" * 5000, "\ud800"])
def test_choices_that_cannot_be_read_offer_nothing(choices):
    item = an_item(1, kind="choice", choices=choices)
    assert choices_of(item) == ()
    assert code_of(item, value="good") == "not_a_choice"


def test_a_photo_item_needs_its_photo():
    item = an_item(1, kind="photo")
    assert code_of(item) == "photo_required"
    assert judge_answer(item, photo=PHOTO) == Answer(result="pass", photo_sha256=PHOTO)


@pytest.mark.parametrize("photo", ["", "a" * 63, "A" * 64, "a" * 64 + "\n", "g" * 64, "/etc/passwd"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_photo_is_named_by_its_digest(kind, photo):
    assert code_of(an_item(1, kind=kind), result="pass", photo=photo) == "invalid_value"


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "x" * 30_000])
@pytest.mark.parametrize("place", ["value", "note"])
def test_text_that_cannot_be_stored_is_refused(place, text):
    entered = {"value": "fine", place: text}
    assert code_of(an_item(1, kind="text"), **entered) == "invalid_value"


@pytest.mark.parametrize("value", [4.2, 4, True, ["4"], {"a": 1}, b"4"])
def test_a_value_that_is_no_text_is_refused_and_breaks_nothing(value):
    assert code_of(an_item(1, kind="text"), value=value) == "invalid_value"


def test_blanks_around_text_are_taken_off_and_letters_composed():
    judged = judge_answer(an_item(1, kind="text"), value="  Ame\u0301lie \n", note="  ")
    assert judged == Answer(result="pass", value="Am\u00e9lie")


@pytest.mark.parametrize("kind", ["number", "text", "choice"])
@pytest.mark.parametrize("value", [None, "", "  \n"])
def test_an_emptied_field_is_unanswered_again(kind, value):
    assert judge_answer(an_item(1, kind=kind, choices='["good"]'), value=value) == Answer(result=None)


@pytest.mark.parametrize("kind", ["sketch", "", None])
def test_a_kind_of_a_newer_server_can_only_be_not_applicable(kind):
    item = an_item(1, kind=kind)
    assert code_of(item, value="x", result="pass") == "invalid_value"
    assert judge_answer(item, result="na", note="the app is older") == Answer(result="na", note="the app is older")
    assert code_of({}, value="x") == "invalid_value"


def test_an_answer_names_columns_of_the_item():
    assert set(Answer.__struct_fields__) <= set(REGISTRY["checklist_item"].names)
