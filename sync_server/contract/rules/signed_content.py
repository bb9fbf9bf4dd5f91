"""From rows to the content of a signed statement: which columns enter, and which values only as commitments."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from sync_server.contract.problems import Problem
from sync_server.contract.rules.checklist import visible
from sync_server.contract.rules.commitments import PersonalValue, commit
from sync_server.contract.rules.ink import Strokes, ink_text
from sync_server.contract.rules.reading import decimal_text, parse_decimal
from sync_server.contract.rules.signed_shape import SCHEMA

if TYPE_CHECKING:
    from sync_server.contract.fields import Row, Scalar

    Json = Mapping[str, object]


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What a person states by signing, with the rows that it covers (wire form, deleted ones left out).

    `movements` are the order's, `parts` holds the catalogue's rows of their parts by id, `arrival` is the work-log
    event of the arrival, `previous` the SHA-256 of the order's signed statement before this one (None: the first).
    `decision` is "returned" when a review sends the work back.
    `not_yet_included` are sentences about what is known to be missing.
    """

    organization_id: str
    device_id: str
    user_id: str
    role: str
    meaning: str
    printed_name: str
    device_at: str
    offset_ms: int | None
    order: Row
    checklists: Sequence[tuple[Row, Sequence[Row]]] = ()
    movements: Sequence[Row] = ()
    parts: Mapping[str, Row] = msgspec.field(default_factory=dict)
    photos: Sequence[Row] = ()
    visits: Sequence[Row] = ()
    arrival: Row | None = None
    ink: Strokes | None = None
    contact: str | None = None
    previous: str | None = None
    decision: str | None = None
    reason: str | None = None
    not_yet_included: Sequence[str] = ()


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """Content of a body as plain JSON values, and the values behind its commitments."""

    body: Json
    personal_values: tuple[PersonalValue, ...]


def write_body(statement: Statement, *, new_salt: Callable[[], bytes]) -> Written | Problem:
    """Give the content of a body. Rows are copied as they are: signed_body.check_body judges the result."""
    if not statement.printed_name.strip():
        return Problem("invalid_value", "Write the name of the person who signs.")
    ink = None if statement.ink is None else ink_text(statement.ink)
    if isinstance(ink, Problem):
        return ink
    secrets: dict[str, object] = {"/printed_name": _nfc(statement.printed_name.strip())}
    if statement.contact:
        secrets["/contact"] = _nfc(statement.contact.strip())
    if ink is not None:
        secrets["/ink"] = msgspec.json.decode(ink)
    if statement.arrival is not None and statement.arrival.get("latitude") is not None:
        secrets["/arrival/position"] = _position(statement.arrival)
    values = tuple(commit(path, value, salt=new_salt()) for path, value in secrets.items())
    marks = {value.path: {"c": value.commitment} for value in values}
    body = {
        "schema": SCHEMA,
        "organization": statement.organization_id,
        "device": statement.device_id,
        "user": statement.user_id,
        "role": statement.role,
        "meaning": statement.meaning,
        "order": _order(statement.order),
        "checklists": [_checklist(*each) for each in sorted(statement.checklists, key=_by_position)],
        "parts": [_movement(row, statement.parts) for row in _by(statement.movements, "moved_at")],
        "photos": [_taken(row, ("id", "sha256", "taken_at")) for row in _by(statement.photos, "taken_at")],
        "visits": [_taken(row, _VISIT) for row in _by(statement.visits, "created_at")],
        "arrival": _arrival(statement.arrival, marks.get("/arrival/position")),
        "printed_name": marks["/printed_name"],
        "contact": marks.get("/contact"),
        "ink": marks.get("/ink"),
        "at": {"device": statement.device_at, "offset_ms": statement.offset_ms},
        "previous": statement.previous,
        "decision": statement.decision,
        "reason": statement.reason,
        "not_yet_included": list(statement.not_yet_included),
    }
    return Written(body={name: _nfc(value) for name, value in body.items()}, personal_values=values)


_ORDER = ("id", "number", "title", "type", "site_id", "asset_id", "asset_text", "completion_note", "version")
_ITEM = ("id", "key", "section", "prompt", "kind", "unit", "result", "value", "note", "photo_sha256", "answered_at")
_VISIT = (
    "id",
    "person_id",
    "travel_at",
    "arrived_at",
    "started_at",
    "ended_at",
    "travel_minutes",
    "work_minutes",
    "break_minutes",
)


def _taken(row: Row, names: Iterable[str]) -> dict[str, object]:
    return {name: row.get(name) for name in names}


def _order(row: Row) -> dict[str, object]:
    return _taken(row, _ORDER)


def _checklist(row: Row, items: Sequence[Row]) -> dict[str, object]:
    asked = {item.get("id") for item in visible(items)}
    content = _taken(row, ("id", "template_id", "template_version", "name"))
    ordered = sorted(items, key=lambda item: (int(item.get("position") or 0), str(item.get("key"))))
    return {**content, "items": [_item(item, is_asked=item.get("id") in asked) for item in ordered]}


def _item(row: Row, *, is_asked: bool) -> dict[str, object]:
    limits = {name: _decimal(row.get(name)) for name in ("minimum", "maximum")}
    return {**_taken(row, _ITEM), **limits, "is_mandatory": bool(row.get("is_mandatory")), "is_asked": is_asked}


def _movement(row: Row, parts: Mapping[str, Row]) -> dict[str, object]:
    part = parts.get(str(row.get("part_id")), {})
    content = _taken(row, ("id", "part_id", "kind", "moved_at"))
    return {**content, **_taken(part, ("code", "name", "unit")), "quantity": _decimal(row.get("quantity"))}


def _arrival(row: Row | None, position: Json | None) -> dict[str, object] | None:
    if row is None:
        return None
    return {
        **_taken(row, ("id", "source", "fence", "reason")),
        "at": {"device": row.get("device_at"), "offset_ms": row.get("offset_ms")},
        "fix_age_s": _decimal(row.get("fix_age_s")),
        "is_mock": bool(row.get("is_mock")),
        "position": position,
    }


def _position(row: Row) -> dict[str, object]:
    return {name: _decimal(row.get(name)) for name in ("latitude", "longitude", "accuracy_m", "distance_m")}


def _decimal(value: Scalar) -> object:
    """Write a number as text without exponent; anything that is no number stays, for the check to find."""
    if isinstance(value, float) and math.isfinite(value):
        return decimal_text(Decimal(f"{value:.9f}".rstrip("0").rstrip(".")))
    if isinstance(value, bool | float) or value is None:
        return value
    number = parse_decimal(str(value))
    return value if number is None else decimal_text(number)


def _nfc(value: object) -> object:
    """Normalize all texts of a JSON value."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {name: _nfc(inner) for name, inner in value.items()}
    return [_nfc(inner) for inner in value] if isinstance(value, list) else value


def _by(rows: Sequence[Row], name: str) -> list[Row]:
    return sorted(rows, key=lambda row: (str(row.get(name)), str(row.get("id"))))


def _by_position(pair: tuple[Row, Sequence[Row]]) -> tuple[int, str]:
    return int(pair[0].get("position") or 0), str(pair[0].get("id"))
