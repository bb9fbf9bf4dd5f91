"""What a person enters for one checklist item: whether it is acceptable, and what is stored (product.md §2.5)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import msgspec

from sync_server.contract.problems import Problem
from sync_server.contract.rules.reading import decimal_text, is_within, limits_of, limits_text, parse_decimal
from sync_server.contract.rules.status import has_reason

if TYPE_CHECKING:
    from sync_server.contract.fields import Scalar

    Item = Mapping[str, Scalar]

RESULTS = ("pass", "flag", "fail", "na")
LONGEST_TEXT = 20_000
_DIGEST = re.compile(r"[0-9a-f]{64}")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An acceptable answer, as it is to be stored in the item's columns of the same names."""

    result: str | None
    value: str | None = None
    note: str | None = None
    photo_sha256: str | None = None


def judge_answer(
    item: Item,
    *,
    value: str | None = None,
    result: str | None = None,
    note: str | None = None,
    photo: str | None = None,
) -> Answer | Problem:
    """Judge what a person entered for an item.

    A reading gets its result from its limits: outside, it is `fail`, or `flag` when the person chose so, and needs a
    note and a photo; inside, it is `pass` unless the person flags or fails it. Text, choice and photo keep the result
    that was chosen, if any. `na` answers any item.

    Args:
        item: row of the item.
        value: reading, text or choice.
        result: pass, flag, fail or na.
        note: remark of the person.
        photo: SHA-256 of the photo, 64 lower-case hex digits.
    """
    for text in (value, note):
        if text is not None and (not isinstance(text, str) or len(text) > LONGEST_TEXT or _UNSTORABLE.search(text)):
            return Problem("invalid_value", f"Only text of at most {LONGEST_TEXT} characters can be stored.")
    if photo is not None and (not isinstance(photo, str) or _DIGEST.fullmatch(photo) is None):
        return Problem("invalid_value", "The photo was not stored. Take it again.")
    if result is not None and result not in RESULTS:
        return Problem("invalid_value", "An answer is pass, flag, fail or not applicable.")
    given = Answer(result=result, value=_tidy(value), note=_tidy(note), photo_sha256=photo)
    if result == "na":
        return msgspec.structs.replace(given, value=None)
    return _JUDGES.get(str(item.get("kind")), _judge_unknown)(item, given)


def _tidy(text: str | None) -> str | None:
    return unicodedata.normalize("NFC", text.strip()) or None if text is not None else None


def _judge_pass_fail(item: Item, given: Answer) -> Answer | Problem:
    if given.value is not None:
        return Problem("invalid_value", "This item takes pass, flag or fail; put remarks into the note.")
    return given if given.result is not None else Problem("invalid_value", "Choose pass, flag or fail.")


def _judge_number(item: Item, given: Answer) -> Answer | Problem:
    number = None if given.value is None else parse_decimal(given.value)
    if number is None:
        return Problem("not_a_number", "Enter the reading as a number, such as 4.2 or 4,2.")
    value = decimal_text(number)
    if is_within(number, limits_of(item)):
        return msgspec.structs.replace(given, value=value, result=given.result or "pass")
    if not has_reason(given.note):
        return Problem("note_required", f"The reading should be {limits_text(item)}. Say in a note what you found.")
    if given.photo_sha256 is None:
        return Problem("photo_required", f"The reading should be {limits_text(item)}. Add a photo of it.")
    return msgspec.structs.replace(given, value=value, result="flag" if given.result == "flag" else "fail")


def _judge_text(item: Item, given: Answer) -> Answer | Problem:
    return given if given.value is not None else Problem("invalid_value", "Write an answer.")


def _judge_choice(item: Item, given: Answer) -> Answer | Problem:
    return given if given.value in _choices_of(item) else Problem("not_a_choice", "Choose one of the answers offered.")


def _choices_of(item: Item) -> list[str]:
    """Give the choices as they are compared; none when the column cannot be read."""
    try:
        choices = msgspec.json.decode(str(item.get("choices")), type=list[str])
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return []
    return [unicodedata.normalize("NFC", choice.strip()) for choice in choices]


def _judge_photo(item: Item, given: Answer) -> Answer | Problem:
    return given if given.photo_sha256 is not None else Problem("photo_required", "Take a photo.")


def _judge_unknown(item: Item, given: Answer) -> Answer | Problem:
    return Problem("invalid_value", "This app does not know this kind of item. Update it, or answer not applicable.")


_JUDGES: dict[str, Callable[[Item, Answer], Answer | Problem]] = {
    "pass_fail": _judge_pass_fail,
    "number": _judge_number,
    "text": _judge_text,
    "choice": _judge_choice,
    "photo": _judge_photo,
}
