"""Decides for each column of dates or amounts, by all of its values, how they are written."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from sync_server.application.imports.amounts import DecimalMark, needs_mark, possible_marks
from sync_server.application.imports.cell_text import is_missing
from sync_server.application.imports.dates import DayOrder, needs_order, possible_orders
from sync_server.application.imports.file_text import printable
from sync_server.application.imports.mapping import (
    AMOUNT_FIELDS,
    DATE_FIELDS,
    ColumnMapping,
    NeedsMapping,
    quoted,
)
from sync_server.application.imports.reading import Sheet

Choice = TypeVar("Choice", DayOrder, DecimalMark)


@dataclass(frozen=True, slots=True)
class Notation:
    """How the dates and amounts of one sheet are to be read, by field."""

    day_orders: dict[str, DayOrder] = field(default_factory=dict)
    decimal_marks: dict[str, DecimalMark] = field(default_factory=dict)


def notation_of(sheet: Sheet, mapping: ColumnMapping) -> Notation:
    """Decide the notation of every mapped column; what the mapping states is believed.

    Raises:
        NeedsMapping: The values of a column can be read in two ways and mean two things, or contradict each other.
    """
    orders, marks = dict(mapping.day_orders), dict(mapping.decimal_marks)
    for name in DATE_FIELDS:
        if name in mapping.columns and name not in orders:
            dates = _Column(sheet, mapping.columns[name])
            orders[name] = _decided(dates, name, DayOrder, possible=possible_orders(dates), differs=needs_order)
    for name in AMOUNT_FIELDS:
        if name in mapping.columns and name not in marks:
            amounts = _Column(sheet, mapping.columns[name])
            marks[name] = _decided(amounts, name, DecimalMark, possible=possible_marks(amounts), differs=needs_mark)
    return Notation(orders, marks)


class _Column:
    """The values of one column, gone through as often as needed."""

    def __init__(self, sheet: Sheet, position: int) -> None:
        self.sheet = sheet
        self.position = position

    @property
    def header(self) -> str:
        return self.sheet.headers[self.position]

    def __iter__(self) -> Iterator[str]:
        for row in self.sheet.rows():
            if self.position < len(row.cells) and not is_missing(row.cells[self.position]):
                yield row.cells[self.position]


def _decided(
    values: _Column,
    name: str,
    words: type[Choice],
    *,
    possible: frozenset[Choice],
    differs: Callable[[str], bool],
) -> Choice:
    """Give the only possible notation, or the first when it makes no difference."""
    if len(possible) == 1:
        return next(iter(possible))
    unclear = next((printable(value) for value in values if differs(value)), None)
    if possible and unclear is None:
        return next(iter(words))
    problem = f"does not show how {unclear} is meant" if possible else "holds values in two notations"
    options = " or ".join(f"--map {quoted(values.header)}={name}:{word.value}" for word in words)
    raise NeedsMapping(f"{values.sheet.name}: the column {printable(values.header)} {problem}; say {options}.")
