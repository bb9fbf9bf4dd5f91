"""JSON columns: texts inside are composed like every other text, the document around them stays what it was."""

import json
import unicodedata

import pytest

from sync_server.contract.codec import InvalidValueError, checked, json_scalar, scalar_of
from sync_server.contract.entities import REGISTRY

UNIT = REGISTRY["checklist_item"].by_name["unit"]
CHOICES = REGISTRY["checklist_item"].by_name["choices"]
KEPT = REGISTRY["conflict"].by_name["base_value"]
SIGNED = REGISTRY["personal_value"].by_name["value"]


def test_an_accent_after_a_line_break_does_not_break_the_document():
    value = "\n\u0301"
    assert json.loads(str(checked(KEPT, json_scalar(value)))) == value


@pytest.mark.parametrize("text", ['"\uf900"', '"e\u0301"', '"e\\u0301"', '["e\u0301", {"e\u0301": "\uf900"}]'])
def test_texts_inside_are_composed_once_and_for_all(text):
    stored = str(checked(CHOICES, text))
    assert unicodedata.is_normalized("NFC", json.dumps(json.loads(stored), ensure_ascii=False))
    assert checked(CHOICES, stored) == stored


@pytest.mark.parametrize("text", ["[1,  2]", '{"b":1,"a":[null, true, 1.50]}', '"\\u00e9"', "12345678901234567890123"])
def test_a_document_whose_texts_are_composed_keeps_every_byte(text):
    assert checked(CHOICES, text) == text


@pytest.mark.parametrize("column", [UNIT, CHOICES], ids=["text", "JSON"])
def test_a_text_is_measured_as_it_is_stored(column):
    """Composing makes one character of U+0958 two, and of a decomposed Hangul syllable three characters one."""
    quoted = (lambda text: json.dumps([text], ensure_ascii=False)) if column is CHOICES else str
    room = column.characters - len(quoted(""))
    with pytest.raises(InvalidValueError, match="longer than"):
        checked(column, quoted("\u0958" * room))
    stored = checked(column, quoted("\u1112\u1161\u11ab" * room))
    assert stored == quoted("\ud55c" * room)
    assert checked(column, stored) == stored


def test_what_a_commitment_covers_keeps_every_byte():
    assert checked(SIGNED, '"e\u0301"') == '"e\u0301"'


@pytest.mark.parametrize("value", ["\uf900", "e\u0301", "\n\u0301", "", None, 4, 4.5, True])
def test_a_value_of_a_conflict_is_kept_as_its_column_would_keep_it(value):
    kept = json_scalar(value)
    assert checked(KEPT, kept) == kept
    composed = unicodedata.normalize("NFC", value) if isinstance(value, str) else value
    assert scalar_of(kept) == composed
