"""What may be entered in a field that an organization has added; one rule for the device and for the server.

Pure. What a value *is* follows from the field's kind and always holds. What its field *takes* (bounds, words, whether
it may be empty) holds for who knew it: a value that was entered while the field still said otherwise is kept, and shown
as one that does not fit.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import msgspec

from sync_server.contract.codec import InvalidValueError
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.messages import Mutation
from sync_server.contract.rules.draft import Draft
from sync_server.contract.rules.permission import NOT_FOUND
from sync_server.contract.rules.reading import is_within, limits_of, limits_text, parse_decimal
from sync_server.contract.rules.registers import Refusal

VALUE: Final = "custom_field_value"
COLUMNS: Final[Mapping[str, str]] = {
    "text": "text_value",
    "number": "number_value",
    "date": "date_value",
    "choice": "choice_value",
    "yes_no": "flag_value",
}
"""Kind → the column that holds its values."""


def choices_of(field: Mapping[str, Scalar]) -> tuple[str, ...]:
    """Words to choose from; none where the list cannot be read."""
    try:
        words = json.loads(str(field.get("choices") or "[]"))
    except (ValueError, RecursionError):
        return ()
    return tuple(word for word in words if isinstance(word, str)) if isinstance(words, list) else ()


def problem(field: Mapping[str, Scalar], value: Scalar) -> str | None:
    """Say why a field does not take a value of its kind, in wire form; None: it takes it."""
    name = field.get("name") or "The field"
    if value is None:
        return f"{name} cannot be empty" if field.get("is_required") else None
    if field["kind"] == "number":
        number = parse_decimal(str(value))
        if number is None or not is_within(number, limits_of(field)):
            return f"{name} must be {limits_text(field) or 'a number'}"
    if field["kind"] == "choice" and value not in choices_of(field):
        return f"{name} must be one of its words"
    return None


def value_of(row: Mapping[str, Scalar]) -> Scalar:
    """The value that a row holds, in wire form; None: nothing is entered, or a newer program knows what."""
    column = COLUMNS.get(str(row["kind"]))
    return None if column is None else row.get(column)


def as_edit(mutation: Mutation, row: Row) -> Mutation:
    """A first value that meets another one is an edit from nothing: both are known, and one of them stands."""
    column = COLUMNS[str(row["kind"])]
    return msgspec.structs.replace(mutation, type=f"{VALUE}.set", set={column: (None, row[column])})


def check(mutation: Mutation, draft: Draft, row: Row) -> None:
    """Check a value against its field.

    Raises:
        InvalidValueError: it is of another kind or of other things than its field, or its author knew that the field
            does not take it.
        Refusal: there is no such field, or it is another organization's.
    """
    field = draft.get("custom_field", str(row["field_id"]))
    if field is None:
        raise Refusal(NOT_FOUND.code, NOT_FOUND.sentence)
    if field["kind"] != row["kind"] or row[f"{field['subject']}_id"] is None:
        raise InvalidValueError("the value is not what its field asks for")
    if any(row[column] is not None for kind, column in COLUMNS.items() if kind != row["kind"]):
        raise InvalidValueError("a value is of one kind")
    is_known = field["deleted_at"] is None and int(field["sync_seq"] or 0) <= mutation.base.seq
    entered = mutation.set.get(COLUMNS[str(row["kind"])])
    if is_known and entered is not None and (said := problem(field, entered[1])) is not None:
        raise InvalidValueError(said)


def wire_value(kind: str, text: str) -> Scalar | Decimal:
    """Read what a person typed or chose for a kind; None for an empty text.

    Raises:
        InvalidValueError: it is no such value.
    """
    said = text.strip()
    if not said:
        return None
    if kind == "number":
        number = parse_decimal(said)
        if number is None:
            raise InvalidValueError("Enter a number")
        return number
    return {"yes": True, "no": False}.get(said) if kind == "yes_no" else said
