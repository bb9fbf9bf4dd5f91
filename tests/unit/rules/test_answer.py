"""What a person enters for one item, and what is stored of it."""

import json

import pytest

from sync_server.contract.codec import checked
from sync_server.contract.entities import REGISTRY
from sync_server.contract.problems import CODES, Problem
from sync_server.contract.rules.answer import Answer, judge_answer

PHOTO = "0123456789abcdef" * 4
READING = {"kind": "number", "unit": "bar", "minimum": "2.0000", "maximum": "4.5000"}
CHOICE = {"kind": "choice", "choices": json.dumps(["Öl", "Wasser", "灯"], ensure_ascii=False)}
KINDS = ("pass_fail", "number", "text", "choice", "photo")


def code_of(judged) -> str:
    assert isinstance(judged, Problem), judged
    assert judged.code in CODES
    assert judged.sentence.endswith(".")
    return judged.code


# ---- pass / flag / fail


@pytest.mark.parametrize("result", ["pass", "na"])
def test_a_pass_is_one_tap(result):
    assert judge_answer({"kind": "pass_fail"}, result=result) == Answer(result=result)


@pytest.mark.parametrize("result", ["flag", "fail"])
@pytest.mark.parametrize("note", [None, "", "  ", "…", "!?"])
def test_an_exception_says_what_was_found(result, note):
    assert code_of(judge_answer({"kind": "pass_fail"}, result=result, note=note)) == "note_required"
    found = judge_answer({"kind": "pass_fail"}, result=result, note=" Riss ")
    assert found == Answer(result=result, note="Riss")


def test_taking_the_answer_back_leaves_the_note_and_the_photo():
    emptied = judge_answer({"kind": "pass_fail"}, note="Look again", photo=PHOTO)
    assert emptied == Answer(result=None, note="Look again", photo_sha256=PHOTO)


@pytest.mark.parametrize("result", ["PASS", "ok", "", 1, True])
@pytest.mark.parametrize("kind", KINDS)
def test_a_word_that_is_no_result_is_refused(kind, result):
    assert code_of(judge_answer({"kind": kind}, result=result, value="1", note="x")) == "invalid_value"


def test_a_typed_value_has_no_place_in_a_pass_fail_item():
    assert code_of(judge_answer({"kind": "pass_fail"}, result="pass", value="4.2")) == "invalid_value"


# ---- numbers


@pytest.mark.parametrize(
    ("typed", "stored"), [("4,2", "4.2"), (" 4.20 ", "4.20"), ("+003", "3"), ("2", "2"), ("4.5", "4.5")]
)
def test_a_reading_inside_its_limits_passes(typed, stored):
    assert judge_answer(READING, value=typed) == Answer(result="pass", value=stored)


@pytest.mark.parametrize("typed", ["4.5001", "1,9999", "-3", "\u22123", "9999999999"])
def test_a_reading_out_of_range_fails_with_a_note_and_a_photo(typed):
    assert code_of(judge_answer(READING, value=typed)) == "note_required"
    assert code_of(judge_answer(READING, value=typed, note=" . ")) == "note_required"
    assert code_of(judge_answer(READING, value=typed, photo=PHOTO)) == "note_required"
    assert code_of(judge_answer(READING, value=typed, note="Valve stuck")) == "photo_required"
    judged = judge_answer(READING, value=typed, note="Valve stuck", photo=PHOTO)
    assert (judged.result, judged.note, judged.photo_sha256) == ("fail", "Valve stuck", PHOTO)


@pytest.mark.parametrize("result", ["pass", "flag", "fail"])
def test_a_reading_out_of_range_is_never_talked_into_anything_but_a_fail(result):
    assert judge_answer(READING, value="9", result=result, note="It is fine", photo=PHOTO).result == "fail"


def test_a_reading_inside_its_limits_can_still_be_flagged():
    assert code_of(judge_answer(READING, value="4", result="flag")) == "note_required"
    assert judge_answer(READING, value="4", result="flag", note="Trembles").result == "flag"


def test_the_sentence_names_the_limits():
    assert "between 2 and 4.5 bar" in judge_answer(READING, value="9").sentence


@pytest.mark.parametrize(
    "typed",
    [
        "NaN",
        "nan",
        "inf",
        "-Infinity",
        "1e3",
        "0x10",
        "1_0",
        "4.2.1",
        "1,234.5",
        "1 000",
        "٤٫٢",
        "four",
        "9" * 11,
        "9" * 5_000,
    ],
)
def test_what_is_no_number_is_refused(typed):
    assert code_of(judge_answer(READING, value=typed, note="x", photo=PHOTO)) == "not_a_number"


