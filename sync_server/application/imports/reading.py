"""Turns the text of a CSV file into a sheet: headers, and rows of cells with the number a person sees beside them.

RFC 4180 with what is met in the field: comma, semicolon, tab or bar; any line ends; line breaks inside quotes; doubled
quotes, and a backslash that means only itself. Never says what a column is for, and changes no cell.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from sync_server.application.imports.file_text import FileText, not_csv, printable, read_text
from sync_server.errors import Refused

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
HINT = "sep="
"""Excel's own first line `sep=;`, which it hides."""
HEAD_CHARACTERS = 256 * 1024
HEAD_RECORDS = 100
"""What the delimiter is judged by."""
LARGEST_CELL_CHARACTERS = 131_072
"""Also the default of Python's csv module, whose limit is global to the process and stays as it is."""
MOST_COLUMNS = 500
RAGGED_FROM_ROWS = 5
"""Fewer rows than this may all be broken; of more, at most half, or the file is prose."""
END_OF_TEXT = "\x1aend of text\x1a"
"""A line put after the last one. It comes back as a record, unless an open quotation mark has swallowed it."""

Cells = list[str]


class SheetRow(NamedTuple):
    """One record. `number` counts records as a spreadsheet does: the header is row 1, a cell may hold line breaks."""

    number: int
    cells: Cells


@dataclass(frozen=True, slots=True)
class Sheet:
    """A readable CSV file. Rows are parsed anew each time they are asked for, so that a large file is held once."""

    name: str
    headers: tuple[str, ...]
    """Unique and never empty: `column 3` for one without a name, `Cost (2)` for the second of two."""
    named_columns: int
    """Columns up to the last one that has a name; a row needs as many cells."""
    header_row: int
    row_count: int
    encoding: str
    delimiter: str
    sha256: str
    """Of the bytes of the file, hex."""
    text: str

    def rows(self) -> Iterator[SheetRow]:
        """Give the rows below the header in order; those without anything in any cell are passed over."""
        for row in _records(self.text, self.delimiter):
            if row.number > self.header_row and any(row.cells):
                yield row


def read_sheet(path: Path) -> Sheet:
    """Read a CSV file as a whole and check that it is one.

    Raises:
        Refused: It is not, or it breaks a bound of this module or of `file_text`; one sentence that names the file.
    """
    file = read_text(path)
    text = file.text.rstrip("\x1a")
    delimiter = _hinted(text) or _delimiter(text)
    if delimiter is None:
        raise not_csv(file.name, "its first line is not split by a comma, semicolon, tab or bar")
    header = _header(file, text, delimiter)
    count = _checked_row_count(file, text, delimiter, header=header)
    return Sheet(
        name=file.name,
        headers=_unique(header.cells),
        named_columns=width(header.cells),
        header_row=header.number,
        row_count=count,
        encoding=file.encoding,
        delimiter=delimiter,
        sha256=file.sha256,
        text=text,
    )


def width(cells: Cells) -> int:
    """Count the cells up to the last one that holds something."""
    return next((len(cells) - i for i, cell in enumerate(reversed(cells)) if cell.strip()), 0)


def _records(text: str, delimiter: str, *, end: tuple[str, ...] = ()) -> Iterator[SheetRow]:
    """Parse the text and the lines of `end`. Raises csv.Error for a cell above the limit of the csv module."""
    lines = islice(io.StringIO(text, newline=""), 1 if _hinted(text) else 0, None)
    for number, cells in enumerate(csv.reader(chain(lines, end), delimiter=delimiter), start=1):
        yield SheetRow(number, cells)


def _hinted(text: str) -> str | None:
    line = text[: len(HINT) + 2].rstrip("\r\n")
    is_hint = line[: len(HINT)].lower() == HINT and len(line) == len(HINT) + 1
    return line[-1] if is_hint and line[-1] in DELIMITERS else None


def _delimiter(text: str) -> str | None:
    """Choose the delimiter that splits the header and then most of the rows in as many cells."""
    best: tuple[float, int] = (0.0, 1)
    chosen = None
    for delimiter in DELIMITERS:
        head = _head(text, delimiter)
        columns = len(head[0]) if head else 0
        alike = sum(len(cells) == columns for cells in head) / max(1, len(head))
        if columns > 1 and (alike, columns) > best:
            best, chosen = (alike, columns), delimiter
    return chosen


def _head(text: str, delimiter: str) -> list[Cells]:
    """The first records that hold anything; the last one may be cut."""
    found: list[Cells] = []
    try:
        for row in islice(_records(text[:HEAD_CHARACTERS], delimiter), HEAD_RECORDS):
            if any(row.cells):
                found.append(row.cells)
    except csv.Error:
        pass  # a cell without end under a wrong delimiter; under the right one it is refused later
    return found


def _header(file: FileText, text: str, delimiter: str) -> SheetRow:
    try:
        header = next(row for row in _records(text, delimiter) if any(row.cells))
    except (csv.Error, StopIteration) as error:
        raise not_csv(file.name, "its first line cannot be read as column names") from error
    columns = len(header.cells)
    if columns > MOST_COLUMNS:
        raise Refused("bad_request", f"{file.name} has {columns} columns; an import takes at most {MOST_COLUMNS}.")
    if columns < 2:
        raise not_csv(file.name, "it has only one column")
    return header


def _checked_row_count(file: FileText, text: str, delimiter: str, *, header: SheetRow) -> int:
    """Go through all records once, so that nobody meets an unreadable one half-way."""
    number, cells, count, ragged = 0, [""], 0, 0
    named = width(header.cells)
    try:
        for number, cells in _records(text, delimiter, end=(END_OF_TEXT,)):
            if number <= header.number or not any(cells) or cells == [END_OF_TEXT]:
                continue
            if max(map(len, cells)) > LARGEST_CELL_CHARACTERS:
                raise csv.Error
            count += 1
            ragged += len(cells) < named or width(cells) > len(header.cells)
    except csv.Error as error:
        raise Refused(
            "bad_request",
            f"{file.name} has a cell of more than {LARGEST_CELL_CHARACTERS:,} characters in row {number + 1};"
            " a quotation mark may be missing.",
        ) from error
    if cells != [END_OF_TEXT]:
        raise not_csv(file.name, f"a quotation mark opened in row {number} is never closed")
    if count >= RAGGED_FROM_ROWS and ragged * 2 > count:
        raise not_csv(file.name, "most of its lines have another number of cells than its first one")
    return count


def _unique(cells: Cells) -> tuple[str, ...]:
    headers: list[str] = []
    for position, cell in enumerate(cells, start=1):
        plain = printable(cell, most=200) or f"column {position}"
        name, n = plain, 1
        while name in headers:
            n += 1
            name = f"{plain} ({n})"
        headers.append(name)
    return tuple(headers)
