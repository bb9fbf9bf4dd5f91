"""The fields that an organization has added to its orders or assets, with what is entered in them. Frozen rows."""

from dataclasses import dataclass
from typing import Final

from cmms_desktop.application.queries.lookups import text_of, text_or_none
from cmms_desktop.application.queries.own_work import Thing, may_do_all
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.rules.custom_fields import COLUMNS, choices_of, problem, value_of
from sync_server.contract.rules.reading import decimal_text, limits_text, parse_decimal

_FIELDS: Final = """
SELECT f.id, v.id FROM custom_field f
LEFT JOIN custom_field_value v ON v.field_id = f.id AND v.aggregate_id = ?1 AND v.deleted_at IS NULL
WHERE f.subject = ?2 AND f.deleted_at IS NULL ORDER BY f.position, f.name, f.id"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldLine:
    """One field of a thing.

    `value`: as it is typed, a day as `2026-03-01`, `yes` or `no`; "" for nothing. `takes`: which numbers. `misfit`: why
    the field does not take what stands there any more; None: it does.
    """

    id: str
    kind: str
    name: str
    help: str | None
    unit: str | None
    takes: str
    choices: tuple[str, ...]
    is_required: bool
    value: str
    misfit: str | None


@dataclass(frozen=True, slots=True)
class Fields:
    """All of them, in the order in which they are asked, and whether the person enters values."""

    lines: tuple[FieldLine, ...]
    may_enter: bool


def fields_of(reading: Reading, about: Thing, about_id: str) -> Fields:
    """Read the fields of an order or an asset; those of a kind that only a newer version knows are left out."""
    found = reading.cursor.execute(_FIELDS, (about_id, about)).fetchall()
    lines = []
    for field_id, value_id in found:
        field = reading.get("custom_field", field_id)
        if field is not None and field["kind"] in COLUMNS:
            lines.append(_line(field, reading.get("custom_field_value", value_id) if value_id else None))
    acts = (("custom_field_value", "create"), ("custom_field_value", "change"))
    return Fields(tuple(lines), may_enter=may_do_all(reading, about, about_id, *acts))


def _line(field: Row, row: Row | None) -> FieldLine:
    value = None if row is None else value_of(row)
    said = None if value is None else problem(field, value)
    return FieldLine(
        id=text_of(field["id"]),
        kind=text_of(field["kind"]),
        name=text_of(field["name"]),
        help=text_or_none(field["help"]),
        unit=text_or_none(field["unit"]),
        takes=limits_text(field) if field["kind"] == "number" else "",
        choices=choices_of(field),
        is_required=bool(field["is_required"]),
        value=_said(text_of(field["kind"]), value),
        misfit=None if said is None else f"{said} now.",
    )


def _said(kind: str, value: Scalar) -> str:
    if value is None:
        return ""
    if kind == "yes_no":
        return "yes" if value else "no"
    number = parse_decimal(str(value)) if kind == "number" else None
    if number is None:
        return str(value)
    text = decimal_text(number)
    return text.rstrip("0").rstrip(".") if "." in text else text