@pytest.mark.parametrize("value", [4.2, 4, True, float("nan"), ["4"], {"x": 1}, b"4"])
def test_a_reading_is_text_as_it_was_typed(value):
    assert code_of(judge_answer(READING, value=value)) == "invalid_value"


def test_without_limits_every_number_passes():
    assert judge_answer({"kind": "number"}, value="-9999999999").result == "pass"
    assert judge_answer({"kind": "number", "minimum": None, "maximum": None}, value="0").result == "pass"


def test_one_limit_is_enough():
    assert code_of(judge_answer({"kind": "number", "maximum": "5.0000"}, value="5.1")) == "note_required"
    assert judge_answer({"kind": "number", "maximum": "5.0000"}, value="-100").result == "pass"


# ---- text, choice, photo


def test_text_passes_when_it_says_something():
    assert judge_answer({"kind": "text"}, value="  Zu\u0308ndung ok ") == Answer(result="pass", value="Z\u00fcndung ok")
    assert judge_answer({"kind": "text"}, value="Leak", result="fail", note="Oil").result == "fail"


@pytest.mark.parametrize("kind", ["number", "text", "choice"])
@pytest.mark.parametrize("value", [None, "", " \n\t "])
def test_an_emptied_field_is_unanswered_again(kind, value):
    assert judge_answer({"kind": kind}, value=value, note="Later") == Answer(result=None, note="Later")
    assert judge_answer({"kind": kind}, value=value, result="pass") == Answer(result=None)


def test_a_choice_is_one_of_those_offered():
    assert judge_answer(CHOICE, value="Öl") == Answer(result="pass", value="Öl")
    assert judge_answer(CHOICE, value="O\u0308l ").value == "Öl"
    for value in ("öl", "Oel", "Öl, Wasser", "[", "null"):
        assert code_of(judge_answer(CHOICE, value=value)) == "not_a_choice"


@pytest.mark.parametrize("choices", [None, "", "{", "7", '{"a":1}', '["a",1]', "null", "\ud800", "[" * 5_000])
def test_a_choice_that_offers_nothing_readable_takes_nothing_but_not_applicable(choices):
    item = {"kind": "choice", "choices": choices}
    assert code_of(judge_answer(item, value="a")) == "not_a_choice"
    assert judge_answer(item, result="na", note="No list here").result == "na"


def test_a_photo_item_needs_a_photo():
    assert code_of(judge_answer({"kind": "photo"})) == "photo_required"
    assert judge_answer({"kind": "photo"}, photo=PHOTO) == Answer(result="pass", photo_sha256=PHOTO)


@pytest.mark.parametrize("photo", ["", "x", PHOTO.upper(), PHOTO + "0", PHOTO[:-1] + "\n", 7, b"", "٠" * 64])
@pytest.mark.parametrize("kind", KINDS)
def test_a_photo_is_named_by_its_digest(kind, photo):
    assert code_of(judge_answer({"kind": kind}, photo=photo, note="x")) == "invalid_value"


# ---- any item


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "pass_fail"])
def test_not_applicable_says_why_where_more_than_a_tap_was_asked(kind):
    assert code_of(judge_answer({"kind": kind}, result="na")) == "note_required"
    assert judge_answer({"kind": kind}, result="na", value="4", note="No gauge") == Answer(result="na", note="No gauge")


@pytest.mark.parametrize("kind", ["barcode", "", None, 7])
def test_a_kind_of_a_newer_server_can_be_passed_over_and_not_guessed(kind):
    assert code_of(judge_answer({"kind": kind}, value="x", result="pass")) == "invalid_value"
    assert judge_answer({"kind": kind}, result="na", note="App too old").result == "na"


def test_an_item_without_any_column_is_no_crash():
    assert code_of(judge_answer({}, value="x")) == "invalid_value"


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "x" * 20_001])
@pytest.mark.parametrize("name", ["value", "note"])
def test_text_that_no_database_could_hold_is_refused(name, text):
    assert code_of(judge_answer({"kind": "text"}, **{name: text})) == "invalid_value"


@pytest.mark.parametrize(
    ("item", "entered"),
    [
        ({"kind": "pass_fail"}, {"result": "fail", "note": "Riß 灯"}),
        (READING, {"value": "9999999999,123456789", "note": "x", "photo": PHOTO}),
        ({"kind": "text"}, {"value": "x" * 20_000}),
        (CHOICE, {"value": "灯", "photo": PHOTO}),
        ({"kind": "photo"}, {"photo": PHOTO}),
    ],
)
def test_what_is_accepted_fits_the_columns_exactly(item, entered):
    judged = judge_answer(item, **entered)
    columns = REGISTRY["checklist_item"].by_name
    for name in ("result", "value", "note", "photo_sha256"):
        assert checked(columns[name], getattr(judged, name)) == getattr(judged, name)
