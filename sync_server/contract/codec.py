"""Values and lines of the wire.

A row is a dict of scalars (fields.Row). This module completes and checks what a mutation brings, compares values,
and writes and reads the NDJSON lines of pull and bootstrap. It never touches a database.
"""

import base64
import json
import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from sync_server.contract.column_types import INSTANT_FORMAT, instant_of
from sync_server.contract.fields import ColumnSpec, EntitySpec, Row, Scalar

GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""The end of a text in C, and halves of characters: PostgreSQL keeps neither."""
DECIMAL_PLACES = Decimal("0.0001")
DECIMAL_LIMIT = Decimal(10) ** 10
MAY_BE_SIGNED = 20_000
"""Columns that hold more characters keep signed bytes or what a commitment covers: never touched, not even by NFC."""
MOST_DECOMPOSED = 4
"""Characters at most that one becomes when it is decomposed, and those that composing makes of one."""
INTEGER_LIMIT = {"integer": 2**31, "bigint": 2**63}

HEADER, JOIN, ROWS, LEAVE, SCOPE_LOST, END = "header", "join", "rows", "leave", "scope-", "end"
FILL = "fill"
"""First element of each line of an answer with rows; `fill` has columns of rows that are there already."""
PUSHED = "pushed"
"""First element of the line that precedes a pull when the same request has pushed."""


class InvalidValueError(ValueError):
    """A value does not fit its column; the text says how, in words for a person."""


def checked(column: ColumnSpec, value: object) -> Scalar:
    """Bring a value into the canonical wire form of its column. Raises InvalidValueError."""
    if value is None:
        if not column.nullable:
            raise InvalidValueError(f"{column.name} must not be empty")
        return None
    checker = _CHECKERS[column.kind]
    result = checker(column, value)
    low, high = column.bounds
    if (low is not None and float(result) < low) or (high is not None and float(result) > high):  # type: ignore[arg-type]
        raise InvalidValueError(f"{column.name} must {_bounds(low, high)}")
    if column.words and result not in column.words:
        raise InvalidValueError(f"{column.name} must be one of {', '.join(column.words)}")
    return result


def _bounds(low: float | None, high: float | None) -> str:
    if high is None:
        return f"be at least {low}"
    return f"be at most {high}" if low is None else f"lie between {low} and {high}"


def same(column: ColumnSpec, left: Scalar, right: Scalar) -> bool:
    """Whether two wire values mean the same: 4.2 is 4.20, and 1 is true."""
    if left is None or right is None:
        return left is right
    if column.kind == "decimal":
        return Decimal(str(left)) == Decimal(str(right))
    return left == right


def completed(spec: EntitySpec, values: Row) -> Row:
    """Add the defaults of the columns that a new row does not name, in wire order."""
    return {column.name: values.get(column.name, column.default) for column in spec.columns}


def _storable(column: ColumnSpec, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidValueError(f"{column.name} must be text")
    if len(value) > MOST_DECOMPOSED * column.characters:
        raise InvalidValueError(f"{column.name} is longer than {column.characters} characters")
    if _UNSTORABLE.search(value):
        raise InvalidValueError(f"{column.name} holds a character that cannot be stored")
    return value


def _text(column: ColumnSpec, value: object) -> str:
    text = _storable(column, value)
    return _fitting(column, text if column.characters > MAY_BE_SIGNED else unicodedata.normalize("NFC", text))


def _fitting(column: ColumnSpec, text: str) -> str:
    """Measure a text as it will be stored: composing makes some longer and others shorter."""
    if len(text) > column.characters:
        raise InvalidValueError(f"{column.name} is longer than {column.characters} characters")
    return text


def _guid(column: ColumnSpec, value: object) -> str:
    if not isinstance(value, str) or not GUID.fullmatch(value):
        raise InvalidValueError(f"{column.name} must be an id")
    return value


def _integer(column: ColumnSpec, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= INTEGER_LIMIT[column.kind]:
        raise InvalidValueError(f"{column.name} must be a whole number")
    return value


def _boolean(column: ColumnSpec, value: object) -> bool:
    if value not in (True, False):
        raise InvalidValueError(f"{column.name} must be yes or no")
    return bool(value)


def _double(column: ColumnSpec, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidValueError(f"{column.name} must be a number")
    return float(value)


def _decimal(column: ColumnSpec, value: object) -> str:
    try:
        number = Decimal(str(value))
        if isinstance(value, bool) or not number.is_finite() or abs(number) >= DECIMAL_LIMIT:
            raise InvalidValueError(f"{column.name} must be a number below ten thousand million")
        return str(number.quantize(DECIMAL_PLACES))
    except ArithmeticError as error:  # no number, or an exponent beyond all bounds
        raise InvalidValueError(f"{column.name} must be a number") from error


def _instant(column: ColumnSpec, value: object) -> str:
    try:
        return instant_of(str(value)).strftime(INSTANT_FORMAT)
    except ValueError as error:
        raise InvalidValueError(f"{column.name} must be an instant") from error


def _date(column: ColumnSpec, value: object) -> str:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        raise InvalidValueError(f"{column.name} must be a date") from error


def _json(column: ColumnSpec, value: object) -> str:
    r"""Compose the texts inside, never the document: NFC over `"\n` and a combining accent would break the escape."""
    text = _storable(column, value)
    try:
        document = msgspec.json.decode(text)
        composed = document if column.characters > MAY_BE_SIGNED else _composed(document)
    except (msgspec.DecodeError, RecursionError) as error:
        raise InvalidValueError(f"{column.name} must be JSON") from error
    return _fitting(column, text if composed == document else json.dumps(composed, ensure_ascii=False))


def _composed(document: Any) -> Any:
    if isinstance(document, str):
        return unicodedata.normalize("NFC", document)
    if isinstance(document, list):
        return [_composed(part) for part in document]
    if isinstance(document, dict):
        return {_composed(name): _composed(part) for name, part in document.items()}
    return document


_CHECKERS: dict[str, Callable[[ColumnSpec, object], Scalar]] = {
    "text": _text,
    "guid": _guid,
    "integer": _integer,
    "bigint": _integer,
    "boolean": _boolean,
    "double": _double,
    "decimal": _decimal,
    "instant": _instant,
    "date": _date,
    "json": _json,
}


def json_scalar(value: Scalar) -> str:
    """JSON text of one value, as conflict rows keep it."""
    return json.dumps(_composed(value), ensure_ascii=False)


def scalar_of(text: str | None) -> Scalar:
    """Read what json_scalar wrote; None stays None."""
    value = None if text is None else json.loads(text)
    if isinstance(value, dict | list):
        raise InvalidValueError("a single value was expected")
    return value


def pack_digests(digests: Mapping[str, int]) -> str:
    """Write aggregates with their digests as text: base64url of 16 bytes of id and 8 of digest, big-endian, each."""
    packed = b"".join(UUID(id_).bytes + digest.to_bytes(8, "big", signed=True) for id_, digest in digests.items())
    return base64.urlsafe_b64encode(packed).decode()


def unpack_digests(text: str) -> dict[str, int]:
    """Read what pack_digests wrote. Raises ValueError for anything else."""
    packed = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
    if len(packed) % 24:
        raise ValueError("an aggregate has 24 bytes")
    places = range(0, len(packed), 24)
    return {
        str(UUID(bytes=packed[at : at + 16])): int.from_bytes(packed[at + 16 : at + 24], "big", signed=True)
        for at in places
    }


def line(*parts: object) -> bytes:
    """One NDJSON line: a JSON array whose first element is its kind."""
    return msgspec.json.encode(parts) + b"\n"


def rows_line(entity: str, arrays: bytes, *, kind: str = ROWS) -> bytes:
    """A line of rows whose arrays PostgreSQL has built: `arrays` is `[…],[…]`, columns as the header names them."""
    return b'["%s","%s",[%s]]\n' % (kind.encode(), entity.encode(), arrays)
