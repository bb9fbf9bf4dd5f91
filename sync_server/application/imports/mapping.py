"""Which column fills which field, and what a person said about it with `--map`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sync_server.application.imports.amounts import DecimalMark
from sync_server.application.imports.dates import DayOrder
from sync_server.application.imports.file_text import printable
from sync_server.application.imports.vocabulary import FIELD_NAMES, IGNORE
from sync_server.errors import Refused

DATE_FIELDS = ("created_on", "due_on")
AMOUNT_FIELDS = ("cost",)
MOST_NAMED = 40
"""Names of columns that a sentence lists at most."""


class NeedsMapping(Refused):
    """What the columns mean cannot be told; the sentence names them and shows how to say it."""

    def __init__(self, sentence: str) -> None:
        super().__init__("bad_request", sentence)


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Columns by field, with the notation where a person stated it. Positions count from 0."""

    columns: dict[str, int]
    ignored: frozenset[int] = frozenset()
    """Columns that a person left out."""
    day_orders: dict[str, DayOrder] = field(default_factory=dict)
    decimal_marks: dict[str, DecimalMark] = field(default_factory=dict)


def quoted(header: str) -> str:
    """Write a header so that a shell takes it as one word."""
    return header if header.replace("_", "").isalnum() and header.isascii() else f'"{header}"'


def listed(headers: Sequence[str]) -> str:
    """Name columns in a sentence."""
    names = ", ".join(printable(header) for header in headers[:MOST_NAMED])
    return names if len(headers) <= MOST_NAMED else f"{names} and {len(headers) - MOST_NAMED} more"


def stated_mapping(headers: Sequence[str], options: Sequence[str]) -> ColumnMapping:
    """Read the `--map` options, each `COLUMN=field`, `COLUMN=ignore` or `COLUMN=field:notation`.

    Raises:
        Refused: A column, field or notation is unknown, or named twice; the sentence gives the valid names.
    """
    columns: dict[str, int] = {}
    ignored: set[int] = set()
    orders: dict[str, DayOrder] = {}
    marks: dict[str, DecimalMark] = {}
    for option in options:
        position, name, notation = _option(headers, option)
        if position in ignored or position in columns.values():
            raise Refused("bad_request", f"--map names the column {printable(headers[position])} twice.")
        if name == IGNORE:
            ignored.add(position)
            continue
        if name in columns:
            raise Refused("bad_request", f"--map gives {name} two columns; one of them must go.")
        columns[name] = position
        if notation and name in DATE_FIELDS:
            orders[name] = _word(DayOrder, notation, option)
        elif notation and name in AMOUNT_FIELDS:
            marks[name] = _word(DecimalMark, notation, option)
        elif notation:
            raise Refused("bad_request", f"--map {printable(option)}: {name} has no notations to choose from.")
    return ColumnMapping(columns, frozenset(ignored), orders, marks)


def _option(headers: Sequence[str], option: str) -> tuple[int, str, str]:
    """Split an option at its last equals sign: a header may hold one too."""
    column, sign, target = option.rpartition("=")
    name, _, notation = target.strip().lower().partition(":")
    if not sign:
        raise Refused("bad_request", f"--map {printable(option)} is not of the form COLUMN=field.")
    if name not in (*FIELD_NAMES, IGNORE):
        raise Refused(
            "bad_request",
            f"--map names the field {printable(name) or 'without a name'}; the fields are"
            f" {', '.join(FIELD_NAMES)} and {IGNORE}.",
        )
    return _position(headers, column.strip()), name, notation


def _position(headers: Sequence[str], column: str) -> int:
    if column in headers:
        return headers.index(column)
    alike = [i for i, header in enumerate(headers) if header.casefold() == column.casefold()]
    if len(alike) != 1:
        raise Refused("bad_request", f"--map names the column {printable(column)}; the columns are {listed(headers)}.")
    return alike[0]


Notation = TypeVar("Notation", DayOrder, DecimalMark)


def _word(words: type[Notation], notation: str, option: str) -> Notation:
    try:
        return words(notation)
    except ValueError as error:
        raise Refused(
            "bad_request",
            f"--map {printable(option)}: the notation must be {' or '.join(str(word.value) for word in words)}.",
        ) from error
