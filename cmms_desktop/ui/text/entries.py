"""How a value is entered anew and brought back into wire form: for conflicts and for refused changes. Plain Python."""

from dataclasses import dataclass
from typing import Final, Literal

from cmms_desktop.ui.text import words
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Scalar
from sync_server.contract.rules.reading import decimal_text, parse_decimal

LONG_TEXT: Final = 201
"""Characters from which on a column takes several lines."""
NOT_A_NUMBER: Final = "Enter a number, such as 4.2."
NOT_WHOLE: Final = "Enter a whole number, such as 90."
NOTHING: Final = "Enter the text to keep."
_CHOICES: Final = {
    ("work_order", "priority"): words.PRIORITY,
    ("work_order", "type"): words.TYPE,
    ("checklist_item", "result"): words.RESULT,
    ("asset", "status"): words.ASSET_STATUS,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """How a value is entered: several lines, one line, a number, or one of `options` (key and word)."""

    kind: Literal["text", "line", "number", "choice"]
    options: tuple[tuple[str, str], ...] = ()
    unit: str = ""


def entry_for(entity: str, field: str, *, unit: str = "") -> Entry | None:
    """How a field is entered; None: it points at something, or is an instant, and is not typed."""
    spec = REGISTRY.get(entity)
    column = spec.by_name.get(field) if spec else None
    if column is None or column.references:
        return None
    options = _CHOICES.get((entity, field))
    if options is not None:
        return Entry("choice", tuple(options.items()))
    if column.kind == "boolean":
        return Entry("choice", (("true", "Yes"), ("false", "No")))
    if column.kind in {"decimal", "integer"}:
        return Entry("number", unit=unit)
    if column.kind != "text" or column.words or field.endswith("sha256"):
        return None
    return Entry("text" if column.characters >= LONG_TEXT and field != "value" else "line", unit=unit)


def typed_text(raw: Scalar) -> str:
    """A value as it is typed."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return "" if raw is None else str(raw)


def wire_value(entity: str, field: str, text: str) -> tuple[Scalar, str | None]:
    """A typed value in wire form, or a sentence that says what to enter."""
    column, typed = REGISTRY[entity].by_name[field], text.strip()
    if column.kind == "boolean":
        return typed == "true", None
    if not typed:
        return (None, None) if column.nullable else (None, NOTHING)
    if column.kind == "integer":
        return (int(typed), None) if typed.isascii() and typed.isdigit() else (None, NOT_WHOLE)
    if column.kind == "decimal":
        number = parse_decimal(typed)
        return (decimal_text(number), None) if number is not None else (None, NOT_A_NUMBER)
    return typed, None
