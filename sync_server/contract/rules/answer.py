"""What a person enters for one checklist item: whether it is acceptable, and what is stored (product.md §2.5)."""

import re
from collections.abc import Callable, Mapping

import msgspec

from sync_server.contract.codec import InvalidValueError, checked
from sync_server.contract.entities import REGISTRY
from sync_server.contract.entities.checklists import RESULTS
from sync_server.contract.fields import Scalar
from sync_server.contract.problems import Problem
from sync_server.contract.rules.reading import decimal_text, is_within, limits_of, limits_text, parse_decimal
from sync_server.contract.rules.status import has_reason

Item = Mapping[str, Scalar]
"""A row of `checklist_item`."""

_COLUMNS = REGISTRY["checklist_item"].by_name
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An acceptable answer, as it is to be set on the item. `result` None: emptied, the item is unanswered again."""

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
    """Judge what a person entered for an item. The whole answer is given each time, with the note and photo it has.

    A reading outside its limits is `fail` and needs a note and a photo. Everything else is `pass` unless the person
    says flag or fail, which needs a note. `na` answers any item, with a note where more than a tap was asked.

    Args:
        item: row of the item.
        value: reading, text or choice; None or blank empties the item.
        result: pass, flag, fail or na; None leaves it to the rule, and empties a pass_fail item.
        note: remark of the person.
        photo: SHA-256 of the photo, 64 lower-case hex digits.
    """
    try:
        given = Answer(result=result, value=_tidy("value", value), note=_tidy("note", note), photo_sha256=photo)
    except InvalidValueError as error:
        return Problem("invalid_value", f"This cannot be stored: {error}.")
    if photo is not None and (not isinstance(photo, str) or _DIGEST.fullmatch(photo) is None):
        return Problem("invalid_value", "The photo was not stored. Take it again.")
    if result is not None and result not in RESULTS:
        return Problem("invalid_value", "An answer is pass, flag, fail or not applicable.")
    kind = str(item.get("kind"))
    if result in {"flag", "fail"} and not has_reason(given.note):
        return Problem("note_required", "Say in a note what you found.")
    if result == "na":
        if kind != "pass_fail" and not has_reason(given.note):
            return Problem("note_required", "Say in a note why this cannot be answered.")
        return msgspec.structs.replace(given, value=None)
    return _JUDGES.get(kind, _judge_unknown)(item, given)


def _tidy(name: str, text: object) -> str | None:
    """Give text without blanks around it, NFC; None when nothing is left. Raises InvalidValueError."""
    kept = checked(_COLUMNS[name], text)
    return None if kept is None else str(kept).strip() or None


def _passed(given: Answer) -> Answer:
    return msgspec.structs.replace(given, result=given.result or "pass")


def _emptied(given: Answer) -> Answer:
    return msgspec.structs.replace(given, result=None)


def _judge_pass_fail(item: Item, given: Answer) -> Answer | Problem:
    if given.value is not None:
        return Problem("invalid_value", "This item takes pass, flag or fail; put remarks into the note.")
    return given


def _judge_number(item: Item, given: Answer) -> Answer | Problem:
    if given.value is None:
        return _emptied(given)
    number = parse_decimal(given.value)
    if number is None:
        return Problem("not_a_number", "Enter the reading as a number, such as 4.2 or 4,2.")
    reading = msgspec.structs.replace(given, value=decimal_text(number))
    if is_within(number, limits_of(item)):
        return _passed(reading)
    if not has_reason(given.note):
        return Problem("note_required", f"The reading should be {limits_text(item)}. Say in a note what you found.")
    if given.photo_sha256 is None:
        return Problem("photo_required", f"The reading should be {limits_text(item)}. Add a photo of it.")
    return msgspec.structs.replace(reading, result="fail")


def _judge_text(item: Item, given: Answer) -> Answer | Problem:
    return _emptied(given) if given.value is None else _passed(given)


def _judge_choice(item: Item, given: Answer) -> Answer | Problem:
    if given.value is None:
        return _emptied(given)
    offered = given.value in choices_of(item)
    return _passed(given) if offered else Problem("not_a_choice", "Choose one of the answers offered.")


def choices_of(item: Item) -> tuple[str, ...]:
    """Give the answers that an item offers, in order; none when the column cannot be read."""
    try:
        return tuple(msgspec.json.decode(str(item.get("choices")), type=list[str]))
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return ()


def _judge_photo(item: Item, given: Answer) -> Answer | Problem:
    return _passed(given) if given.photo_sha256 is not None else Problem("photo_required", "Take a photo.")


def _judge_unknown(item: Item, given: Answer) -> Answer | Problem:
    return Problem("invalid_value", "This app does not know this kind of item. Update it, or answer not applicable.")


_JUDGES: dict[str, Callable[[Item, Answer], Answer | Problem]] = {
    "pass_fail": _judge_pass_fail,
    "number": _judge_number,
    "text": _judge_text,
    "choice": _judge_choice,
    "photo": _judge_photo,
}
